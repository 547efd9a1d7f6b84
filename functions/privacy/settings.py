"""What the privacy function is told by its environment."""

from shared.domain.settings import Settings


class PrivacySettings(Settings):
    """Names of the table, the bucket, the queue and the secrets."""

    table_name: str
    bucket_name: str
    queue_url: str
    pepper_parameter: str
    customer_token_parameter: str
