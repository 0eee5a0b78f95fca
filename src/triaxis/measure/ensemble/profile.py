"""Classes of a few models, those that are alike counted together: small enough to try every allocation of draws."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from triaxis.measure.cells import packed_key
from triaxis.measure.ensemble.pool import Pool


class Profile(NamedTuple):
    """`members` are positions of models; `missed[i]` (draws + 1, groups) is how likely k draws of member i miss a class of the
    group; `weight` (groups, folds) how many classes of each fold of prompts are in the group."""

    members: tuple[int, ...]
    missed: tuple[np.ndarray, ...]
    weight: np.ndarray


def profile(pool: Pool, members: Sequence[int], fold: np.ndarray, folds: int) -> Profile:
    """The classes that some of `members` have, grouped by the kinds of their counts. `fold` (prompts,) is 0 to folds - 1."""
    klass = np.unique(np.concatenate([pool.klass[pool.entries(m)] for m in members]))
    kinds = np.zeros((len(members), klass.size), dtype=np.int64)
    for row, model in enumerate(members):
        mine = pool.entries(model)
        kinds[row, np.searchsorted(klass, pool.klass[mine])] = pool.kind[mine]
    first, group = _groups(kinds)
    where = group * folds + fold[pool.owner[klass]]
    weight = np.bincount(where, minlength=first.size * folds).reshape(-1, folds).astype(np.float64)
    missed = tuple(pool.missed[: pool.reach[m] + 1][:, kinds[row, first]] for row, m in enumerate(members))
    return Profile(tuple(members), missed, weight)


def _groups(kinds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the first column of each distinct one, and the group of each column; all apart where they do not pack."""
    key = packed_key(*kinds)
    if key is None:
        return np.arange(kinds.shape[1]), np.arange(kinds.shape[1])
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    return first, group
