"""Numbers that name a person: cards, accounts, phones and national ids, each by shape and check."""

import re
from collections.abc import Callable
from typing import Final

from stdnum import luhn
from stdnum.br import cpf
from stdnum.cl import rut
from stdnum.de import idnr
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.it import codicefiscale
from stdnum.mx import curp
from stdnum.pl import pesel
from stdnum.us import ssn


def mask_numbers(text: str) -> str:
    """Replace identifying numbers, the most precise kind first."""
    if not _DIGITS.search(text):
        return text
    text = _IBAN.sub(_iban, text)
    long = _NINE_DIGITS.search(text) is not None
    if long:
        text = _CARD.sub(_card, text)
    text = _LABELLED_ID.sub(r"\g<label>[national-id]", text)
    text = _LETTERED_ID.sub(_checked(_LETTERED), text)
    lowered = text.lower()
    if any(word in lowered for word in _PHONE_WORDS):
        text = _LABELLED_PHONE.sub(r"\g<label>[phone]", text)
    if not long:
        return text
    text = _INTERNATIONAL.sub(_international, _NUMBERED_ID.sub(_checked(_NUMBERED), text))
    return _NATIONAL.sub(_national, text)


def _iban(found: re.Match[str]) -> str:
    """Take as many characters as the country's accounts have, and check those."""
    whole = found[0]
    length = _IBAN_LENGTHS.get(whole[:2].upper(), 0)
    places = [at for at, character in enumerate(whole) if character.isalnum()]
    if not length or len(places) < length:
        return whole
    end = places[length - 1] + 1
    if whole[end : end + 1].isalnum() or not _mod_97(whole[:end]):
        return whole
    return "[iban]" + whole[end:]


def _mod_97(account: str) -> bool:
    compact = "".join(filter(str.isalnum, account)).upper()
    return int("".join(str(int(c, 36)) for c in compact[4:] + compact[:4])) % 97 == 1


def _card(found: re.Match[str]) -> str:
    whole = found[0]
    for shown in (whole, found["sixteen"] or ""):
        digits = "".join(filter(str.isdecimal, shown))
        if _ISSUERS.match(digits) and luhn.is_valid(digits):
            return "[card]" + whole[len(shown) :]
    return whole


def _checked(checks: dict[str, Callable[[str], bool]]) -> Callable[[re.Match[str]], str]:
    def replace(found: re.Match[str]) -> str:
        check = checks[found.lastgroup or ""]
        return "[national-id]" if check(found[0]) else found[0]

    return replace


def _social_security_of_spain(number: str) -> bool:
    digits = "".join(filter(str.isdecimal, number))
    province, person, check = digits[:2], digits[2:-2], digits[-2:]
    whole = int(province + person) if int(person) >= 10**7 else int(province) * 10**7 + int(person)
    return whole % 97 == int(check)


def _international(found: re.Match[str]) -> str:
    """Cut behind the number that the country code asks for; the rest is another number."""
    whole = found[0]
    places = [at for at, character in enumerate(whole) if character.isdecimal()]
    skipped = 0 if "+" in whole[:3] else 2
    digits = "".join(whole[at] for at in places)[skipped:]
    length = next((n for code, n in _PHONE_LENGTHS.items() if digits.startswith(code)), 0)
    end = places[skipped + length - 1] + 1 if 0 < length < len(digits) else len(whole)
    return "[phone]" + whole[end:]


def _national(found: re.Match[str]) -> str:
    """Leave dates, amounts, and what its label calls an order or a ticket."""
    before = found.string[max(found.start() - 28, 0) : found.start()]
    digits = sum(map(str.isdecimal, found[0]))
    if digits < _FEWEST_DIGITS or _NOT_A_PHONE.search(before) or _DATE.match(found[0]):
        return found[0]
    return "[phone]"


