"""What can go wrong with the local stack, each in words that say what to do next."""


class LocalStackError(RuntimeError):
    """Something about the local stack needs the developer's attention."""


class ToolMissingError(LocalStackError):
    """A program that the local stack runs with is absent or could not be installed."""


class PortTakenError(LocalStackError):
    """The port that was asked for belongs to another process."""


class StateInUseError(LocalStackError):
    """Another local stack is running on the same state folder."""


class StateLostError(LocalStackError):
    """The emulator was not stopped gently last time: its tables are gone or older than its buckets."""


class EmulatorDiedError(LocalStackError):
    """The emulator's process ended although nobody stopped it."""


class DeployFailedError(LocalStackError):
    """`sam deploy`, or making the routes after it, did not succeed."""
