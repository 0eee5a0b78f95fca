"""What a model table adds: base models against those tuned from them, and figures over the number of parameters."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from triaxis.report.dense import Axes
from triaxis.report.text import visible
from triaxis.report.view import GateView, Row

VERDICTS = ("narrows", "widens", "same within delta", "cannot tell")


def tuned_rows(view: GateView) -> pl.DataFrame:
    """Rows of `base_to_tuned` over all domains at the reference budget, or at the largest one that has rows."""
    rows = view.table("base_to_tuned")
    known = rows["budget"].unique().to_list()
    return rows.filter(pl.col("budget") == (view.budget if view.budget in known else max(known, default=0)))


def floors(view: GateView) -> list[float | None]:
    """Floors at which base and tuned models were compared, ungated first."""
    found = tuned_rows(view)["floor"].unique().to_list()
    return [*([None] if None in found else []), *sorted(f for f in found if f is not None)]


def ends(view: GateView) -> list[float | None]:
    """The floors of the small table: the lowest, and the highest that leaves a fifth of the samples."""
    known = floors(view)
    gated = [f for f in known if f is not None]
    if not gated:
        return known[:1]
    high = [f for f in gated if f <= (view.shown_floors[-1] or gated[-1])]
    return list(dict.fromkeys((gated[0], (high or gated)[-1])))


def extract(view: GateView, axes: Axes, most_pairs: int) -> dict[str, Any]:
    """Pairs with rows [pair, floor, base, tuned, difference, low, high, verdict, prompts] at the floors of `axes`; and sizes."""
    shown = {*axes.floors, *ends(view)}
    known = [floor for floor in floors(view) if floor in shown]
    rows = [row for row in tuned_rows(view).sort("base", "tuned", "floor").to_dicts() if row["floor"] in known]
    pairs = list(dict.fromkeys((row["base"], row["tuned"]) for row in rows))
    place = {pair: i for i, pair in enumerate(pairs[:most_pairs])}
    stages = {(row["base"], row["tuned"]): row["stage"] for row in rows}
    return {
        "budget": rows[0]["budget"] if rows else None,
        "floors": known,
        "ends": [known.index(floor) for floor in ends(view)],
        "pairs": [[_shown(base), _shown(tuned), _shown(stages[base, tuned])] for base, tuned in place],
        "left": len(pairs) - len(place),
        "rows": [_row(row, place, known) for row in rows if (row["base"], row["tuned"]) in place],
        "sizes": _sizes(view, axes.models),
    }


def _shown(text: str | None) -> str:
    return visible((text or "")[:120])


def _row(row: Row, place: dict[tuple[str, str], int], known: Sequence[float | None]) -> list[Any]:
    verdict = VERDICTS.index(row["verdict"]) if row["verdict"] in VERDICTS else VERDICTS.index("cannot tell")
    values = [None if row[n] is None else round(row[n], 4) for n in ("value_base", "value_tuned", "difference", "low", "high")]
    return [place[row["base"], row["tuned"]], known.index(row["floor"]), *values, verdict, row["prompts"]]


def _sizes(view: GateView, models: Sequence[str]) -> list[list[Any]]:
    """[model (place), parameters, family, stage] of `models` with a size; none where fewer than two sizes are known."""
    rows = view.whole("size_curves").unique("model").sort("parameters", "model")
    at = {name: i for i, name in enumerate(models)}
    if rows["parameters"].n_unique() < 2:
        return []
    found = rows.select("model", "parameters", "family", "stage").iter_rows()
    return [[at[model], size, _shown(family), _shown(stage)] for model, size, family, stage in found if model in at]
