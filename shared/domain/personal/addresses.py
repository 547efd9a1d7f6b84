"""Postal addresses, by how streets, postcodes and boxes are written in the countries that shops commonly send to."""

import re
from collections.abc import Iterable, Iterator

from shared.domain.personal import abroad, streets
from shared.domain.personal.parts import masked, widened
from shared.domain.personal.shadow import Span

_TOLD = re.compile(
    r"\b(?:my (?:home |new |shipping |delivery |postal |billing )?address(?: is|:)|i live (?:at|in no\.?)|"
    r"(?:ship|send|deliver)(?:ped|ed)? (?:it )?to:|(?:home |shipping |delivery |postal |billing )?address ?:|"
    r"adresse ?:|"
    r"anschrift ?:|direcci[oó]n ?:|indirizzo ?:|endere[cç]o ?:|adres ?:|адрес ?:|meine adresse(?: ist|:)|"
    r"ich wohne (?:in der|im|am)|mon adresse est|j'habite(?: au)?|mi direcci[oó]n es|vivo en (?:la )?|abito in|"
    r"住所:?は?|地址:?是?)\s?(?P<told>(?=[^\n]{0,60}\d)[^\n!?;]{4,100})",
    re.IGNORECASE,
)
_NOT_TOLD = re.compile(
    r"[.]\s(?=[A-Z])|,\s(?:but|and|so|please|which|aber|und|mais|et|pero)\b|\s(?:but|please|because|and (?:it|the|"
    r"i|my|your|they|we|you|theres?|there's|can)|y el|y la|can you)\b",
    re.IGNORECASE,
)


def addresses(text: str) -> Iterator[Span]:
    """Every postal address, from its street to its town as far as they are written in order."""
    if not re.search(r"\d", text):
        return
    plain = masked(text)
    for searched, patterns in ((text, streets.patterns()), (plain, abroad.patterns())):
        for match in (match for pattern in patterns for match in pattern.finditer(searched)):
            yield Span(*widened(plain, *match.span()), "address")
    yield from _told(text)


def _told(text: str) -> Iterable[Span]:
    """What follows words that say that it is an address."""
    for match in _TOLD.finditer(text):
        start = match.start("told")
        end = _NOT_TOLD.search(text, start, match.end())
        told = text[start : end.start() if end else match.end()]
        if re.search(r"\d", told) and not re.match(r"https?:|www\.|\S+@", told, re.IGNORECASE):
            yield Span(start, start + len(told.rstrip(" .,")), "address")
