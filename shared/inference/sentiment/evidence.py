"""Which words weighed, and by how much: parts of the margin (log positive less log negative) that the model has used.

All of it is exact, since the margin is linear in what it is made of. A term's weight goes to its word, half of a
pair's to each of its two; a rating to its word; and of the encoder's part each token has its own share. That last
share is how the meaning of the text is divided among its tokens, and a token's meaning has heard of its neighbours:
`good` in `not good` speaks against. So the weights tell what the model made of the words where they stand, not what
the words say elsewhere.
"""

from collections import defaultdict

from shared.domain.sentiment import Evidence
from shared.inference.sentiment.head import Head
from shared.inference.sentiment.pieces import Piece, Text, places

MOST = 8
LEAST_WEIGHT = 0.05


def spans(head: Head, text: Text, *, full: bool) -> tuple[Evidence, ...]:
    """The words of a text that weighed most, in the order of the text; what a picture is read as weighs together."""
    weights = defaultdict[tuple[int, int], float](float)
    for word, weight in zip(text.whole.words, margin_of_words(head, text, full=full), strict=True):
        weights[text.plain.span(word.start, word.end)] += weight
    heavy = sorted(weights, key=lambda span: -abs(weights[span]))[:MOST]
    return tuple(
        Evidence(start=start, end=end, text=text.came[start:end], weight=round(weights[start, end], 4))
        for start, end in sorted(heavy)
        if abs(weights[start, end]) >= LEAST_WEIGHT
    )


def margin_of_words(head: Head, text: Text, *, full: bool) -> list[float]:
    """What each word of a text adds to the margin."""
    weights = head.margin_of_words(text.whole.read, full=full)
    places = {word.start: at for at, word in enumerate(text.whole.words)}
    read = [piece for piece in text.sentences if piece.encoded is not None]
    for piece in read:
        for start, weight in _by_encoder(head, piece):
            if start in places:
                weights[places[start]] += weight / len(read)
    return weights


def _by_encoder(head: Head, piece: Piece) -> list[tuple[int, float]]:
    """What each token adds, by the place of the word that it is part of."""
    if piece.encoded is None:
        return []
    spans = zip(piece.words, places(piece), strict=True)
    owner = {at: word.start for word, span in spans for at in range(*span)}
    shares = head.margin_of_shares(piece.encoded.shares)
    tokens = zip(piece.encoded.spans, shares.tolist(), strict=True)
    return [(owner.get(span[0], -1), share) for span, share in tokens]
