"""Whose answers stand next to each other: distinct source models among the nearest neighbours, at every floor.

Jiang et al. 2025 (arXiv 2510.22954) count distinct models among the 50 nearest of 25 x 50 answers. The one idea here: each answer
keeps a sorted list of its nearest others; a higher floor strikes out entries, and only where too few are left the neighbours are
looked for again, among the answers that are still usable.
"""

import numpy as np

HELD = 4
"""Times as many neighbours are held as are asked for: a list lasts until a floor strikes out three in four."""

_GRID = np.float32(2**20)
"""Cosines are compared in steps of 1e-6: float32 rounding then parts no copies; equal ones go by the seeded order of answers."""

_BLOCK_ENTRIES = 2**18
"""Keys of a block stay in the cache of a core."""


def mixing(models: np.ndarray, bins: np.ndarray, vectors: np.ndarray, floors: int, neighbours: int) -> np.ndarray:
    """(floors,) mean over usable answers of the number of models among their nearest usable others; higher is more mixed.

    models, bins: (n,) ints. vectors: (n, d) float32 unit rows. NaN where there are not more than `neighbours` usable answers.
    From 1 to `neighbours`.
    """
    found = np.full(floors, np.nan)
    rows = np.arange(models.size)
    lists = np.full((models.size, min(HELD * neighbours, models.size)), -1, dtype=np.int64)
    for floor in range(floors):
        usable = np.r_[bins > floor, False]  # -1 in a list is no answer
        kept = usable[rows]
        if floor and kept.all():
            found[floor] = found[floor - 1]
            continue
        rows, lists = rows[kept], lists[kept]
        if rows.size <= neighbours:
            break
        lists = _refilled(lists, rows, usable, vectors, neighbours)
        found[floor] = _distinct(models[_first(lists, usable, neighbours)]).mean()
    return found


def expected_mixing(models: np.ndarray, bins: np.ndarray, floors: int, neighbours: int) -> np.ndarray:
    """(floors,) what `mixing` is expected to be when labels of models are permuted among the usable answers: exact."""
    found = np.full(floors, np.nan)
    for floor in range(floors):
        sizes = np.unique(models[bins > floor], return_counts=True)[1]
        if sizes.sum() <= neighbours:
            break
        found[floor] = _expected(sizes, neighbours)
    return found


def _expected(sizes: np.ndarray, neighbours: int) -> float:
    """Mean over answers of sum over models of P(some of its answers are among `neighbours` drawn from the others)."""
    others = sizes.sum() - 1
    seen, seen_own = (1 - _missed(others - count, others, neighbours) for count in (sizes, sizes - 1))
    return float((sizes * (seen.sum() - seen + seen_own)).sum() / sizes.sum())


def _missed(left: np.ndarray, of: int, draws: int) -> np.ndarray:
    """C(left, draws) / C(of, draws)."""
    share = np.ones(left.shape)
    for drawn in range(draws):
        share *= np.maximum(left - drawn, 0) / (of - drawn)
    return share


def _refilled(lists: np.ndarray, rows: np.ndarray, usable: np.ndarray, vectors: np.ndarray, neighbours: int) -> np.ndarray:
    """`lists` (rows, held) in which every row has enough usable neighbours, nearest first."""
    short = np.count_nonzero(usable[lists], axis=1) < neighbours
    if short.any():
        lists[short] = nearest(vectors, rows[short], np.flatnonzero(usable), lists.shape[1])
    return lists


def nearest(vectors: np.ndarray, rows: np.ndarray, pool: np.ndarray, held: int) -> np.ndarray:
    """(rows, held) positions of the answers of `pool` nearest to each of `rows`, itself left out, nearest first; -1 fills up.

    Time rows x pool x d, memory one block. Of equally near answers the earlier comes first.
    """
    found = np.full((rows.size, held), -1, dtype=np.int64)
    most = min(held, pool.size - 1)
    bits = int(pool.size).bit_length()
    turned = np.ascontiguousarray(vectors[pool].T)
    block = max(1, _BLOCK_ENTRIES // pool.size)
    for start in range(0, rows.size, block):
        some = rows[start : start + block]
        keys = np.rint((vectors[some] @ turned) * _GRID).astype(np.int64)
        keys <<= bits
        keys += np.arange(pool.size - 1, -1, -1)
        keys[pool[None, :] == some[:, None]] = np.iinfo(np.int64).min
        best = np.sort(np.partition(keys, pool.size - most, axis=1)[:, pool.size - most :], axis=1)[:, ::-1]
        found[start : start + block, :most] = pool[pool.size - 1 - (best & ((1 << bits) - 1))]
    return found


def _first(lists: np.ndarray, usable: np.ndarray, count: int) -> np.ndarray:
    """(rows, count) the first usable entries of each list."""
    good = usable[lists]
    return np.asarray(lists[good & (np.cumsum(good, axis=1) <= count)].reshape(-1, count))


def _distinct(labels: np.ndarray) -> np.ndarray:
    """(rows,) number of distinct values in each row."""
    ordered = np.sort(labels, axis=1)
    return np.asarray(1 + np.count_nonzero(np.diff(ordered, axis=1), axis=1))
