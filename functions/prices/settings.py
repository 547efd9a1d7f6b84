"""What the prices function is told by its environment."""

from shared.domain.settings import Settings


class PricesSettings(Settings):
    """Names of the table and of the key's pepper."""

    table_name: str
    pepper_parameter: str
