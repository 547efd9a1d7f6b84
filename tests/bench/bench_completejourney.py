"""Trains on The Complete Journey and prints what came of it: `python -m tests.bench.bench_completejourney`."""

import time
from datetime import UTC, datetime

import numpy as np

from infra.datasets import completejourney
from shared.inference.card import FOR_YOU, SIMILAR, Card, SurfaceCard
from shared.inference.scorer import Scorer
from training.train import Artefact, train

LATENCY_RUNS = 500


def main() -> None:
    """Load, train, and print phases, memory, sizes, the evaluation and the latency of a score."""
    started = time.perf_counter()
    items = list(completejourney.items())
    print(f"{len(items)} items read in {time.perf_counter() - started:.1f} s")
    started = time.perf_counter()
    artefact = train(completejourney.events(), items, None, print, created=datetime.now(UTC))
    print(f"\ntrained in {time.perf_counter() - started:.1f} s, peak {artefact.card.peak_memory_mb:.0f} MB")
    print_evaluation(artefact.card)
    print_files(artefact)
    print_latency(Scorer.load(artefact.files))


def print_evaluation(card: Card) -> None:
    """The test window's figures, a line per surface and method."""
    print(f"\nmodel {card.model_id}, tested from {card.window.test_from}, {card.recommendable} items recommendable")
    print(f"{'surface':10} {'method':24} {'NDCG@10':>8} {'Recall@20':>9} {'coverage':>8}")
    for name, surface in card.surfaces.items():
        for method, metrics in surface.metrics.items():
            figures = f"{metrics.ndcg_at_10:8.4f} {metrics.recall_at_20:9.4f} {metrics.coverage_at_10:8.4f}"
            print(f"{name:10} {method:24} {figures}  {ratio(surface, method)}")
    print(f"recipe: {card.recipe.model_dump_json()}")


def ratio(surface: SurfaceCard, method: str) -> str:
    """How many were tested, on the model's line; how many times a baseline the model scores, on the baseline's."""
    if method == "model":
        return f"{surface.tested} tested, {surface.skipped} skipped"
    interval = {"popularity": surface.ratio_to_popularity, "popularity in hindsight": surface.ratio_to_hindsight}
    bounds = interval.get(method)
    times = surface.metrics["model"].ndcg_at_10 / surface.metrics[method].ndcg_at_10
    return f"model x{times:.3f}" + (f" [{bounds.low:.3f}, {bounds.high:.3f}]" if bounds else "")


def print_files(artefact: Artefact) -> None:
    """The sizes of the files."""
    for name, data in artefact.files.items():
        print(f"{name:18} {len(data) / 1e6:8.2f} MB")


def print_latency(scorer: Scorer) -> None:
    """CPU time of one score with a history of 20 items and of one similar list, 100 results each."""
    known = scorer.popular(200)
    draw = np.random.default_rng(1)
    for surface, length in ((FOR_YOU, 20), (SIMILAR, 1)):
        taken = []
        for _ in range(LATENCY_RUNS):
            query = [(str(item), 1 / length) for item in draw.choice(known, length, replace=False)]
            started = time.thread_time()
            scorer.score(query, [item for item, _ in query], 100, surface)
            taken.append((time.thread_time() - started) * 1000)
        print(f"{surface:10} p50 {np.percentile(taken, 50):.2f} ms, p99 {np.percentile(taken, 99):.2f} ms of CPU")


if __name__ == "__main__":
    main()
