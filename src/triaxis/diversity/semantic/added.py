"""What every tally of vectors does alike: rows come in fixed blocks, a total grows block by block, and tallies add up."""

from abc import ABC, abstractmethod
from typing import Self

import numpy as np

from triaxis.diversity.semantic.metric import vectors_of
from triaxis.diversity.semantic.rows import RowBlocks
from triaxis.responses import Responses


class AddedUp(ABC):
    """A running `_total` over blocks of `rows` rows, and how many rows it holds (`_count`) and left out (`_lost`)."""

    def __init__(self, rows: int) -> None:
        self._blocks = RowBlocks(rows)
        self._total: np.ndarray | None = None
        self._count = 0
        self._lost = 0

    def add(self, responses: Responses) -> None:
        """See `protocols.Tally`."""
        self.add_rows(vectors_of(responses))

    def add_rows(self, vectors: np.ndarray) -> None:
        """Takes in (rows, d) vectors."""
        for block in self._blocks.add(vectors):
            self._take(block)

    def merge(self, other: Self) -> None:
        """See `protocols.Tally`."""
        if other._total is None:
            self.add_rows(other._blocks.rest())
            return
        self._take(self._blocks.rest())
        self._blocks.take_over(other._blocks)
        self._total = other._total.copy() if self._total is None else self._total + other._total
        self._count, self._lost = self._count + other._count, self._lost + other._lost

    @abstractmethod
    def _take(self, block: np.ndarray) -> None:
        """Adds one block of rows to the total; an empty one changes nothing."""
