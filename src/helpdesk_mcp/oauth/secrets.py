"""Codes and refresh tokens: random, shown once, kept as digests only."""

import base64
import hashlib
import secrets

CODE = "hdc_"
REFRESH = "hdr_"
CLIENT = "hds_"


def new(prefix: str) -> str:
    """Return a secret of 256 random bits."""
    return prefix + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")


def digest(secret: str) -> bytes:
    """Return what is stored. A plain hash suffices: the secrets are random."""
    return hashlib.sha256(secret.encode()).digest()
