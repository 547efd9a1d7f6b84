"""What is bought together, by its own table and by what is similar: `python -m tests.bench.bench_baskets [validation]`.

The Complete Journey: the last 30 days, or with `validation` those before, by what was learned before them.
"""

import sys
import time
from datetime import UTC, datetime

import numpy as np
import scipy.sparse as sp

from infra.datasets import completejourney
from shared.inference.card import BOUGHT_TOGETHER, SIMILAR, CartPolicy, MatrixRecipe
from training.baskets import basket_weights
from training.covisits import covisit_weights
from training.evaluate import Bench
from training.interactions import collect
from training.matrix import BASKETS, TOGETHER, Draft, Parts, supported, taste_of, width_of
from training.metrics import Judged, ratio_interval
from training.popularity import buyers
from training.shop import read
from training.sparse import by_event
from training.split import split

PRIORS = (0.0, 0.02, 0.1)


def main(validation: bool) -> None:
    """Print both questions by both tables, for several weights of the prior, with the interval of the ratio."""
    shop = read(collect(completejourney.events()), list(completejourney.items()), datetime.now(UTC))
    times = shop.times
    if times is None:
        raise SystemExit("The history is too short.")
    window = (times.validate_from, times.test_from) if validation else (times.test_from, times.end)
    bench, draft = prepared(Bench(split(shop.view, *window, shop.showable), 0))
    print(f"{'question':16} {'prior':>6} {'similar':>8} {'coverage':>8} {'baskets':>8} {'coverage':>8}  ratio (95%)")
    for prior in PRIORS:
        table = [bench.bought_together(draft, prior, which) for which in (TOGETHER, BASKETS)]
        told("one item", prior, *table)
    for prior in PRIORS:
        carts = [CartPolicy.model_validate({"table": on, "prior": prior}) for on in (SIMILAR, BOUGHT_TOGETHER)]
        told("half of a basket", prior, *(bench.cart(draft, policy) for policy in carts))


def prepared(bench: Bench) -> tuple[Bench, Draft]:
    """The two tables alone: the ridge has no part in these questions."""
    recipe, past, cut = MatrixRecipe(), bench.split.past, bench.split.cut
    rows = supported(np.diff(sp.csc_matrix(taste_of(past, recipe)).indptr), recipe.min_support)
    visits, recent = sp.csr_matrix(by_event(past)[:, rows]), buyers(past, cut, recipe.popular_days)[rows]
    started = time.process_time()
    together = covisit_weights(visits, past.event_customer, width_of(recipe, len(rows)), recipe.gap_decay)
    between = time.process_time()
    baskets = basket_weights(past, rows)
    print(f"{len(rows)} items; CPU s: similar {between - started:.1f}, baskets {time.process_time() - between:.1f}")
    prior = (recent / max(1.0, recent.max())).astype(np.float32)
    parts = Parts(rows, together, together, together, baskets, np.stack([prior, prior]), np.ones_like(prior))
    return Bench(bench.split, int(bench.split.showable[rows].sum())), Draft(parts, 0.0)


def told(question: str, prior: float, similar: Judged, baskets: Judged) -> None:
    """One line of figures."""
    interval = ratio_interval(baskets, similar)
    bounds = f"{baskets.score / similar.score:.3f} ({interval.low} to {interval.high})" if interval else ""
    figures = f"{similar.score:8.4f} {similar.coverage:8.3f} {baskets.score:8.4f} {baskets.coverage:8.3f}"
    print(f"{question:16} {prior:6} {figures}  {bounds}")


if __name__ == "__main__":
    main("validation" in sys.argv[1:])
