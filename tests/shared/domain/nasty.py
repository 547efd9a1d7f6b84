"""The list of nasty examples, and how well redaction does on such a list."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from shared.domain.redaction import MARKS, redact

LIST = Path(__file__).with_name("nasty.txt")
"""What redaction was built on."""
FRESH = Path(__file__).with_name("fresh.txt")
"""What was written afterwards, to see how much is found of what nobody thought of."""
ABROAD = Path(__file__).with_name("abroad.txt")
"""Addresses of the whole world, a third of them in lower case, and what only looks like one."""
_ESCAPE = re.compile(r"\\u([0-9a-f]{4})|\\[nt]")
_MARK = re.compile("|".join(map(re.escape, MARKS.values())))


class Nasty(NamedTuple):
    """A text, what in it is personal, and what is around that."""

    kind: str
    text: str
    secrets: tuple[str, ...]
    around: str

    @property
    def survivors(self) -> list[str]:
        """Pieces of the secrets that can still be read: five letters or digits in a row, whatever stands between."""
        left, around = _joined(_MARK.sub(" ", redact(self.text).text)), _joined(self.around)
        pieces = [piece for secret in self.secrets for piece in _pieces(_joined(secret))]
        return [piece for piece in pieces if piece in left and piece not in around]

    @property
    def lost(self) -> list[str]:
        """Words around the secrets that went with them."""
        left = set(re.findall(r"\w+", _MARK.sub(" ", redact(self.text).text)))
        return [word for word in re.findall(r"\w+", _MARK.sub(" ", self.around)) if word not in left]


def _joined(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _pieces(secret: str) -> list[str]:
    return [secret[at : at + 5] for at in range(max(1, len(secret) - 4))]


def nasties(*paths: Path) -> Iterator[Nasty]:
    """Every example of these lists."""
    for line in (line for path in paths for line in path.read_text("utf-8").splitlines()):
        if line and not line.startswith("# "):
            kind, _, marked = line.partition("\t")
            text = _ESCAPE.sub(
                lambda found: chr(int(found[1], 16)) if found[1] else {"n": "\n", "t": "\t"}[found[0][1]], marked
            )
            secrets = tuple(re.findall("⟦(.*?)⟧", text, re.DOTALL))
            yield Nasty(kind, re.sub("[⟦⟧]", "", text), secrets, re.sub("⟦.*?⟧", " ", text, flags=re.DOTALL))
