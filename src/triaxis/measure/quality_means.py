"""Mean quality of each model and domain: one axis on its own, so that a choice by it can be held against the others."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from triaxis.measure import tables
from triaxis.measure.axes import Axes
from triaxis.measure.cells import Cells
from triaxis.measure.options import Options
from triaxis.measure.outcome import Outcome
from triaxis.measure.store import RunStore
from triaxis.measure.tables import Resampling


def quality_of_counts(store: RunStore, axes: Axes, options: Options) -> Outcome:
    """Table `quality`: the mean over prompts of a cell's mean quality, with its interval; nothing when nothing is gated."""
    if store.header.quality is None:
        return Outcome()
    resampling = Resampling(options.draws, options.seed)
    frames = [frame for model in store.models for frame in _frames(store, model, resampling)]
    return Outcome({"quality": frames})


def mean_quality(cells: Cells) -> np.ndarray:
    """(cells,) mean quality of all measured samples of each cell, in the units of the quality."""
    total = np.bincount(cells.cell, weights=cells.quality * cells.count, minlength=len(cells))
    return np.asarray(total / cells.size)


def _frames(store: RunStore, model: str, resampling: Resampling) -> Iterator[pl.DataFrame]:
    """All domains first, then each; an only domain has the figures of all."""
    cells = store.cells_of_model(model)
    values, domains = mean_quality(cells), np.unique(cells.domain)
    twin = store.domains[domains[0]] if domains.size == 1 else None
    yield from tables.with_twin([_row(model, None, values, resampling)], twin)
    for domain in domains if twin is None else ():
        yield _row(model, store.domains[domain], values[cells.domain == domain], resampling)


def _row(model: str, domain: str | None, values: np.ndarray, resampling: Resampling) -> pl.DataFrame:
    mean, low, high = resampling.interval(values[:, None])
    fixed = {"model": [model], "domain": pl.Series([domain], dtype=pl.String)}
    return pl.DataFrame({**fixed, "value": mean, "low": low, "high": high, "prompts": [values.size]})
