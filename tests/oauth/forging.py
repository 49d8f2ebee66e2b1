"""Access tokens as they should not be: each is wrong in one way, and most are well signed."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey

Claims = dict[str, Any]
Change = Callable[[Claims], Any]


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class Forger:
    """Signs anything with the server's own key, which no forger has: the shape alone is wrong."""

    def __init__(self, key: ECKey, kid: str, good: str) -> None:
        self.key = key
        self.good = good
        self.header: dict[str, Any] = {"typ": "at+jwt", "alg": "ES256", "kid": kid}
        self.parts = good.split(".")
        padded = self.parts[1] + "=" * (-len(self.parts[1]) % 4)
        self.claims: Claims = json.loads(base64.urlsafe_b64decode(padded))

    def sealed(self, header: bytes, payload: bytes, key: ECKey | None = None) -> str:
        """Sign these bytes as a compact token (ES256)."""
        private = (key or self.key).private_key
        assert isinstance(private, ec.EllipticCurvePrivateKey)
        body = f"{b64(header)}.{b64(payload)}"
        r, s = utils.decode_dss_signature(private.sign(body.encode(), ec.ECDSA(SHA256())))
        return f"{body}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def with_header(self, **changes: Any) -> str:
        header = {k: v for k, v in (self.header | changes).items() if v is not ...}
        return self.sealed(json.dumps(header).encode(), json.dumps(self.claims).encode())

    def with_claims(self, **changes: Any) -> str:
        claims = {k: v for k, v in (self.claims | changes).items() if v is not ...}
        return self.sealed(json.dumps(self.header).encode(), json.dumps(claims).encode())

    def with_payload(self, payload: bytes) -> str:
        return self.sealed(json.dumps(self.header).encode(), payload)

    def with_hmac(self, secret: bytes) -> str:
        header = json.dumps(self.header | {"alg": "HS256"}).encode()
        body = f"{b64(header)}.{self.parts[1]}"
        return f"{body}.{b64(hmac.digest(secret, body.encode(), hashlib.sha256))}"

    def unsigned(self, alg: Any) -> str:
        header = json.dumps(self.header | {"alg": alg}).encode()
        return f"{b64(header)}.{self.parts[1]}."

    def public_pem(self) -> bytes:
        public = self.key.public_key
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def corpus(forger: Forger, now: int) -> dict[str, str]:
    """Return every forged token by what is wrong with it."""
    return _algorithms(forger) | _headers(forger) | _claims(forger, now) | _shapes(forger)


def _algorithms(f: Forger) -> dict[str, str]:
    stranger = ECKey.generate_key("P-256")
    payload = json.dumps(f.claims).encode()
    return {
        "alg none": f.unsigned("none"),
        "alg None": f.unsigned("None"),
        "alg null": f.unsigned(None),
        "alg list": f.unsigned(["ES256"]),
        "alg none, signed": f.with_header(alg="none"),
        "alg RS256": f.with_header(alg="RS256"),
        "alg missing": f.with_header(alg=...),
        "HS256 with our public key": f.with_hmac(f.public_pem()),
        "HS256 with an empty key": f.with_hmac(b""),
        "another key": f.sealed(json.dumps(f.header).encode(), payload, stranger),
        "jwk in the header": f.sealed(
            json.dumps(f.header | {"jwk": dict(stranger.as_dict(private=False))}).encode(),
            payload,
            stranger,
        ),
    }


def _headers(f: Forger) -> dict[str, str]:
    return {
        "jku": f.with_header(jku="https://evil.example/jwks"),
        "x5u": f.with_header(x5u="https://evil.example/x5u"),
        "crit": f.with_header(crit=["exp"]),
        "b64 false": f.with_header(b64=False, crit=["b64"]),
        "typ JWT": f.with_header(typ="JWT"),
        "typ missing": f.with_header(typ=...),
        "typ list": f.with_header(typ=["at+jwt"]),
        "kid path": f.with_header(kid="../../x"),
        "kid sql": f.with_header(kid="' OR 1=1 --"),
        "kid number": f.with_header(kid=7),
        "kid missing": f.with_header(kid=...),
        "header twice": f.sealed(
            json.dumps(f.header).replace("{", '{"alg":"none",', 1).encode(), b"{}"
        ),
        "header list": f.sealed(b"[]", json.dumps(f.claims).encode()),
    }


def _claims(f: Forger, now: int) -> dict[str, str]:
    changed: dict[str, dict[str, Any]] = {
        "exp missing": {"exp": ...},
        "exp text": {"exp": str(now + 60)},
        "exp true": {"exp": True},
        "exp null": {"exp": None},
        "exp past": {"exp": now},
        "exp far": {"exp": now + 3_600},
        "exp huge": {"exp": 10**30},
        "iat future": {"iat": now + 60, "exp": now + 120},
        "iat missing": {"iat": ...},
        "nbf future": {"nbf": now + 60},
        "nbf text": {"nbf": "0"},
        "iss list": {"iss": [f.claims["iss"]]},
        "iss slash": {"iss": f.claims["iss"] + "/"},
        "iss missing": {"iss": ...},
        "aud prefix": {"aud": f.claims["aud"] + "/x"},
        "aud other": {"aud": "https://other.example/mcp"},
        "aud object": {"aud": {"a": f.claims["aud"]}},
        "aud list": {"aud": [f.claims["aud"], "https://other.example"]},
        "aud missing": {"aud": ...},
        "sub number": {"sub": 7},
        "sub missing": {"sub": ...},
        "sub of another": {"sub": "mallory"},
        "client of another": {"client_id": "other"},
        "grant missing": {"grant": ...},
        "grant unknown": {"grant": "0" * 32},
        "scope list": {"scope": ["tickets:read"]},
        "jti missing": {"jti": ...},
    }
    return {what: f.with_claims(**change) for what, change in changed.items()}


def _shapes(f: Forger) -> dict[str, str]:
    head, body, signature = f.parts
    plain = json.dumps(f.claims)
    return {
        "payload list": f.with_payload(b"[]"),
        "payload NaN": f.with_payload(plain.replace("{", '{"x":NaN,', 1).encode()),
        "payload Infinity": f.with_payload(plain.replace("{", '{"x":Infinity,', 1).encode()),
        "payload 1e400": f.with_payload(plain.replace("{", '{"x":1e400,', 1).encode()),
        "payload name twice": f.with_payload(plain.replace("{", '{"sub":"ana",', 1).encode()),
        "payload bad utf-8": f.with_payload(plain.encode().replace(b"{", b'{"x":"\xff",', 1)),
        "payload deep": f.with_payload(b'{"x":' + b"[" * 3_000 + b"]" * 3_000 + b"}"),
        "payload rather deep": f.with_payload(b'{"x":' + b"[" * 17 + b"]" * 17 + b"}"),
        "payload not JSON": f.with_payload(b"hello"),
        "two parts": f"{head}.{body}",
        "four parts": f"{f.good}.x",
        "five parts": f"{f.good}.x.y",
        "padding": f"{head}.{body}.{signature}==",
        "spaces": f" {f.good}",
        "newline": f"{f.good}\n",
        "no signature": f"{head}.{body}.",
        "short signature": f"{head}.{body}.{signature[:-4]}",
        "long signature": f"{head}.{body}.{signature}AAAA",
        "zero signature": f"{head}.{body}.{b64(bytes(64))}",
        "a megabyte": f"{head}.{body * 2_000}.{signature}",
        "unicode": f"{head}.{body}.é",
        "empty": "",
        "dots": "..",
    }
