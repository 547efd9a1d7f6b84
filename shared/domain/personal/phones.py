"""Telephone numbers, told from prices, dates, sizes and codes by how they are written and by the words before them."""

import re
from collections.abc import Iterator

from shared.domain.personal.shadow import Span

MOST_GROUPS = 8
"""Of digits in one number: `+33 (0) 1 23 45 67 89` has eight."""
_RUN = re.compile(r"(?:\+\s?|\()*\d(?:[ \t\xa0.()/\\_~*|-]{0,4}\n?\d)*+")
_GROUP = re.compile(r"\d+")
_SHAPES = frozenset(
    {
        (3, 3, 4), (1, 3, 3, 4), (2, 4, 4), (3, 4, 4), (3, 3, 3), (3, 2, 2, 2), (2, 3, 2, 2), (3, 3, 2, 2),
        (1, 3, 3, 2, 2), (5, 5), (5, 6), (2, 5, 4), (4, 3, 3), (1, 2, 2, 2, 2), (3, 7), (4, 6), (1, 3, 7),
    }
)  # fmt: skip
"""How many digits are in the groups of numbers without a leading zero: NANP, India, Spain, Poland, Turkey, Russia, China."""
_CUE = re.compile(
    r"(?:\b(?:tel|tele?phone|telefon\w*|tel[eé]fono|telefone|t[eé]l[eé]phone|phone|ph|mob|mobile|mobil\w*|cell|cellphone|celular|m[oó]vil|"
    r"cellulare|handy\w*|rufnummer|durchwahl|portable|gsm|fax|whats\s?app|wa|viber|signal|sms|text|call|ring|dial|reach|contact|"
    r"ruf\w*|anruf\w*|appelez?|appeler|ll[aá]m\w+|ligue|ligar|chiam\w+|bel|dzwo\w+|numer|n[uú]mero|num[eé]ro|numero|nummer|hotline|helpline|"
    r"тел\w*|звон\w*|電話|电话|手机|هاتف|טלפון)\b|☎|📞|📱)[^\d\n]{0,30}\Z",
    re.IGNORECASE,
)
_CODE_CUE = re.compile(
    r"(?:\b(?:order|orders|ordernumber|ref|reference|invoice|booking|confirmation|tracking|trackingnumber|parcel|article|item|sku|model|"
    r"serial|ean|isbn|issn|asin|gtin|upc|barcode|batch|lot|ticket|case|style|product|part|code|receipt|transaction|"
    r"bestell\w*|auftrag\w*|rechnung\w*|artikel\w*|sendung\w*|kunden\w*|commande|facture|r[eé]f[eé]rence|pedido|factura|encomenda|"
    r"ordine|fattura|zam[oó]wieni\w*|sipari\w*|bestelling)\b(?:\s?(?:number|num|no|nr|id|code|#))?|#|\bn[°ºr]\.?|\bno\.)"
    r"[\s.:#=-]{0,3}(?:(?:is|was|ist|war|es|est)\s)?[\s#]{0,2}[a-z]{0,3}-?\Z",
    re.IGNORECASE,
)
_MONEY_BEFORE = re.compile(
    r"(?:[$€£¥₹₽₺₩₪]|\b(?:usd|eur|gbp|chf|rs|inr|cad|aud|pln|sek|nok|dkk|jpy|brl|try))\s?\.?\Z", re.IGNORECASE
)
_MONEY_AFTER = re.compile(
    r"\s?(?:[$€£¥₹₽₺₩₪%°]|(?:usd|eur|gbp|chf|euros?|dollars?|pounds?|rupees|rubles?|zl|zł|kr|yen|points?|views?|people|"
    r"customers|items|units|pieces|km|miles|steps|mah|lumens|followers|times|gb|mb|kb|cm|mm|ml|kg|g)\b)",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\A(?:\d{1,2}[./\s-]\s?\d{1,2}[./\s-]\s?(?:19|20)?\d{2}|(?:19|20)\d{2}[./\s-]\d{1,2}[./\s-]\d{1,2})(?:[\s-]+\d{1,2}(?:[.\s]\d{2}){0,2})?"
    r"(?:\s?[-/]\s?(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d{2}|(?:19|20)\d{2}[./-]\d{1,2}[./-]\d{1,2}))?\Z"
)
_YEARS = re.compile(r"\A(?:(?:19|20)\d{2}[\s./-]{1,3})+(?:19|20)\d{2}\Z")
_THOUSANDS = re.compile(r"\A\d{1,3}(?:[ .]\d{3})*[ .]000\Z")
_AMOUNT = re.compile(r"\A\d{1,3}(?:[. ]\d{3})+\Z|\A\d+\.\d{1,2}\Z")
_EXTENSION = re.compile(
    r"[\s,;]{0,3}(?:ext(?:ension|n)?\.?|x|durchwahl|dw|poste|int\.?|anexo|ramal)[\s.:#]{0,3}\d{1,6}(?!\w)",
    re.IGNORECASE,
)
_VANITY = re.compile(r"(?<!\w)(?:\+?1[\s.-]?)?\(?8(?:00|88|77|66|55|44|33)\)?[\s.-]?[A-Z][A-Z-]{5,10}(?![\w-])")
_WORD = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple)"
_SPELLED = re.compile(rf"\b{_WORD}(?:[\s,.-]{{1,3}}(?:{_WORD}|\d)\b){{6,}}", re.IGNORECASE)


