"""The texts that the head is trained on, read from a folder, with what they are and where anyone may get them."""

import csv
import gzip
import io
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from shared.inference.sentiment.card import Data

FEW_POSITIVE = 3_000
"""Of the shop's reviews, four in five are positive: so many of those are drawn, and all others are taken."""
FELT, UNFELT = 0.8, 0.5
"""Mean ratings of people from -4 to 4: from 0.8 on a feeling, up to 0.5 none, and in between neither is said."""


class Row(NamedTuple):
    """One text: 1 positive, 0 negative, None where it is neither or was not said; and the same for neutral."""

    domain: str
    text: str
    positive: int | None
    neutral: int | None


class Source(NamedTuple):
    """A file of texts, as it is named in the folder."""

    domain: str
    path: str
    name: str
    url: str
    licence: str
    read: Callable[[str, bytes], Iterator[Row]]


def _rated(domain: str, content: bytes) -> Iterator[Row]:
    """Tab-separated: id, the mean rating of twenty people from -4 to 4, text; a line of headings or none."""
    for line in content.decode().splitlines():
        _, rating, text = line.split("\t", 2)
        if rating == "mean_rating":
            continue
        felt = float(rating)
        positive = int(felt > 0) if abs(felt) >= FELT else None
        yield Row(domain, text, positive, 0 if abs(felt) >= FELT else 1 if abs(felt) <= UNFELT else None)


def _reviews(domain: str, content: bytes) -> Iterator[Row]:
    """A CSV file of reviews with one to five stars. Three stars are no neutral text: they are left out."""
    rows = list(csv.DictReader(io.StringIO(gzip.decompress(content).decode())))
    good = [at for at, row in enumerate(rows) if float(row["Rating"]) >= 4]
    drawn = np.random.default_rng(0).permutation(len(good))[:FEW_POSITIVE]
    keep = {good[at] for at in drawn} | {at for at, row in enumerate(rows) if float(row["Rating"]) <= 2}
    for at in sorted(keep):
        title, text = rows[at]["Title"].strip(), rows[at]["Review Text"].strip()
        yield Row(domain, f"{title}. {text}" if title else text, int(float(rows[at]["Rating"]) >= 4), 0)


_VADER = ("https://github.com/cjhutto/vaderSentiment/tree/master/additional_resources", "MIT")
_SNIPPETS = "Rated snippets of Hutto and Gilbert (ICWSM 2014)"
SOURCES = (
    Source(
        "films", "review_snippets/films.tsv", f"{_SNIPPETS}: films; those in SST-2's test left out", *_VADER, _rated
    ),
    Source("products", "review_snippets/products.tsv", f"{_SNIPPETS}: products", *_VADER, _rated),
    Source("tweets", "review_snippets/tweets.tsv", f"{_SNIPPETS}: tweets", *_VADER, _rated),
    Source("editorials", "review_snippets/editorials.tsv", f"{_SNIPPETS}: editorials", *_VADER, _rated),
    Source(
        "fashion",
        "fashion_reviews/reviews.csv.gz",
        "Women's E-Commerce Clothing Reviews (half of those with text)",
        "https://www.kaggle.com/datasets/nicapotato/womens-ecommerce-clothing-reviews",
        "CC0-1.0",
        _reviews,
    ),
)


class Texts(NamedTuple):
    """All texts with their labels as numbers, NaN where none was said."""

    texts: list[str]
    domains: npt.NDArray[np.str_]
    positive: npt.NDArray[np.float64]
    neutral: npt.NDArray[np.float64]
    data: tuple[Data, ...]

    @property
    def labels(self) -> npt.NDArray[np.int64]:
        """0 negative, 1 neutral, 2 positive, -1 where it was not said."""
        felt = np.where(np.isnan(self.positive), -1, 2 * np.nan_to_num(self.positive))
        return np.where(self.neutral == 1, 1, felt).astype(np.int64)


def load(folder: Path) -> Texts:
    """The texts of all sources that the folder has. Raises `FileNotFoundError` where it has none."""
    found = [source for source in SOURCES if (folder / source.path).exists()]
    if not found:
        wanted = ", ".join(source.path for source in SOURCES)
        raise FileNotFoundError(f"{folder} has none of {wanted}")
    contents = {source: (folder / source.path).read_bytes() for source in found}
    rows = {source: list(source.read(source.domain, content)) for source, content in contents.items()}
    data = (
        Data(
            name=source.name,
            url=source.url,
            licence=source.licence,
            texts=len(rows[source]),
            sha256=sha256(content).hexdigest(),
        )
        for source, content in contents.items()
    )
    return together([row for source in found for row in rows[source]], tuple(data))


def together(rows: list[Row], data: tuple[Data, ...]) -> Texts:
    """The rows of all sources as one."""
    return Texts(
        [row.text for row in rows],
        np.array([row.domain for row in rows]),
        np.array([np.nan if row.positive is None else row.positive for row in rows]),
        np.array([np.nan if row.neutral is None else row.neutral for row in rows]),
        data,
    )
