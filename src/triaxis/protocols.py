"""The extension contract on one screen: what triaxis asks of a thing that you bring.

Each is a Protocol with one method. Register an implementation under an entry-point group of the same name
(`triaxis.quality`, `triaxis.equivalence`, ...) and every verb can use it by name; the contract suite
in `tests/contract` checks it.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, Protocol, runtime_checkable

import numpy as np
import polars as pl

from triaxis.responses import Responses, Traits

Scope = Literal["cell", "prompt", "set"]
"""How far a label is good: inside one cell, among all models of one prompt, or anywhere in the data."""

Progress = Callable[..., None]
"""Called with a stage, how much of it is done and, where it is known, of how much."""


@runtime_checkable
class Quality(Protocol):
    """Scores samples. NaN where a sample has no score: it is counted as unmeasured, never as a low score."""

    name: str
    source: str

    def scores(self, samples: pl.DataFrame) -> np.ndarray:
        """(samples,) float64, higher is better."""
        ...


@runtime_checkable
class Equivalence(Protocol):
    """Partitions the samples of one cell (scope `cell`) or one prompt (scope `prompt`) into classes.

    `is_pairwise` says that a sample's class depends on which other samples are present, so that cells have to be cut to
    one common N first. `rule` states in words how classes are made.
    """

    name: str
    scope: Scope
    rule: str
    is_pairwise: bool

    def labels(self, samples: pl.DataFrame) -> np.ndarray:
        """(samples,) int64 class labels; equal labels say the same thing, -1 has no class (unmeasured)."""
        ...


@runtime_checkable
class VectorEquivalence(Equivalence, Protocol):
    """An equivalence that compares unit vectors of the samples: asked for many samples at once, then for each cell's classes.

    `calibrated` fits it to the data first: `samples` are one response each to up to a thousand prompts.
    """

    calibration: Any

    def calibrated(self, samples: pl.DataFrame, *, progress: Progress | None = None) -> "VectorEquivalence":
        """This rule, fitted."""
        ...

    def vectors(self, samples: pl.DataFrame) -> np.ndarray:
        """(samples, dimensions) float32 unit rows; NaN where there is no response."""
        ...

    def labels_of(self, vectors: np.ndarray) -> np.ndarray:
        """(samples,) int64 class labels of one cell's vectors, -1 for rows of NaN."""
        ...


@runtime_checkable
class CellsEquivalence(Equivalence, Protocol):
    """A pairwise equivalence whose pairs cost something: asked for many cells at once, so that its batches are full.

    `reporting` gives the same rule with somebody to tell how far it is.
    """

    def labels_of_cells(self, cells: Sequence[pl.DataFrame]) -> list[np.ndarray]:
        """What `labels` gives for each of `cells`, in their order."""
        ...

    def reporting(self, progress: Progress) -> "CellsEquivalence":
        """This rule, telling `progress`."""
        ...


class Pair(NamedTuple):
    """Two answers to one prompt; `prompt` is None where it is not known, or not read."""

    first: str
    second: str
    prompt: str | None = None


@runtime_checkable
class PairScorer(Protocol):
    """Says of pairs of answers how likely both say the same. `name` says which weights and settings.

    `reads_prompt` says that the prompt counts: where it does not, a pair is the same pair under every prompt.
    """

    name: str
    reads_prompt: bool

    def scores(self, pairs: Sequence[Pair], *, progress: Progress | None = None) -> np.ndarray:
        """(pairs,) float64 in 0-1, higher is more alike; NaN where it could not be told, never a guess. Pairs are distinct."""
        ...


@runtime_checkable
class Diversity(Protocol):
    """One number of one set of responses: how different they are from one another, on one level."""

    name: str
    traits: Traits

    def value(self, responses: Responses) -> float:
        """A finite number within `traits.low` and `traits.high`; raises `Undefined` with the reason where there is none."""
        ...


@runtime_checkable
class PreparedDiversity(Diversity, Protocol):
    """A metric that embeds texts itself, and does so faster for many sets at once; values are the same without."""

    def prepare(self, sets: Sequence[Responses], *, progress: Progress | None = None) -> None:
        """Gets ready for the values of `sets`."""
        ...


@runtime_checkable
class SelectiveDiversity(Diversity, Protocol):
    """A metric that leaves out responses in which it finds nothing to read: no final answer, no program.

    `measure` fills sets of equal size with responses that are read. A set of five of which two are read would be a set of two,
    and in most metrics look more diverse.
    """

    def reads(self, responses: Responses) -> np.ndarray:
        """(responses,) bool: which ones the value rests on."""
        ...


@runtime_checkable
class Tally(Protocol):
    """What a mergeable or bounded metric keeps of the responses seen so far."""

    def add(self, responses: Responses) -> None:
        """Takes in a block of responses; blocks come in canonical order."""
        ...

    def merge(self, other: Any) -> None:
        """Takes in what `other`, a tally of the same metric over the responses that follow, has seen."""
        ...

    def value(self) -> float:
        """The value of all responses so far; raises `Undefined` where there is none."""
        ...


@runtime_checkable
class StreamedDiversity(Diversity, Protocol):
    """A metric whose growth is `mergeable` or `bounded`: `value` of a set is that of a tally that has seen it."""

    def tally(self) -> Tally:
        """An empty tally."""
        ...


@runtime_checkable
class Complexity(Protocol):
    """Scores samples from the text up: how much there is to each. NaN where a sample has no score.

    `unit` says what the number counts; `higher_is` in which direction it grows.
    """

    name: str
    says: str
    unit: str
    higher_is: str

    def scores(self, samples: pl.DataFrame) -> np.ndarray:
        """(samples,) float64, higher is more complex unless `higher_is` says otherwise."""
        ...


@runtime_checkable
class Embedder(Protocol):
    """Texts to unit vectors. `name` says which weights and settings: a cache is keyed by it, and every figure shows it."""

    name: str

    def embed(self, texts: Sequence[str], *, progress: Progress | None = None) -> np.ndarray:
        """(texts, dimensions) float32, each row of length 1; equal texts have equal rows."""
        ...