_FEWEST_DIGITS: Final = 9
_DIGITS: Final = re.compile(r"\d[\dA-Za-z .\-/()\u00a0]{4,}\d")
_NINE_DIGITS: Final = re.compile(r"\d(?:[ .\-/()\u00a0\u202f]{0,3}\d){8}")
_SPACE: Final = r"[ \u00a0\u202f.-]"

_IBAN: Final = re.compile(rf"(?<![A-Za-z0-9])[A-Za-z]{{2}}\d\d(?:{_SPACE}?[A-Za-z0-9]){{11,30}}")
_IBAN_REGISTRY: Final = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28"
    " EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26"
    " IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18"
    " NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24"
    " TR26 UA29 VA22 VG24 XK20"
)
_IBAN_LENGTHS: Final = {part[:2]: int(part[2:]) for part in _IBAN_REGISTRY.split()}

_CARD: Final = re.compile(
    r"(?<![\w.,+-])(?:"
    r"(?P<sixteen>\d{4}(?P<gap>[ \u00a0-])\d{4}(?P=gap)\d{4}(?P=gap)\d{4})(?:(?P=gap)\d{1,3})?"
    r"|3\d{3}(?P<amex>[ \u00a0-])\d{6}(?P=amex)\d{4,5}|\d{13,19})(?![\w])"
)
_ISSUERS: Final = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})$|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}$"
    r"|3[47]\d{13}$|(?:6011|65\d\d|64[4-9]\d|62\d\d|35\d\d|5[06-9]\d\d)\d{12,15}$|3[0689]\d{12}$"
)

_LABELLED_ID: Final = re.compile(
    r"\b(?P<label>(?:DNI|NIE|NIF|SSN|NINO|NIR|CURP|CPF|PESEL|[Ss]teuer-?(?:ID|[Ii]d)|[Pp]asaporte"
    r"|[Pp]assport|[Pp]ersonalausweis)(?: ?(?:n[.º°o]{1,2}|number|no\.?|nr\.?|número))?[ :#]{1,4})"
    r"(?=[A-Z\d .-]{0,8}\d)[A-Z\d](?:[ .-]?[A-Z\d]){6,17}\b(?! ?[€$%])"
)
_LETTERED_ID: Final = re.compile(
    r"(?<![\w.-])(?:(?P<nie>[XYZxyz][ -]?\d{7}[ -]?[A-Za-z])"
    r"|(?P<dni>\d{2}\.?\d{3}\.?\d{3}[ -]?[A-Za-z])"
    r"|(?P<nino>[A-CEGHJ-PR-TW-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-D])"
    r"|(?P<rut>\d{1,2}\.\d{3}\.\d{3}-[\dkK])"
    r"|(?P<curp>[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d)"
    r"|(?P<fiscale>[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z]))(?![\w-])"
)


def _always(number: str) -> bool:
    return bool(number)


_LETTERED: Final[dict[str, Callable[[str], bool]]] = {
    "dni": lambda number: dni.is_valid(number.replace(".", "")),
    "nie": nie.is_valid,
    "nino": _always,
    "rut": rut.is_valid,
    "curp": curp.is_valid,
    "fiscale": codicefiscale.is_valid,
}
_NUMBERED_ID: Final = re.compile(
    r"(?<![\w.,+/-])(?:(?P<ssn>\d{3}-\d\d-\d{4})|(?P<cpf>\d{3}\.\d{3}\.\d{3}-\d\d)"
    r"|(?P<nss>\d\d[/ ]\d{7,8}[/ ]\d\d)|(?P<nhs>\d{3} \d{3} \d{4})|(?P<pesel>\d{11})"
    r"|(?P<nir>[12] ?\d\d ?\d\d ?\d[\dAB] ?\d{3} ?\d{3} ?\d\d)"
    r"|(?P<idnr>\d{2} ?\d{3} ?\d{3} ?\d{3}))(?![\w/-])"
)
_NUMBERED: Final[dict[str, Callable[[str], bool]]] = {
    "ssn": ssn.is_valid,
    "cpf": cpf.is_valid,
    "nss": _social_security_of_spain,
    "nhs": nhs.is_valid,
    "nir": nir.is_valid,
    "pesel": lambda number: pesel.is_valid(number) or idnr.is_valid(number),
    "idnr": idnr.is_valid,
}

