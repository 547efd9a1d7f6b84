"""What the archive function is told by its environment."""

from shared.domain.settings import Settings


class ArchiveSettings(Settings):
    """The name of the bucket."""

    bucket_name: str
