"""Makes a whole sentiment model: `python -m training.sentiment.build TARGET`.

The head lies beside this file, with the encoder's branch; the encoder is made from its package. Nothing is trained and
nothing downloaded. What does not come out as the card says is an error: another version of the package, or of what
writes the graph.
"""

import sys
from hashlib import sha256
from pathlib import Path

from shared.inference.sentiment.card import CARD, HEAD, SentimentCard
from training.sentiment import branch, encoders, weights

COMMITTED = Path(__file__).parent / "head"


class NotAsDescribedError(Exception):
    """A file is not the one that the card describes."""


def build(target: Path, head: Path = COMMITTED, encoder: Path | None = None) -> SentimentCard:
    """Fill `target` with a whole model. Raises `NotAsDescribedError`."""
    card = SentimentCard.model_validate_json((head / CARD).read_bytes())
    folder = encoder or weights.published()
    if sha256((folder / "model.safetensors").read_bytes()).hexdigest() != card.encoder.sha256:
        raise NotAsDescribedError(f"{folder} does not hold the encoder that {head / CARD} describes")
    path = head / branch.FILE
    learned = branch.read(path.read_bytes()) if path.exists() else None
    files = {name: (head / name).read_bytes() for name in HEAD} | encoders.made(folder, card.tokens, learned)
    for name, content in files.items():
        if sha256(content).hexdigest() != card.files.get(name):
            raise NotAsDescribedError(f"{name} is not the file that {head / CARD} describes")
    target.mkdir(parents=True, exist_ok=True)
    for name, content in {**files, CARD: (head / CARD).read_bytes()}.items():
        (target / name).write_bytes(content)
    return card


if __name__ == "__main__":
    print(build(Path(sys.argv[1])).model_id)
