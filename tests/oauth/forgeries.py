"""Access tokens that an attacker can make: everything but our private key is known to them."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

Document = Mapping[str, Any]
LATER = 4_000_000_000


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def part(document: Document | str) -> str:
    return encoded((document if isinstance(document, str) else json.dumps(document)).encode())


class Forger:
    """Holds a good token, the public key set, and a key of their own."""

    def __init__(self, token: str, public: Document) -> None:
        self.token = token
        self.public = public
        self.head, self.body, self.signature = token.split(".")
        self.header: dict[str, Any] = json.loads(decoded(self.head))
        self.claims: dict[str, Any] = json.loads(decoded(self.body))
        self._key = ec.generate_private_key(ec.SECP256R1())

    def signed(self, header: Document | str, claims: Document | str) -> str:
        """Sign with the forger's own key."""
        text = f"{part(header)}.{part(claims)}"
        der = self._key.sign(text.encode(), ec.ECDSA(hashes.SHA256()))
        r, s = decode_dss_signature(der)
        return f"{text}.{encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def mac(self, header: Document, secret: bytes) -> str:
        text = f"{part(header)}.{self.body}"
        return f"{text}.{encoded(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"

    def own_jwk(self) -> dict[str, str]:
        numbers = self._key.public_key().public_numbers()
        x, y = (encoded(n.to_bytes(32, "big")) for n in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    def public_pem(self) -> bytes:
        x, y = (int.from_bytes(decoded(self.public[name]), "big") for name in ("x", "y"))
        key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        return key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def all(self) -> dict[str, str]:
        return {
            **self.other_algorithms(),
            **self.other_keys(),
            **self.other_headers(),
            **self.other_claims(),
            **self.other_shapes(),
        }

    def other_algorithms(self) -> dict[str, str]:
        unsigned: dict[str, Any] = {"none": "none", "None": "None", "NONE": "NONE", "null": None}
        unsigned |= {"list": ["ES256"], "number": 0, "empty": ""}
        found = {
            f"alg {name}": f"{part({**self.header, 'alg': alg})}.{self.body}.{ending}"
            for name, alg in unsigned.items()
            for ending in ("", self.signature)
        }
        found["alg none, no signature part"] = f"{part({**self.header, 'alg': 'none'})}.{self.body}"
        hs = {**self.header, "alg": "HS256"}
        pem = self.public_pem()
        found["HS256 with our public PEM"] = self.mac(hs, pem)
        found["HS256 with our public PEM, stripped"] = self.mac(hs, pem.strip())
        found["HS256 with our public JWK"] = self.mac(hs, json.dumps(self.public).encode())
        found["HS256 with an empty key"] = self.mac(hs, b"")
        for alg in ("ES384", "RS256", "PS256", "EdDSA", "ES256K", "es256"):
            found[f"alg {alg}"] = self.signed({**self.header, "alg": alg}, self.claims)
        return found

    def other_keys(self) -> dict[str, str]:
        jwk = self.own_jwk()
        kids: dict[str, Any] = {
            "a path": "../../../dev/null",
            "SQL": "x' OR '1'='1",
            "a number": 1,
            "none": None,
            "a list": [self.header.get("kid")],
            "unknown": "unknown",
            "endless": "k" * 4_000,
            "a NUL": "\0",
        }
        found = {
            f"kid {name}": self.signed({**self.header, "kid": kid}, self.claims)
            for name, kid in kids.items()
        }
        found["our kid, a key of their own"] = self.signed(self.header, self.claims)
        found["jwk in the header"] = self.signed({**self.header, "jwk": jwk}, self.claims)
        anywhere = "http://127.0.0.1:9/keys"
        for name in ("jku", "x5u"):
            found[name] = self.signed({**self.header, name: anywhere}, self.claims)
        found["x5c"] = self.signed({**self.header, "x5c": ["MIIB"]}, self.claims)
        return found

    def other_headers(self) -> dict[str, str]:
        headers: dict[str, Document] = {
            "crit": {"crit": ["exp"]},
            "b64 false": {"b64": False, "crit": ["b64"]},
            "zip": {"zip": "DEF"},
            "typ JWT": {"typ": "JWT"},
            "typ of an identity token": {"typ": "id_token+jwt"},
            "typ list": {"typ": ["at+jwt"]},
            "cty": {"cty": "JWT"},
        }
        return {
            name: f"{part({**self.header, **more})}.{self.body}.{self.signature}"
            for name, more in headers.items()
        }

    def other_claims(self) -> dict[str, str]:
        """Change what the signature covers, under the signature that covered something else."""
        changes: dict[str, Document] = {
            "another person": {"sub": "somebody-else"},
            "sub number": {"sub": 7},
            "another client": {"client_id": "other"},
            "more scopes": {"scope": "admin operator tickets:write"},
            "another tenant": {"tenant": "0" * 32},
            "exp later": {"exp": LATER},
            "exp text": {"exp": str(LATER)},
            "exp true": {"exp": True},
            "iss with a slash": {"iss": f"{self.claims['iss']}/"},
            "iss list": {"iss": [self.claims["iss"]]},
            "aud list": {"aud": [self.claims["aud"], "https://other.test"]},
            "aud prefix": {"aud": str(self.claims["aud"])[:-1]},
            "aud object": {"aud": {"is": self.claims["aud"]}},
            "iat later": {"iat": LATER},
            "nbf later": {"nbf": LATER},
        }
        found = {
            name: f"{self.head}.{part({**self.claims, **more})}.{self.signature}"
            for name, more in changes.items()
        }
        for text in ("NaN", "Infinity", "1e400", "1" + "0" * 30):
            claims = json.dumps({**self.claims, "exp": 0}).replace('"exp": 0', f'"exp": {text}')
            found[f"exp {text[:8]}"] = self.signed(self.header, claims)
        twice = json.dumps(self.claims)[:-1] + ', "sub": "somebody-else"}'
        found["a name twice"] = self.signed(self.header, twice)
        found["a list of claims"] = self.signed(self.header, json.dumps([self.claims]))
        found["deep claims"] = self.signed(self.header, "[" * 2_000 + "]" * 2_000)
        found["no exp"] = self.signed(
            self.header, {name: value for name, value in self.claims.items() if name != "exp"}
        )
        return found

    def other_shapes(self) -> dict[str, str]:
        half = len(self.signature) // 2
        return {
            "no signature": f"{self.head}.{self.body}.",
            "half a signature": f"{self.head}.{self.body}.{self.signature[:half]}",
            "a signature of zeros": f"{self.head}.{self.body}.{encoded(bytes(64))}",
            "a DER signature": f"{self.head}.{self.body}.{encoded(bytes([48, 6, 2, 1, 0, 2, 1]))}",
            "two parts": f"{self.head}.{self.body}",
            "four parts": f"{self.token}.{self.body}",
            "five parts": f"{self.token}.{self.body}.{self.body}",
            "padding": f"{self.head}=.{self.body}=.{self.signature}==",
            "an empty header": f".{self.body}.{self.signature}",
            "an empty body": f"{self.head}..{self.signature}",
            "bad UTF-8": f"{self.head}.{encoded(bytes([255, 254]))}.{self.signature}",
            "a megabyte": f"{self.head}.{'A' * 30_000}.{self.signature}",
            "dots": "." * 40,
            "not base64": f"{self.head}.{self.body[:-1]}!.{self.signature}",
            "standard base64": f"{self.head}.{self.body}.+/{self.signature[2:]}",
        }
