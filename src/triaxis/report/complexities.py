"""Complexity of one gate: each measure of each model, ungated and above the floor, and what it goes with."""

from typing import NamedTuple

import polars as pl

from triaxis.report.levels import MOST_METRICS, MOST_MODELS, Column, few_floors, floor_words
from triaxis.report.text import number
from triaxis.report.view import GateView, Row


class Complexity(NamedTuple):
    """One table: `rows` are (model, one figure or None for each of `columns`)."""

    columns: list[Column]
    rows: list[tuple[str, list[Row | None]]]


def complexity(view: GateView) -> Complexity | None:
    """What the page shows of the table `complexity`, all domains together; None without rows."""
    rows = view.table("complexity").filter(pl.col("value").is_not_null())
    if not rows.height:
        return None
    by_key = {(row["model"], row["measure"], row["floor"]): row for row in rows.iter_rows(named=True)}
    known = set(rows["model"])
    models = [model for model in view.models if model in known][:MOST_MODELS]
    measures = rows["measure"].unique(maintain_order=True).to_list()[:MOST_METRICS]
    floors = few_floors(rows["floor"].unique().to_list())
    keys = [(m, floor) for m in measures for floor in floors if any((model, m, floor) in by_key for model in models)]
    columns = [Column(measure, floor_words(floor)) for measure, floor in keys]
    return Complexity(columns, [(model, [by_key.get((model, *key)) for key in keys]) for model in models])


def figure(row: Row | None) -> str:
    """`142 [130, 155]`, or a dash."""
    if row is None:
        return "–"
    ends = "" if row["low"] is None or row["high"] is None else f" [{number(row['low'], 1)}, {number(row['high'], 1)}]"
    return number(row["value"], 1) + ends


def beside(row: Row | None) -> str:
    """What stands under a figure: the rank correlations that are known."""
    if row is None:
        return ""
    named = (("length", row["rho_length"]), ("passes", row["rho_pass"]), ("passes given length", row["partial"]))
    return " · ".join(f"ρ {name} {number(rho, 2)}" for name, rho in named if rho is not None)
