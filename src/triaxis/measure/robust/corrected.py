"""The pairwise rate of usable, different answers with the rule's own error in it: table `pairs_ppi`.

The rule looks at every pair and errs; people looked at few pairs and are the truth. Prediction-powered inference adds the mean
error seen on those to the rate that the rule gives, and widens the interval by what is not known of it (see `stats.ppi`).
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from triaxis.errors import Undefined
from triaxis.measure import usable
from triaxis.measure.cells import Cells
from triaxis.measure.pairs import same_prompts
from triaxis.measure.robust.labelled import LabelledPairs
from triaxis.measure.store import RunStore
from triaxis.results import TABLES
from triaxis.stats.ppi import MIN_CLUSTERS, ClusterMean, cluster_mean, mended

UNGATED = -np.inf
POOLED = (
    "its own labelled pairs are of fewer than {least} prompts, so those of all models are taken: right only where the rule errs "
    "on this model as on the others"
)


class _Errors(NamedTuple):
    """Mean error of the rule on the labelled pairs of some models; the pairs, and why they are not the model's own."""

    mean: ClusterMean
    pairs: int
    reason: str | None


def pairs_ppi(
    store: RunStore, pairs: LabelledPairs, said: np.ndarray, *, models: Sequence[str], floors: Sequence[float] = ()
) -> pl.DataFrame:
    """Table `pairs_ppi` without its gate: a row for each of `models` and for each two with labelled pairs of their own.

    `said` (pairs,) is what the rule said of the labelled pairs, 1 for different, NaN for unmeasured (left out). The rate is that
    of `pairwise`, form "all pairs": usable-and-different pairs over all pairs of a cell, mean over prompts. `floors` need
    qualities of the labelled pairs; the ungated rate is always there. Differences are of two models on the prompts that both
    have, and need labelled pairs of both: errors that are pooled would cancel.
    """
    told = _measured(pairs, said)
    rows = [row for floor in (UNGATED, *floors) for row in _rows(store, told, models, floor)]
    schema = {name: kind for name, kind in TABLES["pairs_ppi"].items() if name != "gate"}
    return pl.DataFrame(rows, schema=schema)


class _Told(NamedTuple):
    """Labelled pairs that the rule measured: `error` is truth less verdict."""

    error: np.ndarray
    quality: np.ndarray
    prompts: np.ndarray
    models: np.ndarray

    def at(self, kept: np.ndarray) -> "_Told":
        return _Told(*(part[kept] for part in self))

    def above(self, floor: float) -> "_Told":
        """Errors above a floor: a pair that is not usable counts as no error, since neither side counts it."""
        if np.isneginf(floor):
            return self
        known = self.at(~np.isnan(self.quality))
        return known._replace(error=np.where(known.quality >= floor, known.error, 0.0))


def _measured(pairs: LabelledPairs, said: np.ndarray) -> _Told:
    whole = _Told(pairs.is_different - said, pairs.quality, pairs.prompts, pairs.models)
    return whole.at(~np.isnan(said))


def _rows(store: RunStore, told: _Told, models: Sequence[str], floor: float) -> Iterator[dict[str, Any]]:
    above = told.above(floor)
    cells = {model: store.cells_of_model(model) for model in models}
    rates = {model: usable.pairwise(found, np.array([floor]))[0][:, 0] for model, found in cells.items()}
    own = {model: _errors(above, model) for model in models}
    for model in models:
        errors = own[model] or _pooled(above)
        measured = rates[model][~np.isnan(rates[model])]
        yield _row(model, None, floor, measured, errors)
    for a, b in combinations([model for model in models if own[model] is not None], 2):
        yield _row(a, b, floor, _differences(cells[a], rates[a], cells[b], rates[b]), _between(own[a], own[b]))


def _errors(told: _Told, model: str) -> _Errors | None:
    """The rule's error on this model's own pairs; None where they are of too few prompts."""
    mine = told.at(told.models == model)
    if len(set(mine.prompts)) < MIN_CLUSTERS:
        return None
    return _Errors(_over_prompts(mine), mine.error.size, None)


def _pooled(told: _Told) -> _Errors | None:
    if len(set(told.prompts)) < 2:
        return None
    return _Errors(_over_prompts(told), told.error.size, POOLED.format(least=MIN_CLUSTERS))


def _over_prompts(told: _Told) -> ClusterMean:
    """Mean over prompts of the mean error on each, as the rate is a mean over prompts: one with more labels counts no more."""
    place = np.unique(told.prompts, return_inverse=True)[1]
    return cluster_mean(np.bincount(place, told.error) / np.bincount(place))


def _between(a: _Errors | None, b: _Errors | None) -> _Errors | None:
    """The error of a difference: people's pairs of two models are two samples."""
    if a is None or b is None:
        return None
    error = float(np.hypot(a.mean.error, b.mean.error))
    mean = ClusterMean(a.mean.value - b.mean.value, error, min(a.mean.clusters, b.mean.clusters))
    return _Errors(mean, a.pairs + b.pairs, None)


def _differences(a: Cells, of_a: np.ndarray, b: Cells, of_b: np.ndarray) -> np.ndarray:
    """(shared prompts,) differences of two models' rates."""
    first, second = same_prompts(a, b)
    found = of_a[first] - of_b[second]
    return np.asarray(found[~np.isnan(found)])


def _row(model: str, versus: str | None, floor: float, values: np.ndarray, errors: _Errors | None) -> dict[str, Any]:
    """One row; without an interval it says why."""
    names: dict[str, Any] = {"model": model, "versus": versus, "domain": None, "floor": None if np.isneginf(floor) else floor}
    row = names | {"prompts": values.size, "labelled": 0, "labelled_prompts": 0, "reason": None}
    if errors is not None:
        row |= {"labelled": errors.pairs, "labelled_prompts": errors.mean.clusters, "reason": errors.reason}
    try:
        plain = mended(cluster_mean(values), ClusterMean(0.0, 0.0, max(values.size, MIN_CLUSTERS)))
        row |= {"by_rule": plain.plain, "rule_low": plain.low, "rule_high": plain.high}
        if errors is None:
            raise Undefined("needs labelled pairs of 2 prompts with what is asked for here (a quality, above a floor)")
        found = mended(cluster_mean(values), errors.mean)
    except Undefined as error:
        return row | {"reason": str(error)}
    return row | {"value": found.value, "low": found.low, "high": found.high}
