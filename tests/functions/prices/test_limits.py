"""The owner's limits: their scopes and versions, what holds for an item, what is refused."""

from typing import Any

import pytest

from shared.domain.errors import StoreUnavailableError
from shared.domain.price_limits import merged
from shared.stores import price_limits
from shared.stores.price_limits import PRICE_LIMITS, PriceLimitsStore
from shared.stores.table import Table
from tests.functions.api import Api
from tests.functions.prices.ledgers import priced

LIMITS = "/v1/prices/limits"


def eur(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def said(api: Api, url: str) -> dict[str, Any]:
    """What is not null of the limits."""
    return {name: value for name, value in api.server.get(f"{LIMITS}/{url}").json().items() if value is not None}


def test_limits_are_put_got_and_deleted_with_versions(api: Api) -> None:
    for scope in ("all", "category:Table lamps", "item:lamp"):
        url = f"{LIMITS}/{scope.replace(' ', '%20')}"
        assert api.server.get(url).status == 404
        first = api.server.call("PUT", url, {"minimum": eur("5.00")}, headers={"if-match": "0"})
        assert (first.status, first.headers["etag"], first.json()["scope"]) == (200, '"1"', scope)
        assert api.server.call("PUT", url, {}, headers={"if-match": '"0"'}).status == 409
        assert api.server.put(url, {"minimum_margin": "0.2", "autopilot": True}).json()["version"] == 2
        told = {"scope": scope, "version": 2, "minimum_margin": "0.2", "autopilot": True}
        assert said(api, scope.replace(" ", "%20")) == told
        assert api.server.call("DELETE", url, headers={"if-match": '"1"'}).status == 409
        assert api.server.call("DELETE", url).json() == {"deleted": 1}
        assert (api.server.call("DELETE", url).status, api.server.get(url).status) == (404, 404)
        assert api.server.put(url, {}).json()["version"] == 4


def test_what_holds_for_an_item_is_what_its_narrowest_scope_says(api: Api, table: Table) -> None:
    priced(table, (1, "9.00"), category="light")
    api.server.put(f"{LIMITS}/all", {"minimum": eur("1.00"), "minimum_margin": "0.1", "endings": [".99"]})
    api.server.put(f"{LIMITS}/category:light", {"minimum": eur("2.00"), "autopilot": True})
    api.server.put(f"{LIMITS}/item:lamp", {"minimum": eur("3.00")})
    told = said(api, "item:lamp?holding=true")
    assert (told["minimum"], told["minimum_margin"], told["endings"]) == (eur("3.00"), "0.1", [".99"])
    assert (told["autopilot"], told["maximum_weekly_step"]) == (True, "0.05")
    api.server.call("DELETE", f"{LIMITS}/item:lamp")
    assert said(api, "item:lamp?holding=true")["minimum"] == eur("2.00")
    assert api.server.get(f"{LIMITS}/item:gone?holding=true").status == 404
    assert api.server.get(f"{LIMITS}/all?holding=true").json()["errors"][0]["field"] == "holding"


def test_a_merge_that_forgot_the_narrowest_would_be_seen(
    api: Api, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    priced(table, (1, "9.00"), category="light")
    api.server.put(f"{LIMITS}/all", {"minimum": eur("1.00")})
    api.server.put(f"{LIMITS}/item:lamp", {"minimum": eur("3.00")})
    monkeypatch.setattr(price_limits, "merged", lambda told: merged(reversed([*told])))
    assert said(api, "item:lamp?holding=true")["minimum"] == eur("1.00")


@pytest.mark.parametrize("scope", ["everything", "category:", "item:", "brand:x", "ALL"])
def test_a_scope_that_is_none_is_refused(api: Api, scope: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        reply = api.server.call(method, f"{LIMITS}/{scope}", {} if method == "PUT" else None)
        assert reply.status == 400
        assert "scope" in reply.json()["errors"][0]["field"]


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"minimum": eur("9.00"), "maximum": eur("8.00")}, "minimum"),
        ({"minimum_advertised": eur("9.00"), "maximum": eur("8.00")}, "minimum_advertised"),
        ({"minimum": eur("1.00"), "maximum": {"amount": "8.00", "currency": "USD"}}, "minimum"),
        ({"minimum": eur("1.00"), "minimum_advertised": {"amount": "8.00", "currency": "USD"}}, "minimum_advertised"),
        ({"maximum": eur("0")}, "maximum"),
        ({"endings": [".\u0669"]}, "endings.0"),
        ({"fewest_days_of_cover": 9, "most_days_of_cover": 8}, "fewest_days_of_cover"),
        ({"minimum": eur("-1")}, "minimum.amount"),
        ({"minimum": eur("NaN")}, "minimum.amount"),
        ({"minimum_margin": "-0.1"}, "minimum_margin"),
        ({"minimum_margin": "Infinity"}, "minimum_margin"),
        ({"maximum_weekly_step": "0"}, "maximum_weekly_step"),
        ({"endings": ["x"]}, "endings.0"),
        ({"clearance": {"until": "soon"}}, "clearance.until"),
        ({"color": 1}, "color"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(api: Api, bad: Any, field: str) -> None:
    reply = api.server.put(f"{LIMITS}/all", bad)
    assert (reply.status, reply.json()["errors"][0]["field"]) == (400, field)
    assert api.server.get(f"{LIMITS}/all").status == 404


def test_all_limits_are_listed_page_by_page(api: Api) -> None:
    scopes = sorted(["all", *(f"category:c{n}" for n in range(4)), "item:ü", "item:z"], key=str.encode)
    for scope in scopes:
        assert api.server.put(f"{LIMITS}/{scope.replace('ü', '%C3%BC')}", {"autopilot": False}).status == 200
    seen, cursor = [], ""
    while cursor is not None:
        page = api.server.get(f"{LIMITS}?limit=2{cursor and '&cursor=' + cursor}").json()
        seen += [each["scope"] for each in page["limits"]]
        cursor = page["next_cursor"]
    assert seen == scopes
    assert api.server.get(f"{LIMITS}?cursor=*").json()["errors"][0]["field"] == "cursor"


def test_a_page_reads_no_more_than_it_needs_and_passes_over_what_was_deleted(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(20):
        api.server.put(f"{LIMITS}/category:c{n:02d}", {"autopilot": False})
    for n in (0, 1, 5, 6, 7, 19):
        api.server.call("DELETE", f"{LIMITS}/category:c{n:02d}")
    first = api.server.get(f"{LIMITS}?limit=3").json()
    assert [each["scope"][-3:] for each in first["limits"]] == ["c02", "c03", "c04"]
    monkeypatch.setattr(Table, "query_all", lambda *_, **__: pytest.fail("the whole partition is read"))
    page = api.server.get(f"{LIMITS}?limit=11&cursor={first['next_cursor']}").json()
    assert [each["scope"][-3:] for each in page["limits"]] == [f"c{n:02d}" for n in range(8, 19)]
    assert page["next_cursor"] is None


def test_two_who_set_limits_at_once_do_not_overwrite_each_other(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    api.server.put(f"{LIMITS}/all", {"minimum": eur("1.00")})
    get = Table.get

    def overtaken(self: Table, pk: str, sk: str, **how: Any) -> Any:
        before = get(self, pk, sk, **how)
        if pk == PRICE_LIMITS.partition:
            monkeypatch.setattr(Table, "get", get)
            assert api.server.put(f"{LIMITS}/all", {"minimum": eur("2.00")}).status == 200
        return before

    monkeypatch.setattr(Table, "get", overtaken)
    assert api.server.put(f"{LIMITS}/all", {"minimum": eur("3.00")}).status == 409
    assert said(api, "all")["minimum"] == eur("2.00")


def test_limits_of_a_later_release_are_never_taken_for_none(api: Api, table: Table) -> None:
    priced(table, (1, "9.00"))
    record = {"pk": PRICE_LIMITS.partition, "sk": PRICE_LIMITS.prefix + "all", "version": 3}
    table.put(record | {"body": '{"minimum_margin": "0.3", "later": 1}'})
    assert PriceLimitsStore(table).holding("lamp", None).minimum_margin
    table.put(record | {"body": '{"minimum_margin": "of a later release"}'})
    with pytest.raises(StoreUnavailableError):
        PriceLimitsStore(table).holding("lamp", None)
    assert api.server.get(f"{LIMITS}/all").status == 503
    assert api.server.put(f"{LIMITS}/all", {}).json()["version"] == 4
