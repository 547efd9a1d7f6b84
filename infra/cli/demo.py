"""`regulars demo`: from a real retailer's purchases to live recommendations with reasons, on this machine."""

import signal
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from rich.console import Console

from infra.cli import households, local, priced, reviewed, show, sources
from infra.cli.deployment import Deployment
from infra.cli.history import was_imported
from infra.cli.households import Household
from infra.cli.keys import make_key
from infra.cli.live import Shop, show_households, show_live_event
from infra.cli.phases import Phases
from infra.cli.reviewed import Reviewers
from infra.cli.storefront import open_page
from infra.cli.train import TrainingFailedError, train
from infra.local.stack import LocalStack
from shared.domain.items import Item
from shared.domain.keys import KeyKind
from shared.inference.card import CARD, Card

SOURCE = "completejourney"
SHOWN = 3
TRAIN = "train, test, gate, publish"


def run(state: Path, port: int, stay: bool, console: Console) -> None:
    """Everything from the deployment to the storefront; what an earlier run left is used again."""
    _on_end(signal.default_int_handler)
    state.mkdir(exist_ok=True)
    phases = Phases(console)
    with ExitStack() as running:
        with phases("start the local stack"):
            stack = running.enter_context(local.started(state, _warner(console)))
            # A second Ctrl-C must not cut the saving short.
            running.callback(_on_end, signal.SIG_IGN)
        with phases("deploy with sam"):
            outputs = local.deploy(stack, state)
            proxy = running.enter_context(local.proxy_of(stack, outputs, port, state / "page"))
            running.enter_context(local.announced(state))
            deployment = local.deployment(stack, outputs, proxy, local.remembered_key(state))
            deployment.access.save(state)
        _fill(deployment, state, phases, console)
        reviewers, items = _chosen(state, phases)
        shop = running.enter_context(Shop(deployment, make_key(deployment, KeyKind.PUBLISHABLE, "storefront")))
        with phases("recommend"):
            _show(deployment, shop, households.load(state), console)
        reviewed.run(deployment, reviewers, phases, console)
        priced.run(deployment, items, shop, households.load(state), phases, console)
        phases.summary()
        open_page(state / "page", shop, households.load(state), reviewers, items)
        proxy.read_for_owner(deployment.owners_key)
        if stay:
            _stay(stack, proxy.url, console)
        console.print("Stopping; saving the state for the next run takes a few seconds.")


def _on_end(handler: Any) -> None:
    for end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(end, handler)


def _warner(console: Console) -> Callable[[str], None]:
    """Says what was lost, and that the demo makes it good."""
    return lambda words: console.print(f"[yellow]{words}[/yellow]\nThe demo does both now.", highlight=False)


def _fill(deployment: Deployment, state: Path, phases: Phases, console: Console) -> None:
    """Import and train, each unless an earlier run did."""
    if was_imported(deployment.table, SOURCE):
        console.print("The history is here already, from an earlier run.")
    else:
        with phases("read the data set"):
            source = sources.Loaded.read(sources.CompleteJourney())
            households.save(households.choose(source.history, source.catalogue), state)
            _choose(source, state)
        with phases("import"):
            show.imported(sources.run(deployment, source, True, console), False)
    if deployment.models.champion() is None:
        with phases(TRAIN):
            outcome = train(deployment, console)
        if outcome.card is None:
            raise TrainingFailedError(outcome.reason)
        phases.parts(TRAIN, outcome.card.phases)


def _chosen(state: Path, phases: Phases) -> tuple[Reviewers, list[Item]]:
    """Who writes reviews and of what, and what is priced; state from before there were any does not know."""
    reviewers, items = reviewed.load(state), priced.load(state)
    if reviewers and items:
        return reviewers, items
    with phases("read the data set"):
        return _choose(sources.Loaded.read(sources.CompleteJourney()), state)


def _choose(source: sources.Loaded, state: Path) -> tuple[Reviewers, list[Item]]:
    reviewers = reviewed.choose(source.history, source.catalogue)
    items = priced.choose(source.history, source.catalogue)
    reviewed.save(reviewers, state)
    priced.save(items, state)
    return reviewers, items


def _show(deployment: Deployment, shop: Shop, chosen: list[Household], console: Console) -> None:
    model_id = deployment.models.champion() or ""
    show_households(shop, chosen[1 : 1 + SHOWN], console)
    show_live_event(shop, chosen[1], chosen[2].item_id, console)
    console.rule("How good it is: the held-out month", align="left")
    show.evaluation(Card.model_validate_json(deployment.models.file(model_id, CARD)), console)


def _stay(stack: LocalStack, url: str, console: Console) -> None:
    """Until Ctrl-C, or until the emulator is gone, which is said."""
    console.print(
        f"\nThe shop is open at [bold]{url}[/bold], what its customers say at [bold]{url}/feedback.html[/bold],\n"
        f"its prices and offers at [bold]{url}/prices.html[/bold].\n"
        "Ctrl-C closes it; its state stays for the next `make demo`."
    )
    with suppress(KeyboardInterrupt):
        while True:
            stack.check()
            time.sleep(1)
