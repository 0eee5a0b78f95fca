"""Table `change_points`: every series of a run is asked once; all of them together may be wrong one time in twenty."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from triaxis.errors import Undefined
from triaxis.measure.series.runs import Run
from triaxis.measure.tables import Resampling
from triaxis.results import NotRun
from triaxis.stats.change_points import (
    CANNOT_TELL,
    CHANGE,
    GRADUAL,
    MIN_STEPS,
    NONE_SEEN,
    WOBBLE_STEPS,
    Segmented,
    Split,
    change_points,
)

ALPHA = 0.05
UNGUARDED = (
    f"change points: prompts are the sample, checkpoints are as given; with fewer than {WOBBLE_STEPS} steps a wobble of one "
    "checkpoint that all prompts share counts as a change"
)


class Asked(NamedTuple):
    """One series: what names it, and its per-prompt `values` (prompts, steps)."""

    measure: str
    floor: float
    values: np.ndarray
    label: str | None = None
    budget: int | None = None


def change_rows(run: Run, asked: Sequence[Asked], resampling: Resampling) -> tuple[list[pl.DataFrame], tuple[NotRun, ...]]:
    """Rows of `change_points` for all series of `run`, their p adjusted for the number of series (Holm 1979)."""
    found: list[Segmented | None] = []
    reasons: dict[str, int] = {}
    for series in asked:
        try:
            found.append(_changes(series, resampling, 1.0))
        except Undefined as reason:
            found.append(None)
            reasons[str(reason)] = reasons.get(str(reason), 0) + 1
    factors = holm_factors([np.nan if one is None else one.best.p for one in found])
    rows = [
        row for series, one, factor in zip(asked, found, factors, strict=True)
        for row in _rows(run, series, one, factor, resampling)
    ]  # fmt: skip
    where = run.name if run.domain is None else f"{run.name} in {run.domain}"
    told = tuple(NotRun(analysis=f"change points of {where}", reason=_counted(r, n, len(asked))) for r, n in reasons.items())
    return ([pl.DataFrame(rows, schema=_SCHEMA)] if rows else []), told


def _counted(reason: str, count: int, every: int) -> str:
    return reason if count == every else f"{reason} ({count} of {every} series)"


def holm_factors(p: Sequence[float]) -> list[float]:
    """By what each p is multiplied so that all that stay under a level do so together; NaN: not asked.

    A p that would come out smaller than the one before it is raised to it (Holm 1979).
    """
    order = [at for at in np.argsort(p, kind="stable").tolist() if not np.isnan(p[at])]
    factors, reached = [1.0] * len(p), 0.0
    for rank, at in enumerate(order):
        reached = max(reached, (len(order) - rank) * p[at])
        factors[at] = reached / p[at]
    return factors


def _changes(series: Asked, resampling: Resampling, factor: float) -> Segmented:
    return change_points(series.values, seed=resampling.seed, draws=resampling.draws, alpha=ALPHA, factor=factor)


_SCHEMA = {
    "model": pl.String, "domain": pl.String, "measure": pl.String, "label": pl.String, "floor": pl.Float64, "budget": pl.Int64,
    "step": pl.Int64, "step_low": pl.Int64, "step_high": pl.Int64, "before": pl.Float64, "after": pl.Float64,
    "difference": pl.Float64, "low": pl.Float64, "high": pl.Float64, "p": pl.Float64, "verdict": pl.String, "prompts": pl.Int64,
}  # fmt: skip


def _rows(
    run: Run, series: Asked, found: Segmented | None, factor: float, resampling: Resampling
) -> Iterator[dict[str, object]]:
    """One row for each change; one that says so where none is seen, or nobody can tell."""
    floor = None if np.isneginf(series.floor) else float(series.floor)
    named: dict[str, object] = {
        "model": run.name, "domain": run.domain, "measure": series.measure, "label": series.label, "floor": floor,
        "budget": series.budget, "prompts": int(np.count_nonzero(~np.isnan(series.values).all(axis=1))),
    }  # fmt: skip
    if found is None:
        yield named | {"verdict": CANNOT_TELL}
        return
    p = min(1.0, found.best.p * factor)
    changes = _changes(series, resampling, factor).changes if p <= ALPHA else ()
    if not changes:
        yield named | {"verdict": NONE_SEEN, "p": p}
    for split in changes:
        yield named | _told(run, split)


def _told(run: Run, split: Split) -> dict[str, object]:
    return {
        "step": run.steps[split.place], "step_low": run.steps[split.low], "step_high": run.steps[split.high],
        "before": split.before, "after": split.after, "difference": split.difference, "low": split.difference_low,
        "high": split.difference_high, "p": split.p, "verdict": GRADUAL if split.is_gradual else CHANGE, "prompts": split.prompts,
    }  # fmt: skip


__all__ = ["ALPHA", "MIN_STEPS", "UNGUARDED", "Asked", "change_rows", "holm_factors"]
