"""What the ingest function is told by its environment."""

from shared.domain.settings import ConsentSettings


class IngestSettings(ConsentSettings):
    """Names of the table and of the secrets."""

    table_name: str
    pepper_parameter: str
    customer_token_parameter: str
