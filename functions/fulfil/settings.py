"""What the fulfil function is told by its environment."""

from shared.domain.settings import Settings


class FulfilSettings(Settings):
    """Names of the table, the bucket, the queue and the tombstones' secret, and when to sweep once more."""

    table_name: str
    bucket_name: str
    queue_url: str
    pepper_parameter: str
    sweep_delay_seconds: int
