"""From pair decisions to classes: the one place where "A is like B" becomes a partition."""

from collections.abc import Callable

import numpy as np

Similar = Callable[[np.ndarray, np.ndarray], np.ndarray]
_BLOCK = 256


def first_member(size: int, similar: Similar) -> np.ndarray:
    """(size,) int64 labels: each item, in order, joins the first class whose first member it is similar to, else opens one.

    `similar(rows, columns)` gives the (rows, columns) bool matrix for two arrays of positions; it is asked for blocks, never
    for all pairs at once. Labels count up from 0 in order of first members. The result depends on the order of the items, so
    callers sort first. This is the rule of NoveltyBench; unlike union-find it cannot chain unlike items together.
    """
    labels = np.empty(size, dtype=np.int64)
    leaders: list[int] = []
    for start in range(0, size, _BLOCK):
        block = np.arange(start, min(start + _BLOCK, size))
        known = len(leaders)
        old = similar(block, np.asarray(leaders, dtype=np.int64)) if known else np.zeros((block.size, 0), dtype=bool)
        own = similar(block, block)
        _label_block(block, old, own, leaders, labels)
    return labels


def _label_block(block: np.ndarray, old: np.ndarray, own: np.ndarray, leaders: list[int], labels: np.ndarray) -> None:
    """Labels one block: against the leaders known before it (`old`), then against those that it opens itself (`own`)."""
    opened: list[int] = []
    known = old.shape[1]
    for row, item in enumerate(block):
        if known and old[row].any():
            labels[item] = int(old[row].argmax())
            continue
        near = own[row, opened]
        if near.any():
            labels[item] = known + int(near.argmax())
            continue
        opened.append(row)
        labels[item] = len(leaders)
        leaders.append(int(item))
