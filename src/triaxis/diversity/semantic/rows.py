"""Rows of vectors: which have a direction, unit length in float32, and blocks of fixed size however the rows arrive.

The one idea: a float sum depends on how its terms are grouped, so rows are grouped by their running number and never by the
calls that brought them.
"""

from collections.abc import Iterator

import numpy as np

from triaxis.diversity.spread import has_direction, unit_rows
from triaxis.errors import InputError

UNIT_SQUARE = 4e-6
"""A squared length this near to 1 is taken as 1: float32 rows of length 1 are off by less."""

NEAR = 0.99
"""Above this cosine 1 - cosine has lost digits in float32."""

_PIECE = 4096


def unit_block(rows: np.ndarray) -> np.ndarray:
    """(kept, d) float32 rows of length 1; rows without a direction (NaN, zero) are dropped. Copies only what it must."""
    rows = np.ascontiguousarray(rows, dtype=np.float32)
    with np.errstate(invalid="ignore", over="ignore"):
        off = ~(np.abs(np.einsum("ij,ij->i", rows, rows) - 1) <= UNIT_SQUARE)
    if not off.any():
        return rows
    rows = rows.copy()
    rows[off] = unit_rows(rows[off])
    return np.asarray(rows[has_direction(rows)])


def unit_rows32(vectors: np.ndarray) -> np.ndarray:
    """`unit_block` of any number of rows, without a float64 copy of all of them."""
    pieces = [unit_block(vectors[start : start + _PIECE]) for start in range(0, len(vectors), _PIECE)]
    return np.concatenate(pieces) if pieces else np.zeros((0, vectors.shape[1] if vectors.ndim == 2 else 0), dtype=np.float32)


def upper_blocks(size: int, block: int) -> Iterator[tuple[slice, slice]]:
    """Pairs of row slices that cover the upper triangle of a (size, size) matrix by blocks, diagonal blocks included."""
    starts = range(0, size, block)
    for row in starts:
        for column in range(row, size, block):
            yield slice(row, min(row + block, size)), slice(column, min(column + block, size))


def cosines(units: np.ndarray, rows: slice, columns: slice) -> np.ndarray:
    """(rows, columns) cosines of unit rows: float32, or float64 where any two are so near that its rounding would show."""
    block: np.ndarray = units[rows] @ units[columns].T
    if rows != columns and not (block > NEAR).any():
        return block
    return np.asarray(unit_rows(units[rows]) @ unit_rows(units[columns]).T)


class RowBlocks:
    """Rows in blocks of `size` by their running number, however they arrive; at most one block is held."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._held: list[np.ndarray] = []
        self._count = 0
        self._columns = -1

    def add(self, rows: np.ndarray) -> Iterator[np.ndarray]:
        """Yields the (size, d) blocks that `rows` complete, in order."""
        self._check(rows)
        place = 0
        while len(rows) - place >= self.size - self._count:
            piece = rows[place : place + self.size - self._count]
            place += len(piece)
            yield np.concatenate([*self._held, piece]) if self._held else piece
            self._held, self._count = [], 0
        if place < len(rows):
            self._held.append(np.array(rows[place:], dtype=np.float32))
            self._count += len(rows) - place

    def rest(self) -> np.ndarray:
        """(under `size`, d) rows held."""
        return np.concatenate(self._held) if self._held else np.zeros((0, max(self._columns, 0)), dtype=np.float32)

    def take_over(self, other: "RowBlocks") -> None:
        """Goes on with what `other` holds; the rows held here are gone."""
        self._check(other.rest())
        self._held, self._count = list(other._held), other._count

    def _check(self, rows: np.ndarray) -> None:
        if self._columns >= 0 and len(rows) and rows.shape[1] != self._columns:
            raise InputError(f"expected vectors of {self._columns} dimensions, as before, got {rows.shape[1]}; use one encoder")
        if len(rows):
            self._columns = rows.shape[1]
