"""Numbers of cards and bank accounts."""

import re
from collections.abc import Iterator
from itertools import pairwise

from shared.domain.personal.shadow import Span

RUN = re.compile(r"\d(?:[\W_]{0,5}\d)*+")
GROUP = re.compile(r"\d+")
SHORTEST, LONGEST = 13, 19
_DOUBLED = str.maketrans("0123456789", "0246813579")
_ISSUERS = re.compile(r"3[0-9]|4|5[0-9]|6[0-9]|2[2-7]|81|82|9792")
_CODE_CUE = re.compile(
    r"(?:\b(?:ean|isbn|gtin|upc|barcode|asin|sku|imei|order|tracking|parcel|shipment|invoice|article|item|serial|"
    r"ref\w*|"
    r"bestell\w*|auftrag\w*|sendung\w*|commande|pedido|ordine|zam\w+)\b[^\d\n]{0,25})\Z",
    re.IGNORECASE,
)
_CARD_CUE = re.compile(
    r"\b(?:card|visa|mastercard|amex|american express|maestro|karte|kreditkarte|carte|tarjeta|carta|"
    r"cc)\b[^\d\n]{0,30}\Z",
    re.IGNORECASE,
)
_EXPIRY = re.compile(
    r"[\s,;/|-]{0,4}(?:(?:exp\w*|valid\w*|g\u00fcltig\w*)[\s.:]{0,3}(?:thru|until|bis|date)?[\s.:]{0,3})?"
    r"(?:0[1-9]|1[0-2])\s?[/-]\s?(?:20)?[2-4]\d(?!\d)(?:[\s,;/|-]{0,4}(?:(?:cvv|cvc|cvv2|cvc2|csc|"
    r"code)[\s.:#]{0,3})?\d{3,4}(?!\d))?"
    r"|[\s,;/|-]{1,4}(?:cvv|cvc|cvv2|cvc2|csc)[\s.:#]{0,3}\d{3,4}(?!\d)",
    re.IGNORECASE,
)
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
    r"\b(?:sort\s?code|account\s?(?:number|no\.?|nr\.?|#)|acct\.?\s?(?:number|no\.?|#)?|routing\s?(?:number|"
    r"no\.?)?|konto(?:nummer|nr\.?)|blz|"
    r"bankleitzahl|bsb)\b\s{0,2}(?:is|:|=|#)?\s{0,2}(\d(?:[ -]?\d){5,19})(?!\d)",
    re.IGNORECASE,
)
_SSN = re.compile(r"(?<![\w-])(?!000|666|9)\d{3}[- ](?!00)\d{2}[- ](?!0000)\d{4}(?![\w-])")


def luhn(digits: str) -> bool:
    """Whether the last digit checks the others, as in the numbers of payment cards."""
    doubled = digits[-2::-2].translate(_DOUBLED)
    return (sum(map(int, digits[-1::-2])) + sum(map(int, doubled))) % 10 == 0


def _is_article(digits: str) -> bool:
    """Whether it is a valid EAN, ISBN-13 or GTIN-14."""
    if len(digits) not in {13, 14}:
        return False
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return total % 10 == 0


def cards(text: str) -> Iterator[Span]:
    """Numbers of payment cards, with their expiry and check code."""
    for run in RUN.finditer(text):
        if len(run.group()) >= SHORTEST:
            for start, end in _in_run(text, run):
                tail = _EXPIRY.match(text, end)
                yield Span(start, tail.end() if tail else end, "card")


def _in_run(text: str, run: re.Match[str]) -> Iterator[tuple[int, int]]:
    groups = [match.span() for match in GROUP.finditer(text, *run.span())]
    first = 0
    while first < len(groups):
        last = _card_from(text, groups, first)
        if last is None:
            yield from _inside(text, *groups[first])
            first += 1
        else:
            yield groups[first][0], groups[last][1]
            first = last + 1


