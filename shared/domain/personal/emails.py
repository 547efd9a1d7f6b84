"""E-mail addresses, also those written so that machines shall not know them."""

import re
from collections.abc import Iterator

from shared.domain.personal.shadow import Span

_OPEN, _CLOSE = r"[\[({<*_/|~-]{1,2}", r"[\])}>*_/|~-]{1,2}"
_AT_WORDS = "at|ät|arroba|arobase|chez|bei|chiocciola|apestaartje|małpa|собака|на|at the rate(?: of)?|a"
_DOT_WORDS = "dot|punkt|punto|point|ponto|punt|kropka|nokta|точка|d0t|period"
_TLDS = (
    "com|org|net|edu|gov|info|biz|io|co|me|app|dev|shop|store|online|email|mail|xyz|eu|de|at|ch|fr|es|it|nl|be|pt|pl|tr|uk|"
    "ie|us|ca|au|nz|in|br|mx|ar|cl|ru|ua|cz|sk|hu|ro|bg|gr|se|no|dk|fi|jp|cn|kr|hk|tw|sg|my|id|ph|th|vn|il|ae|sa|za|ng|ke"
)
_SURE_PROVIDERS = (
    "gmail|googlemail|hotmail|outlook|yahoo|ymail|icloud|aol|gmx|protonmail|tutanota|t-online|wanadoo|yandex"
)

_AT = rf"\s{{0,3}}(?:@|%40|{_OPEN}\s?(?:@|{_AT_WORDS})\s?{_CLOSE})\s{{0,3}}"
_DOT = rf"(?:\.|\s{{0,2}}{_OPEN}\s?(?:\.|{_DOT_WORDS})\s?{_CLOSE}\s{{0,2}}|\s{{1,2}}(?:{_DOT_WORDS})\s{{1,2}})"
_FIRST_DOT = rf"(?:{_DOT}|\s?[.,]\s?(?=(?:{_TLDS})\b))"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_DOMAIN = rf"{_LABEL}(?:{_FIRST_DOT}{_LABEL}(?:{_DOT}{_LABEL}){{0,4}})"
_LOCAL = r"[\w.!#$%&'*+/=?^`{|}~-]{0,63}[\w+!#$%&'*=?^`{|}~-]"
_NAME = rf"(?:(?:{_LOCAL}){_DOT}){{0,2}}{_LOCAL}"

_SIGN = re.compile(_AT, re.IGNORECASE)
_BEFORE = re.compile(rf"(?:\"[^\"\n]{{1,40}}\"|{_NAME})\Z", re.IGNORECASE)
_AFTER = re.compile(rf"{_DOMAIN}|\[?\d{{1,3}}(?:\.\d{{1,3}}){{3}}\]?", re.IGNORECASE)
_HOST = re.compile(_LABEL)
_SPELLED_DOT = rf"[\s_]{{1,2}}(?:{_DOT_WORDS})[\s_]{{1,2}}"
_SPELLED = re.compile(
    rf"(?<![\w.])(?P<local>{_LOCAL}(?:\s(?:{_DOT_WORDS}|underscore|dash|minus)\s{_LOCAL}){{0,3}})[\s_]{{1,2}}"
    rf"(?:{_AT_WORDS.removesuffix('|a')})[\s_]{{1,2}}(?P<domain>(?:{_SURE_PROVIDERS})(?:(?:{_SPELLED_DOT}|\.){_LABEL}){{0,2}}|"
    rf"[\w-]{{1,63}}(?:(?:{_SPELLED_DOT}|\.)[\w-]{{1,63}}){{0,2}}(?:{_SPELLED_DOT}|\.)(?:{_TLDS}))(?!\w)",
    re.IGNORECASE,
)
_GLUED = re.compile(rf"\b[a-z0-9._-]{{2,40}}(?:AT|_at_)[a-z0-9-]{{2,40}}(?:DOT|_dot_)(?:{_TLDS})\b")
_LETTER_BY_LETTER = re.compile(
    r"(?<!\w)(?:[\w.+-]\s){2,40}@(?:\s[\w-]){2,40}\s?(?:\.|dot)(?:\s?\w){2,10}(?!\w)", re.IGNORECASE
)
_BARE_PROVIDER = re.compile(
    rf"(?<![\w.])[\w.+-]{{3,64}}\s(?:{_SURE_PROVIDERS})\s(?:(?:{_DOT_WORDS})\s)?(?:com|de|fr|it|es|net|co\suk)\b",
    re.IGNORECASE,
)
_CUE = re.compile(
    r"(?:e-?\s?mail|mail|contact|write|reach|message|address|adresse|correo|courriel|schreib\w*|contacto|skriv|escrib\w*)"
    r"\W{1,3}(?:\w+\W{1,3}){0,4}\Z",
    re.IGNORECASE,
)
MOST_LOCAL = 200
"""Characters before the sign that may belong to an address, however it is spelled."""


def emails(text: str) -> Iterator[Span]:
    """Every e-mail address."""
    for sign in _SIGN.finditer(text):
        yield from _around(text, sign)
    for match in _SPELLED.finditer(text):
        if _is_meant(text, match):
            yield Span(*match.span(), "email")
    for pattern in (_GLUED, _LETTER_BY_LETTER, _BARE_PROVIDER):
        yield from (Span(*match.span(), "email") for match in pattern.finditer(text))


def _around(text: str, sign: re.Match[str]) -> Iterator[Span]:
    before = _BEFORE.search(text[max(0, sign.start() - MOST_LOCAL) : sign.start()])
    if before is None:
        return
    start = sign.start() - len(before.group())
    if after := _AFTER.match(text, sign.end()):
        yield Span(start, after.end(), "email")
    elif sign.group() == "@" and (host := _HOST.match(text, sign.end())) and not before.group().isdigit():
        yield Span(start, host.end(), "email")


def _is_meant(text: str, match: re.Match[str]) -> bool:
    """Whether `a at b.com` is an address, and not a place where something was bought."""
    local, domain = match["local"], match["domain"]
    if re.search(rf"\s(?:{_DOT_WORDS})\s|_", domain, re.IGNORECASE) or re.search(r"[\d._+]", local.strip(".")):
        return True
    if re.match(rf"(?:{_SURE_PROVIDERS})\.", domain, re.IGNORECASE):
        return True
    return bool(_CUE.search(text[max(0, match.start() - 60) : match.start()]))
