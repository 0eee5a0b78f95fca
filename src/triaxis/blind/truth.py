"""What triaxis itself measures of the samples at a dose: the proof of what was planted, and our own score among the others.

Diversity is U(n), the expected number of different answers in n draws; usable diversity U(floor, n) counts those of a quality of
at least the floor. Values are kept by cell, so that the figure of half of the prompts is a mean over their cells; with unit set
the cell is the whole set, which is counted anew for each half.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from triaxis import diversity
from triaxis.blind.samples import Samples
from triaxis.errors import Undefined
from triaxis.measure.cells import Cells, build_cells
from triaxis.measure.sampling import reached_size
from triaxis.measure.usable import usable_diversity
from triaxis.protocols import Diversity
from triaxis.registry import create
from triaxis.responses import Responses

MOST_BUDGET = 10
DEFAULT_METRICS = ("distinct:2",)


class Gauge(NamedTuple):
    """What is read: draws per cell, floor (None without a quality), complexity's name, further diversity metrics."""

    budget: int
    floor: float | None
    complexity: str
    metrics: tuple[Diversity, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Figures, in the order of columns."""
        usable = f"U(floor {self.floor:g}, {self.budget})" if self.floor is not None else "usable diversity"
        return f"U({self.budget})", usable, "mean quality", f"mean {self.complexity}", *(m.name for m in self.metrics)


def gauge_of(
    samples: Samples, *, floor: float | None = None, budget: int | None = None, metrics: Sequence[str] = DEFAULT_METRICS
) -> Gauge:
    """What to read of `samples`: the floor left out is the median quality, or the next one where that is the lowest; the budget
    left out is the most draws, up to 10, that nine tenths of the cells hold, and half of them where the unit is a set."""
    diversity.register_all()
    made = tuple(create("diversity", name) for name in metrics)
    sizes = np.array([rows.size for rows in samples.rows_of_cells])
    most = reached_size(sizes) // (2 if samples.rules.unit == "set" else 1)
    bar = floor if floor is not None else _middle(samples.quality)
    return Gauge(budget or max(1, min(MOST_BUDGET, most)), bar, samples.rules.complexity.name, made)


def _middle(quality: np.ndarray) -> float | None:
    known = np.sort(quality[np.isfinite(quality)])
    if not known.size:
        return None
    middle = known[known.size // 2]
    above = known[known > known[0]]
    return float(middle if middle > known[0] or not above.size else above[0])


@dataclass(frozen=True)
class Readings:
    """Figures of one edition: `values` (cells, figures) with NaN where a cell has none, the prompt of each cell, (cells,)."""

    samples: Samples
    gauge: Gauge
    values: np.ndarray

    def means(self, kept: np.ndarray | None = None) -> np.ndarray:
        """(figures,) means over cells, of prompts that are `kept`, (prompts,) bool, or of all."""
        if kept is None:
            return _means(self.values)
        if self.samples.rules.unit == "set":
            rows = [found for cell in self.samples.rows_of_cells if (found := cell[kept[self.samples.prompt[cell]]]).size]
            return _means(_values(self.samples, self.gauge, rows))
        first = np.array([rows[0] for rows in self.samples.rows_of_cells])
        return _means(self.values[kept[self.samples.prompt[first]]])


def read_off(samples: Samples, gauge: Gauge, *, before: Readings | None = None, changed: np.ndarray | None = None) -> Readings:
    """Figures of `samples`; cells without a row that `changed`, (n,) bool, are taken from `before`."""
    if before is None or changed is None:
        return Readings(samples, gauge, _values(samples, gauge, samples.rows_of_cells))
    values, touched = before.values.copy(), [i for i, rows in enumerate(samples.rows_of_cells) if changed[rows].any()]
    if touched:
        values[touched] = _values(samples, gauge, [samples.rows_of_cells[i] for i in touched])
    return Readings(samples, gauge, values)


def _values(samples: Samples, gauge: Gauge, cells: Sequence[np.ndarray]) -> np.ndarray:
    """(cells, figures) of the given cells of rows."""
    floors = np.array([-np.inf, np.inf if gauge.floor is None else gauge.floor])
    usable = np.full((len(cells), 2), np.nan)
    counted, places = _counted(samples, cells)
    usable[places] = usable_diversity(counted, floors, gauge.budget)
    if gauge.floor is None:
        usable[:, 1] = np.nan
    beside = [[_mean(samples.quality[rows]), _mean(samples.complexity[rows]), *_metrics(samples, gauge, rows)] for rows in cells]
    return np.hstack([usable, np.array(beside).reshape(len(cells), 2 + len(gauge.metrics))])


def _counted(samples: Samples, cells: Sequence[np.ndarray]) -> tuple[Cells, np.ndarray]:
    """`Cells` of the rows that have a class (and a quality, where there are qualities), and which of `cells` each is."""
    rows = np.concatenate([*cells, np.zeros(0, dtype=np.int64)])
    cell = np.repeat(np.arange(len(cells)), [found.size for found in cells])
    quality = samples.quality[rows] if samples.has_quality else np.zeros(rows.size)
    measured = (samples.klass[rows] >= 0) & np.isfinite(quality)
    keys = pl.DataFrame({"cell": cell[measured], "klass": samples.klass[rows][measured], "quality": quality[measured]})
    found = keys.group_by("cell", "klass", "quality").len()
    none, zero = np.full(found.height, -1), np.zeros(found.height, dtype=np.int64)
    klass, worth, counts = (found[name].to_numpy() for name in ("klass", "quality", "len"))
    made = build_cells(zero, found["cell"].to_numpy(), zero, klass, worth, counts, none, none)
    return made, made.prompt


def _metrics(samples: Samples, gauge: Gauge, rows: np.ndarray) -> list[float]:
    if not gauge.metrics:
        return []
    said = samples.responses.at(rows[samples.has_text[rows]])
    return [_value(metric, said) for metric in gauge.metrics]


def _value(metric: Diversity, said: Responses) -> float:
    try:
        return metric.value(said) if len(said) >= metric.traits.smallest else float("nan")
    except Undefined:
        return float("nan")


def _mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")


def _means(values: np.ndarray) -> np.ndarray:
    return np.array([_mean(column) for column in values.T])
