"""What usable answers cost: the tables `cost` and `cost_map` of one gate, in multiples of each unit that read well.

The one idea: price, tokens, FLOP and parameters are four questions. Each has a name, a multiple that is said ("per 1,000
tokens"), a ranking and a map of its own, and none is ever set beside another in one chart.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import polars as pl

from triaxis.report.dense import Axes
from triaxis.report.phrase import Name, Sentence, named
from triaxis.report.text import floor_name, plural
from triaxis.report.view import GateView, Row

UNITS = ("price", "tokens", "FLOP", "parameters")


class Multiple(NamedTuple):
    """So many of a unit, and what that is called behind "per" and as the unit of an axis."""

    factor: float
    one: str
    many: str


MULTIPLES: dict[str, tuple[Multiple, ...]] = {
    "price": (
        Multiple(1e-6, "millionth of one unit of currency", "millionths of one unit of currency"),
        Multiple(1e-3, "thousandth of one unit of currency", "thousandths of one unit of currency"),
        Multiple(1, "unit of currency", "units of currency"),
        Multiple(1e3, "1,000 units of currency", "thousands of units of currency"),
    ),
    "tokens": (
        Multiple(1, "token", "tokens"),
        Multiple(1e3, "1,000 tokens", "thousands of tokens"),
        Multiple(1e6, "million tokens", "millions of tokens"),
        Multiple(1e9, "billion tokens", "billions of tokens"),
    ),
    "FLOP": (
        Multiple(1, "FLOP", "FLOP"),
        Multiple(1e6, "MFLOP (million FLOP)", "MFLOP (million FLOP)"),
        Multiple(1e9, "GFLOP (billion FLOP)", "GFLOP (billion FLOP)"),
        Multiple(1e12, "TFLOP (10¹² FLOP)", "TFLOP (10¹² FLOP)"),
        Multiple(1e15, "PFLOP (10¹⁵ FLOP)", "PFLOP (10¹⁵ FLOP)"),
        Multiple(1e18, "EFLOP (10¹⁸ FLOP)", "EFLOP (10¹⁸ FLOP)"),
    ),
    "parameters": (
        Multiple(1e-6, "thousand parameters", "thousands of parameters"),
        Multiple(1e-3, "million parameters", "millions of parameters"),
        Multiple(1, "billion parameters", "billions of parameters"),
        Multiple(1e3, "trillion parameters", "trillions of parameters"),
    ),
}
"""Multiples of the unit that `cost_unit` counts in; parameters are counted in billions."""


def units(view: GateView) -> list[str]:
    """Units of cost with rows, in a fixed order."""
    known = set(view.table("cost")["cost_unit"].unique().to_list())
    return [unit for unit in UNITS if unit in known]


def per(unit: str, values: Sequence[float]) -> Multiple:
    """The smallest multiple of `unit` by which the middle of `values` (classes per unit) is at least 1.

    >>> per("tokens", [0.002, 0.02, 0.2]).one
    '1,000 tokens'
    """
    middle = _middle(values)
    return next((m for m in MULTIPLES[unit] if middle * m.factor >= 1), MULTIPLES[unit][-1])


def of(unit: str, amounts: Sequence[float]) -> Multiple:
    """The largest multiple of `unit` of which the smallest of `amounts` is at least one, else the smallest."""
    least = min((a for a in amounts if a > 0), default=1.0)
    return next((m for m in reversed(MULTIPLES[unit]) if least >= m.factor), MULTIPLES[unit][0])


def _middle(values: Sequence[float]) -> float:
    known = sorted(value for value in values if value > 0)
    return known[len(known) // 2] if known else 1.0


def budget(view: GateView) -> int | None:
    """The reference budget where it has costs, else the largest that has."""
    known = view.table("cost")["budget"].unique().to_list()
    return view.budget if view.budget in known else max(known, default=None)


def floors(view: GateView) -> list[float | None]:
    """The floors of the short table that have costs, else the ungated one."""
    known = set(view.table("cost")["floor"].unique().to_list())
    shown = [floor for floor in view.shown_floors if floor in known]
    return shown or ([None] if known else [])


def sentence(view: GateView) -> Sentence | None:
    """The highest figure in each unit but parameters, with its interval; None without costs."""
    if view.base_floor not in floors(view) or not (found := [u for u in units(view) if u != "parameters"]):
        return None
    floor = "without a floor" if view.base_floor is None else f"at floor {floor_name(view.base_floor)}"
    parts = [part for unit in found for part in _highest(view, unit)]
    start = f"Per cost, {floor} with {plural(budget(view) or 0, 'draw')} per prompt, the highest figures are those of "
    return (start, *parts[1:], "; each with its own interval, no verdict.")


def brief(view: GateView) -> Sentence | None:
    """Which model has the highest figure in each unit but parameters, without figures, for where there is no room."""
    if view.base_floor not in floors(view):
        return None
    first = [(unit, row) for unit in units(view) if unit != "parameters" and (row := _best(view, unit)) is not None]
    parts = [part for unit, row in first for part in (", ", named(view, row["model"]), f" per {unit}")]
    floor = "without a floor" if view.base_floor is None else f"at floor {floor_name(view.base_floor)}"
    return (f"Highest figures for the cost, {floor}: ", *parts[1:], " (no verdict)") if parts else None


def _best(view: GateView, unit: str) -> Row | None:
    rows = [row for row in _rows(view, unit, view.base_floor) if row["classes_per_unit"] is not None]
    return min(rows, key=lambda row: (-row["classes_per_unit"], row["model"]), default=None)


def _highest(view: GateView, unit: str) -> Iterator[str | Name]:
    best = _best(view, unit)
    if best is None:
        return
    multiple = per(unit, [best["classes_per_unit"]])
    figures = [figure(best[name], multiple) for name in ("classes_per_unit", "low", "high")]
    bounds = f" [{figures[1]}, {figures[2]}]" if best["low"] is not None else ""
    yield from (", ", named(view, best["model"]), f" ({figures[0]}{bounds} per {multiple.one})")


def figure(value: float | None, multiple: Multiple) -> str:
    """`value` per `multiple` in three digits: figures of one ranking may be a thousand times apart.

    >>> figure(0.0123456, MULTIPLES["tokens"][1]), figure(8260.1, MULTIPLES["price"][2])
    ('12.3', '8,260')
    """
    if value is None:
        return "–"
    scaled = value * multiple.factor
    rounded = float(f"{scaled:.3g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 100 else f"{rounded:.3g}"


def _rows(view: GateView, unit: str, floor: float | None) -> list[Row]:
    same_floor = pl.col("floor").eq_missing(pl.lit(floor, pl.Float64))
    return view.table("cost").filter(same_floor, pl.col("cost_unit") == unit, pl.col("budget") == budget(view)).to_dicts()


def extract(view: GateView, axes: Axes, most_amounts: int) -> dict[str, Any]:
    """What the page shows of costs, all domains: per unit the figures at the floors of `floors`, and the map on `axes`."""
    return {
        "budget": budget(view),
        "floors": floors(view),
        "units": [_unit(view, unit, axes, most_amounts) for unit in units(view)],
    }


def _unit(view: GateView, unit: str, axes: Axes, most_amounts: int) -> dict[str, Any]:
    at = {name: i for i, name in enumerate(axes.models)}
    by_floor = [_rows(view, unit, floor) for floor in floors(view)]
    values = [row["classes_per_unit"] for rows in by_floor for row in rows if row["classes_per_unit"] is not None]
    multiple = per(unit, values)
    shown = [
        [f, at[row["model"]], *(_scaled(row[name], multiple) for name in ("classes_per_unit", "low", "high"))]
        for f, rows in enumerate(by_floor)
        for row in rows
        if row["model"] in at
    ]
    return {"name": unit, "per": multiple.one, "rows": shown, **_map(view, unit, axes, most_amounts)}


def _scaled(value: float | None, multiple: Multiple) -> float | None:
    return None if value is None else float(f"{value * multiple.factor:.4g}")


def _map(view: GateView, unit: str, axes: Axes, most_amounts: int) -> dict[str, Any]:
    """Rows [floor, amount (place), leader, runner-up, difference, low, high, verdict, beyond reach], ascending."""
    at = {name: i for i, name in enumerate(axes.models)}
    rows = view.table("cost_map").filter(pl.col("cost_unit") == unit).sort("floor", "amount").to_dicts()
    amounts = thinned(sorted({row["amount"] for row in rows}), most_amounts)
    multiple = of(unit, amounts)
    known = [row for row in rows if row["amount"] in amounts and row["floor"] in axes.floors]
    shown = [_cell(row, amounts.index(row["amount"]), at) for row in known if row["leader"] in at and row["runner_up"] in at]
    return {"amounts": [_amount(a, multiple) for a in amounts], "of": multiple.many, "map": shown}


def thinned(amounts: Sequence[float], most: int) -> list[float]:
    """At most `most` of `amounts`, evenly, with the first."""
    return list(amounts[:: max(1, -(-len(amounts) // most))])


def amounts_left_out(view: GateView, most: int) -> tuple[int, int]:
    """How many amounts of `cost_map` are on the page, of how many, over all units."""
    found = view.table("cost_map").group_by("cost_unit").agg(pl.col("amount").unique().sort())
    return sum(len(thinned(a, most)) for a in found["amount"].to_list()), sum(map(len, found["amount"].to_list()))


def _amount(amount: float, multiple: Multiple) -> str:
    return figure(amount, Multiple(1 / multiple.factor, "", ""))


_VERDICTS = ("leads", "same within delta", "cannot tell")


def _cell(row: Row, amount: int, at: dict[str, int]) -> list[Any]:
    values = [None if row[n] is None else round(row[n], 3) for n in ("difference", "low", "high")]
    verdict = _VERDICTS.index(row["verdict"]) if row["verdict"] in _VERDICTS else 2
    names = names_in(row["beyond_reach"], tuple(at))
    others = sum(name not in at for name in names)
    beyond = [*(at[name] for name in names if name in at), *([f"{others} not on this page"] if others else [])]
    return [row["floor"], amount, at[row["leader"]], at[row["runner_up"]], *values, verdict, beyond]


@lru_cache(maxsize=4096)
def names_in(joined: str | None, known: tuple[str, ...]) -> tuple[str, ...]:
    """The names in `joined`, a list separated by commas; a `known` name may hold commas itself.

    >>> names_in("a, b, c", ("a", "b, c"))
    ('a', 'b, c')
    """
    found, rest = [], joined or ""
    while rest:
        whole = [name for name in known if rest == name or rest.startswith(f"{name}, ")]
        found.append(max(whole, key=len, default=rest.split(", ")[0]))
        rest = rest[len(found[-1]) + 2 :]
    return tuple(found)
