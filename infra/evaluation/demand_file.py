"""A file of weekly sales as a panel: finds the columns, reads weeks as they are written, says what is wrong where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt

from infra.evaluation.demand_cells import MISSING, covariates, plain_flag, text_of, written
from infra.evaluation.demand_weeks import numbered, with_years
from infra.imports.files import Problem, Row, SourceError, refuse, rows
from training.demand.panel import Bools, Floats, Panel, on_sale

NAMES: Mapping[str, tuple[str, ...]] = {
    "item": ("item", "item_id", "sku", "sku_id", "product", "product_id", "upc", "id", "article"),
    "category": ("category", "category_id", "cat", "product_category", "group", "department", "class"),
    "week": ("week", "week_id", "week_start", "week_starting", "date", "day", "period", "time", "timestamp"),
    "price": ("price", "unit_price", "avg_price", "average_price", "price_paid", "selling_price"),
    "units": ("units", "units_sold", "quantity", "qty", "sales_units", "unit_sales", "sold", "demand"),
    "year": ("year", "yr", "calendar_year", "fiscal_year"),
    "in_stock": ("in_stock", "instock", "available", "availability"),
    "out_of_stock": ("out_of_stock", "stockout", "stock_out", "oos"),
    "truth": ("true_elasticity", "elasticity_true", "elasticity"),
}
"""Our columns by what files call them; the first that a file has is taken."""
NEEDED = ("item", "week", "price", "units")


@dataclass(frozen=True)
class Sales:
    """A file's panel; `truth` are elasticities, if a simulator told them. `notes` say what was made of the file."""

    panel: Panel
    categories: tuple[str | None, ...]
    truth: Floats | None
    rows: int
    notes: tuple[str, ...] = field(default=())


def read(path: Path, names: Mapping[str, str], gaps: str = "auto") -> Sales:
    """The file's sales. `names` are columns by our name for them. Raises `SourceError`.

    A week without a row is a week not on sale; with `gaps` "zero" one in which nothing was sold, with "auto" so if the
    file has no row with 0 units: then only sales were written down.
    """
    table = list(rows(path, refuse))
    if not table:
        raise SourceError(f"{path} has no rows.")
    reader = _Reader(path, table, names)
    return reader.sales(gaps)


