"""A run over made-up feedback: what it finds, what it does not, and what stays the same from day to day."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from functions.themes.analyse import Before, Found, analyse
from functions.themes.mentions import gather
from shared.domain.feedback import Feedback
from tests.functions.themes.world import NOW, burst, said, shop


def found(feedback: Sequence[Feedback], before: Found | None = None, later: int = 0) -> Found:
    last = Before(before.issues, before.centroids) if before else Before()
    return analyse(gather(feedback), last, NOW + timedelta(days=later))


def open_issues(of: Found) -> list[str]:
    return [each.issue.label for each in of.issues if each.issue.status == "open"]


def test_each_topic_is_a_theme_with_a_readable_label() -> None:
    themes = found(shop()).themes
    assert {each.theme.label for each in themes} == {
        "slow delivery",
        "faded colour",
        "friendly staff",
        "soft fabric",
    } or {frozenset(each.theme.label.split()) for each in themes} >= {frozenset({"faded", "colour"})}
    assert len(themes) == 4
    assert sum(each.theme.count for each in themes) >= 0.9 * len(shop())


def test_moods_and_ratings_are_those_of_the_feedback() -> None:
    themes = {each.theme.label.split()[-1]: each.theme for each in found(shop()).themes}
    assert themes["staff"].net_sentiment == pytest.approx(0.8)
    assert themes["delivery"].net_sentiment == pytest.approx(-0.8)
    effect = themes["delivery"].rating_effect
    assert effect is not None
    assert effect.low < effect.stars < effect.high < 0


def test_a_burst_of_something_new_is_raised_with_its_quotes_and_item() -> None:
    feedback = [*shop(), *burst("zip", 5)]
    (issue,) = found(feedback).issues
    assert issue.issue.label == "broken zip"
    assert issue.issue.text == "5 people mentioned “broken zip” on coat this week; normally none."
    assert {each.feedback_id for each in issue.places} <= {f"f{100_000 + at}" for at in range(5)}
    assert issue.issue.items[0].item_id == "coat"
    assert issue.issue.p_value < 1e-4


def test_without_the_burst_nothing_is_raised() -> None:
    assert found(shop()).issues == ()


def test_two_mentions_are_none() -> None:
    assert found([*shop(a_day=0.5), *burst("zip", 2)]).issues == ()


def test_one_customer_who_says_it_often_is_one() -> None:
    alone = [each.model_copy(update={"customer": burst("zip", 1)[0].customer}) for each in burst("zip", 30)]
    assert found([*shop(), *alone]).issues == ()


def test_a_long_text_that_is_copied_is_one() -> None:
    text = "The zip broke on the first day of wearing it."
    copied = [said(200_000 + at, "zip", NOW - timedelta(hours=at), customer=None, text=text) for at in range(40)]
    assert found([*shop(), *copied]).issues == ()


def test_known_customers_may_say_the_same() -> None:
    """A survey that offers ready answers has the same words from all."""
    text = "The zip broke on the first day of wearing it."
    chosen = [said(200_000 + at, "zip", NOW - timedelta(hours=at), text=text) for at in range(40)]
    (issue,) = found([*shop(), *chosen]).issues
    assert issue.issue.item_id == "coat"


def test_praise_is_no_issue() -> None:
    glad = [said(300_000 + at, "sleeves", NOW - timedelta(hours=9 * at), score=0.9) for at in range(12)]
    assert found([*shop(), *glad]).issues == ()


def test_a_busy_week_is_no_issue() -> None:
    """Ten times as much feedback of everything, as after a sale."""
    week = [
        each.model_copy(update={"feedback_id": f"more{at}", "time": NOW - timedelta(hours=at % 160), "customer": None})
        for at, each in enumerate(shop(days=70, seed=5))
    ]
    assert found([*shop(), *week]).issues == ()


def test_what_was_always_so_is_no_issue() -> None:
    feedback = shop(topics=("zip", "staff"))
    assert found(feedback).issues == ()


def test_a_new_shop_has_no_past_to_be_more_than() -> None:
    assert found(burst("zip", 6)).issues == ()


def test_on_one_item_a_common_theme_is_an_issue_of_its_own() -> None:
    """Twelve complaints on delivery of one item, in a shop that has as many of it every week on all others."""
    feedback = shop(a_day=12)
    on_boots = [each.model_copy(update={"item_id": "boots"}) for each in burst("delivery", 9)]
    others = [said(400_000 + at, "staff", NOW - timedelta(days=8 + at), item_id="boots") for at in range(40)]
    issues = found([*feedback, *others, *on_boots]).issues
    assert [(each.issue.item_id, each.issue.count) for each in issues] == [("boots", 9)]
    assert " on boots this week" in issues[0].issue.text


def test_the_same_feedback_gives_the_same_again_whatever_its_order() -> None:
    feedback = [*shop(), *burst("zip", 5)]
    assert found(feedback) == found(feedback)
    first, second = found(feedback), found(feedback[::-1])
    assert {each.theme.theme_id for each in first.themes} == {each.theme.theme_id for each in second.themes}
    assert [each.issue.issue_id for each in first.issues] == [each.issue.issue_id for each in second.issues]


def drifting(day: int) -> list[Feedback]:
    """Half a year up to a day, of a shop in which colour is spoken of less and less, and sleeves more and more."""
    every = []
    for at in range(-180, day + 1):
        topic = ("colour", "sleeves")[at % 180 > 0 and (at * 7919) % 180 < at + 90]
        every += [
            said(1_000_000 + 10 * (at + 200), topic, NOW + timedelta(days=at, hours=-1)),
            said(
                1_000_001 + 10 * (at + 200), ("delivery", "staff", "fabric")[at % 3], NOW + timedelta(days=at, hours=-2)
            ),
        ]
    return [each for each in every if each.time > NOW + timedelta(days=day - 182)]


def test_themes_keep_their_ids_for_a_hundred_days_of_drift() -> None:
    last: Found | None = None
    ids: dict[str, set[str]] = {}
    for day in range(0, 100, 4):
        last = found(drifting(day), last, day)
        for each in last.themes:
            ids.setdefault(each.theme.aspects[0] if each.theme.aspects else each.theme.terms[0], set()).add(
                each.theme.theme_id
            )
    assert last is not None
    assert len(last.themes) == 5
    assert {name: len(some) for name, some in ids.items()} == dict.fromkeys(ids, 1)


def test_an_issue_is_brought_up_to_date_closed_and_not_raised_again_soon() -> None:
    calm, zips = shop(days=240), burst("zip", 6)
    days = [found([*calm, *zips])]
    for day in range(1, 30):
        later = [
            each.model_copy(
                update={"feedback_id": f"l{day}-{at}", "time": NOW + timedelta(days=day, hours=-3), "customer": None}
            )
            for at, each in enumerate(shop(days=1, a_day=2, seed=day))
        ]
        calm += later
        days.append(found([*calm, *zips], days[-1], day))
    ids = {issue.issue.issue_id for each in days for issue in each.issues}
    assert len(ids) == 1
    assert [bool(open_issues(each)) for each in (days[0], days[5], days[29])] == [True, True, False]
    assert days[29].issues[0].issue.raised == NOW.date()
    again = [
        each.model_copy(update={"time": each.time + timedelta(days=29), "feedback_id": f"a{each.feedback_id}"})
        for each in zips
    ]
    reopened = found([*calm, *zips, *again], days[-1], 29)
    assert [(each.issue.issue_id in ids, each.issue.status) for each in reopened.issues] == [(True, "open")]


def test_a_clock_that_was_set_back_raises_nothing_anew() -> None:
    feedback = [*shop(), *burst("zip", 6)]
    first = found(feedback)
    back = found([each for each in feedback if each.time <= NOW - timedelta(days=1)], first, -1)
    assert [each.issue.issue_id for each in back.issues] == [each.issue.issue_id for each in first.issues]


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_next_to_nothing_is_next_to_nothing(count: int) -> None:
    feedback = shop()[:count]
    assert found(feedback).issues == ()
    assert len(found(feedback).themes) <= 1


def test_all_the_same_text_is_one_theme() -> None:
    same = [said(at, "zip", NOW - timedelta(days=at), text="Zip broke") for at in range(60)]
    same = [each.model_copy(update={"sentences": same[0].sentences}) for each in same]
    assert [each.theme.count for each in found(same).themes] == [60]


def test_what_says_nothing_is_no_theme() -> None:
    glad = [said(500_000 + at, "staff", NOW - timedelta(days=at), text="I love it!!") for at in range(50)]
    assert found(glad).themes == ()


def test_missing_meanings_and_another_model_are_left_out_and_counted() -> None:
    feedback = shop()
    dumb = [said(600_000 + at, "zip", NOW - timedelta(days=at)) for at in range(9)]
    blank = [
        each.model_copy(update={"sentences": tuple(s._replace(vector=b"") for s in each.sentences)}) for each in dumb
    ]
    older = [said(700_000 + at, "zip", NOW - timedelta(days=at), model_id="sentiment-0") for at in range(9)]
    corpus = gather([*feedback, *blank, *older])
    assert dict(corpus.left_out) == {"no_vectors": 9, "another_model": 9}
    assert len(corpus.voices) == len(feedback)


def test_a_theme_that_comes_back_has_its_id_again() -> None:
    first = found([*shop(), *burst("zip", 8)])
    (before,) = (each.theme.theme_id for each in first.themes if "zip" in each.theme.label)
    gone = found(shop(), first, 10)
    assert before not in {each.theme.theme_id for each in gone.themes}
    back = found([*shop(), *burst("zip", 8, first=800_000)], gone, 0)
    assert before in {each.theme.theme_id for each in back.themes}
