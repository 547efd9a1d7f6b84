"""A run with real stores: what it keeps, what it tells and how often, and what is left where it breaks off."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from functions.feedback.themes import IssueStatus, Sign, Wanted, issues, themes
from functions.themes.run import Rooms, run
from shared.domain.errors import ConflictError, StoreUnavailableError
from shared.stores.lease import LeaseStore
from shared.stores.opinions import ItemSentimentStore
from shared.stores.table import Table
from shared.stores.themes import CLAIMED, ThemeStore
from tests.functions.themes.world import NOW, Shelf, burst, said, shop

DAY = timedelta(days=1)


class Post:
    """A topic that keeps what it is given, or refuses it."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.refuses = False

    def __call__(self, subject: str, message: str) -> None:
        if self.refuses:
            raise StoreUnavailableError("The topic is out of reach.")
        self.sent.append((subject, message))


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def rooms(table: Table) -> Rooms:
    shelf = Shelf([*shop(), *burst("zip", 5)])
    return Rooms(shelf, ThemeStore(table), ItemSentimentStore(table), LeaseStore(table))


class ById:
    """Feedback by its id, without what was erased."""

    def __init__(self, rooms: Rooms, erased: frozenset[str] = frozenset()) -> None:
        shelf: Any = rooms.feedback
        self.there = {each.feedback_id: each for each in shelf.feedback if each.feedback_id not in erased}

    def get(self, feedback_ids: Any) -> Any:
        return {id_: self.there[id_] for id_ in feedback_ids if id_ in self.there}


def test_a_run_is_kept_and_read_back_as_it_was(rooms: Rooms, post: Post) -> None:
    done = run(rooms, post, NOW, 0)
    kept = rooms.themes.current()
    assert kept is not None
    assert (kept.run_id, kept.revision, len(kept.themes), len(kept.issues)) == (done["run_id"], 1, 5, 1)
    assert done["note"] == "all of it"
    assert {each.theme_id for each in rooms.themes.centroids(kept.run_id)} == {e.theme.theme_id for e in kept.themes}
    assert rooms.opinions.all()["coat"].score < 0


