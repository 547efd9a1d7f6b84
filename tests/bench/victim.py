"""What `bench_kill` kills: the deployed training, which says what it is about to do."""

from multiprocessing.connection import Connection
from typing import Any

from shared.stores import clients
from shared.telemetry.log import logger
from training import app


def warm_up() -> None:
    """Make the clients, which takes longer than the training; they have no connection yet, so a fork may share them."""
    for make in (clients.dynamodb, clients.s3, clients.ssm):
        make()


def train_once(told: Connection) -> None:
    """A whole training in a process of its own, which says what it is about to do; then the `model_id`."""

    def say(sentence: str, **_: Any) -> None:
        told.send(sentence)

    def call(model: Any, **_: Any) -> None:
        told.send(f"> {model.name}")

    logger.setLevel("ERROR")
    for client in (clients.dynamodb(), clients.s3()):
        client.meta.events.register_first("before-call", call)
    say("began")
    told.send(f"done {app.run(say)['model_id']}")
