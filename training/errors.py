"""What can go wrong in a training run, in words that its operator can act on."""


class NotEnoughData(ValueError):  # noqa: N818 - named for what the shop lacks, not for being an error
    """There is nothing to learn from: no event names an item."""


class GraphMismatch(RuntimeError):  # noqa: N818 - named for what was found
    """The exported graph does not rank as the matrix does; it must not be published."""


TRAINING = (
    "Training needs more than this function has: {what}. Nothing was published, and the model that serves now goes on. "
    "Give the function more memory, or run the training as a job: see Large shops in the README."
)
NIGHT = (
    "The night's work needs more than this function has: {what}. What it has written stands, and the next run does the "
    "rest. Give the function more memory."
)


class OutOfRoom(RuntimeError):  # noqa: N818 - named for what happened
    """The work needs more time or memory than the function has. It may break off anywhere, and be repeated."""

    def __init__(self, what: str, words: str = TRAINING) -> None:
        super().__init__(words.format(what=what))
