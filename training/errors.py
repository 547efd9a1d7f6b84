"""What can go wrong in a training run, in words that its operator can act on."""


class NotEnoughData(ValueError):  # noqa: N818 - named for what the shop lacks, not for being an error
    """There is nothing to learn from: no event names an item."""


class GraphMismatch(RuntimeError):  # noqa: N818 - named for what was found
    """The exported graph does not rank as the matrix does; it must not be published."""
