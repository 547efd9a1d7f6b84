"""Regulars itself: what training fits and exports, asked as the recommend function asks it."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

import numpy as np

from infra.evaluation.measures import SHOWN, Chosen
from infra.evaluation.protocols import Cases
from shared.domain.items import Item
from shared.domain.vocabulary import EventName
from shared.inference.card import CARD, Recipe
from shared.inference.history import Past
from shared.inference.query import query
from shared.inference.repeat import buy_again
from shared.inference.scorer import Scorer
from training.fit import Practice, choose, fit
from training.interactions import Interactions, Ints
from training.metrics import Ranking
from training.split import Histories


class Regulars:
    """The recipe is `training.fit`'s choice on the validation cases; the model is its artefact, exported and loaded.

    What a catalogue has that the log's training part has not is in the model by its description.
    """

    def __init__(self, catalogue: Sequence[Item] = ()) -> None:
        self._catalogue = catalogue

    def choose(self, validation: Cases | None) -> Chosen:
        if validation is None:
            return {"recipe": Recipe().model_dump(mode="json")}
        practice = Practice(
            past=validation.train,
            asked=validation.asked,
            targets=validation.targets,
            now=validation.now,
            live=validation.live,
        )
        return {"recipe": choose(practice).model_dump(mode="json")}

    def fit(self, cases: Cases, chosen: Chosen) -> "Served":
        created = datetime.fromtimestamp(cases.now, UTC)
        recipe = Recipe.model_validate(chosen["recipe"])
        artefact = fit(cases.train, cases.now, recipe, _quietly, created=created, catalogue=self._catalogue)
        return Served(artefact.files, cases)


class Served:
    """A loaded artefact, and the histories of those who ask."""

    def __init__(self, files: dict[str, bytes], cases: Cases) -> None:
        # Not the card: it is a page, whose length changes with the seconds that it states.
        self.bytes = sum(len(data) for name, data in files.items() if name != CARD)
        self._scorer = Scorer.load(files)
        self._cases = cases
        self._items = cases.train.items
        self._number = {item: number for number, item in enumerate(self._items)}
        self._histories = named(cases.asked)

    def rank(self, who: Ints) -> Ranking:
        found = np.full((len(who), SHOWN), -1, dtype=np.int64)
        for place, customer in enumerate(who.tolist()):
            items = self.shown(self._histories[customer], self._hidden(customer))
            # What the log does not have at all stands in a list too, and is no answer.
            found[place, : len(items)] = [self._number.get(item, -1) for item in items]
        return found

    def _hidden(self, customer: int) -> set[str]:
        hidden = self._cases.hidden
        places = hidden.indices[hidden.indptr[customer] : hidden.indptr[customer + 1]]
        return {self._items[item] for item in places.tolist()}

    def shown(self, history: Sequence[Past[str]], hidden: Collection[str]) -> list[str]:
        """The list: the model's own, then what is popular, as serving fills one up.

        Where repetition counts, "buy again" comes first, and "for you" after it without what was ordered before.
        """
        now = history[0].time if self._cases.live and history else self._cases.now
        recipe = self._scorer.card.recipe
        first: list[str] = []
        if self._cases.repeat:
            first = [repeat.item for repeat in buy_again(history, now, recipe.repeat, self._scorer.staple)]
            hidden = {item for past in history if past.name == EventName.ORDER_COMPLETED for item in past.items}
        first = first[:SHOWN]
        scored = self._scorer.score(query(history, recipe.query, now), hidden, SHOWN)
        found = (first + [one.item_id for one in scored])[:SHOWN]
        return found + self._scorer.popular(SHOWN - len(found), {*hidden, *found})


def named(view: Interactions) -> list[list[Past[str]]]:
    """Every customer's whole history, newest first, with the items' ids: a shop may keep one itself and send it."""
    return [
        [Past(tuple(view.items[item] for item in past.items), past.time, past.name) for past in history]
        for history in Histories(view, whole=True)
    ]


def _quietly(_: str) -> None:
    """What an evaluation says of a fit's progress."""
