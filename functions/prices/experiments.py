"""The use cases of price experiments: put by the owner, stopped, and what the nights have found."""

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel

from shared.domain.errors import FieldError, InvalidInputError
from shared.domain.experiment_results import ExperimentResults, unknown
from shared.domain.experiments import Experiment, ExperimentBody
from shared.domain.price_limits import merged
from shared.domain.price_scopes import ALL, CATEGORY, scopes_of
from shared.stores.experiments import ExperimentStore
from shared.stores.items import ItemStore
from shared.stores.price_limits import PriceLimitsStore


class ExperimentList(BaseModel):
    """All price experiments, by id."""

    experiments: list[Experiment]


def put(
    experiment: Experiment, items: ItemStore, limits: PriceLimitsStore, store: ExperimentStore, now: datetime
) -> Experiment:
    """Plan an experiment. Raises `InvalidInputError` where no item could take part, and `ConflictError`."""
    known = items.get(experiment.item_ids)
    if missing := [each for each in experiment.item_ids if each not in known]:
        wrong = FieldError(f"item_ids.{experiment.item_ids.index(missing[0])}", f"there is no item {missing[0]}")
        raise InvalidInputError("The request is not valid.", [wrong])
    named = [scopes_of(each, known[each].category) for each in experiment.item_ids]
    _check_step(experiment, named or [(f"{CATEGORY}{experiment.category}", ALL)], limits)
    return store.put(experiment, now)


def _check_step(experiment: ExperimentBody, scopes: Iterable[tuple[str, ...]], limits: PriceLimitsStore) -> None:
    """In a cycle an item goes from any arm to any other, so all must lie within one weekly step."""
    factors = [1 + each / 100 for each in experiment.arms]
    spread = max(factors) / min(factors) - 1
    said = {each.scope: each.limits for each in limits.all()}
    held = (merged(said[each] for each in some if each in said) for some in scopes)
    most = max((each.maximum_weekly_step for each in held if each.maximum_weekly_step is not None), default=None)
    if most is not None and spread > most:
        text = f"lie {spread:.1%} apart, over the weekly step of {most:.1%}: bring them closer, or allow a larger step"
        raise InvalidInputError("The request is not valid.", [FieldError("arms", text)])


def results(experiment_id: str, store: ExperimentStore, now: datetime) -> ExperimentResults:
    """What the last night has found, as things stand now. Raises `NotFoundError`."""
    experiment = store.get(experiment_id)
    found = store.results(experiment_id)
    if found is None:
        return unknown(experiment, now)
    return found.model_copy(update={"phase": experiment.phase(now.date())})