class _Reader:
    """Columns of one file; every complaint names its line and column."""

    def __init__(self, path: Path, table: Sequence[Row], names: Mapping[str, str]) -> None:
        self.path, self.table, self.notes = path, table, list[str]()
        self.header = list(dict.fromkeys(name for row in (table[0], table[-1]) for name in row.values))
        self.columns = self._found(names)

    def _found(self, names: Mapping[str, str]) -> dict[str, str]:
        if wrong := [each for each in names if each not in NAMES]:
            raise SourceError(f"{wrong[0]} is none of {', '.join(NAMES)}.")
        if absent := [each for each in names.values() if each not in self.header]:
            raise SourceError(f"{self.path} has no column {absent[0]}; it has {', '.join(self.header)}.")
        by_plain = {_plain(each): each for each in reversed(self.header)}
        found = {
            ours: next((by_plain[each] for each in theirs if each in by_plain), None) for ours, theirs in NAMES.items()
        }
        columns = {ours: theirs for ours, theirs in (found | dict(names)).items() if theirs is not None}
        if lacking := [each for each in NEEDED if each not in columns]:
            has = ", ".join(self.header)
            raise SourceError(f"{self.path} lacks the column {lacking[0]} (it has {has}): say --map {lacking[0]}=NAME.")
        return columns

    def sales(self, gaps: str) -> Sales:
        """All columns, several rows of an item's week made one, and gaps filled if they are zeros."""
        units = self._numbers("units")
        kept = np.isfinite(units)
        self._note(int((~kept).sum()), "rows without units are left out")
        self._note(int((units < 0).sum()), "rows with negative units count as 0 units")
        price = self._numbers("price")
        self._note(int((~(price > 0) & kept).sum()), "rows have no price above 0: it is taken from the week before")
        items, item = _coded(self._texts("item"))
        week, monday = self._weeks()
        covariates, names = self._covariates()
        panel = Panel(
            tuple(items), item, week, price, np.maximum(units, 0.0), self._in_stock(), covariates, names, monday
        ).where(kept)
        if not kept.any():
            raise SourceError(f"{self.path} has no row with units.")
        panel = self._filled(self._once(panel), gaps)
        truth = self._per_item("truth", item, len(items))
        return Sales(panel, self._categories(item, items), truth, len(self.table), tuple(self.notes))

    def _texts(self, ours: str) -> list[str]:
        column = self.columns[ours]
        texts = [text_of(row.values.get(column)) for row in self.table]
        if ours in NEEDED:
            for row, text in zip(self.table, texts, strict=True):
                if not text:
                    self._refuse(row, column, "is empty")
        return texts

    def _refuse(self, row: Row, column: str, message: str) -> None:
        refuse(Problem(str(self.path), row.line, column, message))

    def _note(self, count: int, what: str) -> None:
        if count:
            self.notes.append(f"{count:,} {what}.")

    def _numbers(self, ours: str) -> Floats:
        return self._parsed(self.columns[ours])

    def _parsed(self, column: str) -> Floats:
        values = np.empty(len(self.table))
        for at, row in enumerate(self.table):
            value = row.values.get(column)
            try:
                values[at] = value if value is not None else np.nan
            except (ValueError, TypeError):
                values[at] = self._number(row, column, text_of(value))
        values[np.isinf(values)] = np.nan
        return values

    def _number(self, row: Row, column: str, text: str) -> float:
        """A number as people write it, too: $1,299.00 or 1.299,00 or 3,99."""
        if text.lower() in MISSING:
            return float("nan")
        if (number := written(text)) is None:
            self._refuse(row, column, f"{text[:40]!r} is not a number")
        return number if number is not None else float("nan")

    def _weeks(self) -> tuple[npt.NDArray[np.int32], date | None]:
        texts = self._texts("week")
        if "year" in self.columns:
            texts = with_years(self._texts("year"), texts)
        try:
            numbers, monday = numbered(dict.fromkeys(texts))
        except ValueError as error:
            bad = error.args[0]
            self._refuse(self.table[texts.index(bad)], self.columns["week"], f"{bad[:40]!r} is no week or date")
        return np.array([numbers[each] for each in texts], dtype=np.int32), monday

    def _in_stock(self) -> Bools | None:
        for ours, empty in (("in_stock", 1.0), ("out_of_stock", 0.0)):
            if ours in self.columns:
                flags = self._flags(self.columns[ours])
                stocked = np.where(np.isnan(flags), empty, flags) > 0
                stocked = stocked if ours == "in_stock" else ~stocked
                self._note(int((~stocked).sum()), "rows out of stock tell nothing and are not judged")
                return np.asarray(stocked)
        return None

    def _flags(self, column: str) -> Floats:
        texts = [plain_flag(text_of(row.values.get(column))) for row in self.table]
        return np.array([self._number(row, column, text) for row, text in zip(self.table, texts, strict=True)])

    def _covariates(self) -> tuple[Floats, tuple[str, ...]]:
        """Every other column that varies: numbers, yes and no, or a few words."""
        columns: dict[str, Floats] = {}
        for name in self.header:
            if name not in self.columns.values():
                found = covariates(name, [text_of(row.values.get(name)) for row in self.table])
                if found is None:
                    self.notes.append(f"The column {name} is left out: it is neither numbers nor a few words.")
                columns |= found or {}
        varying = {name: values for name, values in columns.items() if np.ptp(values) > 0}
        if varying:
            self.notes.append(f"Covariates: {', '.join(varying)}.")
            return np.stack(list(varying.values()), axis=1), tuple(varying)
        return np.empty((0, 0)), ()

    def _categories(self, item: npt.NDArray[np.int32], items: Sequence[str]) -> tuple[str | None, ...]:
        """Each item's last one told."""
        if "category" not in self.columns:
            return (None,) * len(items)
        found: list[str | None] = [None] * len(items)
        for number, text in zip(item.tolist(), self._texts("category"), strict=True):
            found[number] = text or found[number]
        return tuple(found)

    def _per_item(self, ours: str, item: npt.NDArray[np.int32], items: int) -> Floats | None:
        if ours not in self.columns:
            return None
        values = np.full(items, np.nan)
        values[item] = self._numbers(ours)
        self.notes.append(f"The column {self.columns[ours]} is taken for the true elasticity, and only judged by.")
        return values

    def _once(self, panel: Panel) -> Panel:
        """One row an item and week: units added, prices averaged by units, covariates by rows."""
        key = panel.item.astype(np.int64) * panel.weeks + panel.week
        unique, inverse, count = np.unique(key, return_inverse=True, return_counts=True)
        if len(unique) == len(key):
            return panel
        self._note(len(key) - len(unique), "rows repeat an item and week: their units are added")
        units = np.bincount(inverse, panel.units)
        # Where nothing was sold, all prices count the same.
        weight = np.where(units[inverse] > 0, panel.units, 1.0) * (panel.price > 0)
        total = np.bincount(inverse, weight)
        value = np.bincount(inverse, np.where(weight > 0, panel.price * weight, 0.0))
        stocked = None if panel.in_stock is None else np.bincount(inverse, panel.in_stock) > 0
        covariates = panel.covariates
        if panel.names:
            covariates = np.stack([np.bincount(inverse, each) / count for each in panel.covariates.T], axis=1)
        return Panel(
            panel.items,
            (unique // panel.weeks).astype(np.int32),
            (unique % panel.weeks).astype(np.int32),
            np.where(total > 0, value / np.where(total > 0, total, 1.0), np.nan),
            units,
            stocked,
            covariates,
            panel.names,
            panel.first_monday,
        )

    def _filled(self, panel: Panel, gaps: str) -> Panel:
        if gaps == "missing" or (gaps == "auto" and (panel.units == 0).any()):
            return panel
        filled = on_sale(panel)
        self._note(len(filled.units) - len(panel.units), "weeks without a row count as weeks in which nothing was sold")
        return filled


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def _coded(texts: Sequence[str]) -> tuple[list[str], npt.NDArray[np.int32]]:
    numbers: dict[str, int] = {}
    coded = np.array([numbers.setdefault(each, len(numbers)) for each in texts], dtype=np.int32)
    return list(numbers), coded