def _card_from(text: str, groups: list[tuple[int, int]], first: int) -> int | None:
    """The last of the groups that make a card with this first one; the longest there is."""
    digits, best = "", None
    for last in range(first, min(len(groups), first + LONGEST)):
        digits += text[slice(*groups[last])]
        if len(digits) > LONGEST:
            break
        if len(digits) >= SHORTEST and _is_card(text, groups[first : last + 1], digits):
            best = last
    return best


def _is_card(text: str, groups: list[tuple[int, int]], digits: str) -> bool:
    valid, lengths = luhn(digits), [end - start for start, end in groups]
    if (not valid and len(groups) > 4) or _is_something_else(text, groups, lengths, digits):
        return False
    before = text[max(0, groups[0][0] - 40) : groups[0][0]]
    if not valid:
        return _is_meant(before, digits, len(groups) in {3, 4} and _is_regular(lengths))
    coded = bool(_CODE_CUE.search(before))
    if not _is_regular(lengths) and (coded or _is_joined(text, groups[0][0], groups[-1][1])):
        return False
    if _ISSUERS.match(digits):
        article = _is_article(digits) and (not digits.startswith("4") or coded)
        return not (article and len(groups) == 1)
    return not _is_article(digits) and not coded


def _is_something_else(text: str, groups: list[tuple[int, int]], lengths: list[int], digits: str) -> bool:
    """Whether it is a telephone number with its country, a list, a fraction, or one digit over and over."""
    if len(digits) <= 15 and text[groups[0][0] - 1 : groups[0][0]] == "+":
        return True
    return len(set(digits)) == 1 or _is_list(text, groups, lengths) or _is_decimal(text, groups)


def _is_meant(before: str, digits: str, grouped: bool) -> bool:
    """Whether it stands for a card although a digit is wrong: grouped like one, or called one."""
    if grouped and _ISSUERS.match(digits) and not _CODE_CUE.search(before):
        return True
    return 14 <= len(digits) <= 16 and bool(_CARD_CUE.search(before))


def _is_regular(lengths: list[int]) -> bool:
    """Whether the digits are grouped as on a card, or not at all, or each by itself."""
    *front, last = lengths
    return not front or lengths in ([4, 6, 5], [4, 6, 4]) or (len(set(front)) == 1 and last <= front[0] in {1, 2, 4, 8})


def _is_joined(text: str, start: int, end: int) -> bool:
    """Whether more digits stand right before or after."""
    return bool(
        re.search(r"\d[\W_]{0,2}\Z", text[max(0, start - 3) : start]) or re.match(r"[\W_]{0,2}\d", text[end : end + 3])
    )


def _is_decimal(text: str, groups: list[tuple[int, int]]) -> bool:
    """Whether it is one number with a long fraction."""
    if len(groups) != 2:
        return False
    (start, end), (after, _) = groups
    return end - start <= 2 and text[end:after] in {".", ","}


def _is_list(text: str, groups: list[tuple[int, int]], lengths: list[int]) -> bool:
    """Whether these are several numbers, as of sizes or years, or a date with its time, rather than one in groups."""
    if not 1 < max(lengths) <= 3 or len(groups) == 1:
        return False
    between = {text[left[1] : right[0]] for left, right in pairwise(groups)}
    return len(between) > 1 or len(set(lengths)) > 1 or max(lengths) < 3 or "," in "".join(between)


def _inside(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A card within a longer number without separators, which is then taken out whole."""
    digits = text[start:end]
    if len(digits) <= LONGEST or _CODE_CUE.search(text[max(0, start - 40) : start]):
        return
    windows = (digits[at : at + length] for at in range(len(digits) - 14) for length in (15, 16))
    if any(_ISSUERS.match(window) and luhn(window) for window in windows if len(window) >= 15):
        yield start, end


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
    """Social security numbers of the United States, as they are commonly written."""
    yield from (Span(*match.span(), "id") for match in _SSN.finditer(text))
