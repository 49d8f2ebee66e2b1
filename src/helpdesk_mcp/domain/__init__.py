"""The nouns and the ports: plain data, no I/O, no framework but pydantic."""
