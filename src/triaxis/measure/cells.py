"""Cells as arrays: the form every gated measure is computed on.

A `Cells` holds the exact counts of a run store, sorted once by cell, then class, then quality from best to worst. The one
idea: in that order the usable count of a class at *any* floor is the running count `upto` of its last row at or above
the floor, so every floor comes out of one pass, and no measure ever needs the texts.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class Cells:
    """Counts of (cell, class, quality), sorted by cell, class, falling quality; one entry per cell in the lower arrays.

    `cell`, `klass`: (rows,) int64, the latter dense over all cells; `quality`: (rows,) float64, NaN never; `count`: (rows,)
    int64 samples; `first_index`: (rows,) int64 smallest `sample_index` (-1 unknown). `size`: (cells,) int64 measured samples
    N; `model`,
    `prompt`, `domain`: (cells,) int64 codes into the store's names; `index_low`, `index_high`: (cells,) int64 range of
    `sample_index`.
    """

    cell: np.ndarray
    klass: np.ndarray
    quality: np.ndarray
    count: np.ndarray
    first_index: np.ndarray
    model: np.ndarray
    prompt: np.ndarray
    domain: np.ndarray
    size: np.ndarray
    index_low: np.ndarray
    index_high: np.ndarray

    def __len__(self) -> int:
        return int(self.size.size)

    @cached_property
    def class_start(self) -> np.ndarray:
        """(classes,) int64: first row of each class."""
        if not self.klass.size:
            return np.zeros(0, dtype=np.int64)
        starts: np.ndarray = np.flatnonzero(np.r_[True, self.klass[1:] != self.klass[:-1]])
        return starts

    @cached_property
    def class_cell(self) -> np.ndarray:
        """(classes,) int64: the cell each class belongs to."""
        owners: np.ndarray = self.cell[self.class_start]
        return owners

    @cached_property
    def upto(self) -> np.ndarray:
        """(rows,) int64: samples of the row's class with at least the row's quality."""
        running = np.cumsum(self.count)
        before = (running - self.count)[self.class_start]
        counts: np.ndarray = running - before[self.klass]
        return counts

    def select(self, keep: np.ndarray) -> "Cells":
        """The cells at the positions where `keep`, (cells,) bool, is true, renumbered."""
        if keep.all():
            return self
        rows = keep[self.cell]
        renumbered = np.cumsum(keep) - 1
        klass = np.unique(self.klass[rows], return_inverse=True)[1]
        return Cells(
            renumbered[self.cell[rows]],
            klass,
            self.quality[rows],
            self.count[rows],
            self.first_index[rows],
            self.model[keep],
            self.prompt[keep],
            self.domain[keep],
            self.size[keep],
            self.index_low[keep],
            self.index_high[keep],
        )


def build_cells(
    model: np.ndarray,
    prompt: np.ndarray,
    domain: np.ndarray,
    klass: np.ndarray,
    quality: np.ndarray,
    count: np.ndarray,
    first_index: np.ndarray,
    last_index: np.ndarray,
) -> Cells:
    """`Cells` from unsorted count rows of equal length; a (model, prompt, domain, class, quality) must not repeat."""
    order = key_order(model, prompt, domain, klass, -quality)
    model, prompt, domain, klass, quality = model[order], prompt[order], domain[order], klass[order], quality[order]
    count, first_index, last_index = count[order].astype(np.int64), first_index[order], last_index[order]
    if not order.size:
        none = np.zeros(0, dtype=np.int64)
        return Cells(none, none, quality, none, none, none, none, none, none, none, none)
    new_cell = np.r_[True, (model[1:] != model[:-1]) | (prompt[1:] != prompt[:-1]) | (domain[1:] != domain[:-1])]
    new_class = new_cell | np.r_[True, klass[1:] != klass[:-1]]
    starts = np.flatnonzero(new_cell)
    return Cells(
        np.cumsum(new_cell) - 1,
        np.cumsum(new_class) - 1,
        quality,
        count,
        first_index,
        model[starts],
        prompt[starts],
        domain[starts],
        np.add.reduceat(count, starts),
        np.minimum.reduceat(first_index, starts),
        np.maximum.reduceat(last_index, starts),
    )


def key_order(*columns: np.ndarray) -> np.ndarray:
    """(rows,) int64: an order of rows by `columns`, the first counting most, as `np.lexsort` of them reversed.

    Columns are ranked and packed into one integer, which sorts several times faster than five keys do; when their ranks do not
    fit into 62 bits, `np.lexsort` does it.
    """
    packed = packed_key(*columns)
    order: np.ndarray = np.lexsort(columns[::-1]) if packed is None else np.argsort(packed)
    return order


def packed_key(*columns: np.ndarray) -> np.ndarray | None:
    """(rows,) int64 that sorts and compares as the tuple of `columns` does; None when their ranks do not fit into 62 bits."""
    if not columns[0].size:
        return np.zeros(0, dtype=np.int64)
    ranked = [_ranks(column) for column in columns]
    if float(np.prod([float(span) for _, span in ranked])) >= 2.0**62:
        return None
    key: np.ndarray = np.ravel_multi_index([ranks for ranks, _ in ranked], [span for _, span in ranked])
    return key


def _ranks(column: np.ndarray) -> tuple[np.ndarray, int]:
    """Integers from 0 in the order of `column`, and a bound above them; codes that are small already stay as they are."""
    if column.dtype.kind in "iu" and column.min() >= 0 and column.max() < 2**24:
        return column.astype(np.int64), int(column.max()) + 1
    distinct, inverse = np.unique(column, return_inverse=True)
    return inverse, distinct.size
