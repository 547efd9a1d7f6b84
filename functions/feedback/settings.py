"""What the feedback function is told by its environment."""

from shared.domain.settings import ConsentSettings


class RoomSettings(ConsentSettings):
    """Names of the table, the bucket and the key's pepper, and what the shop decided about consent."""

    table_name: str
    bucket_name: str
    pepper_parameter: str
