"""What the archive function is told by its environment."""

from shared.domain.settings import Settings


class ArchiveSettings(Settings):
    """Names of the bucket, the table, and the tombstones' secret."""

    bucket_name: str
    table_name: str
    pepper_parameter: str
