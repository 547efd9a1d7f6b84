"""What kinds of event say, and how much the current session says: tuned on the questions that tell.

The weights of events are judged on what customers take in the window and on what they take as things happen, both by
how much better they are than at the start; the session is judged on the latter alone, since the former have none.
"""

from collections.abc import Callable, Mapping, Sequence

from shared.domain.vocabulary import EventName
from shared.inference.card import QueryPolicy

SESSION = {
    "session_decay": (0.8, 0.3, 0.4, 0.5, 0.6, 0.9, 1.0),
    "session_share": (0.5, 0.0, 0.25, 0.75, 0.9, 1.0),
}
WEIGHTS: Mapping[str, Sequence[float]] = {
    EventName.PRODUCT_VIEWED.value: (0.3, 0.0, 0.1, 0.6, 1.0),
    EventName.PRODUCT_ADDED.value: (0.6, 0.3, 1.0),
    EventName.ORDER_REFUNDED.value: (-0.2, 0.0, -0.5, -1.0),
}
"""An order is 1. A weight that is no better than what stands is not taken, so that the first stands in doubt."""
ROUNDS = 2


type Question = Callable[[QueryPolicy], float]


def tuned(start: QueryPolicy, names: Sequence[str], later: Question, live: Question | None) -> QueryPolicy:
    """The best policy found: the session's part where anything is asked `live`, the weights of events of these names.

    `later` and `live` give the score of a policy on what is taken in the window, and on what is taken next.
    """
    if live is None and len(names) < 2:
        return start
    policy = start
    both = _relative([later] if live is None else [later, live], start)
    alone = None if live is None else _relative([live], start)
    for _ in range(ROUNDS):
        if alone is not None:
            for field, values in SESSION.items():
                policy = _best(policy, [policy.model_copy(update={field: value}) for value in values], alone)
        for name in WEIGHTS if len(names) > 1 else ():
            if name in names:
                policy = _best(policy, [weighing(policy, name, value) for value in WEIGHTS[name]], both)
    return policy


def _best(policy: QueryPolicy, others: Sequence[QueryPolicy], score: Question) -> QueryPolicy:
    return max([policy, *others], key=score)


def _relative(questions: Sequence[Question], start: QueryPolicy) -> Question:
    """How many times the start's score a policy has, summed over the questions; each policy is asked once."""
    kept: dict[str, float] = {}
    first = [question(start) for question in questions]

    def score(policy: QueryPolicy) -> float:
        key = policy.model_dump_json()
        if key not in kept:
            kept[key] = sum(
                each(policy) / at_first for each, at_first in zip(questions, first, strict=True) if at_first
            )
        return kept[key]

    return score


def weighing(policy: QueryPolicy, name: str, weight: float) -> QueryPolicy:
    """The policy with another weight for one kind of event."""
    return policy.model_copy(update={"event_weights": policy.event_weights | {name: weight}})
