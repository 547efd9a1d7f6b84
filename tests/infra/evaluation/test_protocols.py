"""Who is asked, what is wanted, what is hidden and what training sees, on logs small enough to know it."""

from pathlib import Path

import numpy as np
import pytest

from infra.evaluation.evaluate import cut as cut_twice
from infra.evaluation.protocols import Unanswerable, parse
from tests.infra.evaluation.logs import DAY, cut, events_of, pairs_of, ring, view_of, written


def test_last_item_holds_out_the_last_of_customers_with_three_items(tmp_path: Path) -> None:
    path = written(tmp_path, "ann,a,1", "ann,b,2", "ann,c,3", "bob,a,1", "bob,b,2", "cat,a,1", "cat,b,2", "cat,a,3")
    cases = cut(path, "last-item")
    assert pairs_of(cases.targets, cases.train) == {("ann", "c")}
    assert pairs_of(cases.hidden, cases.train) == {("ann", "a"), ("ann", "b")}
    assert events_of(cases.asked) == {("ann", "a"), ("ann", "b")}
    assert events_of(cases.train) == {
        ("ann", "a"),
        ("ann", "b"),
        ("bob", "a"),
        ("bob", "b"),
        ("cat", "b"),
        ("cat", "a"),
    }
    assert cases.counts | {"cold_targets": 1, "eligible": 1, "cases": 1, "customers": 3} == cases.counts


def test_last_item_counts_a_repeated_item_where_it_was_last(tmp_path: Path) -> None:
    path = written(tmp_path, "ann,a,1", "ann,b,2", "ann,c,3", "ann,a,4")
    cases = cut(path, "last-item")
    assert pairs_of(cases.targets, cases.train) == {("ann", "a")}
    assert events_of(cases.train) == {("ann", "b"), ("ann", "c")}


def test_a_tie_for_the_last_is_counted_and_settled_by_the_seed(tmp_path: Path) -> None:
    path = written(tmp_path, "ann,a,1", "ann,b,2", "ann,c,2", "ann,d,2")
    found = [cut(path, "last-item", seed=seed) for seed in range(30)]
    assert {cases.counts["tied_for_last"] for cases in found} == {1}
    wanted = [pairs_of(cases.targets, cases.train) for cases in found]
    assert {item for one in wanted for _, item in one} == {"b", "c", "d"}
    assert wanted == [pairs_of(cut(path, "last-item", seed=seed).targets, found[seed].train) for seed in range(30)]


def test_a_tie_is_settled_for_each_customer_by_itself(tmp_path: Path) -> None:
    """One order of the items for all would make an item always the answer, or never."""
    cases = cut(written(tmp_path, *(f"c{n},i{m},5" for n in range(40) for m in range(3))), "last-item")
    wanted = np.bincount(cases.targets.indices, minlength=3)
    assert len(wanted) == 3
    assert (wanted > 4).all()


def test_where_histories_are_short_a_part_of_the_shorter_ones_validates(tmp_path: Path) -> None:
    path = written(tmp_path, *(f"c{n},i{(n + m) % 20},{n * 100 + m}" for n in range(900) for m in range(3)))
    protocol = parse("last-item", repeat=False)
    cases, validation = cut_twice(protocol, view_of(path, protocol), 0)
    assert cases.counts["cases"] == 900
    assert validation
    assert 150 < validation.counts["cases"] < 300
    assert np.diff(validation.hidden.indptr)[validation.who].tolist() == [1] * validation.counts["cases"]
    assert len(validation.train.item) == 1_800 - validation.counts["cases"]


NEXT = [
    *("ann,a,0", f"ann,b,{DAY}", f"ann,a,{20 * DAY}", f"ann,c,{20 * DAY}", f"ann,new,{20 * DAY}"),
    *("bob,c,0", f"bob,a,{20 * DAY}"),
    *("cat,b,0", f"cat,c,{DAY}"),
    *("dan,a,0", f"dan,b,{DAY}", f"dan,b,{21 * DAY}"),
]


def test_next_days_wants_warm_items_that_are_new_to_a_customer_with_a_history(tmp_path: Path) -> None:
    cases = cut(written(tmp_path, *NEXT), "next-days:7")
    assert pairs_of(cases.targets, cases.train) == {("ann", "c")}
    assert pairs_of(cases.hidden, cases.train) == {("ann", "a"), ("ann", "b")}
    assert float(cases.train.event_time.max()) == DAY
    counts = {"customers": 4, "in_window": 3, "with_history": 2, "eligible": 1, "cold_targets_left_out": 1, "cases": 1}
    assert cases.counts | counts == cases.counts


def test_next_days_with_repeat_wants_what_is_taken_again_and_hides_nothing(tmp_path: Path) -> None:
    cases = cut(written(tmp_path, *NEXT), "next-days:7", repeat=True)
    assert pairs_of(cases.targets, cases.train) == {("ann", "a"), ("ann", "c"), ("dan", "b")}
    assert cases.hidden.nnz == 0


