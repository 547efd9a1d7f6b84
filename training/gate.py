"""Decides, per surface, whether the model serves. Fixed before any result was seen:

- measure: NDCG@10, full ranking, on the last `training.split.WINDOW_DAYS` days (a quarter of a shorter history);
- every recipe is fitted on data from before the window;
- against popularity: the point estimate must be higher. Popularity is what is served otherwise;
- against the champion: a challenger is rejected only where it is shown to be worse, that is where the upper bound of
  the 95% interval of the ratio is below `NOT_WORSE`. To ask for more would freeze a small shop on stale parameters;
- fewer than `LEAST_TESTED` customers decide nothing: popularity serves, and the newer recipe is taken;
- a champion whose recipe cannot be fitted any more (see `unfit`) is compared with nothing.

Whatever is decided, the card says why, with the figures and the interval that it was decided on.
"""

from typing import NamedTuple

from shared.inference.card import Card, Interval, Metrics, SurfaceCard
from training.metrics import Judged, ratio_interval
from training.ridge import HEAD

NOT_WORSE = 0.98
LEAST_TESTED = 20
MOST_DENSE = 6 * HEAD // 5
"""A champion's dense recipe is fitted for at most so many items: the closed form takes their square in memory, and is
proposed for up to `HEAD`."""
HINDSIGHT = "popularity in hindsight"


class Contest(NamedTuple):
    """One surface on the test window: all judged on the same queries.

    `popularity` looks back as far as was best on validation; `hindsight` as far as turned out best on the test itself,
    which no one could have known: it is reported, so that a lucky window does not flatter the model, and gates nothing.
    """

    challenger: Judged
    popularity: Judged
    champion: Judged | None
    hindsight: Judged
    skipped: int
    others: dict[str, Judged]


def rejects(contest: Contest) -> bool:
    """Whether the challenger is shown to be worse than the champion."""
    if contest.champion is None or contest.challenger.customers < LEAST_TESTED:
        return False
    interval = ratio_interval(contest.challenger, contest.champion)
    return interval is not None and interval.high < NOT_WORSE


def unfit(champion: Card, items: int) -> str | None:
    """Why the champion's recipe cannot be fitted to a shop with so many items, or None where it can."""
    if champion.recipe.matrix.dense and items > MOST_DENSE:
        return (
            f"The recipe of {champion.model_id} is the closed form over all items, for {MOST_DENSE:,} items at most; "
            f"there are {items:,} now. So there was nothing to compare the new recipe with."
        )
    return None


def decide(contest: Contest, champion_won: bool) -> SurfaceCard:
    """What the surface serves, with the reason and the numbers. The model is the recipe that won."""
    model = contest.champion if champion_won and contest.champion else contest.challenger
    tested, popularity = len(model.ndcg), contest.popularity
    beaten = model.score > popularity.score
    over_popularity = ratio_interval(model, popularity) if tested else None
    over_champion = ratio_interval(contest.challenger, contest.champion) if contest.champion and tested else None
    return SurfaceCard(
        serve="model" if beaten and model.customers >= LEAST_TESTED else "popularity",
        reason=_reason(model, popularity, over_popularity),
        recipe_reason=_recipe_reason(contest, over_champion, champion_won=champion_won),
        metrics=_metrics(contest, model),
        ratio_to_popularity=over_popularity,
        ratio_to_hindsight=ratio_interval(model, contest.hindsight) if tested else None,
        ratio_to_champion=over_champion,
        tested=tested,
        customers=model.customers,
        skipped=contest.skipped,
    )


def untested(reason: str, champion: Card | None = None) -> SurfaceCard:
    """A surface that could not be tested serves popularity, and what is known of recipes stays."""
    kept = f"The recipe of {champion.model_id} stays" if champion else "The recipe is the first one, untuned"
    return SurfaceCard(serve="popularity", reason=reason, recipe_reason=f"{kept}, since none could be tested.")


def _metrics(contest: Contest, model: Judged) -> dict[str, Metrics]:
    judged = {"model": model, "popularity": contest.popularity, HINDSIGHT: contest.hindsight, **contest.others}
    if contest.champion is not None:
        judged |= {"challenger": contest.challenger, "champion": contest.champion}
    return {name: each.metrics() for name, each in judged.items()}


def _reason(model: Judged, popularity: Judged, interval: Interval | None) -> str:
    customers = model.customers
    if customers < LEAST_TESTED:
        return f"The model could be tested on {customers} customers, {LEAST_TESTED} are needed, so popularity serves."
    figures = f"NDCG@10 {model.score:.4f} against popularity's {popularity.score:.4f}{_times(interval)}"
    if model.score > popularity.score:
        return f"The model beat popularity on the test window: {figures}, on {customers} customers."
    return f"The model did not beat popularity on the test window: {figures}, on {customers} customers. So it serves."


def _recipe_reason(contest: Contest, interval: Interval | None, *, champion_won: bool) -> str:
    if contest.champion is None:
        return "The recipe is new: there was no champion to compare it with."
    figures = f"NDCG@10 {contest.challenger.score:.4f} against the champion's {contest.champion.score:.4f}"
    if rejects(contest):
        return (
            f"The champion's recipe stays. The new one is shown worse: {figures}{_times(interval)}, below {NOT_WORSE}."
        )
    if champion_won:
        shared = "on another surface of the same matrix the new one is shown worse"
        return f"The champion's recipe stays, since {shared}. Here: {figures}{_times(interval)}."
    if contest.challenger.customers < LEAST_TESTED:
        return f"The recipe is new: {contest.challenger.customers} customers are too few to show that it is worse."
    return f"The recipe is new, and not shown worse than the champion's: {figures}{_times(interval)}."


def _times(interval: Interval | None) -> str:
    return f" ({interval.low:.2f} to {interval.high:.2f} times, 95%)" if interval else ""
