"""How often two answers share a phrase, at every floor: pairs that share one are listed once, with the floor that both reach."""

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from triaxis.measure.population_phrases.grams import gram_ids, joined_grams


class PhrasePairs(NamedTuple):
    """Pairs of answers at each floor, (floors,) each: of different models, of one model; all of them and those that share."""

    between: np.ndarray
    between_shared: np.ndarray
    within: np.ndarray
    within_shared: np.ndarray

    def shares(self) -> tuple[np.ndarray, np.ndarray]:
        """Shares of pairs that have a phrase in common, between models and within one; NaN where there is no pair."""
        return _share(self.between_shared, self.between), _share(self.within_shared, self.within)


def own_grams(texts: list[np.ndarray], prompts: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`joined_grams` of `texts` without those that stand in one of `prompts`, which every answer may quote."""
    grams, text, place = joined_grams(texts)
    asked = np.unique(np.concatenate([np.zeros(0, dtype=np.uint64), *(gram_ids(ids) for ids in prompts)]))
    kept = ~np.isin(grams, asked) if asked.size else np.ones(grams.size, dtype=bool)
    return grams[kept], text[kept], place[kept]


def sharing_pairs(grams: np.ndarray, text: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """(pairs,) first and second of all pairs of `count` texts that have a number of `grams` in common, first < second."""
    _, column = np.unique(grams, return_inverse=True)
    seen = np.unique(column * np.int64(count) + text)  # each gram of a text once
    column, row = seen // count, seen % count
    several = np.bincount(column) > 1
    kept = several[column]
    if not kept.any():
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    _, column = np.unique(column[kept], return_inverse=True)
    has = csr_array((np.ones(column.size, dtype=np.int32), (row[kept], column)), shape=(count, int(column.max()) + 1))
    first, second = (has @ has.T).nonzero()
    upper = first < second
    return first[upper].astype(np.int64), second[upper].astype(np.int64)


def phrase_pairs(
    models: np.ndarray, bins: np.ndarray, pairs: tuple[np.ndarray, np.ndarray], floors: int, apart: np.ndarray | None = None
) -> PhrasePairs:
    """Counts of pairs at each floor. models, bins: (n,) ints of the answers; see `population_vectors.answers.bins_of`.

    With `apart` (n,) only pairs whose values in it differ count: answers to different prompts.
    """
    first, second = pairs
    if apart is not None:
        far = apart[first] != apart[second]
        first, second = first[far], second[far]
    reached = np.minimum(bins[first], bins[second])
    same = models[first] == models[second]
    shared, own = (_at_floors(reached[kind], floors) for kind in (~same, same))
    every, within = _all_pairs(np.zeros_like(models), bins, floors), _all_pairs(models, bins, floors)
    if apart is not None:
        together = _all_pairs(apart, bins, floors)
        both = _all_pairs(np.unique(np.stack([apart, models]), axis=1, return_inverse=True)[1].ravel(), bins, floors)
        every, within = every - together, within - both
    return PhrasePairs(every - within, shared, within, own)


def _at_floors(reached: np.ndarray, floors: int) -> np.ndarray:
    """(floors,) how many of `reached` are above each floor's position."""
    counts = np.bincount(reached, minlength=floors + 1)
    return np.asarray(counts[::-1].cumsum()[::-1][1 : floors + 1])


def _all_pairs(groups: np.ndarray, bins: np.ndarray, floors: int) -> np.ndarray:
    """(floors,) pairs of usable answers of the same group."""
    found = np.zeros(floors, dtype=np.int64)
    for group in np.unique(groups):
        usable = _at_floors(bins[groups == group], floors)
        found += usable * (usable - 1) // 2
    return found


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)
