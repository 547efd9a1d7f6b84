"""What the quotes function is told by its environment."""

from pydantic import Field

from shared.domain.settings import Settings


class QuotesSettings(Settings):
    """Names of the table and of the secret that quotes are signed with, how long a quote is good for, and what a
    shopper is told of an offer that personal data chose.
    """

    table_name: str
    pepper_parameter: str
    offer_disclosure: str
    quote_minutes: int = Field(ge=1, le=7 * 24 * 60)
