"""All pairs of responses whose cosine reaches a threshold, exactly.

The one idea: after a rotation that gathers length in the first columns, x.y <= x1.y1 + |x2| |y2|, and the right side is itself a
product of shorter vectors (x1, |x2|). So a short matrix product rules out nearly all pairs beyond doubt, and only the others are
computed in full, in float64.
"""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import numpy as np

from triaxis.diversity.semantic.metric import VectorMetric, number
from triaxis.diversity.semantic.rows import upper_blocks
from triaxis.diversity.spread import has_direction, unit_rows
from triaxis.errors import InputError
from triaxis.protocols import Progress
from triaxis.registry import register
from triaxis.responses import Traits

THRESHOLD = 0.9
MOST_PAIRS = 50_000_000
LIMIT = 200_000
_BLOCK = 2048
_TIE = 1e-12
"""Rounding of float64 cosines: a pair this little below the threshold reaches it, so copies reach 1."""

_WIDTHS = (8, 16, 24, 32, 40, 48, 64, 96, 128, 192, 256, 384, 512)
_SAMPLE = 1024
_PIECE = 4096
_SCAN_COLUMNS = 16
"""Looking through a block of bounds takes as long as so many columns of the product."""

_PAIR_COLUMNS = 20_000
"""Computing one pair in full takes as long as so many columns of the product for one pair."""

_DENSE = 0.01
"""Above this share of a block, a product of all its rows is faster than one pair after the other."""


class Pairs(NamedTuple):
    """Pairs first < second of rows, in order, and their cosines (float64)."""

    first: np.ndarray
    second: np.ndarray
    cosine: np.ndarray


def near_duplicates(
    vectors: np.ndarray, threshold: float = THRESHOLD, *, most: int = MOST_PAIRS, progress: Progress | None = None
) -> Pairs:
    """All pairs of rows of `vectors` (n, d) whose cosine is at least `threshold`, exactly as in float64.

    Memory: the rows, one block, and 24 bytes a pair; time n^2 times the few columns that decide. NaN rows are in no pair. Raises
    `InputError` when there are more than `most` pairs.
    """
    found, total = [], 0
    for pairs in _blocks_of_pairs(vectors, threshold, progress=progress):
        total += pairs.first.size
        if total > most:
            raise InputError(f"more than {most:,} pairs have cosine {threshold:g} or more; raise `threshold` or `most`")
        found.append(pairs)
    first, second, cosine = (np.concatenate(parts) for parts in zip(*found, strict=True)) if found else _no_pairs()
    order = np.lexsort((second, first))
    return Pairs(first[order], second[order], cosine[order])


def near_duplicate_share(vectors: np.ndarray, *, threshold: float = THRESHOLD) -> float:
    """Share of the responses that have another of cosine `threshold` or more; 0 to 1, higher is less diverse."""
    has_twin = np.zeros(len(vectors), dtype=bool)
    for pairs in _blocks_of_pairs(vectors, threshold, settled=has_twin):
        has_twin[pairs.first] = has_twin[pairs.second] = True
    return float(has_twin.mean())


def _blocks_of_pairs(
    vectors: np.ndarray, threshold: float, *, settled: np.ndarray | None = None, progress: Progress | None = None
) -> Iterator[Pairs]:
    """Pairs of each block of the upper triangle that has any; none between two rows that are `settled` by then."""
    measured, units = _measured(vectors)
    short = _shortened(units, threshold)
    least = threshold - _slack(units.shape[1])
    for rows, columns in upper_blocks(measured.size, _BLOCK):
        near = short[rows] @ short[columns].T >= least
        if settled is not None and near.any():
            near &= ~(settled[measured[rows], None] & settled[measured[columns]])
        if near.any():
            if np.count_nonzero(near) > _DENSE * near.size:
                yield _dense_pairs(vectors, measured[rows], measured[columns], threshold)
            else:
                first, second = _likely(units, rows, columns, near, threshold)
                yield _decided(vectors, measured[first], measured[second], threshold)
        if progress and columns.stop == measured.size:
            progress("near duplicates", rows.stop, measured.size)


def _dense_pairs(vectors: np.ndarray, rows: np.ndarray, columns: np.ndarray, threshold: float) -> Pairs:
    """Pairs of a block of which many may be near: all its cosines in float64."""
    cosine = unit_rows(vectors[rows]) @ unit_rows(vectors[columns]).T
    first, second = np.nonzero((cosine >= threshold - _TIE) & (rows[:, None] < columns))
    return Pairs(rows[first], columns[second], np.minimum(cosine[first, second], 1.0))


