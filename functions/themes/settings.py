"""What the themes function is told by its environment."""

from shared.domain.settings import Settings


class ThemesSettings(Settings):
    """Names of the table, and of the topic that issues are told to."""

    table_name: str
    topic_arn: str
