"""How many n-grams each pair of texts shares, with repetition, for all pairs: a few matrix products in place of n^2 comparisons.

The sum over n-grams of the smaller of two counts is a plain product once the first, second, ... occurrence of an n-gram are
features of their own. Features of many texts go through BLAS, those of few through a sparse product, and nothing holds all
pairs at once.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from triaxis.diversity.lexical.ngrams import Counts

_ROWS = 256
_SMALL = 64  # texts up to which a sparse product costs more to set up than it saves
_COMMON = 8
"""A feature that one text in so many has is multiplied densely; a sparse multiplication costs about 40 times a dense one."""


class Tile(NamedTuple):
    """Pairs of some texts with all that follow: `rows` and `columns` are slices of texts.

    shared: (orders, rows, columns) float64 whole numbers. is_pair: (rows, columns), true once for each unordered pair.
    """

    rows: slice
    columns: slice
    shared: np.ndarray
    is_pair: np.ndarray


class _Features(NamedTuple):
    """(texts, features) of 0 and 1, in two parts; None where the second has none."""

    dense: np.ndarray
    sparse: csr_array | None

    def shared(self, rows: slice, columns: slice) -> np.ndarray:
        """(rows, columns) whole numbers, exact in float32 up to 2^24 shared n-grams."""
        products = self.dense[rows] @ self.dense[columns].T
        if self.sparse is None:
            return np.asarray(products)
        return np.asarray(products + (self.sparse[rows] @ self.sparse[columns].T).toarray())


def tiles(orders: Sequence[Counts], size: int) -> Iterator[Tile]:
    """Every unordered pair of `size` texts, tile by tile, with what they share of each of `orders` (n-gram counts)."""
    features = [_features(counts, size) for counts in orders]
    for start in range(0, size, _ROWS):
        rows, columns = slice(start, min(start + _ROWS, size)), slice(start, size)
        shared = np.stack([part.shared(rows, columns) for part in features]).astype(np.float64)
        yield Tile(rows, columns, shared, np.arange(start, size) > np.arange(start, rows.stop)[:, None])


def _features(counts: Counts, size: int) -> _Features:
    """One feature for each k-th occurrence of each n-gram; those of one text only are shared by none and left out."""
    widths = np.maximum.reduceat(counts.times, counts.starts) if counts.times.size else counts.times
    first = np.cumsum(np.r_[0, widths])[:-1][counts.grams]
    ends = np.cumsum(counts.times)
    occurrence = np.arange(counts.times.sum()) - np.repeat(ends - counts.times, counts.times)
    feature = np.repeat(first, counts.times) + occurrence
    text = np.repeat(counts.texts, counts.times)
    held = np.bincount(feature)
    is_shared, is_common = held > 1, held * _COMMON > (size if size > _SMALL else 0)
    return _Features(_dense(feature, text, is_shared & is_common, size), _sparse(feature, text, is_shared & ~is_common, size))


def _dense(feature: np.ndarray, text: np.ndarray, is_common: np.ndarray, size: int) -> np.ndarray:
    kept = is_common[feature]
    dense = np.zeros((size, int(is_common.sum())), dtype=np.float32)
    dense[text[kept], (np.cumsum(is_common) - 1)[feature[kept]]] = 1
    return dense


def _sparse(feature: np.ndarray, text: np.ndarray, is_rare: np.ndarray, size: int) -> csr_array | None:
    kept = is_rare[feature]
    if not kept.any():
        return None
    columns = (np.cumsum(is_rare) - 1)[feature[kept]]
    return csr_array((np.ones(columns.size, dtype=np.float32), (text[kept], columns)), shape=(size, int(is_rare.sum())))
