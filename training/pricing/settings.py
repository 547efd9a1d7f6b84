"""What the pricing function is told by its environment."""

from shared.domain.settings import Settings


class PricingSettings(Settings):
    """Names of the table, the bucket, and the tombstones' secret."""

    table_name: str
    bucket_name: str
    pepper_parameter: str
