"""Text as shops write it, made into text as items have it."""

import re
from html import unescape


def plain(html: str) -> str:
    """The text of a piece of HTML."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def slug(name: str) -> str:
    """A name as attributes have it: `Größe (EU)` is `gr_e_eu`."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_").lstrip("0123456789_")[:64] or "option"
