"""What the recommend function is told by its environment."""

from shared.domain.settings import ConsentSettings


class RecommendSettings(ConsentSettings):
    """Names of the table, the bucket and the secrets."""

    table_name: str
    bucket_name: str
    pepper_parameter: str
    customer_token_parameter: str
