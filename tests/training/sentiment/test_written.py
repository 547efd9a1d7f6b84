"""The sentences made for learning: both ways with each word, the same each time, and never a judge of themselves."""

from collections import defaultdict

import numpy as np
import pytest

from shared.inference.sentiment import lexicon
from shared.inference.sentiment.words import words_of
from tests.training.sentiment import tiny
from training.sentiment import customers, written
from training.sentiment.fit import domains_of, folds


def test_the_same_sentences_each_time() -> None:
    assert written.sentences() == written.sentences()
    assert len(written.sentences()) > 5_000


def test_parts_have_no_word_in_common() -> None:
    parts = defaultdict[str, set[str]](set)
    for word, row in written.by_word():
        parts[word].add(row.domain)
    assert {len(each) for each in parts.values()} == {1}
    assert len({part for each in parts.values() for part in each}) == written.PARTS


@pytest.mark.parametrize("words", [customers.FAILS, customers.TROUBLES, customers.BAD, customers.GOOD, customers.WORKS])
def test_neither_a_word_nor_its_negation_is_the_answer_alone(words: str) -> None:
    felt = defaultdict[str, set[int | None]](set)
    for word, row in written.by_word():
        felt[word].add(row.positive)
    assert all(felt[word] == {0, 1} for word in words.split("|"))


@pytest.mark.parametrize(
    ("verb", "forms"),
    [
        ("fade", ("fade", "fades", "faded", "faded", "fading")),
        ("tear tore torn", ("tear", "tears", "tore", "torn", "tearing")),
        ("scratch", ("scratch", "scratches", "scratched", "scratched", "scratching")),
        ("rip", ("rip", "rips", "ripped", "ripped", "ripping")),
        ("dry", ("dry", "dries", "dried", "dried", "drying")),
        ("leak", ("leak", "leaks", "leaked", "leaked", "leaking")),
    ],
)
def test_forms_of_verbs(verb: str, forms: tuple[str, ...]) -> None:
    assert customers.forms(verb) == forms


def test_a_negated_fault_is_read_as_praise_by_the_list_alone() -> None:
    found = lexicon.read(words_of("The colour hasn't bled and nothing frayed."), customers.ratings())
    assert found.features[0] > 0.3
    assert sum(found.turned) == 2


def test_a_part_is_left_out_with_each_domain() -> None:
    texts = written.added(tiny.texts())
    everything = np.ones(len(texts.texts), bool)
    assert domains_of(texts, everything) == sorted(tiny.SHOPS)
    left_out = list(folds(texts, everything))
    assert len(left_out) == len(tiny.SHOPS)
    assert np.array_equal(np.sum(left_out, axis=0), everything.astype(int))
    for each in left_out:
        parts = {str(domain) for domain in texts.domains[each]}
        assert len(parts & set(tiny.SHOPS)) == 1
        assert any(part.startswith(written.DOMAIN) for part in parts)
        assert not parts & set(texts.domains[~each])
