"""Where a run changes and how soon it gets somewhere: the tables of the section on series, and the words for their rows."""

from collections import Counter
from collections.abc import Iterable

import polars as pl

from triaxis.report.answers.blocks import (
    Block,
    Cell,
    Room,
    Table,
    Words,
    count_cell,
    digits_of,
    domain_name,
    heads,
    left_words,
    named_cell,
    rows_of,
    shown_name,
)
from triaxis.report.levels import floor_words
from triaxis.report.text import interval, number, percent, plural, signed
from triaxis.report.view import GateView, Row

CHANGES = ("change", "gradual change")
MOST_ROWS = 60


def what(row: Row) -> str:
    """`usable diversity, ≥ 5, 10 draws`: what a row is of."""
    label = [shown_name(row["label"])] if row["label"] is not None else []
    draws = [plural(row["budget"], "draw")] if row["budget"] is not None else []
    return ", ".join([f"{row['measure']}", *label, floor_words(row["floor"]), *draws])


def moved(row: Row) -> str:
    """`2.90 → 2.10, −0.80 [−1.00, −0.60]`: the means before and after a change, and their difference."""
    digits = digits_of(row["before"])
    told = f"{number(row['before'], digits)} → {number(row['after'], digits)}"
    return f"{told}, {signed(row['difference'], digits)} {interval(row['low'], row['high'], digits)}".rstrip()


def at_step(row: Row, names: tuple[str, str, str] = ("step", "step_low", "step_high")) -> str:
    """`200 [175, 225]`: a step with its interval, from the columns `names`."""
    at, low, high = (row[name] for name in names)
    ends = "" if low is None or high is None else f" [{low:,.0f}, {high:,.0f}]"
    return f"{at:,}{ends}"


def change_table(changes: pl.DataFrame, room: Room) -> Iterable[Block]:
    """Every change, by step; of the series without one only how many."""
    if not changes.height:
        return
    rows = changes.filter(pl.col("verdict").is_in(CHANGES)).sort(pl.col("domain").is_not_null(), "step", maintain_order=True)
    rest = Counter(changes.filter(~pl.col("verdict").is_in(CHANGES))["verdict"])
    others = "; ".join(f"{verdict}: {count:,}" for verdict, count in sorted(rest.items()))
    if not rows.height:
        yield Words(f"No change point ({others}).", is_fine=True)
        return
    most = room.most(MOST_ROWS, 5)
    columns = heads("run", "domain", "what~", "step#", "before → after, difference#", "p#", "verdict", "prompts#")
    note = f"Of the other series: {others}." if others else ""
    yield Table(
        "Where something changes",
        note,
        columns,
        [_change(row) for row in rows.head(most).to_dicts()],
        left_words(rows.height - most, "change", "change_points"),
    )


def _change(row: Row) -> list[Cell]:
    return [
        named_cell(row["model"]),
        Cell([domain_name(row["domain"])], is_name=True),
        Cell([what(row)]),
        Cell([at_step(row)], row["step"]),
        Cell([moved(row)], row["difference"]),
        Cell([number(row["p"], 3)], row["p"]),
        Cell([row["verdict"]]),
        count_cell(row["prompts"]),
    ]


def time_table(view: GateView, room: Room) -> Iterable[Table]:
    """The first step at which each share is reached, or why it is not."""
    rows = rows_of(view, "series_times")
    if not rows.height:
        return
    most = room.most(MOST_ROWS, 5)
    columns = heads("run", "domain", "what~", "reaches#", "at step#", "note~")
    table = [_time(row) for row in rows.head(most).to_dicts()]
    yield Table(
        "How soon",
        "The first step at which a share is reached.",
        columns,
        table,
        left_words(rows.height - most, "row", "series_times"),
    )


def _time(row: Row) -> list[Cell]:
    at = Cell(["never"]) if row["step"] is None else Cell([at_step(row, ("step", "low", "high"))], row["step"])
    start = [named_cell(row["model"]), Cell([domain_name(row["domain"])], is_name=True), Cell([what(row)])]
    return [*start, Cell([percent(row["share"])], row["share"]), at, Cell([row["reason"] or ""])]
