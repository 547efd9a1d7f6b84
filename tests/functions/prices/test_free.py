"""What costs nothing has a price, a past and a quote like any other item, and no discount takes anything off."""

from shared.stores.table import Table
from tests.functions.api import Api
from tests.functions.prices.ledgers import priced

PUBLIC = {
    "name": "All",
    "text": "10% off",
    "discount": {"kind": "percent", "percent": "10"},
    "public": True,
    "code": "HELLO",
}


def test_a_price_of_zero_is_a_price(api: Api, table: Table) -> None:
    priced(table, (60, "10.00"), (10, "0"))
    told = api.browser.get("/v1/prices/lamp").json()
    assert (told["price"]["amount"], told["strike_through"]["most_percent"]) == ("0", 100)
    assert api.server.get("/v1/prices/lamp/history").json()["valid"]
    said = {"struck_through": {"amount": "10.00", "currency": "EUR"}, "percent": "100"}
    assert api.server.post("/v1/prices/lamp/claims", said).status == 200
    quote = api.browser.post("/v1/quotes", {"lines": [{"item_id": "lamp", "quantity": 3}]}).json()
    assert quote["total"] == {"amount": "0.00", "currency": "EUR"}
    assert api.browser.post("/v1/quotes/verify", {"token": quote["token"]}).json()["total"] == quote["total"]
    assert api.server.put("/v1/offers/all", PUBLIC).status == 200
    cart = {"cart": [{"item_id": "lamp"}]}
    assert not api.server.post("/v1/offers/verify", {"code": "HELLO", **cart}).json()["valid"]
    assert api.browser.post("/v1/offers", {"surface": "cart", "anonymous_id": "a", **cart}).status == 200
    rival = {"item_id": "lamp", "competitor": "x", "price": {"amount": "9.00", "currency": "EUR"}}
    assert api.server.put("/v1/competitor-prices", {"prices": [rival]}).status == 200
