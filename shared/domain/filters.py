"""Filter expressions over items: `category = "shoes" and price <= 50 and not tag in ("sale", "old")`.

They are data and never code: parsed once into tests of known fields, bounded in length and depth. A field that an item
does not have passes no comparison but `!=`; `has stock` asks for that.
"""

import operator
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from functools import cache, lru_cache
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, StringConstraints

from shared.domain.items import Item, PublicItem
from shared.domain.opinions import Opinions

MOST_LENGTH = 2_000
MOST_DEPTH = 20
MOST_VALUES = 100
REMEMBERED = 256

Test = Callable[[PublicItem], bool]
Get = Callable[[Any], Any]


class FilterError(ValueError):
    """The expression is not one; the message says where (counted from 1) and why."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(f"at character {position + 1}: {reason}")


class Kind(StrEnum):
    """What can be compared with what."""

    TEXT = "text"
    NUMBER = "a number"
    TAGS = "tags"


class Field(NamedTuple):
    """How an item's field is read; None where the item does not have it."""

    kind: Kind
    get: Get


class Token(NamedTuple):
    """A word of an expression: `kind` is the name of its group in `TOKENS`."""

    kind: str
    text: str
    position: int


TOKENS = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<number>-?\d{1,18}(?:\.\d{1,4})?(?![\w.]))"""
    r"|(?P<word>[A-Za-z_][\w.]*)|(?P<sign><=|>=|!=|[=<>(),]))",
    re.ASCII | re.DOTALL,
)
ATTRIBUTE = re.compile(r"attributes\.([a-z][a-z0-9_]{0,63})", re.ASCII)
ORDERED = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
OPERATORS = {"=", "!=", "contains", *ORDERED}
KEYWORDS = {"and", "or", "not", "in", "has", "contains"}


def _amount(item: PublicItem) -> Decimal | None:
    return item.price.amount if item.price else None


def _margin(item: Item) -> Decimal | None:
    if item.price is None or item.cost is None or item.price.currency != item.cost.currency:
        return None
    return item.price.amount - item.cost.amount


PUBLIC: Mapping[str, Field] = {
    **{name: Field(Kind.TEXT, operator.attrgetter(name)) for name in ("item_id", "kind", "title", "category", "group")},
    "currency": Field(Kind.TEXT, lambda item: item.price and item.price.currency),
    "price": Field(Kind.NUMBER, _amount),
    "stock": Field(Kind.NUMBER, operator.attrgetter("stock")),
    "tag": Field(Kind.TAGS, operator.attrgetter("tags")),
    "tags": Field(Kind.TAGS, operator.attrgetter("tags")),
}
FEEDBACK: Mapping[str, Callable[[Opinions, str], Any]] = {
    "sentiment": Opinions.score,
    "feedback_count": Opinions.count,
}
"""What recent feedback says of an item: not in the item itself, and there only where it has feedback."""
OWNERS: Mapping[str, Field] = {
    **PUBLIC,
    "cost": Field(Kind.NUMBER, lambda item: item.cost and item.cost.amount),
    "margin": Field(Kind.NUMBER, _margin),
    **{name: Field(Kind.NUMBER, lambda _: None) for name in FEEDBACK},
}
"""What only the owner's rules may go by: a shopper who could filter by it could find it out."""


@lru_cache(REMEMBERED)
def parse(text: str) -> Test:
    """The test that an expression stands for, on what a list shows of an item. Raises `FilterError`."""
    return _Parser(text, PUBLIC).parsed()


def parse_owners(text: str, opinions: Opinions | None = None) -> Test:
    """The same for an owner's rule, which may also go by `cost`, `margin` and feedback: on an `Item`.

    Without `opinions` no item has feedback. Raises `FilterError`.
    """
    test, used = _owners(text)
    if opinions is None or used.isdisjoint(FEEDBACK):
        return test
    return _Parser(text, {**OWNERS, **{name: _said(opinions, get) for name, get in FEEDBACK.items()}}).parsed()


def goes_by_feedback(text: str) -> bool:
    """Whether an owner's expression asks what recent feedback says. Raises `FilterError`."""
    return not _owners(text)[1].isdisjoint(FEEDBACK)


@lru_cache(REMEMBERED)
def _owners(text: str) -> tuple[Test, frozenset[str]]:
    """The test, where nothing is known of feedback, and the names of the fields in it."""
    parser = _Parser(text, OWNERS)
    return parser.parsed(), frozenset(parser.used)


def _said(opinions: Opinions, get: Callable[[Opinions, str], Any]) -> Field:
    return Field(Kind.NUMBER, lambda item: get(opinions, item.item_id))


@cache
def text_field(name: str) -> Get:
    """How a field of text is read, by its name in expressions. Raises `FilterError`."""
    field = _field(Token("word", name, 0), PUBLIC)
    if field.kind is not Kind.TEXT:
        raise FilterError(0, f"{name} is not text")
    return field.get


def _valid(text: str) -> str:
    parse(text)
    return text


def _valid_owners(text: str) -> str:
    parse_owners(text)
    return text


_Bounded = StringConstraints(min_length=1, max_length=MOST_LENGTH)
FilterText = Annotated[str, _Bounded, AfterValidator(_valid)]
OwnersFilterText = Annotated[str, _Bounded, AfterValidator(_valid_owners)]


