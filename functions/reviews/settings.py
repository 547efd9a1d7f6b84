"""What the reviews function is told by its environment."""

from shared.domain.settings import ConsentSettings


class ReviewsSettings(ConsentSettings):
    """Names of the table, the bucket and the secret of tombstones, and what the shop decided about consent."""

    table_name: str
    bucket_name: str
    pepper_parameter: str
