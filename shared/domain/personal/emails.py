"""E-mail addresses, also those written so that machines shall not know them."""

import re
from collections.abc import Iterator

from shared.domain.personal.shadow import Span

_OPEN, _CLOSE = r"[\[({<*_/|~-]{1,2}", r"[\])}>*_/|~-]{1,2}"
_AT_WORDS = "at the rate(?: of)?|at[ -]sign|at|ät|arroba|arobase|chez|bei|chiocciola|apestaartje|małpa|собака|на|a"
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
_LOCAL = r"[\w.!#$%&'*+/=^`{|}~-]{0,63}[\w+!#$%&'*^`{|}~-]"
_SIGN = re.compile(_AT, re.IGNORECASE)
_QUOTED = re.compile(r"\"[^\"\n]{1,40}\"\Z")
_DOT_BEFORE = re.compile(rf"(?:{_DOT}|\s\.\s?)\Z", re.IGNORECASE)
_AFTER = re.compile(rf"{_DOMAIN}|\[?\d{{1,3}}(?:\.\d{{1,3}}){{3}}\]?", re.IGNORECASE)
_KNOWN_END = re.compile(rf"\A(?:[^\s.,]|[.,](?!\s)|\s(?![.,]))*\W(?:{_TLDS})\Z|\s\.\s?\w+\Z", re.IGNORECASE)
_HOST = re.compile(_LABEL)
_SPELLED_AT = re.compile(rf"(?<=\w)[\s_]{{1,2}}(?:{_AT_WORDS.removesuffix('|a')})[\s_]{{1,2}}(?=\w)", re.IGNORECASE)
_SPELLED_DOT = rf"(?:[\s_]{{1,2}}(?:{_DOT_WORDS})(?:[\s_]{{1,2}}|(?=com\b|net\b|org\b))|\.)"
_SPELLED_LOCAL = re.compile(
    rf"(?<![\w.]){_LOCAL}(?:\s(?:{_DOT_WORDS}|underscore|dash|minus)\s{_LOCAL}){{0,3}}\Z", re.IGNORECASE
)
_NO_HOSTS = (
    "the|a|an|this|that|my|your|our|his|her|its|their|one|some|any|every|each|first|last|no|which|what|least|all"
)
_SPELLED_DOMAIN = re.compile(
    rf"(?:(?:{_SURE_PROVIDERS})(?:{_SPELLED_DOT}{_LABEL}){{0,2}}|"
    rf"(?!(?:{_NO_HOSTS})\b)[\w-]{{1,63}}?(?:{_SPELLED_DOT}[\w-]{{1,63}}?){{0,2}}{_SPELLED_DOT}(?:{_TLDS}|"
    rf"рф)(?<!point in)(?<!point it)(?<!point at)"
    rf"(?<!point is)(?<!point us)(?<!point no)(?:{_SPELLED_DOT}(?:{_TLDS}))?)(?!\w)",
    re.IGNORECASE,
)
_GLUED = re.compile(
    rf"\b[a-z0-9._-]{{2,40}}(?:AT|_at_)(?:[a-z0-9-]{{2,40}}(?:DOT|_dot_)|(?:{_SURE_PROVIDERS})\.)(?:{_TLDS})\b"
)
_LETTER_BY_LETTER = re.compile(
    r"(?<!\w)(?:[\w.+-]\s){2,40}@(?:\s[\w-]){2,40}\s?(?:\.|dot)(?:\s?\w){2,10}(?!\w)", re.IGNORECASE
)
_BARE_PROVIDER = re.compile(
    rf"(?<![\w.])[\w.+-]{{3,64}}(?:\s|\s?@\s?)(?:{_SURE_PROVIDERS})\s(?:(?:{_DOT_WORDS})\s)?(?:com|de|fr|it|es|net|co\suk)\b",
    re.IGNORECASE,
)
_CUE = re.compile(
    r"(?:e-?\s?mail|mail|contact|write|reach|message|address|adresse|correo|courriel|schreib\w*|contacto|skriv|"
    r"escrib\w*)"
    r"\W{1,3}(?:\w+\W{1,3}){0,4}\Z",
    re.IGNORECASE,
)
MOST_LOCAL = 200
"""Characters before the sign that may belong to an address, however it is spelled."""
MOST_SPELLED_DOTS = 3
_SIGNS_IN_NAMES = frozenset("_.!#$%&'*+/=^`{|}~-")


def emails(text: str) -> Iterator[Span]:
    """Every e-mail address."""
    for sign in _SIGN.finditer(text):
        yield from _around(text, sign)
    for at in _SPELLED_AT.finditer(text):
        yield from _spelled(text, at)
    for pattern in (_GLUED, _LETTER_BY_LETTER, _BARE_PROVIDER):
        yield from (Span(*match.span(), "email") for match in pattern.finditer(text))


def _around(text: str, sign: re.Match[str]) -> Iterator[Span]:
    """The address around an at sign, however that is written."""
    start, plain = _start_of_name(text, sign.start()), sign.group() == "@"
    name = text[start : sign.start()]
    if not any(map(str.isalnum, name)) or (not plain and not re.search(r"[^\W\d]", name) and "." in name):
        return
    apart = text[start : sign.end()].endswith((" @", "\n@", "\t@"))
    if (after := _AFTER.match(text, sign.end())) and (not apart or _KNOWN_END.search(after.group())):
        yield Span(start, after.end(), "email")
    elif plain and (host := _HOST.match(text, sign.end())) and not name.isdigit():
        yield Span(start, host.end(), "email")


def _start_of_name(text: str, end: int) -> int:
    """Where the name before an at sign begins: one word, or several with spelled dots between them."""
    if quoted := _QUOTED.search(text, max(0, end - 42), end):
        return quoted.start()
    start = _start_of_word(text, end)
    for _ in range(MOST_SPELLED_DOTS):
        dot = _DOT_BEFORE.search(text, max(0, start - 16), start) if start < end else None
        if dot is None or (further := _start_of_word(text, dot.start())) == dot.start():
            break
        start = further
    return start


def _start_of_word(text: str, end: int) -> int:
    start, least = end, max(0, end - MOST_LOCAL)
    while start > least and (text[start - 1].isalnum() or text[start - 1] in _SIGNS_IN_NAMES):
        start -= 1
    return start


def _spelled(text: str, at: re.Match[str]) -> Iterator[Span]:
    local = _SPELLED_LOCAL.search(text[max(0, at.start() - MOST_LOCAL) : at.start()])
    domain = _SPELLED_DOMAIN.match(text, at.end())
    if local and domain:
        start = at.start() - len(local.group())
        if _is_meant(text[max(0, start - 60) : start], local.group(), domain.group()):
            yield Span(start, domain.end(), "email")


def _is_meant(before: str, local: str, domain: str) -> bool:
    """Whether `a at b.com` is an address, and not a place where something was bought."""
    if re.search(rf"[\s_](?:{_DOT_WORDS})[\s_]", domain, re.IGNORECASE) or (
        re.search(r"[\d._+]", local.strip(".")) and re.search(r"[^\W\d_]", local)
    ):
        return True
    if re.match(rf"(?:{_SURE_PROVIDERS})(?:\.|\sdot)", domain, re.IGNORECASE):
        return True
    return bool(_CUE.search(before))
