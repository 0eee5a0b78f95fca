"""What a quality bar does to variety beyond making the set smaller: classes kept at a floor over classes kept by chance.

By chance is exact: of a cell's N samples, as many as are usable at the floor, drawn at random, whatever their quality. Under 1
the bar takes more variety than its share (the rare answers are the bad ones); above 1 it takes repeats.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy.special import gammaln

from triaxis.measure import usable
from triaxis.measure.axes import Axes
from triaxis.measure.cells import Cells
from triaxis.measure.domains.groups import domain_groups
from triaxis.measure.domains.pool import needs_shared_classes, pooled, shares_classes
from triaxis.measure.domains.ratios import ratio_of_sums
from triaxis.measure.options import Options, Progress
from triaxis.measure.outcome import Outcome
from triaxis.measure.store import RunStore
from triaxis.measure.tables import Resampling
from triaxis.results import NotRun

ANALYSIS = "filter effect"
POOL = f"{ANALYSIS} of all models together"
UNGATED = NotRun(analysis=ANALYSIS, reason="needs a quality; type --quality COLUMN")
SINGLE = NotRun(analysis=ANALYSIS, reason="needs 2 samples to a prompt, by one model or by several that share classes")

_OF_SECOND = ("second_floor", "lost_classes", "accepted", "accepted_low", "accepted_high", "accepted_kept")


class Thinning(NamedTuple):
    """What a bar leaves of each cell, (cells, floors) each: classes `kept`, classes expected `by_chance`, samples `usable`."""

    kept: np.ndarray
    by_chance: np.ndarray
    usable: np.ndarray


def thinned(cells: Cells, floors: np.ndarray) -> Thinning:
    """`Thinning` of `cells`: by chance is the rarefaction of all N samples of a cell to the u that are usable.

    sum over classes of 1 - C(N - m, u) / C(N, u), m samples of the class of any quality (Hurlbert 1971); exactly the number of
    classes where all samples are usable.
    """
    kept, _, _, samples = usable.class_counts(cells, floors)
    members = np.add.reduceat(cells.count, cells.class_start) if len(cells) else np.zeros(0, dtype=np.int64)
    size = cells.size[cells.class_cell]
    chance = np.zeros_like(kept)
    for at in range(floors.size):
        hit = 1.0 - missed(size, members, samples[cells.class_cell, at])
        chance[:, at] = np.bincount(cells.class_cell, weights=hit, minlength=len(cells))
    return Thinning(kept, chance, samples)


def missed(size: np.ndarray, members: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """C(N - m, u) / C(N, u), elementwise: the probability that u of N samples miss a class of m; 0 where u is above N - m."""
    left = size - members - drawn
    room = np.maximum(left, 0.0)
    log = gammaln(size - members + 1) - gammaln(room + 1) - gammaln(size + 1) + gammaln(size - drawn + 1)
    return np.where(left >= 0, np.exp(np.minimum(log, 0.0)), 0.0)


def filter_effect_of_counts(store: RunStore, axes: Axes, options: Options, *, progress: Progress | None = None) -> Outcome:
    """Table `filter_effect`: each model, and all together where they share classes, in every domain at every floor.

    Intervals at the interval floors.
    """
    if store.header.quality is None:
        return Outcome(not_run=(UNGATED,))
    resampling = Resampling(options.draws, options.seed)
    frames: list[pl.DataFrame] = []
    wholes = _wholes(store)
    for number, model in enumerate(wholes, start=1):
        cells = pooled(store) if model is None else store.cells_of_model(model)
        frames += _rows(store, model, cells.select(cells.size > 1), axes, resampling)
        if progress is not None:
            progress(ANALYSIS, number, len(wholes))
    missing = [needs_shared_classes(store, POOL)] if None not in wholes and len(store.models) > 1 else []
    return Outcome({"filter_effect": frames}, tuple(missing if frames else (*missing, SINGLE)))


def _wholes(store: RunStore) -> list[str | None]:
    """Models to look at, None for all of them together. In a set a model has too few samples of a prompt to look at alone."""
    models: list[str | None] = list(store.models) if store.header.unit == "prompt" else []
    return [*models, None] if shares_classes(store) and (len(store.models) > 1 or not models) else models


def _rows(store: RunStore, model: str | None, cells: Cells, axes: Axes, resampling: Resampling) -> Iterator[pl.DataFrame]:
    if not len(cells):
        return
    left = thinned(cells, axes.floors)
    for group in domain_groups(np.array([store.domains[code] for code in cells.domain], dtype=object)):
        columns = _columns(Thinning(*(part[group.members] for part in left)), cells.size[group.members], axes, resampling)
        yield from group.rows(columns, model=model, second=None)


def _columns(left: Thinning, size: np.ndarray, axes: Axes, resampling: Resampling) -> dict[str, np.ndarray]:
    floors, at = axes.floors, axes.interval_floors
    total = left.by_chance.sum(axis=0)
    low, high = np.full((2, floors.size), np.nan)
    _, low[at], high[at] = ratio_of_sums(left.kept[:, at], left.by_chance[:, at], resampling)
    return {
        "floor": floors,
        "value": np.divide(left.kept.sum(axis=0), total, out=np.full(floors.size, np.nan), where=total > 0),
        "low": low,
        "high": high,
        "kept_classes": left.kept.mean(axis=0),
        "by_chance": left.by_chance.mean(axis=0),
        "usable_share": (left.usable / size[:, None]).mean(axis=0),
        **dict.fromkeys(_OF_SECOND, np.full(floors.size, np.nan)),
        "prompts": np.full(floors.size, len(size)),
        "prompts_left": np.count_nonzero(left.usable > 0, axis=0),
    }
