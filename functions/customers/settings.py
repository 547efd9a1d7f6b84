"""What the customers function is told by its environment."""

from shared.domain.settings import Settings


class CustomersSettings(Settings):
    """Names of the table and of the keys' secret."""

    table_name: str
    pepper_parameter: str
