"""Mean cosine distance between usable samples, at every floor, from the spread that a run store keeps; the vectors are gone."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import polars as pl

from triaxis.diversity.spread import mean_cosine_distance
from triaxis.measure.axes import Axes
from triaxis.measure.tables import Curve, Resampling, conditional, figures


def cosine_distance_table(spread: pl.DataFrame, curve: Curve, axes: Axes, resampling: Resampling) -> Iterator[pl.DataFrame]:
    """Table `cosine_distance` on the prompts of `curve`; nothing where the rule has no vectors. `spread` is that of its model."""
    steps = _steps(spread, curve)
    if steps is not None:
        (found,) = figures(lambda floors: [cell_distances(steps, floors)], curve, axes, resampling)
        yield conditional(curve, found, axes, least=1)


class Steps(NamedTuple):
    """Cell by cell, ascending in quality: `starts` (cells + 1,); `quality`, `samples` and `norm2` (steps,) of each step."""

    starts: np.ndarray
    quality: np.ndarray
    samples: np.ndarray
    norm2: np.ndarray


def _steps(spread: pl.DataFrame, curve: Curve) -> Steps | None:
    if not spread.height:
        return None
    codes = {"prompt": curve.cells.prompt, "domain": curve.cells.domain}
    cells = pl.DataFrame(codes, schema=dict.fromkeys(codes, pl.UInt32))
    ordered = cells.with_row_index("cell").join(spread, on=["prompt", "domain"]).sort("cell", "quality")
    starts = np.searchsorted(ordered["cell"].to_numpy(), np.arange(len(curve.cells) + 1))
    return Steps(starts, *(ordered[name].to_numpy() for name in ("quality", "count", "norm2")))


def cell_distances(steps: Steps, floors: np.ndarray) -> np.ndarray:
    """(cells, floors) mean cosine distance of each cell's samples at or above each floor; NaN for under two of them."""
    starts, quality, samples, norm2 = steps
    out = np.full((starts.size - 1, floors.size), np.nan)
    for cell, (start, end) in enumerate(pairwise(starts)):
        step = start + np.searchsorted(quality[start:end], floors)
        reached = step < end
        out[cell, reached] = mean_cosine_distance(samples[step[reached]], norm2[step[reached]])
    return out
