"""Sealing of credentials, keys and their rotation, hashing of passwords. A leaf library."""
