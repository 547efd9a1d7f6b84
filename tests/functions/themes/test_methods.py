"""The parts by themselves: statistics, labels, ids, figures, items."""

from datetime import timedelta

import numpy as np
import pytest

from functions.themes.emerging import Past, Prior, discoveries, forecast, prior_over, tail
from functions.themes.figures import rating_effect, ratings, trend
from functions.themes.identity import matched, named
from functions.themes.items import item_sentiments
from functions.themes.labels import label_all
from functions.themes.mentions import Voice
from functions.themes.saying import says_something, stem
from shared.inference.sentiment import answers
from tests.functions.themes.world import NOW, said


def test_the_tail_is_the_negative_binomials() -> None:
    """Against the sum of its probabilities, drawn a million times over."""
    of = forecast(Past(np.full((1, 25), 2.0), np.full((1, 25), 100.0)), np.array([100.0]), Prior(1.0, 0.02))
    drawn = np.random.default_rng(1).negative_binomial(of.size[0], of.size[0] / (of.size[0] + of.mean[0]), 1_000_000)
    for count in (1, 3, 5, 8):
        assert tail(np.array([float(count)]), of)[0] == pytest.approx((drawn >= count).mean(), rel=0.05)
    assert tail(np.array([0.0]), of)[0] == 1.0


def test_a_theme_with_little_past_is_drawn_towards_the_others() -> None:
    past = Past(np.vstack([np.full((9, 25), 4.0), np.zeros((1, 25))]), np.full((1, 25), 100.0))
    mean = forecast(past, np.array([100.0])).mean
    assert 0 < mean[9] < mean[0]
    assert mean[0] == pytest.approx(4.0, rel=0.1)


def test_twice_the_feedback_is_twice_the_expectation() -> None:
    past = Past(np.full((3, 25), 2.0), np.full((1, 25), 50.0))
    once, twice = (forecast(past, np.array([each])).mean for each in (50.0, 100.0))
    assert twice == pytest.approx(2 * once)


def test_a_prior_of_equal_themes_is_narrow_and_of_different_ones_wide() -> None:
    random = np.random.default_rng(2)
    equal = prior_over(random.poisson(20.0, 200).astype(float), np.full(200, 1_000.0))
    unlike = prior_over(random.poisson(random.gamma(0.5, 40.0, 200)).astype(float), np.full(200, 1_000.0))
    assert equal.shape > 10
    assert unlike.shape < 1


def test_false_discoveries_are_as_rare_as_promised() -> None:
    random = np.random.default_rng(3)
    told = [discoveries(random.random(50), share=0.05).any() for _ in range(4_000)]
    assert np.mean(told) == pytest.approx(0.05, abs=0.012)
    assert discoveries(np.array([1e-6, 0.5, 0.9])).tolist() == [True, False, False]
    assert discoveries(np.array([1e-4]), tests=1_000).tolist() == [False]


def test_labels_are_words_that_an_owner_reads() -> None:
    zips = [
        (n, text) for n, text in enumerate(["The zip is broken!", "A broken zip.", "Its zips broke", "Broken zip :("])
    ]
    staff = [
        (n, text) for n, text in enumerate(["Such friendly staff", "The staff was friendly", "Friendly staff there"])
    ]
    assert [terms[0] for terms in label_all([zips, staff])] == ["broken zip", "friendly staff"]


def test_a_label_needs_three_speakers_so_that_it_tells_of_none() -> None:
    texts = [
        (1, "Smith ruined it"),
        (1, "Smith again"),
        (1, "Smith!"),
        (2, "late parcel"),
        (3, "late parcel"),
        (4, "late parcel"),
    ]
    ((label, *others),) = label_all([texts])
    assert label == "late parcel"
    assert not any("smith" in each for each in others)


def test_two_themes_have_two_names_and_a_label_is_kept_while_it_is_good_enough() -> None:
    one = [(n, "slow parcel here") for n in range(4)]
    other = [(n, "slow parcel abroad") for n in range(4)]
    first, second = label_all([one, other])
    assert first[0] != second[0]
    parcels = [(n, "late parcel") for n in range(9)] + [(n, "late delivery") for n in range(9, 17)]
    assert label_all([parcels])[0][0] == "late parcel"
    assert label_all([parcels], ["late delivery"])[0][0] == "late delivery"
    assert label_all([parcels], ["nothing of it"])[0][0] == "late parcel"


@pytest.mark.parametrize("text", ["I love it!!", "Great product.", "Not so good", "", "👍👍", "Would buy again, 10/10"])
def test_what_says_nothing(text: str) -> None:
    assert not says_something(text)


@pytest.mark.parametrize("text", ["the zip broke", "Colour fades", "Très bon tissu"])
def test_what_says_something(text: str) -> None:
    assert says_something(text)


def test_one_form_for_singular_and_plural() -> None:
    assert [stem(each) for each in ("zips", "batteries", "boxes", "dress", "status")] == [
        "zip",
        "battery",
        "box",
        "dress",
        "status",
    ]


