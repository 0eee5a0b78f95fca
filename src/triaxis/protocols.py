"""The extension contract on one screen: what triaxis asks of a thing that you bring.

Each is a Protocol with one method. Register an implementation under an entry-point group of the same name
(`triaxis.quality`, `triaxis.equivalence`, ...) and every verb can use it by name; the contract suite
in `tests/contract` checks it.
"""

from typing import Literal, Protocol, runtime_checkable

import numpy as np
import polars as pl

Scope = Literal["cell", "prompt"]


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