def test_each_night_tells_what_it_read_found_and_raised(
    rooms: Rooms, post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    """An issue is raised once: the next night, which has it still, raises none."""
    capsys.readouterr()
    for days in range(2):
        run(rooms, post, NOW + days * DAY, 0)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    names = ("FeedbackRead", "ThemesFound", "IssuesRaised")
    assert [[line[name] for name in names] for line in lines] == [[[365.0], [5.0], [1.0]], [[365.0], [5.0], [0.0]]]
    assert all(line["ThemesSeconds"][0] >= 0 for line in lines)


def test_the_owner_is_told_once_and_without_a_quote(rooms: Rooms, post: Post) -> None:
    for days in range(3):
        run(rooms, post, NOW + days * DAY, 0)
    ((subject, message),) = post.sent
    assert subject == "Feedback: broken zip"
    assert message.startswith("5 people mentioned “broken zip” on coat this week; normally none.")
    shelf: Any = rooms.feedback
    assert not any(each.text in message for each in shelf.feedback)
    assert not any(str(each.customer) in message for each in shelf.feedback)


def test_what_could_not_be_told_is_told_by_the_next_run(rooms: Rooms, post: Post) -> None:
    post.refuses = True
    with pytest.raises(ExceptionGroup, match="could not be told"):
        run(rooms, post, NOW, 0)
    assert rooms.themes.current() is not None
    post.refuses = False
    run(rooms, post, NOW + timedelta(minutes=1), 0)
    run(rooms, post, NOW + timedelta(minutes=2), 0)
    assert len(post.sent) == 1


def test_a_claim_whose_holder_died_goes_to_another_after_a_while(rooms: Rooms) -> None:
    assert rooms.themes.claim("is_1", NOW)
    assert not rooms.themes.claim("is_1", NOW + CLAIMED / 2)
    assert rooms.themes.claim("is_1", NOW + 2 * CLAIMED)
    rooms.themes.told("is_1")
    assert not rooms.themes.claim("is_1", NOW + timedelta(days=2))


STEPS: dict[str, Callable[[Rooms], tuple[Any, str]]] = {
    "reading": lambda rooms: (rooms.feedback, "between"),
    "opinions": lambda rooms: (rooms.opinions, "replace"),
    "publishing": lambda rooms: (rooms.themes, "publish"),
    "claiming": lambda rooms: (rooms.themes, "claim"),
    "telling": lambda rooms: (rooms.themes, "told"),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_run_that_breaks_off_leaves_the_last_result_and_can_be_repeated(
    step: str, rooms: Rooms, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf: Any = rooms.feedback
    with_zip, shelf.feedback = shelf.feedback, shop()
    run(rooms, post, NOW - DAY, 0)
    before = rooms.themes.current()
    shelf.feedback = with_zip

    def broken(*_: Any, **__: Any) -> Any:
        raise StoreUnavailableError("The table is out of reach.")

    with monkeypatch.context() as patch:
        patch.setattr(*STEPS[step](rooms), broken)
        with pytest.raises(StoreUnavailableError):
            run(rooms, post, NOW, 0)
    if step in {"reading", "opinions", "publishing"}:
        assert rooms.themes.current() == before
    run(rooms, post, NOW + timedelta(minutes=1), 0)
    run(rooms, post, NOW + timedelta(hours=1), 0)
    after = rooms.themes.current()
    assert after is not None
    assert len(after.issues) == 1
    # A claim of one that died between sending and noting is taken over, so that one may be told twice, and none never.
    assert len(post.sent) == (2 if step == "telling" else 1)


def test_two_at_once_are_one(rooms: Rooms, post: Post) -> None:
    with rooms.leases.hold("themes", 0), pytest.raises(ConflictError):
        run(rooms, post, NOW, 0)
    assert rooms.themes.current() is None


def test_a_run_that_was_overtaken_publishes_nothing(rooms: Rooms, post: Post) -> None:
    run(rooms, post, NOW, 0)
    kept = rooms.themes.current()
    assert kept is not None
    with pytest.raises(ConflictError):
        rooms.themes.publish(kept.model_copy(update={"run_id": "another"}), ())
    assert rooms.themes.current() == kept


def test_no_feedback_at_all_is_a_run_too(table: Table, post: Post) -> None:
    rooms = Rooms(Shelf([]), ThemeStore(table), ItemSentimentStore(table), LeaseStore(table))
    assert run(rooms, post, NOW, 0)["themes"] == 0
    assert themes(rooms.themes.current(), Wanted(), 9, ById(rooms)).as_of == NOW
    assert rooms.opinions.all() == {}


def test_of_too_much_a_sample_is_read_and_said(rooms: Rooms, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.themes.run.read", lambda *of: _read(*of, most=(60, 100)))
    done = run(rooms, post, NOW, 0)
    assert done["note"] == "sampled"
    assert 80 < done["read"] < 180 < done["feedback"]
    kept = rooms.themes.current()
    assert kept is not None
    assert 0.2 < kept.sampled < 0.5


def test_what_a_sample_tells_is_what_all_of_it_would(post: Post, table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last two weeks are read whole here, and of what lies before a sixth: neither may count more for it."""
    days = timedelta(days=1)
    early = [said(10_000 + n, "colour", NOW - (20 + n % 35) * days, item_id="mug") for n in range(700)]
    late = [said(20_000 + n, "staff", NOW - (n % 10) * days, item_id="mug") for n in range(100)]
    shelf = Shelf([*shop(a_day=10), *early, *late])
    rooms = Rooms(shelf, ThemeStore(table), ItemSentimentStore(table), LeaseStore(table))

    def told() -> tuple[dict[str, int], int, list[int], float]:
        run(rooms, post, NOW, 0)
        kept = rooms.themes.current()
        assert kept is not None
        themes = {each.theme.label.split()[-1]: each.theme for each in kept.themes}
        mugs = {item.item_id: item.count for item in themes["colour"].items}["mug"]
        weeks = [each.total for each in themes["colour"].weeks]
        return {label: each.count for label, each in themes.items()}, mugs, weeks, rooms.opinions.all()["mug"].score

    counts, mugs, weeks, score = told()
    monkeypatch.setattr("functions.themes.run.read", lambda *of: _read(*of, most=(5_000, 400)))
    some, some_mugs, some_weeks, some_score = told()
    assert some == {label: pytest.approx(count, rel=0.2) for label, count in counts.items()}
    assert some_mugs == pytest.approx(mugs, rel=0.2)
    assert sum(some_weeks[:-3]) == pytest.approx(sum(weeks[:-3]), rel=0.1)
    assert some_weeks[-1] == weeks[-1]
    assert some_score == pytest.approx(score, abs=0.1)
    assert score < -0.4


def test_an_issue_in_a_sample_tells_of_all_who_complain(
    post: Post, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf([*shop(a_day=40), *burst("zip", 60)])
    rooms = Rooms(shelf, ThemeStore(table), ItemSentimentStore(table), LeaseStore(table))
    monkeypatch.setattr("functions.themes.run.read", lambda *of: _read(*of, most=(200, 5_000)))
    run(rooms, post, NOW, 0)
    kept = rooms.themes.current()
    assert kept is not None
    (issue,) = (each.issue for each in kept.issues)
    assert issue.count == pytest.approx(60, abs=30)
    assert issue.items[0].count == issue.count
    assert issue.text.startswith(f"{issue.count} people mentioned")


def _read(*of: Any, most: tuple[int, int]) -> Any:
    from functions.themes.reading import read  # noqa: PLC0415 - the real one, not the patched

    store, now, still_ours = of
    return read(store, now, still_ours, most)


def test_quotes_of_the_erased_are_gone_everywhere(rooms: Rooms, post: Post) -> None:
    run(rooms, post, NOW, 0)
    now, everything = rooms.themes.current(), ById(rooms)
    (issue,) = issues(now, IssueStatus.OPEN, 9, everything).issues
    gone = frozenset(each.feedback_id for each in issue.quotes)
    assert len(gone) == 3
    (after,) = issues(now, None, 9, ById(rooms, gone)).issues
    assert after.quotes
    assert not gone & {each.feedback_id for each in after.quotes}
    told = themes(now, Wanted(), 99, ById(rooms, gone)).themes
    assert not gone & {quote.feedback_id for each in told for quote in each.quotes}


def test_themes_are_chosen_by_item_sign_and_week(rooms: Rooms, post: Post) -> None:
    run(rooms, post, NOW, 0)
    now, there = rooms.themes.current(), ById(rooms)

    def labels(**wanted: Any) -> set[str]:
        return {each.label for each in themes(now, Wanted(**wanted), 99, there).themes}

    assert labels(item_id="coat") == {"broken zip"}
    assert labels(sentiment=Sign.POSITIVE) == {"friendly staff", "soft fabric"}
    assert labels(since=(NOW + 7 * DAY).date()) == set()
    assert len(labels()) == 5
    assert issues(now, IssueStatus.CLOSED, 9, there).issues == []