def test_a_split_leaves_the_id_with_the_larger_part_and_a_merge_with_who_gave_more() -> None:
    middle = np.eye(3, dtype=np.float32)
    split = matched(np.array([0] * 6 + [1] * 4), middle[1:], np.array([0] * 10), middle[:1])
    assert split == {0: 0}
    merged = matched(np.array([0] * 10), middle[2:], np.array([0] * 4 + [1] * 6), middle[:2])
    assert merged == {0: 1}


def test_new_ids_repeat_and_never_meet() -> None:
    assert named(2, {}, ["a", "b"], frozenset()) == named(2, {}, ["a", "b"], frozenset())
    (first,) = named(1, {}, ["a"], frozenset())
    assert named(1, {}, ["a"], frozenset([first])) != [first]
    assert named(2, {1: "th_old"}, ["a", "b"], frozenset(["th_old"]))[1] == "th_old"


def voices(random: np.random.Generator, effect: float) -> tuple[list[Voice], np.ndarray]:
    """A theme that is spoken of with good items mostly, and lowers a rating by `effect`."""
    good = random.random(400) < 0.5
    of = random.random(400) < np.where(good, 0.4, 0.1)
    stars = np.where(good, 4.0, 2.5) - effect * of + random.normal(0, 0.6, 400)
    found = [
        Voice(f"f{n}", n, NOW, float(rating), f"{'good' if fine else 'bad'}{n % 5}", 0.0)
        for n, (rating, fine) in enumerate(zip(stars, good, strict=True))
    ]
    return found, of


def test_the_effect_on_ratings_is_not_that_of_the_items_and_its_interval_covers() -> None:
    random = np.random.default_rng(4)
    within, plain = 0, []
    for _ in range(200):
        found, of = voices(random, 0.5)
        effect = rating_effect(ratings(found), of)
        assert effect is not None
        within += effect.low <= -0.5 <= effect.high
        stars = np.array([each.rating for each in found], dtype=float)
        plain.append(stars[of].mean() - stars[~of].mean())
    assert np.mean(plain) > -0.1, "by the ratings alone the theme would seem harmless"
    assert within >= 176


def test_a_trend_is_a_ratio_of_shares() -> None:
    days = np.concatenate([np.full(100, 1_000), np.full(400, 900)])
    of = np.concatenate([np.arange(100) < 20, np.arange(400) < 40])
    change = trend(days, of, 1_000, np.ones(500))
    assert change is not None
    assert change.ratio == pytest.approx(2.0, rel=0.05)
    assert 1 < change.low < change.ratio < change.high
    assert trend(days[:3], of[:3], 1_000, np.ones(3)) is None
    alike = trend(days, of, 1_000, np.full(500, 7.0))
    assert alike == pytest.approx(change), "who stands for seven is no better known"
    older = trend(days, of, 1_000, np.where(np.arange(500) < 100, 1.0, 3.0))
    assert older == pytest.approx(change), "each share is within its own time"


def test_an_item_with_one_opinion_is_near_all_items_and_one_with_many_is_itself() -> None:
    many = [said(n, "zip", NOW - timedelta(days=n % 50), item_id="bad") for n in range(60)]
    glad = [said(100 + n, "staff", NOW - timedelta(days=n % 50), item_id=f"fine{n % 6}") for n in range(90)]
    one = [said(900, "zip", NOW, item_id="new"), said(901, "zip", NOW - timedelta(days=99), item_id="long ago")]
    scores = {each.item_id: each for each in item_sentiments([*many, *glad, *one], NOW)}
    assert scores["bad"].score == pytest.approx(-0.8, abs=0.1)
    assert scores["bad"].score < scores["new"].score < scores["fine1"].score
    assert scores["new"].count == 1
    assert "long ago" not in scores


def test_what_could_not_be_judged_is_no_opinion_of_an_item() -> None:
    bad = [said(n, "zip", NOW, item_id="mug") for n in range(5)]
    unread = answers.nothing("ja")
    stars = [said(100 + n, "zip", NOW, item_id="mug", rating=1.0, text="") for n in range(40)]
    (mug,) = item_sentiments([*bad, *(each.model_copy(update={"sentiment": unread}) for each in stars)], NOW)
    assert mug.count == 5
    assert mug.score == pytest.approx(-0.8)


def test_one_customers_many_reviews_of_an_item_are_one_opinion() -> None:
    spam = [said(n, "zip", NOW, item_id="mug", customer="spammer") for n in range(50)]
    glad = [said(100 + n, "staff", NOW, item_id="mug") for n in range(9)]
    (mug,) = item_sentiments([*spam, *glad], NOW)
    assert mug.count == 10
    assert mug.score > 0.5


def test_words_of_fewer_than_three_customers_name_nothing() -> None:
    """A label is remembered for longer than what it was made of: it must not be what one person wrote."""
    mine = [(1, "Jane Miller broke the zip."), (1, "Jane Miller again."), (2, "Jane Miller was rude.")]
    assert label_all([mine, [(n, "The zip broke.") for n in range(3)]])[0] == ()