_PHONE_WORDS: Final = ("tel", "tfno", "phone", "vil", "handy", "mobil", "cell", "fax", "whatsapp")
_LABELLED_PHONE: Final = re.compile(
    r"\b(?P<label>(?:tel[eé]fono|telefon|telephone|tel|tfno|phone|m[oó]vil|handy|mobile|mobil|cell"
    r"|fax|whatsapp)(?: ?(?:nr|no|number|n[º°]))?\.?[: ]{1,3})"
    r"\(?\+?\d(?:[ .\-/()\u00a0]{0,2}\d){5,14}(?!\w)",
    re.IGNORECASE,
)
_INTERNATIONAL: Final = re.compile(
    r"(?<![\w+.,/-])(?:\((?=(?:\+|00)\d{1,3}\)))?(?:\+ ?|00 ?)"
    r"[1-9](?:[ .\-/()\u00a0\u202f]{0,3}\d){8,14}(?!\w)"
)
_PHONE_LENGTHS: Final = {
    "1": 11, "34": 11, "33": 11, "44": 12, "351": 12, "31": 11, "41": 11, "52": 12, "57": 12,
    "56": 11, "51": 11, "48": 11, "55": 13, "54": 13,
}  # fmt: skip
_NATIONAL: Final = re.compile(
    r"(?<![\w.,/#+:=_-])(?:"
    r"[6-9]\d\d(?:[ \u00a0-]?\d\d){3}|[6-9]\d\d(?:[ \u00a0-]\d{3}){2}|[6-9]\d{8}"
    r"|9\d[ \u00a0-]\d{3}(?:[ \u00a0-]\d\d){2}|9\d[ \u00a0-]\d{3}[ \u00a0-]\d{4}"
    r"|[6-9]\d\d(?:\.\d\d){3}|9\d\.\d{3}(?:\.\d\d){2}"
    r"|[2-9]\d\d[ .\u00a0-]\d{3}[.\u00a0-]\d{4}|\([2-9]\d\d\) ?\d{3}[ -]\d{4}"
    r"|(?:\(0[1-9]\d{1,4}\)|0[1-9]\d{1,4})[ /\u00a0-]{1,3}\d{2,8}(?:[ \u00a0-]\d{2,6}){0,3}"
    r"|0[1-9](?:[ .\u00a0-]\d\d){4}|0[1-9]\d{8,9}"
    r")(?![\w]|[.,]\d|-\d|/\d| ?[€$£%]| ?(?:EUR|USD|euros?|MB|GB|KB|bytes)\b)"
)
_NOT_A_PHONE: Final = re.compile(
    r"(?:#|[€$£]|\b(?:tickets?|pedido|orden|order|ref(?:erencia|erence)?|factura|invoice"
    r"|incidencia|case|caso|serial|serie|art(?:icle|ikel|[ií]culo)?|sku|id|n[º°]|no|nr|num(?:ber)?|número"
    r"|bestell\w{0,10}|rechnung\w{0,10}|auftrag\w{0,10}|vorgang\w{0,10}|kunden\w{0,8}|version"
    r"|build|total|importe|price|precio|EUR|USD))"
    r"(?: ?(?:n[º°.]?|no\.?|nr\.?|number|número|id))?[.:# ]{0,3}$",
    re.IGNORECASE,
)
_DATE: Final = re.compile(
    r"\d{1,2}[/. -]\d{1,2}[/. -]\d{2,4}(?!\d)[^\d]*(?:\d{1,2})?$|\d{4}-\d\d-\d\d"
)
