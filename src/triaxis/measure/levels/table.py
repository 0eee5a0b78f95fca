"""Rows of `diversity_levels`: each metric of each model, ungated and above floors, with interval, nulls and length confound."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from triaxis.errors import Undefined
from triaxis.measure.axes import UNGATED
from triaxis.measure.levels.cells import LevelCell
from triaxis.measure.levels.figures import Undefineds, cell_values, set_size
from triaxis.measure.levels.nulls import other_prompts, shuffled
from triaxis.measure.tables import Resampling, with_twin
from triaxis.protocols import Diversity
from triaxis.stats.bootstrap import MIN_PROMPTS
from triaxis.stats.rank_correlation import spearman

MOST_FLOORS = 5
QUANTILES = (0.25, 0.5, 0.75)
DECIMALS = 9
"""To which values are ranked: what differs after them are ties, told apart by rounding."""


class Group(NamedTuple):
    """The cells of one model in one domain; None is all domains, of which `twin` is the only one."""

    model: str
    domain: str | None
    cells: list[LevelCell]
    twin: str | None = None


def level_floors(quality: np.ndarray, asked: Sequence[float], *, is_gated: bool) -> np.ndarray:
    """Floors to look at, ascending, ungated (minus infinity) first: every quality but the lowest, or quartiles of many; and those
    asked for."""
    if not is_gated:
        return np.array([UNGATED])
    values = np.unique(quality)[1:]
    shown = values if values.size <= MOST_FLOORS else np.unique(np.quantile(quality, QUANTILES, method="higher"))
    return np.unique(np.concatenate([[UNGATED], shown, asked]))


def groups_of(cells: Sequence[LevelCell]) -> Iterator[Group]:
    """All domains of each model together, then each domain where there are several."""
    for model in dict.fromkeys(cell.model for cell in cells):
        mine = [cell for cell in cells if cell.model == model]
        domains = sorted({cell.domain for cell in mine})
        only = domains[0] if len(domains) == 1 else None
        yield Group(model, None, mine, only)
        for domain in domains if only is None else ():
            yield Group(model, domain, [cell for cell in mine if cell.domain == domain])


def metric_rows(
    metric: Diversity, cells: Sequence[LevelCell], floors: np.ndarray, *, size: int, resampling: Resampling
) -> pl.DataFrame:
    """Rows of `diversity_levels` for one metric, without the gate."""
    undefined = Undefineds()
    values = cell_values(metric, cells, floors, size=size, undefined=undefined)
    at = {(cell.model, cell.prompt, cell.domain): place for place, cell in enumerate(cells)}
    rows: list[pl.DataFrame] = []
    for group in groups_of(cells):
        places = [at[cell.model, cell.prompt, cell.domain] for cell in group.cells]
        rows += with_twin([_group_rows(metric, group, values[places], floors, size, resampling)], group.twin)
    found = pl.concat(rows) if rows else pl.DataFrame()
    return found.with_columns(pl.lit(undefined.foremost, dtype=pl.String).alias("reason")) if rows else found


def _group_rows(
    metric: Diversity, group: Group, values: np.ndarray, floors: np.ndarray, size: int, resampling: Resampling
) -> pl.DataFrame:
    mean, low, high = resampling.interval(values)
    kept = np.count_nonzero(~np.isnan(values), axis=0)
    usable = np.array([[cell.usable(floor).size for floor in floors] for cell in group.cells])
    wanted = set_size(metric, size) or metric.traits.smallest
    is_few = kept < min(MIN_PROMPTS, len(group.cells))
    return pl.DataFrame(
        {
            "model": [group.model] * floors.size,
            "domain": pl.Series([group.domain] * floors.size, dtype=pl.String),
            "level": [metric.traits.level] * floors.size,
            "metric": [metric.name] * floors.size,
            "direction": [metric.traits.higher_is] * floors.size,
            "floor": [None if floor == UNGATED else float(floor) for floor in floors],
            "size": pl.Series([set_size(metric, size)] * floors.size, dtype=pl.Int64),
            "value": np.where(is_few, np.nan, mean),
            "low": np.where(is_few, np.nan, np.maximum(low, metric.traits.low)),
            "high": np.where(is_few, np.nan, np.minimum(high, metric.traits.high)),
            "other_prompts": [other_prompts(metric, group.cells, floor, size=size) for floor in floors],
            "shuffled": [shuffled(metric, group.cells, size=size, seed=resampling.seed), *[np.nan] * (floors.size - 1)],
            "length_correlation": _length_correlations(group.cells, values),
            "prompts": [len(group.cells)] * floors.size,
            "prompts_left": kept,
            "undefined": (usable >= wanted).sum(axis=0) - kept,
        },
        schema_overrides={"floor": pl.Float64},
    )


def _length_correlations(cells: Sequence[LevelCell], values: np.ndarray) -> list[float]:
    """Spearman's rho of each column of `values` (cells, floors) with the mean length of the answers; NaN under 10 cells."""
    lengths = np.array([np.mean([len(text) for text in cell.responses.texts]) for cell in cells])
    return [_spearman(lengths, column) for column in np.round(values.T, DECIMALS)]


def _spearman(first: np.ndarray, second: np.ndarray) -> float:
    if np.count_nonzero(~np.isnan(second)) < MIN_PROMPTS:
        return float("nan")
    try:
        return spearman(first, second, draws=0).rho
    except Undefined:
        return float("nan")
