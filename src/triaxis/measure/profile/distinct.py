"""The share of different texts in a data set, at every floor: copies character for character, or after normalising.

It falls as a set grows, so compare sets of equal size.
"""

from collections.abc import Callable, Sequence

import numpy as np

from triaxis.diversity.equivalence.labels import normalise
from triaxis.measure.profile.figures import NONE, Figure, jackknifed
from triaxis.measure.profile.rows import TENTHS
from triaxis.measure.profile.twins import Places

FORMS: dict[str, Callable[[str], str]] = {"exact": str, "normalised": normalise}


def classes(texts: Sequence[str], form: str) -> np.ndarray:
    """(texts,) int64: equal numbers for equal texts under `form`."""
    of_text = {text: FORMS[form](text) for text in set(texts)}
    codes: dict[str, int] = {}
    return np.array([codes.setdefault(of_text[text], len(codes)) for text in texts], dtype=np.int64)


def distinct_share(klass: np.ndarray, places: Places, floor: int) -> tuple[Figure, int]:
    """Different classes over usable rows, above 0 to 1, higher is more diverse; and how many rows these are."""
    kept = places.level > floor
    if not kept.any():
        return Figure(NONE), 0
    held = np.unique(klass[kept] * TENTHS + places.tenth[kept])
    of_class, count = np.unique(held // TENTHS, return_counts=True)
    only = np.bincount(held[np.repeat(count, count) == 1] % TENTHS, minlength=TENTHS)
    rows = int(kept.sum())
    left = rows - np.bincount(places.tenth[kept], minlength=TENTHS)
    parts = np.divide(of_class.size - only, left, out=np.full(TENTHS, NONE), where=left > 0)
    return jackknifed(of_class.size / rows, parts, np.unique(places.prompt[kept]).size), rows
