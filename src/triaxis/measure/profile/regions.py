"""Regions of a reference: clusters of its texts, each as wide as most of its own texts lie.

The one idea: half of the texts make the clusters and say how wide they are, the other half how much each holds. What made a
cluster lies closer to its middle than new texts do, and a set drawn from the same source would seem to lie outside.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from scipy.sparse import csr_array

from triaxis.errors import Undefined

Rows: TypeAlias = Any
"""(rows, d) of length 1, or 0 for a text without a word: an array, or a sparse `csr_array`."""

MOST_REGIONS = 64
FEWEST_TEXTS = 20
FEWEST_IN_REGION = 5
WIDTH = 0.95
"""So many of the texts that make a region lie in it, each measured from the middle of the others."""

ROUNDS = 30
_BLOCK = 4096
OUTSIDE = -1


def region_count(texts: int) -> int:
    """How many regions: sqrt(texts / 4), the rule of thumb of Mardia et al. (1979) for the half that makes them; 1 to 64.

    >>> region_count(400)
    10
    """
    return int(np.clip(round(np.sqrt(texts / 4)), 1, MOST_REGIONS))


@dataclass(frozen=True)
class Regions:
    """`middles` (regions, d) float32 unit rows; `radius` (regions,) cosine distances; `counts` of the texts kept apart.

    `outside` of the `kept` texts kept apart lie in no region. `examples` (regions,) are places in the reference of the text
    nearest to each middle.
    """

    middles: np.ndarray
    radius: np.ndarray
    counts: np.ndarray
    outside: int
    examples: np.ndarray

    @property
    def kept(self) -> int:
        """Texts of the reference that were kept apart."""
        return int(self.counts.sum()) + self.outside

    def of(self, rows: Rows) -> np.ndarray:
        """(rows,) int64: the region of each, -1 outside of all: farther from its nearest middle than the region is wide."""
        nearest, distance = nearest_middle(rows, self.middles)
        return np.where((distance <= self.radius[nearest]) & (distance < 1), nearest, OUTSIDE)


def regions(rows: Rows, *, seed: int) -> Regions:
    """Regions of the texts of a reference, whose order must be canonical; raises `Undefined` under 20 texts."""
    texts = int(rows.shape[0])
    if texts < FEWEST_TEXTS:
        raise Undefined(f"needs a reference of {FEWEST_TEXTS} different texts, got {texts}")
    rng = np.random.default_rng(seed)
    order = rng.permutation(texts)
    makers, apart = np.sort(order[: texts // 2]), np.sort(order[texts // 2 :])
    middles = _large(rows[makers], k_means(rows[makers], region_count(texts), rng))
    nearest, distance = nearest_middle(rows[apart], middles)
    used = np.unique(nearest[distance < 1])  # of one that no text kept apart is near to nothing can be told
    if not used.size:
        raise Undefined("no text of one half of the reference is near to one of the other half")
    middles = middles[used]
    radius = _widths(rows[makers], middles)
    nearest, distance = nearest_middle(rows[apart], middles)
    is_inside = (distance <= radius[nearest]) & (distance < 1)
    counts = np.bincount(nearest[is_inside], minlength=len(middles))
    return Regions(middles, radius, counts, int((~is_inside).sum()), _examples(rows, middles))


def _large(makers: Rows, middles: np.ndarray) -> np.ndarray:
    """The middles to which at least 5 of their makers are nearest, or the largest: of others too little is expected to be missed.

    Chosen by the makers alone, so that what the texts kept apart say of a region is no part of why it is one.
    """
    size = np.bincount(nearest_middle(makers, middles)[0], minlength=len(middles))
    return np.asarray(middles[size >= min(FEWEST_IN_REGION, size.max())])


def _widths(makers: Rows, middles: np.ndarray) -> np.ndarray:
    """(regions,) distance within which 95 % of the makers of each lie from the middle of its other makers; 1 without any."""
    nearest, _ = nearest_middle(makers, middles)
    sums = _sums(makers, nearest, len(middles))
    along = np.concatenate([
        _product(makers[at : at + _BLOCK], sums)[np.arange(some.size), some]
        for at in range(0, makers.shape[0], _BLOCK) if (some := nearest[at : at + _BLOCK]).size
    ])  # fmt: skip
    own = np.square(_lengths(makers))
    others = np.sqrt(np.maximum(np.square(sums).sum(axis=1)[nearest] - 2 * along + own, 0))
    cosine = np.divide(along - own, others, out=np.zeros(along.size), where=others > 1e-6)
    parts = (1 - cosine[nearest == region] for region in range(len(middles)))
    return np.array([float(np.quantile(part, WIDTH, method="higher")) if part.size else 1.0 for part in parts])


def _examples(rows: Rows, middles: np.ndarray) -> np.ndarray:
    """(regions,) places of the texts nearest to each middle."""
    return np.asarray(np.argmax(_product(rows, middles), axis=0))


def nearest_middle(rows: Rows, middles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(rows,) the nearest middle, and the cosine distance to it."""
    found = [_product(rows[at : at + _BLOCK], middles) for at in range(0, rows.shape[0], _BLOCK)]
    nearest = np.concatenate([np.zeros(0, dtype=np.int64), *(part.argmax(axis=1) for part in found)])
    cosine = np.concatenate([np.zeros(0), *(part.max(axis=1) for part in found)])
    return nearest, 1.0 - cosine


