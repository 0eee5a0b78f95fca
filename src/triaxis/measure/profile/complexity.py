"""The complexity of a data set: mean, quartiles and rows without a value of each measure, ungated and above the floors."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from triaxis.complexity import parse_measure
from triaxis.errors import MissingDependency
from triaxis.measure.complexity import score_rows
from triaxis.measure.profile.figures import COMPLEXITY, Figure, as_share, means, profile_row, quantiles
from triaxis.measure.profile.rows import DataSet
from triaxis.measure.tables import Resampling
from triaxis.protocols import Complexity
from triaxis.results import NotRun

QUARTILES = {"lower quartile": 0.25, "median": 0.5, "upper quartile": 0.75}


def measures_of(names: Sequence[str]) -> tuple[list[Complexity], list[NotRun]]:
    """The complexity measures called `names`, and those that need a package that is not there."""
    found, missing = [], []
    for name in dict.fromkeys(names):
        try:
            found.append(parse_measure(name))
        except MissingDependency as error:
            missing.append(NotRun(analysis=f"complexity measure {name} in the profile", reason=str(error)))
    return found, missing


def complexity_values(data: DataSet, measures: Sequence[Complexity]) -> dict[str, np.ndarray]:
    """(rows,) float64 of each measure by its name, NaN where a text has no value."""
    return {name: scored.values for name, scored in score_rows(data.frame(), measures).items()}


def complexity_rows(data: DataSet, values: dict[str, np.ndarray], resampling: Resampling) -> Iterator[dict[str, Any]]:
    """Rows of `profile` on the axis of complexity, for the `values` of each measure at each floor."""
    for name, value in values.items():
        usable = data.level[:, None] > np.arange(data.floors.size)
        whole = np.where(usable, value[:, None], np.nan)
        is_none = np.where(usable, np.isnan(value)[:, None], np.nan)
        found = means(np.concatenate([whole, is_none], axis=1), data.prompt, resampling)
        for place in range(data.floors.size):
            mean, none = found[place], found[place + data.floors.size]
            yield from _at_floor(data, name, place, whole[:, place], mean, none)


def _at_floor(
    data: DataSet, name: str, place: int, value: np.ndarray, mean: Figure, none: Figure
) -> Iterator[dict[str, Any]]:
    known, usable = int((~np.isnan(value)).sum()), int((data.level > place).sum())
    reason = None if known else "no row has a value" if usable else "no row reaches the floor"
    counts: dict[str, Any] = {"floor": float(data.floors[place]), "rows": known, "unmeasured": usable - known, "reason": reason}
    yield profile_row(data, COMPLEXITY, f"{name}: mean", mean, **counts)
    ends = quantiles(value, data.prompt, list(QUARTILES.values()))
    for quartile, figure in zip(QUARTILES, ends, strict=True):
        yield profile_row(data, COMPLEXITY, f"{name}: {quartile}", figure, **counts)
    share = as_share(none, np.unique(data.prompt[data.level > place]).size)
    counts |= {"reason": None if usable else reason}
    yield profile_row(data, COMPLEXITY, f"{name}: share without a value", share, **counts)
