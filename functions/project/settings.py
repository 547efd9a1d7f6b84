"""What the project function is told by its environment."""

from shared.domain.settings import Settings


class ProjectSettings(Settings):
    """The name of the table."""

    table_name: str
