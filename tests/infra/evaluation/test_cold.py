"""Cold items among themselves: found by their descriptions, and by nothing else."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from infra.evaluation import catalogue, cold
from infra.evaluation.evaluate import Order, evaluate
from infra.evaluation.protocols import parse
from infra.evaluation.regulars import Regulars
from infra.evaluation.report import Cold
from infra.imports.files import SourceError
from infra.imports.layouts import Options
from shared.domain.items import Item
from tests.infra.evaluation.logs import DAY, cut, own, written
from tests.infra.evaluation.test_evaluate import here, quiet

TOPICS = ("garden", "kitchen", "cycling", "music")
ITEMS = 240
RECIPE = Regulars().choose(None)


def shop(folder: Path) -> Path:
    """Customers who each take eight items of one topic of four, whose items are equally popular, within 100 days."""
    draw = np.random.default_rng(8)
    lines = []
    for customer in range(240):
        mine = np.arange(customer % 4, ITEMS, 4)
        taken, times = draw.choice(mine, 8, replace=False), np.sort(draw.integers(100 * DAY, size=8))
        lines += [f"c{customer},i{item},{time}" for item, time in zip(taken, times, strict=True)]
    return written(folder, *lines)


def described(folder: Path, shift: int = 0) -> Path:
    """Each item's topic in its text; with a shift, another's."""
    path = folder / "items.csv"
    lines = (f"i{n},Thing,{TOPICS[(n + shift * (n // 4)) % 4]} things of all kinds" for n in range(ITEMS))
    path.write_text("\n".join(("item,name,description", *lines)) + "\n")
    return path


def judged(folder: Path, *, protocol: str = "last-item", shift: int = 0) -> Cold:
    cases = cut(shop(folder), protocol)
    items = catalogue.renamed(catalogue.read(described(folder, shift), Options()), cold.log_names(cases.train.items))
    asked = cold.questions(cases, np.ones(len(cases.train.items), dtype=np.bool_), 0)
    assert asked is not None
    return cold.judged(asked, items, RECIPE)


@pytest.mark.parametrize("protocol", ["last-item", "next-days:20", "strong"])
def test_withheld_items_are_found_by_what_is_said_of_them(tmp_path: Path, protocol: str) -> None:
    found = judged(tmp_path, protocol=protocol)
    assert found.kind == "withheld"
    assert found.items == ITEMS // 10
    assert found.models["regulars"].ndcg_at_10 > 2 * found.models["random"].ndcg_at_10
    times = found.ratios["random"].ndcg
    assert times.times is not None
    assert times.low is not None
    assert times.low > 1


def test_descriptions_that_say_nothing_find_nothing(tmp_path: Path) -> None:
    found, told = judged(tmp_path, shift=1), judged(tmp_path)
    assert found.models["regulars"].ndcg_at_10 < 0.6 * told.models["regulars"].ndcg_at_10


def test_what_is_withheld_is_in_no_history_and_not_in_training(tmp_path: Path) -> None:
    cases = cut(shop(tmp_path), "last-item")
    asked = cold.questions(cases, np.ones(len(cases.train.items), dtype=np.bool_), 0)
    assert asked is not None
    assert not np.isin(asked.candidates, asked.cases.train.item).any()
    assert not np.isin(asked.candidates, asked.cases.asked.item).any()
    assert np.isin(asked.cases.targets.indices, asked.candidates).all()
    other = cold.questions(cases, np.ones(len(cases.train.items), dtype=np.bool_), 1)
    assert other is not None
    assert not np.array_equal(other.candidates, asked.candidates)


def test_items_that_are_new_after_the_cut_are_asked_for(tmp_path: Path) -> None:
    """Thirty items that nobody took before the last days; one without a description is not asked for."""
    lines = shop(tmp_path).read_text().splitlines()[1:]
    lines += [f"c{n},new{n % 30},{102 * DAY + n}" for n in range(240)]
    cases = cut(written(tmp_path, *lines), "next-days:5")
    names = [own(item) for item in cases.train.items]
    known = np.array([name != "new7" for name in names])
    asked = cold.questions(cases, known, 0)
    assert asked is not None
    assert asked.kind == "new"
    assert {names[item] for item in asked.candidates} == {f"new{n}" for n in range(30) if n != 7}
    assert len(asked.cases.who) == 232


def test_a_random_order_has_the_expected_figures(tmp_path: Path) -> None:
    cases = cut(shop(tmp_path), "strong")
    asked = cold.questions(cases, np.ones(len(cases.train.items), dtype=np.bool_), 0)
    assert asked is not None
    expected = cold.at_random(asked)
    draw = np.random.default_rng(0)
    drawn = []
    for _ in range(200):
        ranking = np.stack([draw.permutation(asked.candidates)[:20] for _ in asked.cases.who]).astype(np.int64)
        drawn.append(cold._judge(asked, ranking))
    assert np.mean([each.score for each in drawn]) == pytest.approx(expected.score, rel=0.05)
    assert np.mean([each.recall.mean() for each in drawn]) == pytest.approx(expected.recall.mean(), rel=0.02)


def test_popularity_knows_a_cold_item_by_its_category_and_by_its_kin(tmp_path: Path) -> None:
    cases = cut(shop(tmp_path), "last-item")
    asked = cold.questions(cases, np.ones(len(cases.train.items), dtype=np.bool_), 0)
    assert asked is not None
    one = replace(asked, candidates=asked.candidates[:2])
    warm = {
        int(n): Item(item_id=str(n), title="a red hat" if n % 2 else "a blue sock", category="ab"[n % 2])
        for n in cases.known.tolist()[:40]
    }
    asked_for = {1: Item(item_id="x", title="red hat", category="b"), 2: Item(item_id="y", title="blue", category="a")}
    counts = cold._buyers(asked)
    expected = [np.mean([counts[n] for n in warm if n % 2 == odd]) for odd in (1, 0)]
    assert cold.by_category(one, warm, asked_for) == pytest.approx(expected)
    kin = cold.by_kin(one, warm, asked_for)
    assert min(counts[n] for n in warm if n % 2) <= kin[0] <= max(counts[n] for n in warm if n % 2)


def test_the_report_has_them_and_is_the_same_again(tmp_path: Path) -> None:
    order = Order(shop(tmp_path), parse("last-item", repeat=False), described(tmp_path))
    found = evaluate(order, quiet, here)
    assert found.cold is not None
    assert found.cold.targets == found.cold.customers > 10
    assert set(found.cold.ratios) == {"random", "category_popularity", "kin_popularity"}
    assert evaluate(order, quiet, here).stable() == found.stable()
    assert evaluate(replace(order, items=None), quiet, here).cold is None


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("item,name,description,brand,category", "7,Red mug,A mug,Acme,Mugs"),
        ("item_id;title;text;brand;category;price", "7;Red mug;A mug;Acme;Mugs;n/a"),
        ("\ufeffProduct ID\tTitle\tDescription\tBrand\tCategory\tIn Stock!", "7\tRed mug\tA mug\tAcme\tMugs\tyes"),
        ("item_id:token,title:token_seq,desc,brand:token,categories", '7,Red mug,A mug,Acme,"Mugs"'),
        ("item_id,title,text,attributes.brand,category,available", "7,Red mug,A mug,Acme,Mugs,"),
    ],
)
def test_a_catalogue_is_read_under_any_usual_names(tmp_path: Path, header: str, line: str) -> None:
    path = tmp_path / "items.csv"
    path.write_text(f"{header}\n{line}\n{line}\n", encoding="utf-8")
    (item,) = catalogue.read(path, Options())
    assert (item.item_id, item.title, item.text, item.category) == ("7", "Red mug", "A mug", "Mugs")
    assert item.attributes["brand"] == "Acme"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("code,label\n1,x\n", "has no column for item_id; it has code, label"),
        ("item_id,title\n1,x\n,y\n", "line 3, item_id: is empty"),
        ("item_id,title\n", "has no items"),
    ],
)
def test_what_is_no_catalogue_is_said(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "items.csv"
    path.write_text(content)
    with pytest.raises(SourceError, match=said):
        catalogue.read(path, Options())


def test_an_item_with_less_or_more_than_we_keep_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text(
        f"id,description,{','.join(f'x{n}' for n in range(40))}\n1,{'long ' * 9_000},{'1,' * 39}1\n2,,{',' * 39}\n"
    )
    long, bare = catalogue.read(path, Options())
    assert long.title.startswith("long long")
    assert len(long.text or "") <= 20_000
    assert len(bare.title) == 1