def test_next_days_of_a_log_with_orders_wants_what_was_ordered(tmp_path: Path) -> None:
    lines = ["ann,a,0,view", "ann,b,1,view", "bob,c,0,order", f"ann,c,{20 * DAY},view", f"bob,a,{20 * DAY},order"]
    header = "customer,item,timestamp,event"
    with pytest.raises(Unanswerable):
        cut(written(tmp_path, *lines, header=header), "next-days:7")
    path = written(tmp_path, *lines, f"ann,c,{20 * DAY + 1},purchase", header=header)
    cases = cut(path, "next-days:7")
    assert pairs_of(cases.targets, cases.train) == {("ann", "c")}


def test_sessions_asks_for_the_last_item_of_the_sessions_that_began_last(tmp_path: Path) -> None:
    lines = [f"ann,{item},{100 * number + step},s{number}" for number in range(20) for step, item in enumerate("abc")]
    cases = cut(written(tmp_path, *lines, header="customer,item,timestamp,session"), "sessions")
    assert pairs_of(cases.targets, cases.train) == {("ann s18", "c"), ("ann s19", "c")}
    assert events_of(cases.asked) == {("ann s18", "a"), ("ann s18", "b"), ("ann s19", "a"), ("ann s19", "b")}
    assert not {"ann s18", "ann s19"} & {owner for owner, _ in events_of(cases.train)}
    assert cases.now == 1800.0
    assert cases.live


def test_sessions_without_the_column_are_customers_and_one_item_is_no_question(tmp_path: Path) -> None:
    lines = [f"c{number:02},{item},{100 * number + step}" for number in range(20) for step, item in enumerate("aba")]
    cases = cut(written(tmp_path, *lines, "late,z,9999", "late,z,9998"), "sessions")
    assert cases.counts | {"sessions": 21, "tested_sessions": 2, "eligible": 1} == cases.counts
    assert pairs_of(cases.targets, cases.train) == {("c19", "a")}
    assert events_of(cases.asked) == {("c19", "b")}


def test_strong_withholds_customers_wholly_and_wants_a_fifth_of_their_items(tmp_path: Path) -> None:
    lines = [f"c{customer},i{item},{item}" for customer in range(20) for item in range(11)]
    cases = cut(written(tmp_path, *lines, "few,i1,1", "few,i2,2"), "strong")
    assert cases.counts | {"customers": 21, "eligible": 20, "withheld": 4, "cases": 4, "targets": 8} == cases.counts
    asked, wanted = events_of(cases.asked), pairs_of(cases.targets, cases.train)
    assert not asked & wanted
    assert len(asked) == 4 * 9
    assert not {owner for owner, _ in asked | wanted} & {owner for owner, _ in events_of(cases.train)}
    assert len({item for _, item in wanted}) > 2


def test_no_more_cases_than_asked_for_drawn_by_the_seed(tmp_path: Path) -> None:
    path = ring(tmp_path, customers=50)
    cases = [cut(path, "last-item", most=10, seed=seed) for seed in (1, 1, 2)]
    who = [{own for own, _ in pairs_of(each.targets, each.train)} for each in cases]
    assert [each.counts["cases"] for each in cases] == [10, 10, 10]
    assert cases[0].counts["eligible"] == 50
    assert who[0] == who[1] != who[2]


@pytest.mark.parametrize("protocol", ["last-item", "next-days:30", "sessions", "strong"])
def test_validation_is_inside_the_training_part_and_knows_nothing_of_the_test(tmp_path: Path, protocol: str) -> None:
    draw = np.random.default_rng(1)
    lines = [f"c{draw.integers(90)},i{draw.integers(60)},{n * DAY // 20}" for n in range(2_000)]
    path, parsed = written(tmp_path, *lines), parse(protocol, repeat=False)
    cases, validation = cut_twice(parsed, view_of(path, parsed), 0)
    assert validation is not None
    trained = events_of(cases.train)
    assert events_of(validation.train) | events_of(validation.asked) <= trained
    assert pairs_of(validation.targets, cases.train) <= trained
    assert not pairs_of(validation.targets, cases.train) & events_of(validation.train)
    assert not pairs_of(cases.targets, cases.train) & trained


@pytest.mark.parametrize("text", ["next-days", "next-days:0", "next-days:x", "last-item:3", "random", ""])
def test_a_protocol_that_there_is_not_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no protocol: last-item, next-days:N"):
        parse(text, repeat=False)


def test_repeat_goes_with_next_days_only() -> None:
    with pytest.raises(ValueError, match="--repeat goes with next-days:N only"):
        parse("strong", repeat=True)


@pytest.mark.parametrize("protocol", ["last-item", "next-days:7", "sessions", "strong"])
def test_a_log_with_nothing_to_ask_is_said_to_be_one(tmp_path: Path, protocol: str) -> None:
    with pytest.raises(Unanswerable, match=r"nothing that this protocol could ask: .*customers|sessions"):
        cut(written(tmp_path, "ann,a,1", "bob,b,2"), protocol)


def test_all_at_one_time_is_still_a_log(tmp_path: Path) -> None:
    cases = cut(written(tmp_path, *(f"c{n},i{m},5" for n in range(10) for m in range(4))), "last-item")
    assert cases.counts | {"cases": 10, "tied_for_last": 10} == cases.counts
    assert np.all(np.diff(cases.targets.indptr)[cases.who] == 1)
