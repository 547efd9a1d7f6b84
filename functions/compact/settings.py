"""What the compact function is told by its environment."""

from shared.domain.settings import Settings


class CompactSettings(Settings):
    """Names of the table and the bucket."""

    table_name: str
    bucket_name: str
