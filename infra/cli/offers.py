"""The commands about offers: defined in JSON files, tried on a customer, and what they have brought."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from infra.cli import show
from infra.cli.calls import document, quoted, told
from infra.cli.options import AsJson, Key, Local, Stack, find

app = typer.Typer(no_args_is_help=True, help="Discounts: who gets which, and what they bring.")
OfferId = Annotated[str, typer.Argument(help="The offer's id.")]


@app.command("list")
def list_offers(local: Local = False, stack: Stack = "regulars", key: Key = None, as_json: AsJson = False) -> None:
    """The offers, with what each takes off, for whom, and its budget."""
    with find(local, stack, key).api(key) as api:
        offers = told(api.get("/v1/offers"))["offers"]
    if as_json:
        print(json.dumps(offers))
        return
    table = Table("offer", "text", "off", "for", "budget", "on", box=None, header_style="bold")
    for each in offers:
        named = (escape(each["offer_id"]), escape(each["text"]))
        table.add_row(*named, _off(each), _whom(each), _money(each["budget"]), _state(each))
    show.console.print(table)


@app.command("put")
def put_offer(
    offer_id: OfferId,
    file: Annotated[Path, typer.Argument(help="The offer as JSON, as `PUT /v1/offers/{offer_id}` takes it.")],
    local: Local = False,
    stack: Stack = "regulars",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Define an offer, or change it. A code that is out keeps the terms that it was given out with."""
    body = document(file)
    with find(local, stack, key).api(key) as api:
        offer = told(api.put(_url(offer_id), json=body))
    show.plain({"offer_id": offer["offer_id"], "version": str(offer["version"])}, as_json)


@app.command("delete")
def delete_offer(
    offer_id: OfferId, local: Local = False, stack: Stack = "regulars", key: Key = None, as_json: AsJson = False
) -> None:
    """Make an offer no more. Codes that are out stay good until they end."""
    with find(local, stack, key).api(key) as api:
        show.plain(told(api.delete(_url(offer_id))), as_json)


@app.command("results")
def show_results(
    offer_id: OfferId, local: Local = False, stack: Stack = "regulars", key: Key = None, as_json: AsJson = False
) -> None:
    """What an offer has brought: who got it against who was held out, with 90% intervals."""
    with find(local, stack, key).api(key) as api:
        found = told(api.get(f"{_url(offer_id)}/results"))
    if as_json:
        print(json.dumps(found))
        return
    _print(dict(_rows(found)))


@app.command("ask")
def ask(
    surface: Annotated[str, typer.Argument(help="home, product, cart, checkout, search, article or email.")],
    customer: Annotated[str | None, typer.Option(help="A customer_id.")] = None,
    cart: Annotated[list[str] | None, typer.Option("--item", help="In the cart: ITEM or ITEM:QUANTITY.")] = None,
    local: Local = False,
    stack: Stack = "regulars",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Make a customer an offer, as the shop would: it counts, and its code is good. With what was considered."""
    body: dict[str, Any] = {"surface": surface, "cart": [_line(each) for each in cart or ()]}
    body |= {"customer_id": customer} if customer else {}
    with find(local, stack, key).api(key) as api:
        reply = told(api.post("/v1/offers", json=body))
    if as_json:
        print(json.dumps(reply))
        return
    offer = reply["offer"]
    words = {"offer": offer["text"], "code": offer["code"]} if offer else {"offer": "none"}
    words |= {name: reply[name] for name in ("why", "disclosure", "note") if reply[name]}
    weighed = {
        each["offer_id"]: each["refused"] or _money(each["expected_profit"]) for each in reply["considered"] or ()
    }
    _print(words | weighed)


def _print(values: dict[str, str]) -> None:
    table = Table(box=None, show_header=False)
    for name, value in values.items():
        table.add_row(f"[bold]{escape(name)}", escape(value))
    show.console.print(table)


def _rows(found: dict[str, Any]) -> list[tuple[str, str]]:
    month = found["month"]
    return [
        ("offered", _side(found["offered"])),
        ("held out", _side(found["held_out"])),
        ("redeemed", f"{found['redeemed']}, for {_money(found['cost'])}"),
        ("uplift", _interval(found["uplift"])),
        ("brought", _interval(found["incremental_profit"], found["currency"]) or found["note"] or ""),
        (month["month"], f"{_money(month['spent'])} spent, {_money(month['set_aside'])} set aside"),
    ]


def _side(side: dict[str, Any]) -> str:
    ordered = "too few to tell" if side["ordered"] is None else f"{side['ordered']} ordered"
    return f"{side['customers']} customers, {ordered}"


def _interval(found: dict[str, float] | None, unit: str = "") -> str:
    return f"{found['value']:g} ({found['low']:g} to {found['high']:g}) {unit}".strip() if found else ""


def _off(offer: dict[str, Any]) -> str:
    discount = offer["discount"]
    return f"{discount['percent']}%" if discount["kind"] == "percent" else _money(discount["amount"])


def _whom(offer: dict[str, Any]) -> str:
    needs = offer["eligibility"]
    words = [*needs["lifecycles"], *(name for name in ("known", "first_order", "birthday_month") if needs[name])]
    return "everybody" if offer["public"] else ", ".join(words) or "who it pays with"


def _state(offer: dict[str, Any]) -> str:
    return "yes" if offer["enabled"] else "no"


def _money(money: dict[str, str] | None) -> str:
    return f"{money['amount']} {money['currency']}" if money else ""


def _line(text: str) -> dict[str, Any]:
    """An id may have a colon in it, so only a number after the last one is a quantity."""
    item_id, _, quantity = text.rpartition(":")
    is_counted = bool(item_id) and quantity.isascii() and quantity.isdigit()
    return {"item_id": item_id, "quantity": int(quantity)} if is_counted else {"item_id": text}


def _url(offer_id: str) -> str:
    return f"/v1/offers/{quoted(offer_id)}"
