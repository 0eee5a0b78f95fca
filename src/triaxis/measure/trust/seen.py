"""What the checks look at: some cells, each with one value of the metric, turned so that higher is more diverse."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

from triaxis.measure.axes import UNGATED
from triaxis.measure.levels.cells import LevelCell
from triaxis.measure.levels.figures import Undefineds, cell_values, first_read, set_size
from triaxis.measure.sampling import prompt_rank
from triaxis.protocols import Diversity

Verdict = Literal["trust", "distrust", "cannot tell"]

MOST_CELLS = 300
"""Cells that a report looks at, of whole prompts in a seeded order: enough for intervals of a tenth."""


class Finding(NamedTuple):
    """What one check says of one metric: a verdict, the number behind it (None where there is none), and a sentence."""

    verdict: Verdict
    value: float | None
    low: float | None
    high: float | None
    reason: str


def unknown(reason: str, value: float | None = None) -> Finding:
    """The finding of a check that could not be made."""
    return Finding("cannot tell", value, None, None, reason)


@dataclass(frozen=True)
class Seen:
    """One metric on the sampled cells; `size` is how many answers a set holds for metrics that grow with their number."""

    metric: Diversity
    cells: Sequence[LevelCell]
    size: int
    seed: int

    @property
    def sign(self) -> int:
        """1, or -1 for a metric whose higher values are less diverse."""
        return 1 if self.metric.traits.higher_is == "more diverse" else -1

    @cached_property
    def values(self) -> np.ndarray:
        """(cells,) values turned so that higher is more diverse; NaN where undefined or the cell is too small."""
        found = cell_values(self.metric, self.cells, np.array([UNGATED]), size=self.size, undefined=Undefineds())
        return self.sign * found[:, 0]

    @cached_property
    def prompts(self) -> np.ndarray:
        """(cells,) int64 number of each cell's prompt."""
        return np.unique([cell.prompt for cell in self.cells], return_inverse=True)[1].astype(np.int64)

    @cached_property
    def lengths(self) -> np.ndarray:
        """(cells,) mean number of characters of an answer."""
        return np.array([np.mean([len(text) for text in cell.responses.texts]) for cell in self.cells])

    def places(self, cell: LevelCell) -> np.ndarray:
        """The positions of one set of the cell: as many answers as the metric is given, of those that it reads."""
        most = set_size(self.metric, self.size)
        return np.sort(cell.order if most is None else first_read(self.metric, cell.responses, cell.order, most))

    def by_model(self) -> dict[str, float]:
        """Mean over the prompts that all models have a value for; empty where there are none."""
        table: dict[str, dict[str, float]] = {}
        for cell, value in zip(self.cells, self.values, strict=True):
            if not np.isnan(value):
                table.setdefault(cell.model, {})[cell.prompt] = float(value)
        shared = set.intersection(*(set(own) for own in table.values())) if table else set()
        means = {model: float(np.mean([own[prompt] for prompt in sorted(shared)])) for model, own in table.items()}
        return means if shared else {}


def sampled(cells: Sequence[LevelCell], *, seed: int) -> list[LevelCell]:
    """Cells of whole prompts, in a seeded order of prompts, up to 300 (of one prompt at least)."""
    order = sorted({cell.prompt for cell in cells}, key=lambda prompt: (prompt_rank(prompt, seed), prompt))
    counts = Counter(cell.prompt for cell in cells)
    taken = np.cumsum([counts[prompt] for prompt in order])
    kept = set(order[: max(1, int(np.searchsorted(taken, MOST_CELLS, side="right")))])
    return [cell for cell in cells if cell.prompt in kept]
