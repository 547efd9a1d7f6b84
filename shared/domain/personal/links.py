"""Links that tell who somebody is or let others in, and names in social networks."""

import re
from collections.abc import Iterator

from shared.domain.personal.shadow import Span

_LINK = re.compile(r"(?:\bhttps?://|\bwww\.)[^\s<>\"'\[\]]{3,2000}", re.IGNORECASE)
_PROFILE = re.compile(
    r"\b(?:https?://)?(?:www\.|m\.)?(?:instagram\.com|facebook\.com|fb\.com|fb\.me|twitter\.com|x\.com|tiktok\.com|"
    r"t\.me|wa\.me|"
    r"snapchat\.com|linkedin\.com|threads\.net|pinterest\.\w{2,3}|vk\.com|reddit\.com/u(?:ser)?|youtube\.com/@|"
    r"github\.com|"
    r"linktr\.ee|onlyfans\.com|paypal\.me|venmo\.com|cash\.app)/[^\s<>\"'\[\]]{1,200}",
    re.IGNORECASE,
)
_TELLING = re.compile(r"[?#&;=]|://[^/\s]*@|/(?=[^/\s]*\d)(?=[^/\s]*[A-Za-z])[\w.~%-]{20,}")
_HANDLE = re.compile(r"(?<![\w@/.])@(?=[\w.]*[^\W\d])\w[\w.]{1,29}(?<!\.)")
_NAMED = re.compile(
    r"\b(?:insta(?:gram)?|ig|snap(?:chat)?|telegram|tiktok|tik tok|twitter|skype|discord|wechat|line id|kik)"
    r"(?:\s(?:id|handle|name|username|account))?\s{0,2}(?:is|:|=|@|-)\s{0,2}(?P<name>@?(?=[\w.]*[\d_.]|"
    r"\w{4,}\b(?!\s\w))\w[\w.]{2,29}(?<!\.))",
    re.IGNORECASE,
)


def links(text: str) -> Iterator[Span]:
    """Links to a person's page, and those that carry a token or parameters."""
    for match in _LINK.finditer(text):
        end = match.start() + len(match.group().rstrip(".,;:!?)"))
        if _TELLING.search(text, match.start(), end):
            yield Span(match.start(), end, "link")
    for match in _PROFILE.finditer(text):
        yield Span(match.start(), match.start() + len(match.group().rstrip(".,;:!?)")), "link")


def handles(text: str) -> Iterator[Span]:
    """Names in social networks: with their sign, or said to be one."""
    yield from (Span(*match.span(), "handle") for match in _HANDLE.finditer(text))
    yield from (Span(*match.span("name"), "handle") for match in _NAMED.finditer(text))
