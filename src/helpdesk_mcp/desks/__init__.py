"""Help desks: the only place with an HTTP client."""
