"""One metric of many cells at many floors: each value is a mean over disjoint sets of equal size, or of all usable answers.

A metric that grows with the number of answers (distinct n-grams, Vendi, compression) would rank models by how many answers they
have above the floor. So it sees sets of one stated size; a metric whose expectation does not depend on the number sees all. A set
holds answers that the metric reads: five programs of which two parse would be a set of two.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from triaxis.errors import Undefined
from triaxis.measure.levels.cells import LevelCell
from triaxis.protocols import Diversity, SelectiveDiversity
from triaxis.responses import Responses

MOST_SETS = 4
"""Sets of equal size that a cell's value is the mean of, at most."""

MOST_AT_ONCE = 2000
"""Answers that a size-free metric sees of one cell, at most, where it states no limit of its own."""


@dataclass
class Undefineds:
    """Why values are missing, counted."""

    reasons: Counter[str] = field(default_factory=Counter)

    def value(self, metric: Diversity, responses: Responses) -> float:
        """The value of `metric`, NaN where it is undefined, which is noted."""
        try:
            return float(metric.value(responses))
        except Undefined as reason:
            self.reasons[str(reason)] += 1
            return np.nan

    @property
    def foremost(self) -> str | None:
        """The most frequent reason."""
        return min(self.reasons, key=lambda reason: (-self.reasons[reason], reason), default=None)


def set_size(metric: Diversity, size: int) -> int | None:
    """How many answers a set holds for `metric`; None when it sees all usable ones."""
    return None if metric.traits.is_size_free else max(size, metric.traits.smallest)


def cell_values(
    metric: Diversity, cells: Sequence[LevelCell], floors: np.ndarray, *, size: int, undefined: Undefineds
) -> np.ndarray:
    """(cells, floors) values; NaN where a cell has too few usable answers or the metric is undefined."""
    return np.array([_one_cell(metric, cell, floors, size, undefined) for cell in cells]).reshape(len(cells), floors.size)


def _one_cell(metric: Diversity, cell: LevelCell, floors: np.ndarray, size: int, undefined: Undefineds) -> list[float]:
    known: dict[int, float] = {}
    found = []
    for floor in floors:
        usable = cell.usable(floor)
        if usable.size not in known:  # usable answers at two floors are the same when there are as many
            known[usable.size] = _mean_of_sets(metric, cell.responses, usable, size, undefined)
        found.append(known[usable.size])
    return found


def _mean_of_sets(metric: Diversity, responses: Responses, usable: np.ndarray, size: int, undefined: Undefineds) -> float:
    sets = list(sets_of(metric, responses, usable, size))
    values = [undefined.value(metric, responses.at(np.sort(places))) for places in sets]
    if not sets and usable.size >= (wanted := set_size(metric, size) or metric.traits.smallest):
        say_why(metric, responses.at(np.sort(usable[:wanted])), wanted, undefined)
    defined = [value for value in values if not np.isnan(value)]
    return float(np.mean(defined)) if defined else np.nan


def say_why(metric: Diversity, unread: Responses, wanted: int, undefined: Undefineds) -> None:
    """Notes why enough usable answers make no set: in the metric's own words where it has any."""
    if not np.isnan(undefined.value(metric, unread)):
        undefined.reasons[f"fewer than {wanted} usable answers hold what it reads"] += 1


def read(metric: Diversity, responses: Responses) -> np.ndarray:
    """(responses,) bool: which ones the value of `metric` rests on; others it leaves out."""
    found = metric.reads(responses) if isinstance(metric, SelectiveDiversity) else np.ones(len(responses), dtype=bool)
    if "labels" in metric.traits.needs and responses.labels is not None:
        found = found & (responses.labels >= 0)
    if "vectors" in metric.traits.needs and responses.vectors is not None:
        found = found & ~np.isnan(responses.vectors).any(axis=1)
    return np.asarray(found)


def first_read(metric: Diversity, responses: Responses, places: np.ndarray, most: int) -> np.ndarray:
    """The first `most` of `places` at which `metric` reads something; no more answers are looked at than it takes."""
    found = places[:0]
    for start in range(0, places.size, most):
        some = places[start : start + most]
        found = np.concatenate([found, some[read(metric, responses.at(some))]])
        if found.size >= most:
            break
    return found[:most]


def sets_of(metric: Diversity, responses: Responses, usable: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """Disjoint sets of positions from `usable`, which is in seeded order: of the metric's set size, or one of all of them."""
    wanted = set_size(metric, size)
    if wanted is None:
        if usable.size >= metric.traits.smallest:
            yield usable[: metric.traits.limit or MOST_AT_ONCE]
        return
    if usable.size >= wanted:
        usable = first_read(metric, responses, usable, MOST_SETS * wanted)
    for number in range(usable.size // wanted):
        yield usable[number * wanted : (number + 1) * wanted]
