"""One metric of many cells at many floors: each value is a mean over disjoint sets of equal size, or of all usable answers.

A metric that grows with the number of answers (distinct n-grams, Vendi, compression) would rank models by how many answers they
have above the floor. So it sees sets of one stated size; a metric whose expectation does not depend on the number sees all.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from triaxis.errors import Undefined
from triaxis.measure.levels.cells import LevelCell
from triaxis.protocols import Diversity
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
    values = [undefined.value(metric, responses.at(np.sort(places))) for places in sets_of(metric, usable, size)]
    defined = [value for value in values if not np.isnan(value)]
    return float(np.mean(defined)) if defined else np.nan


def sets_of(metric: Diversity, usable: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """Disjoint sets of positions from `usable`, which is in seeded order: of the metric's set size, or one of all of them."""
    wanted = set_size(metric, size)
    if wanted is None:
        if usable.size >= metric.traits.smallest:
            yield usable[: metric.traits.limit or MOST_AT_ONCE]
        return
    for number in range(min(MOST_SETS, usable.size // wanted)):
        yield usable[number * wanted : (number + 1) * wanted]
