"""A ServiceDesk Plus to test against: both editions and the Zoho accounts server, with state."""
