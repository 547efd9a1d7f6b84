"""What the project function is told by its environment."""

from shared.domain.settings import Settings


class ProjectSettings(Settings):
    """The names of the table and the bucket, and the queue of the events that the feedback room will read."""

    table_name: str
    bucket_name: str
    feedback_queue_url: str
