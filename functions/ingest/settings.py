"""What the ingest function is told by its environment."""

from shared.domain.settings import Settings


class IngestSettings(Settings):
    """Names of the table and of the secrets."""

    table_name: str
    pepper_parameter: str
    customer_token_parameter: str
