"""The authorization server, without HTTP: one file an endpoint, its RFC in the first line."""
