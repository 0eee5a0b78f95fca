"""Rows of `domain_changes` and `openness_effect` from the values that two models have on the same prompts."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from triaxis.errors import Undefined
from triaxis.measure.comparisons import A_LEADS, B_LEADS, Delta, verdicts
from triaxis.measure.domains.bands import Band, band_of
from triaxis.measure.domains.groups import DomainGroup, domain_groups
from triaxis.measure.domains.pairs import Pair
from triaxis.measure.ladder import NARROWS, WIDENS
from triaxis.measure.tables import Resampling
from triaxis.stats.bootstrap import MIN_PROMPTS
from triaxis.stats.rank_correlation import spearman

MORE, LESS = "more diverse", "less diverse"
PROMPTS, DOMAINS = "prompts", "domains"
FEWEST_DOMAINS = 5
"""Fewer domains have no correlation worth its name."""

MOST_EFFECT_FLOORS = 8
DECIMALS = 9
"""To which values are ranked: what differs after them is rounding."""


class Change(NamedTuple):
    """One metric of a reference and of another model on the prompts that both have.

    `of_reference`, `of_model`: (prompts, floors), NaN where there is no value. `domains`: (prompts,) names. `openness`: (prompts,
    floors) of these prompts, told by other models; None where nobody can tell.
    """

    pair: Pair
    level: str
    metric: str
    direction: str
    size: int | None
    floors: np.ndarray
    domains: np.ndarray
    of_reference: np.ndarray
    of_model: np.ndarray
    openness: np.ndarray | None = None

    @property
    def names(self) -> dict[str, str]:
        """The columns that say which change this is."""
        return dict(zip(("reference", "model"), self.pair, strict=True)) | {"level": self.level, "metric": self.metric}

    @property
    def widening(self) -> np.ndarray:
        """(prompts, floors) change towards more diverse as a share of both values, -1 to 1; 0 where both are 0.

        A share, because a task with three answers cannot lose five: if all tasks lose a third, this is the same in all of them.
        """
        change, both = self.of_model - self.of_reference, np.abs(self.of_model) + np.abs(self.of_reference)
        share = np.divide(change, both, out=np.where(np.isnan(change), np.nan, 0.0), where=both > 0)
        return np.asarray(-share if self.direction == LESS else share)


def change_rows(change: Change, *, delta: Delta, resampling: Resampling) -> Iterator[pl.DataFrame]:
    """Rows of `domain_changes`, all domains first; a band holds over all floors of the pair, metric and domain at once."""
    for group in domain_groups(change.domains):
        at = group.members
        band = band_of(change.of_model[at], change.of_reference[at], resampling)
        has = ~np.isnan(change.of_model[at] - change.of_reference[at])
        means = {name: mean_of_some(np.where(has, values[at], np.nan)) for name, values in _sides(change)}
        opened = np.full(change.floors.size, np.nan) if change.openness is None else mean_of_some(change.openness[at], at.sum())
        yield from group.rows(_columns(change, band, means, delta, at.sum()) | {"openness": opened}, **change.names)


def _sides(change: Change) -> tuple[tuple[str, np.ndarray], ...]:
    return (("value_reference", change.of_reference), ("value_model", change.of_model))


def _columns(change: Change, band: Band, means: dict[str, np.ndarray], delta: Delta, prompts: int) -> dict[str, object]:
    limit = delta.at(np.maximum(*(np.abs(mean) for mean in means.values())))
    enough = band.kept >= min(MIN_PROMPTS, max(1, prompts))
    figures = {**means, "difference": band.mean, "low": band.low, "high": band.high, "delta": limit}
    return {
        "direction": np.full(limit.size, change.direction),
        "floor": change.floors,
        "size": pl.Series([change.size] * limit.size, dtype=pl.Int64),
        **{name: np.where(enough, values, np.nan) for name, values in figures.items()},
        "verdict": words(band, limit, change.direction),
        "prompts": np.full(limit.size, prompts),
        "prompts_left": band.kept,
    }


def words(band: Band, limit: np.ndarray, direction: str) -> np.ndarray:
    """(floors,) widens, narrows, same within delta, cannot tell: what a change of the metric says of diversity."""
    up, down = (NARROWS, WIDENS) if direction == LESS else (WIDENS, NARROWS)
    said = {A_LEADS: up, B_LEADS: down}
    return np.array([said.get(word, word) for word in verdicts(band.low, band.high, limit)], dtype=object)


def effect_rows(change: Change, *, resampling: Resampling) -> Iterator[pl.DataFrame]:
    """Rows of `openness_effect`: does the pair widen where the task is open? Nothing where nobody tells how open it is.

    Rank correlation over prompts, in all domains and in each, of openness with the relative change towards more diverse, at up
    to 8 floors; over domains of their means where there are 5.
    """
    if change.openness is None:
        return
    at = np.unique(np.linspace(0, change.floors.size - 1, MOST_EFFECT_FLOORS).round().astype(np.int64))
    floors, opened, moved = change.floors[at], change.openness[:, at], change.widening[:, at]
    for group in domain_groups(change.domains):
        names = change.names | {"across": PROMPTS}
        yield from correlation_rows(group, floors, opened[group.members], moved[group.members], names, resampling)
    groups = [group for group in domain_groups(change.domains) if group.domain is not None]
    if len(groups) >= FEWEST_DOMAINS:
        both = ~np.isnan(opened + moved)
        x, y = (means_by_domain(np.where(both, values, np.nan), groups) for values in (opened, moved))
        whole = DomainGroup(None, np.ones(len(groups), dtype=bool))
        yield from correlation_rows(whole, floors, x, y, change.names | {"across": DOMAINS}, resampling)


def means_by_domain(values: np.ndarray, groups: Sequence[DomainGroup]) -> np.ndarray:
    """(groups, columns) means of `values` (prompts, columns) over the prompts of each of `groups` that have one."""
    return np.array([mean_of_some(values[group.members], MIN_PROMPTS) for group in groups])


def correlation_rows(
    group: DomainGroup, floors: np.ndarray, opened: np.ndarray, moved: np.ndarray, names: dict[str, str], resampling: Resampling
) -> Iterator[pl.DataFrame]:
    """Rows of `openness_effect`: rho of `opened` and `moved`, (prompts or domains, floors) each, at each of `floors`."""
    found = [correlation(x, y, resampling) for x, y in zip(opened.T, moved.T, strict=True)]
    rho, low, high = (np.array([row[place] for row in found]) for place in range(3))
    count = np.count_nonzero(~np.isnan(opened + moved), axis=0)
    columns = {"floor": floors, "rho": rho, "low": low, "high": high, "count": count}
    yield from group.rows(columns, **names)


def correlation(x: np.ndarray, y: np.ndarray, resampling: Resampling) -> tuple[float, float, float]:
    """Spearman's rho of `x` and `y` with its interval; NaN where it is undefined."""
    try:
        found = spearman(np.round(x, DECIMALS), np.round(y, DECIMALS), draws=resampling.draws, seed=resampling.seed)
    except Undefined:
        return np.nan, np.nan, np.nan
    rho, low, high = (round(end, DECIMALS) + 0.0 for end in found[:3])  # a rho of nothing but rounding is 0
    return rho, low, high


def mean_of_some(values: np.ndarray, least: int = 1) -> np.ndarray:
    """(columns,) means over what is not NaN; NaN where fewer than `least` (10 at most) are there."""
    has = ~np.isnan(values)
    count, total = has.sum(axis=0), np.where(has, values, 0.0).sum(axis=0)
    enough = count >= max(1, min(least, MIN_PROMPTS))
    return np.asarray(np.divide(total, count, out=np.full(count.size, np.nan), where=enough))
