"""Prices, quotes, offers and values on the bill, as far as a shop asks for them; one that does not pays nothing."""

from collections.abc import Iterator

from functions.meter.prices import Used
from infra.cost.units import Shop, called, figures, runs


def selling(shop: Shop) -> Iterator[Used]:
    """Calls of the API, and what the stream does with orders that used an offer's code."""
    yield from _asked("prices", {"prices": shop.prices})
    yield from _asked("quotes", _quotes(shop.quotes))
    yield from _asked("offers", _offers(shop.offers))
    yield from _asked("customers", {"customers": shop.values})
    yield from _redeemed(shop)


def _quotes(quotes: float) -> dict[str, float]:
    """Each is given in a session, looked at once more, and some become an order."""
    redeemed = quotes * _assumed("share_of_quotes_redeemed")
    return {"quotes: in a session": quotes, "quotes: verified": quotes, "quotes: redeemed": redeemed}


def _offers(asked: float) -> dict[str, float]:
    """The first time there is a decision to be made and written, later it is found."""
    new = asked * _assumed("share_of_offers_new")
    return {"offers": new, "offers: asked again": asked - new}


def _asked(function: str, calls: dict[str, float]) -> Iterator[Used]:
    if not sum(calls.values()):
        return
    measured = figures()["selling"]["calls"]
    cpu = sum(times * measured[call]["cpu_ms"] for call, times in calls.items()) / sum(calls.values())
    size = sum(times * measured[call]["reply_bytes"] for call, times in calls.items()) / sum(calls.values())
    yield from called(function, sum(calls.values()), cpu, size)
    for unit in ("read", "write"):
        units = sum(times * measured[call][f"{unit}s"] for call, times in calls.items())
        yield Used(function, f"dynamodb_{unit}_unit", units)


def _redeemed(shop: Shop) -> Iterator[Used]:
    """What an order with a code takes of the stream's function more than another."""
    orders = shop.offers * _assumed("share_of_offers_new") * _assumed("share_of_offers_redeemed")
    if not orders:
        return
    plain, coded = (figures()["selling"]["stream"][name] for name in ("an order", "an order with a code"))
    yield from runs("project", orders, coded["cpu_ms"] - plain["cpu_ms"])
    yield Used("project", "dynamodb_read_unit", orders * (coded["reads"] - plain["reads"]))
    yield Used("project", "dynamodb_write_unit", orders * (coded["writes"] - plain["writes"]))


def _assumed(name: str) -> float:
    value: float = figures()["assumed"][name]["value"]
    return value
