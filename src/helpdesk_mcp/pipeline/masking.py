"""Personal data and secrets in any text, replaced by words that say what stood there."""

import re
from ipaddress import ip_address
from typing import Final

from helpdesk_mcp.pipeline.identifiers import mask_numbers


def mask_text(text: str) -> str:
    """Mask mail addresses, phones, accounts, cards, national ids, IP addresses and tokens.

    Every pattern is bounded or consumes what it scanned, so the time grows with the length alone.
    Names are not found: rules cannot.
    """
    text = _mask_secrets(text)
    if "@" in text or "%40" in text or "\uff20" in text:
        text, found = _MAIL_DOMAIN.subn(_MAIL_MARK, text.replace(_MAIL_MARK, ""))
        text = _MAIL_LOCAL.sub(_mail, text) if found else text
    uuids = _UUID.findall(text.replace(_UUID_MARK, "")) if _UUID_HINT.search(text) else []
    if uuids:
        text = _UUID.sub(_UUID_MARK, text.replace(_UUID_MARK, ""))
    text = _mask_addresses(mask_numbers(text))
    if uuids:
        kept = iter(uuids)
        text = re.sub(_UUID_MARK, lambda _: next(kept), text)
    return text


def _mail(found: re.Match[str]) -> str:
    """Leave the quote or bracket that opens before an address."""
    return found[0][: len(found[0]) - len(found[0].lstrip("'\"`{|*!?&/=."))] + "[email]"


def _mask_secrets(text: str) -> str:
    if "-----BEGIN" in text:
        text = _PRIVATE_KEY.sub("[token]", text)
    if "://" in text:
        text = _URL_LOGIN.sub("://[token]@", text)
    lowered = text.lower()
    if any(word in lowered for word in _SECRET_WORDS):
        text = _ASSIGNED.sub(_assigned, text)
        text = _SAID.sub(r"\g<label>[token]", text)
        text = _SCHEME.sub(_scheme, text)
    return _WORD.sub(_word, text)


def _assigned(found: re.Match[str]) -> str:
    return found[0] if found["value"].startswith("[token]") else f"{found['label']}[token]"


def _scheme(found: re.Match[str]) -> str:
    return f"{found['label']}[token]" if _looks_made(found["value"]) else found[0]


def _looks_made(value: str) -> bool:
    return any(c.isdigit() for c in value) or not (value.islower() or value.istitle())


def _word(found: re.Match[str]) -> str:
    word = found[0]
    if _KNOWN_TOKEN.match(word) or _HEX.fullmatch(word):
        return "[token]"
    if _UUID.search(word):
        return word
    pieces = _PIECE.findall(word)
    return "[token]" if any(_is_random(piece) for piece in pieces) else word


def _is_random(piece: str) -> bool:
    """Tell random letters and digits from words run together: the kinds change too often."""
    if piece.isalpha() or piece.isdecimal() or piece.isupper():
        return False
    digits = sum(map(str.isdecimal, piece))
    if piece.islower():
        return digits >= _FEW_DIGITS and len(_KIND_CHANGE.findall(piece)) * 4 >= len(piece)
    changes = len(_KIND_CHANGE.findall(piece))
    return digits > 0 and changes * 5 >= len(piece) * 2


def _mask_addresses(text: str) -> str:
    if "." in text:
        text = _IPV4.sub(_ipv4, text)
    return _IPV6.sub(_ipv6, text) if ":" in text else text


def _ipv4(found: re.Match[str]) -> str:
    before = found.string[max(found.start() - 16, 0) : found.start()]
    if _VERSION.search(before) or any(int(part) > 255 for part in found[0].split(".")):  # noqa: PLR2004 -- an octet
        return found[0]
    return "[ip]"


def _ipv6(found: re.Match[str]) -> str:
    if found[0].count(":") < 2 or not any(c.isdigit() for c in found[0]):  # noqa: PLR2004 -- not a time
        return found[0]
    try:
        ip_address(found[0])
    except ValueError:
        return found[0]
    return "[ip]"