class _Parser:
    """Recursive descent: or, and, not, a test. What a rule of the grammar returns is already the test."""

    def __init__(self, text: str, fields: Mapping[str, Field]) -> None:
        self._tokens = list(_tokens(text))
        self._fields = fields
        self._next = 0
        self._depth = 0
        self.used: set[str] = set()

    def parsed(self) -> Test:
        test = self._any()
        if self._token.kind != "end":
            raise FilterError(self._token.position, f"{_told(self._token)} is one too many; `and` or `or` is missing")
        return test

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _taken(self) -> Token:
        token = self._token
        self._next += token.kind != "end"
        return token

    def _accepts(self, word: str) -> bool:
        found = self._token.kind in {"word", "sign"} and self._token.text.lower() == word
        self._next += found
        return found

    def _expects(self, sign: str) -> None:
        if not self._accepts(sign):
            raise FilterError(self._token.position, f"{sign} is expected, not {_told(self._token)}")

    def _any(self) -> Test:
        tests = [self._all()]
        while self._accepts("or"):
            tests.append(self._all())
        match tests:
            case [test]:
                return test
            case [first, second]:  # as most are, at a third of what `any` takes
                return lambda item: first(item) or second(item)
        return lambda item: any(test(item) for test in tests)

    def _all(self) -> Test:
        tests = [self._negated()]
        while self._accepts("and"):
            tests.append(self._negated())
        match tests:
            case [test]:
                return test
            case [first, second]:
                return lambda item: first(item) and second(item)
        return lambda item: all(test(item) for test in tests)

    def _negated(self) -> Test:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise FilterError(self._token.position, f"nested deeper than {MOST_DEPTH}")
        if self._accepts("not"):
            test = _not(self._negated())
        elif self._accepts("("):
            test = self._any()
            self._expects(")")
        else:
            test = self._test()
        self._depth -= 1
        return test

    def _test(self) -> Test:
        if self._accepts("has"):
            get = self._named(self._taken()).get
            return lambda item: get(item) not in (None, ())
        named = self._taken()
        field = self._named(named)
        if self._accepts("not"):
            self._expects("in")
            return _not(self._among(field))
        return self._among(field) if self._accepts("in") else self._compared(named.text, field)

    def _named(self, token: Token) -> Field:
        field = _field(token, self._fields)
        self.used.add(token.text)
        return field

    def _among(self, field: Field) -> Test:
        self._expects("(")
        values = [self._value(field)]
        while self._accepts(","):
            if len(values) == MOST_VALUES:
                raise FilterError(self._token.position, f"more than {MOST_VALUES} values")
            values.append(self._value(field))
        self._expects(")")
        return _one_of(field, frozenset(values))

    def _compared(self, name: str, field: Field) -> Test:
        sign = self._taken()
        how = sign.text.lower()
        if sign.kind not in {"word", "sign"} or how not in OPERATORS:
            raise FilterError(sign.position, f"a comparison with {name} is expected, not {_told(sign)}")
        if how in ORDERED and field.kind is not Kind.NUMBER:
            raise FilterError(sign.position, f"{name} is {field.kind}, so {how} does not go with it")
        if how == "contains" and field.kind is not Kind.TEXT:
            raise FilterError(sign.position, f"{name} is {field.kind}, so contains does not go with it")
        value = self._value(field)
        match how:
            case "=":
                return _one_of(field, frozenset([value]))
            case "!=":
                return _not(_one_of(field, frozenset([value])))
            case "contains":
                return _containing(field.get, str(value).casefold())
        return _ordered(field.get, ORDERED[how], value)

    def _value(self, field: Field) -> str | Decimal:
        token = self._taken()
        wanted = "number" if field.kind is Kind.NUMBER else "text"
        if token.kind != wanted:
            what = "a number" if wanted == "number" else 'text in quotes, as in "blue",'
            raise FilterError(token.position, f"{what} is expected, not {_told(token)}")
        return Decimal(token.text) if wanted == "number" else re.sub(r"\\(.)", r"\1", token.text[1:-1], flags=re.DOTALL)


def _tokens(text: str) -> Iterator[Token]:
    end = len(text.rstrip())
    position = 0
    while position < end:
        found = TOKENS.match(text, position)
        if found is None or found.lastgroup is None:
            start = position + len(text[position:]) - len(text[position:].lstrip())
            reason = "the text has no closing quote" if text[start] in "\"'" else f"{text[start]} cannot stand here"
            raise FilterError(start, reason)
        yield Token(found.lastgroup, found[found.lastgroup], found.start(found.lastgroup))
        position = found.end()
    yield Token("end", "", end)


def _field(named: Token, fields: Mapping[str, Field]) -> Field:
    if named.kind == "word" and named.text.lower() not in KEYWORDS:
        if field := fields.get(named.text):
            return field
        if found := ATTRIBUTE.fullmatch(named.text):
            return Field(Kind.TEXT, _attribute(found[1]))
    there_are = ", ".join([*fields, "attributes.NAME"])
    raise FilterError(named.position, f"a field is expected, not {_told(named)}; there are {there_are}")


def _attribute(name: str) -> Get:
    return lambda item: item.attributes.get(name)


def _told(token: Token) -> str:
    return "the end" if token.kind == "end" else token.text[:40]


def _not(test: Test) -> Test:
    return lambda item: not test(item)


def _one_of(field: Field, values: Collection[Any]) -> Test:
    get = field.get
    if field.kind is Kind.TAGS:
        return lambda item: any(tag in values for tag in get(item))
    return lambda item: get(item) in values


def _containing(get: Get, part: str) -> Test:
    return lambda item: (text := get(item)) is not None and part in text.casefold()


def _ordered(get: Get, compare: Callable[[Any, Any], bool], value: Any) -> Test:
    return lambda item: (number := get(item)) is not None and compare(number, value)
