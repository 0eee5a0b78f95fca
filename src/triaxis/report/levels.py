"""The levels of diversity of one gate: for each its metrics beside each other, with intervals, nulls and length confound."""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from triaxis.report.text import floor_name, number, plural, trimmed
from triaxis.report.view import GateView, Row

LEVELS = ("lexical", "syntactic", "semantic", "behavioural", "format")
MOST_MODELS = 20
MOST_FLOORS = 3
MOST_METRICS = 24
STRONG = 0.5
"""A rank correlation with length from which a value is marked."""


class Column(NamedTuple):
    """One metric at one floor."""

    metric: str
    floor: str


class Level(NamedTuple):
    """One table: `rows` are (model, one figure or None for each of `columns`), `says` what each metric is; what was left out."""

    name: str
    columns: list[Column]
    says: list[str]
    rows: list[tuple[str, list[Row | None]]]
    metrics_left: int


class Levels(NamedTuple):
    """The tables of one gate."""

    levels: list[Level]
    models_left: int
    prompts: int


def levels(view: GateView) -> Levels | None:
    """What the page shows of `diversity_levels`, all domains together; None without rows."""
    rows = view.table("diversity_levels").filter(pl.col("value").is_not_null())
    if not rows.height:
        return None
    known = set(rows["model"])
    models = [model for model in view.models if model in known]
    floors = few_floors(rows["floor"].unique().to_list())
    shown = [_level(rows.filter(pl.col("level") == name), name, models[:MOST_MODELS], floors) for name in LEVELS]
    return Levels([one for one in shown if one.rows], max(0, len(models) - MOST_MODELS), int(rows["prompts"].to_numpy().max()))


def few_floors(found: Sequence[float | None]) -> list[float | None]:
    """No floor first, then at most two: the middle one and the highest."""
    gated = sorted(floor for floor in found if floor is not None)
    chosen = gated if len(gated) < MOST_FLOORS else [gated[len(gated) // 2], gated[-1]]
    return [*([None] if None in found else []), *chosen]


def _level(rows: pl.DataFrame, name: str, models: Sequence[str], floors: Sequence[float | None]) -> Level:
    metrics = rows["metric"].unique(maintain_order=True).to_list()
    shown = metrics[:MOST_METRICS]
    by_key = {(row["model"], row["metric"], row["floor"]): row for row in rows.iter_rows(named=True)}
    keys = [(metric, floor) for metric in shown for floor in floors if any((m, metric, floor) in by_key for m in models)]
    columns = [Column(metric, floor_words(floor)) for metric, floor in keys]
    table = [(model, [by_key.get((model, *key)) for key in keys]) for model in models]
    says = [_says(metric, rows.filter(pl.col("metric") == metric)) for metric in shown]
    return Level(name, columns, says, [row for row in table if any(row[1])], len(metrics) - len(shown))


def floor_words(floor: float | None) -> str:
    """`no floor`, or the floor with its sign."""
    return "no floor" if floor is None else f"≥ {floor_name(floor)}"


def _says(metric: str, rows: pl.DataFrame) -> str:
    """Direction, and the size of the sets, of one metric."""
    sizes = rows["size"].drop_nulls().unique().sort().to_list()
    told = "" if not sizes else f", sets of {sizes[0]}" if len(sizes) == 1 else f", sets of {sizes[0]} to {sizes[-1]}"
    return f"{trimmed(metric, 60)}: higher is {rows['direction'][0]}{told}"


def figure(row: Row | None) -> str:
    """`0.83 [0.81, 0.85]`, or a dash."""
    if row is None or row["value"] is None:
        return "–"
    ends = "" if row["low"] is None or row["high"] is None else f" [{number(row['low'], 2)}, {number(row['high'], 2)}]"
    return number(row["value"], 3) + ends


def beside(row: Row | None) -> str:
    """What stands under a figure: its nulls, and a strong correlation with length."""
    if row is None or row["value"] is None:
        return ""
    nulls = [("other prompts", row["other_prompts"]), ("shuffled", row["shuffled"])]
    parts = [f"{name} {number(value, 3)}" for name, value in nulls if value is not None]
    rho = row["length_correlation"]
    if rho is not None and abs(rho) >= STRONG:
        parts.append(f"length ρ {number(rho, 2)}")
    return " · ".join(parts)


def lines(view: GateView) -> list[str]:
    """For the terminal: the first metric of each level, its widest and narrowest model at no floor and at the highest shown."""
    found = levels(view)
    return [] if found is None else [line for level in found.levels for line in _lines(level)]


def _lines(level: Level) -> list[str]:
    first = level.columns[0].metric
    places = [i for i, column in enumerate(level.columns) if column.metric == first]
    told = [text for i in dict.fromkeys((places[0], places[-1])) if (text := _extremes(level, i))]
    return [f"{level.name}, {first}: {'; '.join(told)}"] if told else []


def _extremes(level: Level, place: int) -> str:
    rows = [(row["value"], model, row) for model, cells in level.rows if (row := cells[place]) is not None]
    if not rows:
        return ""
    ordered = sorted(rows, key=lambda one: one[:2], reverse=rows[0][2]["direction"] == "more diverse")
    (_, widest, most), (_, narrowest, least) = ordered[0], ordered[-1]
    where = level.columns[place].floor
    if len(ordered) == 1:
        return f"{where}: {trimmed(widest, 40)} {figure(most)}"
    return f"{where}: most {trimmed(widest, 40)} {figure(most)}, least {trimmed(narrowest, 40)} {figure(least)}"


def left_words(found: Levels) -> str:
    """What is in the table and not on the page."""
    more = sum(level.metrics_left for level in found.levels)
    parts = [plural(n, what) for n, what in ((found.models_left, "more model"), (more, "more metric")) if n]
    return f"{' and '.join(parts)}: see tables/diversity_levels.parquet" if parts else ""
