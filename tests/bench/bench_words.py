"""What the words of a review cost: plain text, redaction, language, aspects and categories, for 1,000 typical reviews.

`python -m tests.bench.bench_words`, a minute. The reviews are sentences of the tests, put together by a seeded
generator: half of them 20 words long, half 80, and a tenth with something personal. VADER's time on the same reviews,
where it is installed, is the measure: seconds depend on the machine, ratios hardly do. Cold is a fresh interpreter that
has pydantic and a model, imports the module and answers once.
"""

import random
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import cast

from rich.console import Console
from rich.table import Table

from shared.domain.aspects import lexicon
from shared.domain.categories import Categories, categories_of
from shared.domain.feedback_settings import FeedbackSettings
from shared.domain.markup import plain_text
from shared.domain.redaction import redact
from shared.inference.language import language
from tests.shared.domain.nasty import FRESH, LIST, nasties
from tests.shared.domain.test_aspects import SENTENCES

REVIEWS = 1_000
REPEATS = 5
BEFORE = "import importlib.resources, json, pydantic, re, time, typing\nclass A(pydantic.BaseModel):\n    b: int = 1"
COLD = {
    "plain text": "from shared.domain.markup import plain_text; plain_text('<p>Good')",
    "redaction": "from shared.domain.redaction import redact; redact('Call 0171 1234567')",
    "language": "from shared.inference.language import language; language('Sehr gut')",
    "aspects": "from shared.domain.aspects import lexicon; lexicon('retail').find('The zip broke')",
    "categories": "from shared.domain.categories import Categories, categories_of\n"
    "from shared.domain.feedback_settings import FeedbackSettings\n"
    "Categories(categories_of(FeedbackSettings())).of('I want a refund')",
}


def reviews() -> list[str]:
    """Typical reviews, the same each time."""
    chance = random.Random(7)  # noqa: S311 - no secret
    sentences = [sentence for _, sentence, _ in SENTENCES if sentence]
    personal = [nasty.text for nasty in nasties(LIST, FRESH) if nasty.kind != "keep"]
    made = []
    for number in range(REVIEWS):
        wanted, words = (20, 80)[number % 2], list[str]()
        while len(words) < wanted:
            words += chance.choice(sentences).split()
        made.append(" ".join([*words, chance.choice(personal)] if number % 10 == 0 else words))
    return made


def seconds(work: Callable[[str], object], texts: list[str]) -> float:
    """The least CPU time of several walks over the texts."""
    walks = []
    for _ in range(REPEATS):
        start = time.process_time()
        for text in texts:
            work(text)
        walks.append(time.process_time() - start)
    return min(walks)


def cold(code: str) -> float:
    """Milliseconds of a first answer beyond those of an interpreter that has pydantic."""
    timed = f"{BEFORE}\nstart = time.process_time()\n{code}\nprint(time.process_time() - start)"
    runs = [subprocess.run([sys.executable, "-c", timed], capture_output=True, check=True, text=True) for _ in range(3)]
    return min(float(run.stdout) for run in runs) * 1000


def main() -> None:
    """Measures and prints."""
    texts = reviews()
    find, categories = lexicon("retail").find, Categories(categories_of(FeedbackSettings()))
    works: dict[str, Callable[[str], object]] = {
        "plain text": plain_text,
        "redaction": redact,
        "language": language,
        "aspects": find,
        "categories": categories.of,
    }
    vader = seconds(_vader(), texts) if find_spec("vaderSentiment") else None
    table = Table("", "ms for 1,000 reviews", "of VADER's time", "cold, ms")
    for name, work in works.items():
        taken = seconds(work, texts)
        table.add_row(name, f"{taken * 1000:.0f}", f"{taken / vader:.2f}" if vader else "-", f"{cold(COLD[name]):.0f}")
    if vader:
        table.add_row("VADER", f"{vader * 1000:.0f}", "1", "-")
    Console().print(table)


def _vader() -> Callable[[str], object]:
    analyser = import_module("vaderSentiment.vaderSentiment").SentimentIntensityAnalyzer()
    return cast(Callable[[str], object], analyser.polarity_scores)


if __name__ == "__main__":
    main()
