"""Vendi and mean cosine distance of what lies above each of many quality floors, in one pass over the vectors.

The one idea: rows between two floors go into one Gram matrix, and what lies above a floor is the sum of the matrices above it:
one product for all floors instead of one for each.
"""

from typing import NamedTuple

import numpy as np

from triaxis.diversity.semantic.gram import Gram
from triaxis.diversity.semantic.rows import unit_block
from triaxis.diversity.semantic.vendi import vendi_of_gram
from triaxis.diversity.spread import mean_cosine_distance
from triaxis.errors import InputError

_BLOCK = 4096


class FloorSweep(NamedTuple):
    """One entry a floor: how many rows have at least that quality (`above`), and their diversity; NaN where there is none.

    vendi: NaN for no row. cosine_distance: NaN for under two.
    """

    floors: np.ndarray
    above: np.ndarray
    vendi: np.ndarray
    cosine_distance: np.ndarray


def floor_sweep(vectors: np.ndarray, quality: np.ndarray, floors: np.ndarray, order: float = 1) -> FloorSweep:
    """Vendi score of `order` and mean cosine distance of the rows whose `quality` is at least each of `floors`.

    vectors: (n, d), brought to unit length; NaN rows, and rows of NaN quality, are left out. floors: (f,) ascending. Equal to
    computing each floor anew to 1e-6; memory f x d^2.
    """
    floors = np.asarray(floors, dtype=np.float64)
    if (np.diff(floors) <= 0).any() or np.isnan(floors).any():
        raise InputError("`floors` must be different numbers in ascending order")
    if len(vectors) != len(quality):
        raise InputError(f"expected one quality for each of {len(vectors)} vectors, got {len(quality)}")
    grams, sums, counts = _bins(vectors, quality, floors)
    return FloorSweep(floors, *_from_the_top(grams, sums, counts, order))


def _bins(vectors: np.ndarray, quality: np.ndarray, floors: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(f, d, d) Gram matrices, (f, d) sums and (f,) counts of the rows from each floor up to the next."""
    d = vectors.shape[1]
    grams, sums, counts = np.zeros((floors.size, d, d)), np.zeros((floors.size, d)), np.zeros(floors.size, dtype=np.int64)
    place = np.where(np.isnan(quality), -1, np.searchsorted(floors, quality, side="right") - 1)
    order = np.argsort(place, kind="stable")
    edges = np.searchsorted(place[order], np.arange(floors.size + 1))
    for floor in range(floors.size):
        for start in range(edges[floor], edges[floor + 1], _BLOCK):
            units = unit_block(vectors[order[start : min(start + _BLOCK, edges[floor + 1])]])
            grams[floor] += units.T @ units
            sums[floor] += units.sum(axis=0, dtype=np.float64)
            counts[floor] += len(units)
    return grams, sums, counts


def _from_the_top(
    grams: np.ndarray, sums: np.ndarray, counts: np.ndarray, order: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(f,) counts, Vendi scores and distances of all rows from each floor up; one matrix grows from the top floor down."""
    total, vendi, last = np.zeros(grams.shape[1:]), np.full(counts.size, np.nan), np.nan
    for floor in range(counts.size - 1, -1, -1):
        if counts[floor]:  # else nothing new, and the value is that of the floor above
            total += grams[floor]
            last = vendi_of_gram(Gram(total, 0), order=order)
        vendi[floor] = last
    above = np.cumsum(counts[::-1])[::-1]
    norm2 = np.square(np.cumsum(sums[::-1], axis=0)[::-1]).sum(axis=1)
    return above, vendi, mean_cosine_distance(above, norm2)