_FEW_DIGITS: Final = 4
_SECRET_WORDS: Final = (
    *("pass", "pwd", "contrase", "clave", "kennwort", "secret", "key", "token", "session", "csrf"),
    *("cookie", "credential", "code=", "sig", "auth", "bearer", "basic", "negotiate", "pin "),
)
_UUID_MARK: Final = "\ue000"
_UUID_HINT: Final = re.compile(r"-[0-9a-fA-F]{4}-")
_MAIL_MARK: Final = "\ue001"
_MAIL_DOMAIN: Final = re.compile(
    r"(?<=[\w.!#$&'*+/=?^`{|}~\"-])(?:@|%40|\uff20)(?:[^\W_](?:[\w-]{0,62}\.)){1,9}"
    r"(?:xn--[a-z0-9-]{2,59}|[^\W\d_]{2,63})(?![\w@])"
)
_MAIL_LOCAL: Final = re.compile(
    r"(?<![\w.!#$&'*+/=?^`{|}~\"-])[\w.!#$&'*+/=?^`{|}~\"-]*" + _MAIL_MARK
)
_UUID: Final = re.compile(
    r"(?<![\w-])[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}(?![\w-])"
)

_PRIVATE_KEY: Final = re.compile(
    r"-----BEGIN [A-Z ]{0,40}KEY-----[^-]*(?:-----END [A-Z ]{0,40}KEY-----)?"
)
_URL_LOGIN: Final = re.compile(r"://[^\s/@:]{0,256}:[^\s/@]{1,512}@")
_ASSIGNED: Final = re.compile(
    r"(?P<label>(?:passw(?:or[dt]|d)|passphrase|pwd|contrase(?:ñ|n)a|clave|kennwort|passwort|secret"
    r"|api[_-]?key|access[_-]?key|private[_-]?key|auth[_-]?key|token|sessionid|csrftoken|cookie"
    r"|credential|[?&](?:code|key|sig|signature|auth))[\w-]{0,20}[\"']?\s{0,3}[:=]>?\s{0,3}[\"']?)"
    r"(?:(?:bearer|basic|token)\s{1,3})?(?P<value>(?<=\")[^\"\n]+(?=\")|[^\s\"'&<>]{3,})",
    re.IGNORECASE,
)
_SAID: Final = re.compile(
    r"(?P<label>\b(?:password|contraseña|clave|passwort|kennwort|token|pin)\s{1,3}"
    r"(?:is|es|ist|lautet|now|nueva|neue)\s{1,3}[\"'«“]?)(?=[^\s\"']{0,64}[\d!@#$%&*])[^\s\"'»”]{4,}",
    re.IGNORECASE,
)
_SCHEME: Final = re.compile(
    r"(?P<label>\b(?:bearer|basic|negotiate|zoho-oauthtoken|token)\s{1,3})(?P<value>[\w.~+/=-]{8,})",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"(?<![\w+/=.~-])[\w-][\w+/=.~-]{10,}[\w+/=~-]", re.ASCII)
_KNOWN_TOKEN: Final = re.compile(
    r"eyJ[\w-]{5,}\.[\w-]{5,}|hd[a-z]_[\w-]{6,}|(?:AKIA|ASIA|AGPA|AROA|AIDA)[A-Z0-9]{16}"
    r"|gh[opsur]_\w{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|xox[a-z]-[\w-]{8,}|xapp-[\w-]{8,}"
    r"|(?:sk|rk|pk)_(?:live|test)_\w{8,}|whsec_\w{8,}|sk-[\w-]{16,}|AIza[\w-]{30,}|ya29\.[\w-]{8,}"
    r"|npm_\w{20,}|pypi-[\w-]{16,}|hf_\w{16,}|dop_v1_\w{16,}|shp(?:at|ss)_\w{16,}"
    r"|SG\.[\w-]{8,}\.[\w-]{8,}|1000\.[0-9a-f]{16,}\.[0-9a-f]{16,}",
    re.ASCII,
)
_HEX: Final = re.compile(r"[0-9a-f]{32,}|[0-9A-F]{32,}")
_PIECE: Final = re.compile(r"[A-Za-z0-9]{16,}")
_KIND_CHANGE: Final = re.compile(
    r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[a-z0-9])|(?<=[0-9])(?=[A-Za-z])"
)

_IPV4: Final = re.compile(r"(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.\d)")
_IPV6: Final = re.compile(
    r"(?<![\w:.])[0-9A-Fa-f:]{3,39}(?:(?<=:)\d{1,3}(?:\.\d{1,3}){3})?(?![\w:])"
)
_VERSION: Final = re.compile(
    r"(?:versi[oó]n|release|build|firmware|\bv|\bver\.?)[ :]{0,2}$", re.IGNORECASE
)
