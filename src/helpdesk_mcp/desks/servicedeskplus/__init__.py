"""ServiceDesk Plus: one API, two editions (on-prem and Cloud) as data."""
