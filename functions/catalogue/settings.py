"""What the catalogue function is told by its environment."""

from shared.domain.settings import Settings


class CatalogueSettings(Settings):
    """Names of the table and of the key's pepper."""

    table_name: str
    pepper_parameter: str
