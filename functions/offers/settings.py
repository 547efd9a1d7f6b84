"""What the offers function is told by its environment."""

from shared.domain.settings import ConsentSettings


class OffersSettings(ConsentSettings):
    """Names of the table and the secrets, and what a shopper is told where personal data chose the offer."""

    table_name: str
    pepper_parameter: str
    customer_token_parameter: str
    offer_disclosure: str
    shop_currency: str
