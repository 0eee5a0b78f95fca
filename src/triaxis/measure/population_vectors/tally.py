"""Sums over prompts: prompts come one at a time in any order, and the result is the same to the bit.

Of a prompt stay a few figures at each floor. What belongs to a model or a pair of models is added up at once, so that memory
does not grow with prompts times models.
"""

import heapq
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from triaxis.diversity.spread import mean_cosine
from triaxis.measure.population_vectors.exact import GRID, ExactSum, Moments
from triaxis.measure.population_vectors.kernel import BLOCKS, Kernels, both, one
from triaxis.measure.population_vectors.prompt import Design, PromptFigures
from triaxis.measure.sampling import prompt_rank

MOST_CELLS = 2**26
"""Numbers that matrices of all domains together may hold; beyond it only those of all domains are kept."""

MOST_SAMPLES = 1000
"""Prompts of which one answer is kept, for cells of answers to different prompts."""


class Shape(NamedTuple):
    """Sizes of a population: names of models, dimensions of vectors, domains."""

    models: tuple[str, ...]
    dimensions: int
    domains: tuple[str, ...]


@dataclass
class Zero:
    """Mean cosine between answers to different prompts, at each floor: the zero of the encoder."""

    floors: int
    dimensions: int
    centres: list[ExactSum] = field(init=False)
    squares: list[ExactSum] = field(init=False)

    def __post_init__(self) -> None:
        self.centres = [ExactSum((self.floors, self.dimensions)) for _ in range(BLOCKS)]
        self.squares = [ExactSum((self.floors,)) for _ in range(BLOCKS)]

    def add(self, block: int, centre: np.ndarray, answers: np.ndarray) -> None:
        """One prompt: mean vectors (floors, d) of its `answers` (floors,)."""
        there = answers > 0
        self.centres[block].add(np.where(there[:, None], centre, np.nan))
        self.squares[block].add(np.where(there, np.square(centre).sum(axis=1), np.nan))

    def interval(self, *, least: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Mean over pairs of prompts at each floor, and 95 % ends by leaving out a tenth of the prompts at a time."""
        total = np.sum([c.total for c in self.centres], axis=0)
        square, count = (np.sum([getattr(s, name) for s in self.squares], axis=0) for name in ("total", "count"))
        value = _mean_over_pairs(total, square, count)
        left = np.array([
            _mean_over_pairs(total - c.total, square - s.total, count - s.count)
            for c, s in zip(self.centres, self.squares, strict=True)
        ])  # fmt: skip
        error = np.sqrt((BLOCKS - 1) / BLOCKS * np.square(left - left.mean(axis=0)).sum(axis=0))
        reach = np.where(count >= least, stdtrit(BLOCKS - 1, 0.975) * error, np.nan)
        return value, value - reach, value + reach


@dataclass
class Group:
    """Sums of one domain, or of all; `kernels` and `pairs` are None where matrices would take too much memory."""

    shape: Shape
    design: Design
    has_matrices: bool
    zero: Zero = field(init=False)
    own: Moments = field(init=False)
    others: Moments = field(init=False)
    others_null: ExactSum = field(init=False)
    kernels: Kernels | None = field(init=False)
    pairs: Moments | None = field(init=False)
    pairs_null: ExactSum | None = field(init=False)
    permuted: ExactSum = field(init=False)
    seen: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        floors, at, models = self.design.floors.size, self.design.at.size, len(self.shape.models)
        self.zero = Zero(floors, self.shape.dimensions)
        self.own, self.others = Moments((floors, models)), Moments((floors, models))
        self.others_null = ExactSum((floors, models))
        self.permuted = ExactSum((self.design.draws, at))
        self.kernels = Kernels(at, models, self.design.draws) if self.has_matrices else None
        self.pairs = Moments((at, models, models)) if self.has_matrices else None
        self.pairs_null = ExactSum((at, models, models)) if self.has_matrices else None
        self.seen = np.zeros(models, dtype=np.int64)

    def add(self, found: PromptFigures, block: int) -> None:
        """One prompt of this domain."""
        cosines, at = found.cosines, self.design.at
        self.seen[found.models] += 1
        self.zero.add(block, cosines.centre, cosines.answers)
        where, every = one(found.models, len(self.shape.models)), both(found.models, len(self.shape.models))
        self.own.add(cosines.own, where)
        self.others.add(cosines.others, where)
        self.others_null.add(np.where(np.isnan(cosines.others), np.nan, cosines.pooled[:, None]), where)
        self.permuted.add(found.between)
        if self.kernels is None or self.pairs is None or self.pairs_null is None:
            return
        self.kernels.add(block, found.models, found.kernel, found.permuted)
        pairs = _with_diagonal(found.kernel, cosines.own[at])
        self.pairs.add(pairs, every)
        self.pairs_null.add(np.where(np.isnan(pairs), np.nan, cosines.pooled[at][:, None, None]), every)


class PromptRow(NamedTuple):
    """What stays of a prompt: values (7, floors), see `prompt.OWN`."""

    domain: str
    prompt: str
    values: np.ndarray


@dataclass
class Population:
    """The accumulator: give it the figures of each prompt once, in any order."""

    shape: Shape
    design: Design
    rows: list[PromptRow] = field(default_factory=list)
    groups: dict[str | None, Group] = field(init=False)
    _samples: list[tuple[int, str, str, np.ndarray]] = field(default_factory=list)

    def __post_init__(self) -> None:
        domains = self.shape.domains if len(self.shape.domains) > 1 else ()
        self.groups = {None: Group(self.shape, self.design, True)}
        self.groups |= {d: Group(self.shape, self.design, self.has_domain_matrices) for d in domains}

    @property
    def has_domain_matrices(self) -> bool:
        """Whether each domain keeps matrices of its own."""
        cells = len(self.shape.models) ** 2 * self.design.at.size * (BLOCKS + self.design.draws + 4)
        return cells * len(self.shape.domains) <= MOST_CELLS

    def add(self, found: PromptFigures) -> None:
        """Takes one prompt."""
        rank = prompt_rank(f"{found.domain}\0{found.prompt}", 0)
        for group in (self.groups[None], self.groups.get(found.domain)):
            if group is not None:
                group.add(found, rank % BLOCKS)
        self.rows.append(PromptRow(found.domain, found.prompt, found.values))
        kept = (-rank, found.domain, found.prompt, found.sample)
        if len(self._samples) < MOST_SAMPLES:
            heapq.heappush(self._samples, kept)
        elif kept[:3] > self._samples[0][:3]:
            heapq.heapreplace(self._samples, kept)

    def values(self, domain: str | None) -> np.ndarray:
        """(prompts, 7, floors) of the prompts of `domain`, in order of their names."""
        mine = sorted((row for row in self.rows if domain in (None, row.domain)), key=lambda row: row[:2])
        return np.array([row.values for row in mine]).reshape(len(mine), -1, self.design.floors.size)

    def samples(self) -> np.ndarray:
        """(prompts, d) one answer to each of at most 1,000 prompts, chosen by seed."""
        return np.array([one[3] for one in sorted(self._samples, key=lambda one: one[:3])])


def null_cells(samples: np.ndarray, size: int) -> np.ndarray:
    """(cells,) mean cosine of cells of `size` answers to different prompts, from `samples` (prompts, d), each used once."""
    cells = len(samples) // max(size, 2)
    groups = samples[: cells * max(size, 2)].astype(np.float64).reshape(cells, max(size, 2), samples.shape[1])
    return mean_cosine(np.full(cells, max(size, 2)), np.square(groups.sum(axis=1)).sum(axis=1))


def evenly(places: np.ndarray, most: int) -> np.ndarray:
    """At most `most` of `places`, the first and the last among them, evenly spread by rank."""
    if places.size <= most:
        return places
    return np.asarray(places[np.unique(np.linspace(0, places.size - 1, most).round().astype(np.int64))])


def _mean_over_pairs(total: np.ndarray, square: np.ndarray, count: np.ndarray) -> np.ndarray:
    """(floors,) mean of u_p . u_q over pairs of different prompts, from integer sums of u_p and of |u_p|^2."""
    pairs = np.where(count >= 2, count * (count - 1.0), np.nan)
    return np.asarray((np.square(total / GRID).sum(axis=1) - square / GRID) / pairs)


def _with_diagonal(kernel: np.ndarray, own: np.ndarray) -> np.ndarray:
    """`kernel` (floors, m, m) whose diagonal is the mean over pairs of different answers: no self pairs."""
    pairs = kernel.astype(np.float64)
    places = np.arange(kernel.shape[1])
    pairs[:, places, places] = own
    return pairs

