"""Telephone numbers, told from prices, dates, sizes and codes by how they are written and by the words before them."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from shared.domain.personal.shadow import Span

MOST_GROUPS = 8
"""Of digits in one number: `+33 (0) 1 23 45 67 89` has eight."""
_RUN = re.compile(r"(?:\+\s?|\(){0,3}\d(?:[ \t\xa0.()/\\_~*|-]{0,4}\n?\d)*+")
FEWEST, MOST_DIGITS = 6, 17
_NO_END = re.compile(r"[A-Za-z0-9]|[.,]\d")
_GROUP = re.compile(r"\d+")
_SHAPES = frozenset(
    {
        (3, 3, 4), (1, 3, 3, 4), (2, 4, 4), (3, 4, 4), (3, 3, 3), (3, 2, 2, 2), (2, 3, 2, 2), (3, 3, 2, 2),
        (1, 3, 3, 2, 2), (5, 5), (5, 6), (2, 5, 4), (4, 3, 3), (1, 2, 2, 2, 2), (3, 7), (4, 6), (1, 3, 7),
        (1, 4, 4), (5, 4),
    }
)  # fmt: skip
"""Digits in each group of numbers without a leading zero: North America, India, Spain, Poland, Turkey, China, ..."""
_SHAPES_FROM_1 = frozenset({(1, 3, 3, 4), (3, 4, 4), (2, 5, 4), (2, 4, 4), (4, 3, 3)})
_CUE = re.compile(
    r"(?:\b(?:tel|tele?phone|telefon\w*|tel[eé]fono|telefone|t[eé]l[eé]phone|phone|ph|mob|mobile|mobil\w*|cell|"
    r"cellphone|celular|m[oó]vil|"
    r"cellulare|handy\w*|rufnummer|durchwahl|portable|gsm|fax|whats\s?app|wa|viber|signal|sms|text|call|ring|dial|"
    r"reach|contact|"
    r"ruf\w*|anruf\w*|appelez?|appeler|ll[aá]m\w+|ligue|ligar|chiam\w+|bel|dzwo\w+|numer|n[uú]mero|num[eé]ro|"
    r"numero|nummer|hotline|helpline|"
    r"тел\w*|звон\w*|電話|电话|手机|هاتف|טלפון)\b|☎|📞|📱)[^\d\n]{0,30}\Z",
    re.IGNORECASE,
)
_CODE_CUE = re.compile(
    r"(?:\b(?:order|orders|ordernumber|ref|reference|invoice|booking|confirmation|tracking|trackingnumber|parcel|"
    r"shipment|waybill|dhl|ups|usps|fedex|dpd|gls|voucher|imei|vin|po|customer(?=\s?(?:number|no|nr|id)\b)|"
    r"article|item|sku|model|"
    r"serial|s/?n|ean|isbn(?:-1[03])?|issn|asin|gtin|upc|barcode|batch|lot|ticket|case|style|product|part|code|receipt|"
    r"transaction|"
    r"bestell\w*|auftrag\w*|rechnung\w*|artikel\w*|sendung\w*|kunden\w*|commande|facture|r[eé]f[eé]rence|pedido|"
    r"factura|encomenda|"
    r"ordine|fattura|zam[oó]wieni\w*|sipari\w*|bestelling)\b(?:[\s-]?(?:numbers?|num|no|nr|ids?|codes?|#))?|#|\bn[°ºr]\.?|"
    r"\bno\.)"
    r"[\s.:#=(-]{0,3}(?:(?:is|was|are|ist|war|es|est)\s)?[\s#]{0,2}[a-z]{0,3}-?\Z",
    re.IGNORECASE,
)
_JUST_NUMBER = re.compile(r"(?:#|n[°ºr]\.?|no\.?)[\s.:#=-]*", re.IGNORECASE)
_MONEY_BEFORE = re.compile(
    r"(?:[$€£¥₹₽₺₩₪]|\b(?:usd|eur|gbp|chf|rs|inr|cad|aud|pln|sek|nok|dkk|jpy|brl|try))\s?\.?\Z", re.IGNORECASE
)
_MONEY_AFTER = re.compile(
    r"\s?(?:[$€£¥₹₽₺₩₪%°]|(?:usd|eur|gbp|chf|euros?|dollars?|pounds?|rupees|rubles?|zl|zł|kr|yen|points?|views?|people|"
    r"customers|items|units|pieces|km|miles|steps|mah|lumens|followers|times|gb|mb|kb|cm|mm|ml|kg|g)\b)",
    re.IGNORECASE,
)
_DAY = (
    r"(?:[0-3]?\d[./-]\s?[0-3]?\d[./-]\s?(?:19|20)?\d{2}|[0-3]?\d [01]?\d (?:19|20)\d{2}|"
    r"(?:19|20)\d{2}[./\s-][01]?\d[./\s-][0-3]?\d)"
)
_DATE = re.compile(rf"\A{_DAY}(?:[\s-]+[0-2]?\d(?:[.\s][0-5]\d){{0,2}})?(?:\s?[-/]\s?{_DAY})?\Z")
_YEARS = re.compile(r"\A(?:(?:19|20)\d{2}[\s./-]{1,3})+(?:19|20)\d{2}\Z")
_THOUSANDS = re.compile(r"\A\d{1,3}(?:[ .]\d{3})*[ .]000\Z")
_AMOUNT = re.compile(r"\A\d{1,3}(?:[. ]\d{3})+\Z|\A\d+\.\d{1,2}\Z")
_GLUED_CUE = re.compile(r"(?:tel|phone|ph|fax|mob|mobile|call|cell|handy|whatsapp|\b[tmpf])\Z", re.IGNORECASE)
_EXTENSION = re.compile(
    r"[\s,;]{0,3}(?:ext(?:ension|n)?\.?|x|durchwahl|dw|poste|int\.?|anexo|ramal)[\s.:#]{0,3}\d{1,6}(?!\w)",
    re.IGNORECASE,
)
_VANITY = re.compile(r"(?<!\w)(?:\+?1[\s.-]?)?\(?8(?:00|88|77|66|55|44|33)\)?[\s.-]?[A-Z][A-Z-]{5,10}(?![\w-])")
_WORD = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple)"
_SPELLED = re.compile(
    rf"\b(?:{_WORD}[\s,.-]{{1,3}}){{3,}}(?:(?:{_WORD}[\s,.-]{{1,3}}){{3,}}{_WORD}|[\d\s.-]{{3,12}}\d)\b", re.IGNORECASE
)


class _Run(NamedTuple):
    """Digits that stand together, and what the words around them say of them."""

    text: str
    groups: list[tuple[int, int]]
    start: int
    called: bool
    coded: bool

    def number(self, first: int, last: int) -> str:
        """The groups from `first` to `last`, as they are written."""
        return self.text[self.groups[first][0] : self.groups[last][1]]

    def lead(self, first: int) -> str:
        """What stands before a group: signs of its own number."""
        return self.text[self.groups[first - 1][1] if first else self.start : self.groups[first][0]]


def phones(text: str) -> Iterator[Span]:
    """Every telephone number, with its extension."""
    for run in _RUN.finditer(text):
        groups = [match.span() for match in _GROUP.finditer(text, *run.span())]
        if sum(end - start for start, end in groups) >= FEWEST:
            before = text[max(0, groups[0][0] - 60) : groups[0][0]]
            yield from _in_run(_Run(text, groups, run.start(), bool(_CUE.search(before)), _is_coded(before)))
    for pattern in (_VANITY, _SPELLED):
        yield from (Span(*match.span(), "phone") for match in pattern.finditer(text))


def _is_coded(before: str) -> bool:
    """Whether the words before say that it is an order, an article, a price. "Tel. no." does not."""
    code = _CODE_CUE.search(before)
    if code and not (_JUST_NUMBER.fullmatch(code.group()) and _CUE.search(before)):
        return True
    return bool(_MONEY_BEFORE.search(before))


def _in_run(run: _Run) -> Iterator[Span]:
    """The parts of the run that are numbers, the longest first from each place on."""
    first = 0
    while first < len(run.groups):
        last = _phone_from(run, first)
        if last is not None:
            signs = re.search(r"[+(][+(\s]*\Z|\Z", run.lead(first))
            start = run.groups[first][0] - (len(signs.group()) if signs else 0)
            end = run.groups[last][1]
            tail = _EXTENSION.match(run.text, end)
            yield Span(start, tail.end() if tail else end, "phone")
        first = first + 1 if last is None else last + 1


def _phone_from(run: _Run, first: int) -> int | None:
    if _follows_on(run.text, run.groups[first][0]):
        return None
    start, end = run.groups[first]
    sure = (run.called and first == 0) or "+" in run.lead(first)
    if run.text[start:end] == "0" and not sure:  # no number begins so, and a page of noughts must not take seconds
        return None
    any_shape = sure or run.text[start] == "0"
    most = max(MOST_GROUPS, _single_digits(run, first)) if sure else MOST_GROUPS
    for last in range(min(len(run.groups), first + most) - 1, first - 1, -1):
        lengths = [end - start for start, end in run.groups[first : last + 1]]
        if not (any_shape or last == first or tuple(lengths) in _SHAPES):
            continue
        if FEWEST <= sum(lengths) <= MOST_DIGITS and _is_phone(run, first, last, lengths):
            return last
    return None


def _single_digits(run: _Run, first: int) -> int:
    """How many groups from here on are one digit, as where somebody spells a number out, as far as one may go."""
    some = run.groups[first : first + MOST_DIGITS]
    return next((at for at, (start, end) in enumerate(some) if end - start > 1), len(some))


def _follows_on(text: str, start: int) -> bool:
    """Whether the digits go on from a letter or a decimal sign, as in codes and amounts."""
    if not re.search(r"[A-Za-z]\Z|\d[.,]\Z", text[max(0, start - 2) : start]):
        return False
    return not _GLUED_CUE.search(text[max(0, start - 10) : start])


def _is_phone(run: _Run, first: int, last: int, lengths: list[int]) -> bool:
    number, lead, end = run.number(first, last), run.lead(first), run.groups[last][1]
    digits = re.sub(r"\D", "", number)
    if "+" in lead:
        return len(digits) >= 8
    called = run.called and first == 0 and len(digits) >= 7
    if run.coded:
        return False
    if _NO_END.match(run.text, end) or _MONEY_AFTER.match(run.text, end):
        return False
    if _DATE.match(number) or _YEARS.match(number) or _THOUSANDS.match(number):
        return False
    return called or _looks_like_one(digits, lengths, number, lead)


def _looks_like_one(digits: str, lengths: list[int], number: str, lead: str) -> bool:
    """Whether digits without a word about them are written as telephone numbers are."""
    if re.match(r"\d{1,2}\.\d{5,}\Z", number) or digits.startswith("000") or len(set(digits)) == 1:
        return False
    if digits.startswith("0"):
        likely = range(10, 18) if digits[1] == "0" else range(9, 13)
        return len(digits) in likely and (len(lengths) == 1 or lengths[0] > 1)
    return _is_bare(digits) if len(lengths) == 1 else _is_grouped(digits, lengths, number, lead)


def _is_grouped(digits: str, lengths: list[int], number: str, lead: str) -> bool:
    """Whether the groups are those of some country, with the same sign between them throughout, or nearly."""
    if tuple(lengths) not in (_SHAPES_FROM_1 if digits[0] == "1" else _SHAPES):
        return False
    if ("." in number and lengths[0] < 3 and _AMOUNT.match(number)) or (
        lengths in ([5, 4], [1, 4, 4]) and digits[0] != "9"
    ):
        return False
    return "(" in lead or len({*re.findall(r"\D+", number)}) <= 2


def _is_bare(digits: str) -> bool:
    """Ten digits as in North America and India, eleven with a prefix, mobiles of China, Russia, Spain and France."""
    return bool(
        re.fullmatch(
            r"[2-9]\d{2}[2-9]\d{6}|[6-9]\d{9}|1[2-9]\d{2}[2-9]\d{6}|1[3-9]\d{9}|[78]9\d{9}|[67]\d{8}|"
            r"(?:44|49|33|34|39|31|32|41|43|48|90|91|55|52|61|65)[1-9]\d{8,10}",
            digits,
        )
    )
