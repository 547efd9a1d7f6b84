"""What a request may ask of a list: filter, exclude, diversity, fields, variants, a language, only some candidates."""

from typing import Any

import pytest

from functions.recommend.recommend import NOTHING_MATCHES
from functions.recommend.selection import MOST_FILTERED
from shared.inference.session import Session
from tests.functions.recommend.artefact import artefact
from tests.functions.recommend.conftest import ITEMS, POPULAR, Shop, ids

EUR = "EUR"


def price(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": EUR}


@pytest.fixture
def priced(modelled: Shop) -> Shop:
    """The shop with prices, tags and categories; ann has a lamp in her cart."""
    modelled.stock("bulb", "lamp", "shade", category="Lights", price=price("9.90"), tags=["bright"])
    modelled.stock("vase", category="Decor", price=price("25.00"), attributes={"colour": "blue"})
    modelled.stock("mug", "tea", category="Kitchen", price=price("4.50"), stock=5)
    modelled.track("Product Added", "lamp")
    return modelled


def bad(shop: Shop, **request: Any) -> dict[str, str]:
    reply = shop.api.server.post("/v1/recommendations", {"surface": "trending"} | request)
    assert (reply.status, reply.headers["content-type"]) == (400, "application/problem+json")
    (error,) = reply.json()["errors"]
    return dict(error)


# --- filter and exclude


@pytest.mark.parametrize(
    ("filter_", "shown"),
    [
        ('category = "Lights"', ["shade", "bulb", "lamp"]),
        ("price > 20", ["vase"]),
        ('price < 10 and not tag in ("bright")', ["mug", "tea"]),
        ("attributes.colour = 'blue' or stock >= 5", ["vase", "mug", "tea"]),
        ("not has category", ["rug"]),
    ],
)
def test_a_filter_lets_only_through_what_it_holds_for(priced: Shop, filter_: str, shown: list[str]) -> None:
    assert priced.ids("for-you", customer_id="ann", filter=filter_) == shown


def test_a_filter_that_matches_nothing_is_an_empty_list_that_says_so(priced: Shop) -> None:
    reply = priced.ask("for-you", customer_id="ann", filter="price > 1000")
    assert (reply["items"], reply["note"], reply["personalised"]) == ([], NOTHING_MATCHES, False)


@pytest.mark.parametrize("filter_", ["prise > 3", "price > 'x'", "price >", "margin > 3", "cost > 1", "x" * 2001, ""])
def test_a_bad_filter_is_a_problem_that_names_the_field(shop: Shop, filter_: str) -> None:
    assert bad(shop, filter=filter_)["field"] == "filter"


def test_a_bad_filter_says_where(shop: Shop) -> None:
    said = bad(shop, filter="stock > 3 and prise < 3")["message"]
    assert "at character 15: a field is expected, not prise" in said


def test_a_selective_filter_finds_its_item_in_the_catalogue(shop: Shop) -> None:
    many = [f"item-{n:04d}" for n in range(900)]
    shop.publish(artefact(many, {}, popular=many[:300]))
    shop.stock(*many)
    last = [item.item_id for item in shop.items.page(1000)[0]][-1]
    shop.stock(last, tags=["rare"])
    assert shop.ids("trending", filter='tag = "rare"') == [last]
    assert len(many) < MOST_FILTERED


def test_what_is_excluded_is_not_shown_and_others_take_its_place(priced: Shop) -> None:
    request: dict[str, Any] = {"customer_id": "ann", "limit": 2}
    assert priced.ids("for-you", **request) == ["shade", "bulb"]
    assert priced.ids("for-you", exclude=["shade", "unknown"], **request) == ["bulb", "vase"]
    assert priced.ids("similar", item_id="lamp", limit=1, exclude=["bulb"]) == ["vase"]


# --- diversity


@pytest.fixture
def rows(shop: Shop) -> Shop:
    """Six red things that score best, and three blue ones after them."""
    red, blue = [f"red-{n}" for n in range(6)], [f"blue-{n}" for n in range(3)]
    near = {each: 120 - 5 * n for n, each in enumerate([*red, *blue])}
    shop.publish(artefact(["lamp", *red, *blue], {"lamp": near}))
    shop.stock(*red, category="Red", tags=["r"])
    shop.stock(*blue, category="Blue", tags=["b"])
    return shop


def test_diversity_mixes_what_is_alike(rows: Shop) -> None:
    request: dict[str, Any] = {"item_id": "lamp", "limit": 4}
    plain = rows.ids("similar", **request)
    mixed = rows.ids("similar", diversity=0.5, **request)
    assert plain == ["red-0", "red-1", "red-2", "red-3"]
    assert mixed == ["red-0", "blue-0", "red-1", "red-2"]
    assert rows.ids("similar", diversity=0, **request) == plain


def test_diversity_takes_nothing_away_from_the_scores(rows: Shop) -> None:
    for each in rows.ask("similar", item_id="lamp", limit=9, diversity=1)["items"]:
        told = sum(reason["contribution"] for reason in each["reasons"]) + each["other_terms"]
        assert told == pytest.approx(each["score"], abs=1e-5)


@pytest.mark.parametrize("diversity", [-0.1, 1.1, "much"])
def test_diversity_is_from_0_to_1(shop: Shop, diversity: Any) -> None:
    assert bad(shop, diversity=diversity)["field"] == "diversity"


# --- a discount of popularity


@pytest.fixture
def known(shop: Shop) -> Shop:
    """Beside the lamp: a bulb that everybody takes, a vase that half do, and a rug that hardly anybody does."""
    near = {"bulb": 120, "vase": 90, "rug": 60}
    shop.publish(artefact(["lamp", *near], {"lamp": near}, prior={"bulb": 1.0, "vase": 0.5, "rug": 0.01}))
    shop.stock("lamp", *near)
    return shop


def test_a_discount_of_popularity_brings_up_what_few_take(known: Shop) -> None:
    request: dict[str, Any] = {"item_id": "lamp", "limit": 3}
    assert known.ids("similar", **request) == ["bulb", "vase", "rug"]
    assert known.ids("similar", popularity_discount=0, **request) == ["bulb", "vase", "rug"]
    assert known.ids("similar", popularity_discount=0.2, **request) == ["rug", "bulb", "vase"]
    assert known.ids("similar", popularity_discount=0.2, item_id="lamp", limit=1) == ["rug"]
    assert known.ids("popular", popularity_discount=1, limit=4) == known.ids("popular", limit=4)


def test_what_the_discount_adds_is_told_exactly(known: Shop) -> None:
    plain = {each["item"]["item_id"]: each["score"] for each in known.ask("similar", item_id="lamp")["items"]}
    found = known.ask("similar", item_id="lamp", popularity_discount=0.2, language="de")["items"]
    for each in found:
        assert sum(reason["contribution"] for reason in each["reasons"]) + each["other_terms"] == pytest.approx(
            each["score"], abs=1e-5
        )
    scores = {each["item"]["item_id"]: each["score"] for each in found}
    assert scores["bulb"] == pytest.approx(plain["bulb"])
    assert scores["rug"] == pytest.approx(plain["rug"] * 0.01**-0.2)
    (told,) = (reason for reason in found[0]["reasons"] if reason["kind"] == "uncommon")
    assert (told["text"], told["contribution"]) == (
        "Das kennt nicht jeder",
        pytest.approx(scores["rug"] - plain["rug"]),
    )


@pytest.mark.parametrize("power", [-0.1, 1.1, "much"])
def test_the_discount_is_from_0_to_1(shop: Shop, power: Any) -> None:
    assert bad(shop, popularity_discount=power)["field"] == "popularity_discount"


# --- variants


def test_of_a_group_only_the_best_that_can_be_had_is_shown(modelled: Shop) -> None:
    modelled.stock("mug", "tea", "vase", group="g")
    assert modelled.ids("trending") == ["mug", "lamp", "rug", "shade", "bulb"]
    assert modelled.ids("trending", variants=True) == list(POPULAR)
    modelled.stock("mug", group="g", stock=0)
    modelled.seconds += 60
    assert modelled.ids("trending", limit=2) == ["tea", "lamp"]


def test_what_looks_the_same_is_shown_once(modelled: Shop) -> None:
    modelled.stock("mug", "tea", "vase", title="Gift  Card", price=price("20.00"))
    modelled.stock("tea", title="gift card", price=price("20.00"))
    modelled.stock("vase", title="Gift Card", price=price("50.00"))
    assert modelled.ids("trending", limit=3) == ["mug", "vase", "lamp"]


def test_a_variant_of_the_item_itself_is_not_beside_it(modelled: Shop) -> None:
    modelled.stock("lamp", "bulb", group="g")
    assert modelled.ids("similar", item_id="lamp", limit=1) == ["vase"]
    assert modelled.ids("similar", item_id="lamp", limit=1, variants=True) == ["bulb"]


def test_a_list_full_of_variants_is_filled_with_others(shop: Shop) -> None:
    many = [f"item-{n:03d}" for n in range(60)]
    shop.publish(artefact(["lamp", *many], {"lamp": {each: 127 - n for n, each in enumerate(many)}}))
    shop.stock(*many[:50], group="g")
    shop.stock(*many[50:])
    assert shop.ids("similar", item_id="lamp", limit=3) == ["item-000", "item-050", "item-051"]


# --- fields


def test_only_the_fields_asked_for_are_shown(priced: Shop) -> None:
    shown = [each["item"] for each in priced.ask("trending", fields=["price"])["items"]]
    assert {key for item in shown for key in item} == {"item_id", "title", "price"}
    assert [set(each["item"]) for each in priced.ask("trending", fields=[], limit=1)["items"]] == [{"item_id", "title"}]
    assert "fields" in bad(priced, fields=["cost"])["field"]


# --- language


def test_reasons_are_in_the_language_asked_for(priced: Shop) -> None:
    def text(**language: Any) -> str:
        reply = priced.ask("for-you", customer_id="ann", limit=1, **language)
        return str(reply["items"][0]["reasons"][0]["text"])

    assert text() == text(language="fr") == text(language="en-GB") == "Because you added Lamp to your cart"
    assert text(language="de") == text(language="DE-at") == "Weil Lamp in Ihrem Warenkorb liegt"
    assert bad(priced, language="not a tag")["field"] == "language"


# --- reranking


def test_candidates_are_ordered_as_the_surface_would(priced: Shop) -> None:
    reply = priced.ask("for-you", customer_id="ann", candidates=["rug", "vase", "gone", "shade", "mug"])
    assert ids(reply) == ["shade", "vase", "mug", "rug"]
    whole = {each["item"]["item_id"]: each["score"] for each in priced.ask("for-you", customer_id="ann")["items"]}
    assert reply["items"][0]["score"] == whole["shade"]
    assert [each["reasons"][0]["kind"] for each in reply["items"]] == ["added", "added", "popular", "popular"]


def test_candidates_that_nothing_speaks_for_come_last_as_they_were_given(shop: Shop) -> None:
    reply = shop.ask("for-you", customer_id="ann", candidates=["tea", "rug", "bulb"])
    assert (ids(reply), reply["served_by"]) == (["tea", "rug", "bulb"], "list")


def test_a_candidate_far_down_the_ranking_is_found(shop: Shop) -> None:
    many = [f"item-{n:03d}" for n in range(500)]
    shop.publish(artefact(["lamp", *many], {"lamp": {each: 127 - n // 4 for n, each in enumerate(many)}}))
    shop.stock(*many)
    reply = shop.ask("similar", item_id="lamp", candidates=["item-490", "item-003"])
    assert ids(reply) == ["item-003", "item-490"]
    assert {each["reasons"][0]["kind"] for each in reply["items"]} == {"goes_with"}


def test_the_model_is_asked_once_for_candidates(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """However far down they are: of 500 items only these are ranked."""
    many = [f"item-{n:03d}" for n in range(500)]
    shop.publish(artefact(["lamp", *many], {"lamp": {each: 127 - n // 4 for n, each in enumerate(many)}}))
    shop.stock("item-003", "item-490")
    assert shop.ids("similar", item_id="lamp", limit=1) == ["item-003"]
    asked: list[int] = []
    run = Session.run

    def counted(self: Session, items: Any, weights: Any, mask: Any, k: int) -> Any:
        asked.append(k)
        return run(self, items, weights, mask, k)

    monkeypatch.setattr(Session, "run", counted)
    assert shop.ids("similar", item_id="lamp", candidates=["item-490", "item-003"]) == ["item-003", "item-490"]
    assert asked == [2]


# --- bounds


def test_the_limit_may_be_above_what_exists(modelled: Shop) -> None:
    assert sorted(modelled.ids("trending", limit=100)) == sorted(ITEMS)


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ({"exclude": ["x"] * 501}, "exclude"),
        ({"candidates": []}, "candidates"),
        ({"candidates": ["x"] * 101}, "candidates"),
        ({"surface": "for-you", "items": []}, "items"),
        ({"surface": "for-you", "items": ["x"] * 51}, "items"),
    ],
)
def test_what_is_listed_is_bounded(shop: Shop, request_: dict[str, Any], field: str) -> None:
    assert bad(shop, **request_)["field"] == field
