"""What a rule would change, for whom: the same lists without it and with it."""

from collections.abc import Callable, Collection, Iterator, Sequence

from pydantic import BaseModel, ConfigDict, Field

from functions.recommend.messages import Messages, messages
from functions.recommend.plan import Known
from functions.recommend.reasons import figures
from functions.recommend.recommend import recommend
from functions.recommend.request import Request, Who
from functions.recommend.ruling import by_feedback, known_opinions
from functions.recommend.shelf import Shelf
from shared.domain.opinions import Opinions
from shared.domain.rules import Rule, Surface

WITHOUT_FEEDBACK = "Nothing is known of recent feedback, so that a rule that goes by it does not hold."
MOST_PREVIEWED = 20


class PreviewRequest(BaseModel):
    """A rule as it would be, in place of the one of its `rule_id` where there is one, and the lists to try it on."""

    model_config = ConfigDict(extra="forbid")

    rule: Rule
    lists: list[Request] = Field(min_length=1, max_length=MOST_PREVIEWED)


class Previewed(BaseModel):
    """One list's items without the rule and with it: which come in, which go, and which stand higher or lower."""

    surface: Surface
    customer_id: str | None
    anonymous_id: str | None
    without: list[str]
    with_rule: list[str]
    entered: list[str]
    left: list[str]
    moved: list[str]
    details: dict[str, str] = Field(
        default={}, description="Of a rule that goes by feedback: what that says of the items in either list."
    )


class Preview(BaseModel):
    """How many of the lists the rule changes, and how; `note` says why it cannot change any."""

    changed: int
    lists: list[Previewed]
    note: str | None = None


def preview(body: PreviewRequest, known_of: Callable[[Who], Known], shelf: Shelf) -> Preview:
    """Each list twice, from the same data; the other rules stand as they are stored."""
    known = [known_of(request) for request in body.lists]
    opinions = known_opinions(known[0].opinions, known[0].now) if by_feedback(body.rule) else None
    lists = [
        _previewed(body.rule, request, each, shelf, opinions) for request, each in zip(body.lists, known, strict=True)
    ]
    return Preview(
        changed=sum(each.without != each.with_rule for each in lists),
        lists=lists,
        note=WITHOUT_FEEDBACK if by_feedback(body.rule) and opinions is None else None,
    )


def _previewed(rule: Rule, request: Request, known: Known, shelf: Shelf, opinions: Opinions | None) -> Previewed:
    others = [each for each in known.rules if each.rule_id != rule.rule_id]
    without = _listed(request, known, others, shelf)
    with_rule = _listed(request, known, [*others, rule], shelf)
    return Previewed(
        surface=request.surface,
        customer_id=request.customer_id,
        anonymous_id=request.anonymous_id,
        without=without,
        with_rule=with_rule,
        entered=[item for item in with_rule if item not in without],
        left=[item for item in without if item not in with_rule],
        moved=_moved(without, with_rule),
        details=dict(_details({*without, *with_rule}, opinions, messages(request.language))),
    )


def _details(item_ids: Collection[str], opinions: Opinions | None, words: Messages) -> Iterator[tuple[str, str]]:
    for item_id in sorted(item_ids) if opinions else ():
        if opinions and (opinion := opinions.of(item_id)):
            yield item_id, figures(opinion, words)


def _listed(request: Request, known: Known, rules: Sequence[Rule], shelf: Shelf) -> list[str]:
    reply = recommend(request, known._replace(rules=rules), shelf, messages(request.language))
    return [each.item.item_id for each in reply.items]


def _moved(before: list[str], after: list[str]) -> list[str]:
    """Those in both, whose place among those in both is another."""
    stayed = [item for item in before if item in after]
    return [item for place, item in enumerate(item for item in after if item in before) if stayed[place] != item]
