"""Numbers of bank accounts, and of persons where they have one."""

import re
from collections.abc import Iterator

from shared.domain.personal.shadow import Span

_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}[\s.-]?\d[\s.-]?\d(?:[\s.-]{0,2}[A-Z0-9]){11,30}+", re.IGNORECASE | re.ASCII)
_IBAN_CUE = re.compile(r"\biban\b[^\n]{0,15}\Z", re.IGNORECASE)
_IBAN_LENGTHS = {
    code: int(length)
    for length, codes in (
        line.split(":")
        for line in (
            "15:NO", "16:BE", "18:DK FI FO GL NL SD", "19:MK SI", "20:AT BA EE KZ LT LU MN XK",
            "21:CH HR LI LV", "22:BG BH CR DE GB GE IE ME RS VA", "23:AE GI IL IQ OM SO TL",
            "24:AD CZ ES MD PK RO SA SE SK TN VG", "25:LY PT ST", "26:IS TR", "27:BI DJ FR GR IT MC MR SM",
            "28:AL AZ BY CY DO GT HU LB NI PL SV", "29:BR EG PS QA UA", "30:JO KW MU YE", "31:MT SC", "33:RU", "32:LC",
        )
    )
    for code in codes.split()
}  # fmt: skip
_ACCOUNT = re.compile(
    r"(?<![\w/])(?:sort\s?code|a/?c+\.?\s?(?:number|no\.?|nr\.?|#)|account\s?(?:number|no\.?|nr\.?|#)?|"
    r"acct\.?\s?(?:number|no\.?|#)?|routing\s?(?:number|no\.?)?|konto(?:nummer|nr\.?)|blz|"
    r"bankleitzahl|bsb)\b[\s.]{0,2}(?:is|:|=|#)?\s{0,2}(\d(?:[ -]?\d){5,19})(?!\d)",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\b(?:ssn|social\s?security(?:\s?(?:number|no\.?))?|cpf)\b[^\d\n]{0,15}(\d(?:[ .-]?\d){8,10})(?!\d)", re.IGNORECASE
)
_CPF = re.compile(r"(?<![\w.-])\d{3}\.\d{3}\.\d{3}-\d{2}(?![\w-])")
_SSN = re.compile(r"(?<![\w-])(?!000|666|9)\d{3}[- ](?!00)\d{2}[- ](?!0000)\d{4}(?![\w-])")


def accounts(text: str) -> Iterator[Span]:
    """Bank accounts: IBANs, and numbers that are called so."""
    for match in _IBAN.finditer(text):
        if end := _iban_end(text, match):
            yield Span(match.start(), end, "iban")
    yield from (Span(*match.span(1), "iban") for match in _ACCOUNT.finditer(text))


def _iban_end(text: str, match: re.Match[str]) -> int | None:
    """Where the IBAN ends: its country tells how long it is."""
    length = _IBAN_LENGTHS.get(match.group()[:2].upper())
    places = [match.start() + place for place, character in enumerate(match.group()) if character.isalnum()]
    if length is None or len(places) < length:
        return None
    iban = "".join(text[place] for place in places[:length]).upper()
    if sum(map(str.isdigit, iban)) < 10:
        return None
    turned = "".join(str(int(character, 36)) for character in iban[4:] + iban[:4])
    cued = _IBAN_CUE.search(text[max(0, match.start() - 30) : match.start()])
    return places[length - 1] + 1 if int(turned) % 97 == 1 or cued else None


def identities(text: str) -> Iterator[Span]:
    """Social security numbers of the United States and Brazil's CPF, by how they are written or called."""
    for pattern in (_SSN, _CPF):
        yield from (Span(*match.span(), "id") for match in pattern.finditer(text))
    yield from (Span(*match.span(1), "id") for match in _NAMED.finditer(text))
