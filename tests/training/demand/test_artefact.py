"""A packed demand model gives the same curves, an altered one is refused, and an older one is read."""

import hashlib
import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from shared.inference.demand import DemandModel
from shared.inference.demand_card import CARD, CURVES, UnreadableDemandModel
from tests.training.demand.shops import shop
from training.demand.artefact import DemandArtefact, pack
from training.demand.fit import fit

DAY = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def packed() -> DemandArtefact:
    known = shop(items=40)
    return pack(fit(known.sales, known.categories), known.sales, DAY, 1.0)


def test_what_is_read_answers_as_what_was_packed(packed: DemandArtefact) -> None:
    read = DemandModel.read(packed.files)
    assert read.model_id == packed.model_id
    prices = [5.0, 6.0, 7.0]
    for item in ("item 0", "item 39"):
        for ours, theirs in zip(packed.model.curve(item, prices, 3.0), read.curve(item, prices, 3.0), strict=True):
            assert np.asarray(ours, float) == pytest.approx(np.asarray(theirs, float), rel=1e-4, abs=1e-4)


def test_the_id_follows_from_the_sales_only(packed: DemandArtefact) -> None:
    known = shop(items=40)
    again = pack(fit(known.sales, known.categories), known.sales, datetime(2027, 1, 1, tzinfo=UTC), 9.0)
    other = shop(items=40, seed=2)
    assert again.model_id == packed.model_id
    assert pack(fit(other.sales, other.categories), other.sales, DAY).model_id != packed.model_id


def test_the_card_says_what_was_fitted(packed: DemandArtefact) -> None:
    card = packed.card
    assert (card.items, card.weeks, card.rows) == (40, 52, 40 * 52)
    assert card.items_with_moves == 40
    assert card.coverage90 is not None
    assert 0.85 <= card.coverage90 <= 1
    assert card.files[CURVES].bytes == len(packed.files[CURVES])


def test_altered_or_missing_files_are_refused(packed: DemandArtefact) -> None:
    altered = bytearray(packed.files[CURVES])
    altered[len(altered) // 2] ^= 1
    for files in (
        packed.files | {CURVES: bytes(altered)},
        packed.files | {CARD: b"{}"},
        {CURVES: packed.files[CURVES]},
    ):
        with pytest.raises(UnreadableDemandModel):
            DemandModel.read(files)


def test_an_older_artefact_without_spans_is_read(packed: DemandArtefact) -> None:
    with np.load(io.BytesIO(packed.files[CURVES])) as arrays:
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, **{name: arrays[name] for name in arrays.files if name != "span"})
    card = json.loads(packed.files[CARD])
    card["files"][CURVES] = {"bytes": len(buffer.getvalue()), "sha256": hashlib.sha256(buffer.getvalue()).hexdigest()}
    older = DemandModel.read({CURVES: buffer.getvalue(), CARD: json.dumps(card).encode()})
    assert older.span.size == 0
    row, price = np.zeros(1, np.int32), np.full(1, np.nan)
    driven = replace(older, names=("x",), covariates=np.ones((40, 1)))
    plain = older.expected(row, price, row)
    assert driven.expected(row, price, row, np.array([[2.0]])) == pytest.approx(np.exp(2) * plain)


def test_a_higher_price_sells_less_and_the_change_is_surer_than_the_levels(packed: DemandArtefact) -> None:
    model = packed.model
    price = float(np.exp(model.reference[0]))
    curve = model.curve("item 0", [0.8 * price, price, 1.2 * price], cost=0.5 * price)
    assert (np.diff(curve.units[:, 0]) < 0).all()
    assert (curve.units[:, 1] < curve.units[:, 0]).all()
    assert (curve.units[:, 0] < curve.units[:, 2]).all()
    assert curve.profit is not None
    change = model.change("item 0", price, 0.9 * price, cost=0.5 * price)
    assert change.units.low < change.units.value < change.units.high
    assert change.units.high - change.units.low < curve.units[1, 2] - curve.units[1, 1]
    assert model.change("item 0", price, price, cost=1.0).gain_draws == pytest.approx(0.0)


def test_an_unknown_item_is_a_key_error(packed: DemandArtefact) -> None:
    with pytest.raises(KeyError):
        packed.model.elasticity_of("nobody's")
