"""Numbers of payment cards, with any signs between their digits."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import NamedTuple

from shared.domain.personal.shadow import Span

RUN = re.compile(r"\d(?:[\W_]{0,5}\d)*+")
GROUP = re.compile(r"\d+")
SHORTEST, LONGEST = 13, 19
_DOUBLED = str.maketrans("0123456789", "0246813579")
_ISSUERS = re.compile(r"3[0-9]|4|5[0-9]|6[0-9]|2[2-7]|81|82|9792")
_CODE_CUE = re.compile(
    r"(?:\b(?:ean|isbn|gtin|upc|barcode|asin|sku|imei|order|tracking|parcel|shipment|invoice|article|item|serial|"
    r"s/?n|dhl|ups|usps|fedex|dpd|gls|ref\w*|"
    r"bestell\w*|auftrag\w*|sendung\w*|commande|pedido|ordine|zam\w+)\b[^\d\n]{0,25})\Z",
    re.IGNORECASE,
)
_AMEX = {"34", "37"}
_DEVICE_CUE = re.compile(r"\b(?:imei|serial)\b[^\d\n]{0,25}\Z", re.IGNORECASE)
_CARD_CUE = re.compile(
    r"\b(?:card|visa|mastercard|amex|american express|maestro|karte|kreditkarte|carte|tarjeta|carta|"
    r"cc)\b[^\d\n]{0,30}\Z",
    re.IGNORECASE,
)
_CHECK = r"(?:cvv2?|cvc2?|csc|code)\s?(?:is\b)?[\s.:#=]{0,3}"
_EXPIRY = re.compile(
    r"(?:[\s,;/|-]{0,4}(?:(?:exp\w*|valid\w*|g\u00fcltig\w*)[\s.:=]{0,3}(?:thru|until|bis|date)?[\s.:=]{0,3})?"
    rf"(?:0?[1-9]|1[0-2])\s?[/-]\s?(?:20)?[2-4]\d(?!\d)(?:[\s,;/|-]{{0,4}}(?:{_CHECK})?\d{{3,4}}(?!\d))?|"
    rf"[\s,;/|-]{{1,4}}{_CHECK}\d{{3,4}}(?!\d))",
    re.IGNORECASE,
)


def _is_article(digits: str) -> bool:
    """Whether it is a valid EAN, ISBN-13 or GTIN-14."""
    if len(digits) not in {13, 14}:
        return False
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return total % 10 == 0


class _Run(NamedTuple):
    """Digits with signs between: the places of groups in the text and in the digits, and sums to check any window."""

    text: str
    groups: list[tuple[int, int]]
    digits: str
    places: list[int]
    sums: tuple[list[int], list[int]]

    def is_valid(self, start: int, end: int) -> bool:
        """Whether these digits pass Luhn's check, in constant time."""
        sums = self.sums[end % 2]
        return (sums[end] - sums[start]) % 10 == 0


def _run(text: str, found: re.Match[str]) -> _Run:
    groups = [match.span() for match in GROUP.finditer(text, *found.span())]
    digits = re.sub(r"\D", "", found.group())
    places = [0, *accumulate(end - start for start, end in groups)]
    return _Run(text, groups, digits, places, (_sums(digits, 0), _sums(digits, 1)))


def _sums(digits: str, parity: int) -> list[int]:
    """Sums of the digits from the first on, those at even or at odd places doubled."""
    doubled = digits.translate(_DOUBLED)
    return [0, *accumulate(int((doubled if at % 2 == parity else digits)[at]) for at in range(len(digits)))]


def luhn(digits: str) -> bool:
    """Whether the last digit checks the others, as in the numbers of payment cards."""
    return _sums(digits, len(digits) % 2)[-1] % 10 == 0


def cards(text: str) -> Iterator[Span]:
    """Numbers of payment cards, with their expiry and check code."""
    for found in RUN.finditer(text):
        if len(found.group()) >= SHORTEST:
            for start, end in _in_run(_run(text, found)):
                tail = _EXPIRY.match(text, end)
                yield Span(start, tail.end() if tail else end, "card")


def _in_run(run: _Run) -> Iterator[tuple[int, int]]:
    first = 0
    while first < len(run.groups):
        last = _card_from(run, first)
        if last is None:
            if _holds_a_card(run, first):
                yield run.groups[first]
            first += 1
        else:
            yield run.groups[first][0], run.groups[last][1]
            first = last + 1


def _card_from(run: _Run, first: int) -> int | None:
    """The last of the groups that make a card with this first one; the longest there is."""
    best, start = None, run.places[first]
    for last in range(
        bisect_left(run.places, start + SHORTEST, first + 1) - 1,
        bisect_right(run.places, start + LONGEST, first + 1) - 1,
    ):
        if (last < first + 4 or run.is_valid(start, run.places[last + 1])) and _is_card(run, first, last):
            best = last
    return best


def _is_card(run: _Run, first: int, last: int) -> bool:
    groups, start, end = run.groups[first : last + 1], run.places[first], run.places[last + 1]
    digits, lengths = run.digits[start:end], [stop - begin for begin, stop in groups]
    if _is_something_else(run.text, groups, lengths, digits):
        return False
    before = run.text[max(0, groups[0][0] - 40) : groups[0][0]]
    if not run.is_valid(start, end):
        return _is_meant(before, digits, len(groups) in {3, 4} and _is_regular(lengths))
    coded = bool(_CODE_CUE.search(before))
    if len(groups) == 1 and len(digits) == 15 and digits[:2] not in _AMEX and _DEVICE_CUE.search(before):
        return False
    if not _is_regular(lengths) and (coded or _is_joined(run.text, groups[0][0], groups[-1][1])):
        return False
    if _ISSUERS.match(digits):
        return len(groups) > 1 or not _is_article(digits) or (digits.startswith("4") and not coded)
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


def _holds_a_card(run: _Run, group: int) -> bool:
    """Whether a card stands within a longer number without separators, which is then taken out whole."""
    (start, _), first, last = run.groups[group], run.places[group], run.places[group + 1]
    if last - first <= LONGEST or _CODE_CUE.search(run.text[max(0, start - 40) : start]):
        return False
    return any(
        run.is_valid(at, at + length) and _ISSUERS.match(run.digits, at)
        for at in range(first, last - 14)
        for length in (15, 16)
        if at + length <= last
    )
