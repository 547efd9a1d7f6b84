"""What the reviews function is told by its environment."""

from shared.domain.settings import ConsentSettings


class ReviewsSettings(ConsentSettings):
    """Names of the table and of the secret of tombstones and digests, and what the shop decided about consent."""

    table_name: str
    pepper_parameter: str
