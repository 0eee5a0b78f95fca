"""The quality of a data set: mean, median, how much of it has a quality, how much of it reaches each floor."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl
from scipy.special import betaincinv

from triaxis.measure.profile.figures import NONE, QUALITY, Figure, as_share, means, profile_row, quantiles
from triaxis.measure.profile.rows import DataSet
from triaxis.measure.tables import Resampling

UNGATED = "the run has no quality"
UNCOUNTED = "rows without a quality were not counted"


def quality_rows(data: DataSet, resampling: Resampling, tables: Mapping[str, pl.DataFrame]) -> Iterator[dict[str, Any]]:
    """Rows of `profile` on the axis of quality. `tables` may hold the gate's `cells`: rows without a quality are known there."""
    if not data.is_gated:
        yield profile_row(data, QUALITY, "mean", Figure(NONE), rows=len(data), unmeasured=len(data), reason=UNGATED)
        return
    scored = int((~np.isnan(data.quality)).sum())
    reason = None if scored else "no row has a quality"
    counts: dict[str, Any] = {"rows": scored, "unmeasured": len(data) - scored, "reason": reason}
    floors = data.floors[data.floors > -np.inf]
    reaches = np.where(np.isnan(data.quality)[:, None], np.nan, data.quality[:, None] >= floors)
    mean, *shares = means(np.column_stack([data.quality, reaches]), data.prompt, resampling)
    yield profile_row(data, QUALITY, "mean", mean, **counts)
    yield profile_row(data, QUALITY, "median", *quantiles(data.quality, data.prompt, [0.5]), **counts)
    yield _share_scored(data, tables)
    for floor, share in zip(floors, shares, strict=True):
        ends = as_share(share, np.unique(data.prompt[~np.isnan(data.quality)]).size)
        yield profile_row(data, QUALITY, "share at or above the floor", ends, floor=float(floor), **counts)


def _share_scored(data: DataSet, tables: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    """The share of rows that have a quality (and a class): of the whole run where it is counted, else of the rows seen."""
    rows, scored = len(data), int((~np.isnan(data.quality)).sum())
    counted = _counted(data, tables.get("cells"))
    if counted is not None:
        rows, scored = counted
    elif rows == scored:
        return profile_row(data, QUALITY, "share scored", Figure(NONE), rows=rows, reason=UNCOUNTED)
    return profile_row(data, QUALITY, "share scored", _binomial(scored, rows), rows=rows, unmeasured=rows - scored)


def _counted(data: DataSet, cells: pl.DataFrame | None) -> tuple[int, int] | None:
    """Rows of the data set and those that the gate measured, in the table `cells`."""
    if cells is None:
        return None
    mine = cells.filter(pl.col("model") == data.model, pl.col("domain").eq_missing(pl.lit(data.domain, dtype=pl.String)))
    return (int(mine["samples"].sum()), int(mine["measured"].sum())) if mine.height else None


def _binomial(hits: int, rows: int) -> Figure:
    """A share of rows with its exact interval (Clopper and Pearson 1934): whether a row is scored, each by itself."""
    low = float(betaincinv(hits, rows - hits + 1, 0.025)) if hits else 0.0
    high = float(betaincinv(hits + 1, rows - hits, 0.975)) if hits < rows else 1.0
    return Figure(hits / rows, low, high)