def k_means(rows: Rows, count: int, rng: np.random.Generator) -> np.ndarray:
    """(at most `count`, d) unit middles of spherical k-means (Dhillon and Modha 2001), seeded as k-means++ is.

    Rows of zeros (texts without a word) make no cluster.
    """
    middles = _spread_out(rows, count, rng)
    place = np.full(rows.shape[0], OUTSIDE)
    for _ in range(ROUNDS):
        nearest, distance = nearest_middle(rows, middles)
        nearest = np.where(distance < 1, nearest, OUTSIDE)
        if np.array_equal(nearest, place):
            break
        place = nearest
        middles = _means(rows, place, middles)
    return middles


def _spread_out(rows: Rows, count: int, rng: np.random.Generator) -> np.ndarray:
    """First middles: rows, each drawn with a chance like its distance from those there (Arthur and Vassilvitskii 2007)."""
    some = _lengths(rows) > 0
    chance = np.where(some, 1.0, 0.0)
    chosen: list[np.ndarray] = []
    while len(chosen) < count and chance.sum() > 1e-9:
        pick = int(np.searchsorted(np.cumsum(chance), rng.random() * chance.sum(), side="right"))
        chosen.append(_dense(rows[[min(pick, rows.shape[0] - 1)]])[0])
        _, distance = nearest_middle(rows, np.stack(chosen))
        chance = np.where(some & (distance > 1e-6), distance, 0.0)
    if not chosen:
        raise Undefined("no text of the reference has a word")
    return np.stack(chosen)


def _means(rows: Rows, place: np.ndarray, before: np.ndarray) -> np.ndarray:
    """(regions, d) unit sums of the rows of each region; one without rows stays what it was."""
    sums = _sums(rows, place, len(before))
    length = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.asarray(np.where(length > 0, sums / np.where(length > 0, length, 1), before), dtype=np.float32)


def _sums(rows: Rows, place: np.ndarray, regions: int) -> np.ndarray:
    """(regions, d) sums of the rows of each region."""
    inside = np.flatnonzero(place != OUTSIDE)
    member = csr_array((np.ones(inside.size, dtype=np.float32), (place[inside], inside)), shape=(regions, rows.shape[0]))
    return np.asarray(_dense(member @ rows))


def _lengths(rows: Rows) -> np.ndarray:
    return np.asarray(np.sqrt(np.asarray((rows * rows).sum(axis=1)).ravel()))


def _product(rows: Rows, middles: np.ndarray) -> np.ndarray:
    return np.asarray(rows @ middles.T)


def _dense(rows: Rows) -> np.ndarray:
    return rows if isinstance(rows, np.ndarray) else np.asarray(rows.toarray())