def _likely(
    units: np.ndarray, rows: slice, columns: slice, near: np.ndarray, threshold: float
) -> tuple[np.ndarray, np.ndarray]:
    """Those of the few pairs first < second in `near`, the candidates of a block, that float32 does not rule out."""
    first, second = np.divmod(np.flatnonzero(near), near.shape[1])
    first, second = first + rows.start, second + columns.start
    kept = first < second
    first, second = first[kept], second[kept]
    kept = _dots(units, first, second) >= threshold - _slack(units.shape[1])
    return first[kept], second[kept]


def _decided(vectors: np.ndarray, first: np.ndarray, second: np.ndarray, threshold: float) -> Pairs:
    """Those of a few pairs that reach the threshold in float64."""
    used, place = np.unique(np.concatenate([first, second]), return_inverse=True)
    cosine = _dots(unit_rows(vectors[used]), place[: first.size], place[first.size :])
    kept = cosine >= threshold - _TIE
    return Pairs(first[kept], second[kept], np.minimum(cosine[kept], 1.0))


def _dots(units: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(pairs,) products of rows, pair by pair."""
    pieces = [slice(start, start + _PIECE) for start in range(0, first.size, _PIECE)]
    found = [np.einsum("ij,ij->i", units[first[some]], units[second[some]]) for some in pieces]
    return np.concatenate([np.zeros(0, dtype=units.dtype), *found])


def _measured(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places of the rows that have a direction, and these rows at unit length in float32."""
    pieces = [unit_rows(vectors[start : start + _PIECE]).astype(np.float32) for start in range(0, len(vectors), _PIECE)]
    units = np.concatenate(pieces) if pieces else np.zeros((0, 0), dtype=np.float32)
    kept = np.flatnonzero(has_direction(units))
    return kept, units if kept.size == len(units) else units[kept]


def _slack(columns: int) -> float:
    """More than rounding can take from a float32 product of unit rows: no pair is ruled out by it."""
    return columns * 2.0**-23


def _shortened(units: np.ndarray, threshold: float) -> np.ndarray:
    """(n, r + 1) rows whose products are upper bounds of the cosines; the units themselves where no r below d pays."""
    if len(units) <= _BLOCK:  # one product, cheaper than finding the columns
        return units
    gram = (units.T @ units).astype(np.float64)
    basis = np.linalg.eigh(gram)[1][:, ::-1].astype(np.float32)  # the first r columns gather as much length as any r can
    sample = units[np.linspace(0, len(units) - 1, _SAMPLE).astype(np.int64)]
    least, width = threshold - _slack(units.shape[1]), units.shape[1]
    cost = {r: _cost(_bounding(sample, basis[:, :r]), least) for r in _WIDTHS if r < width} | {width: _cost(sample, least)}
    best = min(cost, key=lambda r: cost[r])
    return units if best == width else _bounding(units, basis[:, :best])


def _bounding(units: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """(n, r + 1) rows: what lies along the r columns of `basis`, and the length of the rest, rounded up."""
    along = units @ basis
    left = np.maximum(1 - np.einsum("ij,ij->i", along, along), 0) + np.float32(_slack(units.shape[1]))
    return np.concatenate([along, np.sqrt(left)[:, None]], axis=1)


def _cost(short: np.ndarray, least: float) -> float:
    """Time for one pair, in columns of the product, when a sample of short rows is like all."""
    share = (np.count_nonzero(short @ short.T >= least) - len(short)) / (len(short) * (len(short) - 1))
    return float(short.shape[1] + _SCAN_COLUMNS + _PAIR_COLUMNS * min(max(share, 0.0), _DENSE))


def _no_pairs() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)


@register("diversity", "near-duplicate-share")
def near_duplicate_metric(threshold: str = "") -> VectorMetric:
    """`near-duplicate-share:T`: at cosine T, 0.9 unless told otherwise."""
    found = number("near-duplicate-share:0.9", threshold, what="the threshold", low=-1, high=1) if threshold else THRESHOLD
    traits = Traits(
        level="semantic", says=f"share of responses that have another within cosine {found:g}; grows with the set",
        higher_is="less diverse", high=1.0, needs=frozenset({"vectors"}), limit=LIMIT, smallest=2,
        source="SemDeDup (arXiv 2303.09540)",
    )  # fmt: skip
    name = f"near-duplicate-share:{threshold}" if threshold else "near-duplicate-share"
    return VectorMetric(name, traits, partial(near_duplicate_share, threshold=found))
