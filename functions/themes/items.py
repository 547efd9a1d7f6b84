"""What recent feedback says of each item: the mean score, drawn towards all items', the more the less there is."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import repeat
from statistics import fmean
from typing import NamedTuple

from shared.domain.feedback import Feedback
from shared.domain.opinions import ItemSentiment

DAYS = 60
LEAST_WEIGHT, MOST_WEIGHT = 2.0, 50.0
"""All items' mean counts like so many pieces of feedback: few where items differ much, many where they do not."""


class Said(NamedTuple):
    """A score, and of how many pieces of feedback it stands."""

    score: float
    weight: float


def item_sentiments(
    feedback: Iterable[Feedback], now: datetime, weights: Iterable[float] = repeat(1.0)
) -> list[ItemSentiment]:
    """Of every item that has feedback in the last 60 days. A customer counts once for an item, with their mean.

    What says nothing that the model could judge (stars alone, another language) is no opinion: neither in the score nor
    in the count. `weights` says of how many pieces each stands, where a sample was read; the count is of what was read.
    """
    said: dict[str, dict[str, list[Said]]] = defaultdict(lambda: defaultdict(list))
    for each, weight in zip(feedback, weights, strict=False):
        if each.item_id is not None and _is_judged(each) and now - timedelta(days=DAYS) <= each.time <= now:
            speaker = str(each.customer) if each.customer else f"feedback {each.feedback_id}"
            said[each.item_id][speaker].append(Said(each.sentiment.score, weight))
    opinions = {
        item: [Said(_mean(own), fmean(each.weight for each in own)) for own in of.values()] for item, of in said.items()
    }
    every = [each for own in opinions.values() for each in own]
    if not every:
        return []
    mean = _mean(every)
    like = _weight([[each.score for each in own] for own in opinions.values()], mean)
    return [
        ItemSentiment(
            item_id=item, score=(len(own) * _mean(own) + like * mean) / (len(own) + like), count=len(own), days=DAYS
        )
        for item, own in sorted(opinions.items())
    ]


def _mean(of: Sequence[Said]) -> float:
    return sum(each.score * each.weight for each in of) / sum(each.weight for each in of)


def _is_judged(feedback: Feedback) -> bool:
    return not (feedback.sentiment.abstained and feedback.sentiment.score == 0.0)


def _weight(groups: list[list[float]], mean: float) -> float:
    """By analysis of variance: the variance within items over that between them."""
    total = sum(map(len, groups))
    if total <= len(groups) or len(groups) < 2:
        return LEAST_WEIGHT
    means = [sum(own) / len(own) for own in groups]
    inside = sum((score - at) ** 2 for own, at in zip(groups, means, strict=True) for score in own)
    within = inside / (total - len(groups))
    among = sum(len(own) * (at - mean) ** 2 for own, at in zip(groups, means, strict=True)) / (len(groups) - 1)
    typical = (total - sum(len(own) ** 2 for own in groups) / total) / (len(groups) - 1)
    between = (among - within) / typical
    return min(max(within / between, LEAST_WEIGHT), MOST_WEIGHT) if between > 0 else MOST_WEIGHT