def phones(text: str) -> Iterator[Span]:
    """Every telephone number, with its extension."""
    for run in _RUN.finditer(text):
        if sum(map(str.isdigit, run.group())) >= 6:
            for start, end in _in_run(text, run.start(), run.end()):
                tail = _EXTENSION.match(text, end)
                yield Span(start, tail.end() if tail else end, "phone")
    for pattern in (_VANITY, _SPELLED):
        yield from (Span(*match.span(), "phone") for match in pattern.finditer(text))


def _in_run(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The parts of the run that are numbers, the longest first from each place on."""
    groups = [match.span() for match in _GROUP.finditer(text, start, end)]
    first, at = 0, start
    while first < len(groups):
        last = _phone_from(text, groups, first, at)
        if last is None:
            at = groups[first][1]
            first += 1
        else:
            yield _opening(text, groups[first][0], at), groups[last][1]
            at = groups[last][1]
            first = last + 1


def _opening(text: str, digits: int, least: int) -> int:
    """Where the signs before the digits begin that are part of the number."""
    start = digits
    while start > least and text[start - 1] in "+( ":
        start -= 1
    return start + (len(text[start:digits]) - len(text[start:digits].lstrip()))


def _phone_from(text: str, groups: list[tuple[int, int]], first: int, at: int) -> int | None:
    last = min(len(groups), first + MOST_GROUPS)
    if _follows_on(text, groups[first][0]):
        return None
    for end in range(last - 1, first - 1, -1):
        if _is_phone(text, groups[first : end + 1], at):
            return end
    return None


def _follows_on(text: str, start: int) -> bool:
    """Whether the digits go on from a letter or a decimal sign, as in codes and amounts."""
    before = text[max(0, start - 2) : start]
    return bool(re.search(r"[^\W\d_]\Z|\d[.,]\Z", before)) and not re.search(
        r"(?i)(?:tel|ph|fax|mob|[^\w][tmpf])\Z", text[max(0, start - 4) : start]
    )


def _is_phone(text: str, groups: list[tuple[int, int]], at: int) -> bool:
    start, end = groups[0][0], groups[-1][1]
    number, before = text[start:end], text[max(0, start - 60) : start]
    digits = "".join(text[slice(*group)] for group in groups)
    if not 6 <= len(digits) <= 17 or text[end : end + 1].isalnum():
        return False
    lead = text[at:start] if at < start else ""
    if "+" in before[-4:].replace("(", "") and re.search(r"\+[\s(]{0,2}\Z", before):
        return len(digits) >= 8
    if _DATE.match(number) or _YEARS.match(number) or _THOUSANDS.match(number):
        return False
    if _MONEY_BEFORE.search(before) or _MONEY_AFTER.match(text, end) or re.match(r"[.,]\d", text[end : end + 2]):
        return False
    if _CODE_CUE.search(before):
        return False
    if _CUE.search(before) and len(digits) >= 7:
        return True
    return _looks_like_one(digits, [stop - begin for begin, stop in groups], number, lead)


def _looks_like_one(digits: str, lengths: list[int], number: str, lead: str) -> bool:
    """Whether digits without a word about them are written as telephone numbers are."""
    if digits.startswith("000") or len(set(digits)) == 1:
        return False
    if digits.startswith("00"):
        return 10 <= len(digits) <= 17
    if re.match(r"\d{1,2}\.\d+\Z", number):
        return False
    if digits.startswith("0"):
        return 9 <= len(digits) <= 12 and (lengths[0] > 1 or len(lengths) == 1)
    if len(lengths) == 1:
        return _is_bare(digits)
    if _AMOUNT.match(number) and "." in number and lengths[0] < 3:
        return False
    if (
        tuple(lengths) not in _SHAPES
        or digits[0] == "1"
        and tuple(lengths) not in {(1, 3, 3, 4), (3, 4, 4), (2, 5, 4), (2, 4, 4), (4, 3, 3)}
    ):
        return False
    return "(" in lead or len({*re.findall(r"\D+", number)}) <= 2


def _is_bare(digits: str) -> bool:
    """Ten digits as in North America and India, eleven with their prefix, mobiles of China, Russia, Spain and France."""
    return bool(
        re.fullmatch(
            r"[2-9]\d{2}[2-9]\d{6}|[6-9]\d{9}|1[2-9]\d{2}[2-9]\d{6}|1[3-9]\d{9}|[78]9\d{9}|[67]\d{8}|"
            r"(?:44|49|33|34|39|31|32|41|43|48|90|91|55|52|61|65)[1-9]\d{8,10}",
            digits,
        )
    )
