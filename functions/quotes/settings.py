"""What the quotes function is told by its environment."""

from pydantic import Field

from shared.domain.settings import Settings


class QuotesSettings(Settings):
    """Names of the table and of the secret that quotes are signed with, and how long a quote is good for."""

    table_name: str
    pepper_parameter: str
    quote_minutes: int = Field(ge=1, le=7 * 24 * 60)
