"""Which rows have a near-duplicate, at every floor, and how that changes without each tenth of the prompts.

The one idea: it is enough to know in which tenths a row's near-duplicates lie. A row with some in two tenths keeps one whichever
is left out, so once that is known of both rows of a pair the pair need not be looked at: copies cost no more than others.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from triaxis.diversity.semantic.near_duplicates import near_duplicates
from triaxis.errors import InputError, Undefined
from triaxis.measure.profile.figures import Figure, jackknifed, without_each
from triaxis.measure.profile.rows import TENTHS
from triaxis.measure.profile.word_bags import bags_of
from triaxis.measure.profile.word_pairs import Settled, near_pairs
from triaxis.protocols import Progress

Join = Callable[[Settled], Iterable[tuple[np.ndarray, np.ndarray]]]
"""Blocks of near-duplicate pairs (first, second) but for settled ones."""


class Places(NamedTuple):
    """What is known of the rows that are joined, all (rows,) int64.

    `prompt` codes; `tenth` 0-9 of its prompt; `level`, how many of `floors` floors it reaches; `apart`, where only pairs of
    different numbers count (None: all pairs).
    """

    prompt: np.ndarray
    tenth: np.ndarray
    level: np.ndarray
    floors: int
    apart: np.ndarray | None = None

    def at(self, rows: np.ndarray) -> "Places":
        """Those of `rows`."""
        apart = None if self.apart is None else self.apart[rows]
        return Places(self.prompt[rows], self.tenth[rows], self.level[rows], self.floors, apart)


@dataclass(frozen=True)
class Twins:
    """`tenths` (floors, rows) uint16: a bit for each tenth that holds a near-duplicate of the row, both usable at the floor."""

    places: Places
    tenths: np.ndarray

    def share(self, floor: int, rows: np.ndarray | None = None) -> tuple[Figure, int]:
        """The share of usable rows (of those in the mask `rows`) that have a near-duplicate, and how many rows these are."""
        kept = self.places.level > floor
        kept = kept if rows is None else kept & rows
        found, tenth, prompt = self.tenths[floor, kept], self.places.tenth[kept], self.places.prompt[kept]
        if not found.size:
            return Figure(float("nan")), 0
        left = found[None, :] & ~(np.uint16(1) << np.arange(TENTHS, dtype=np.uint16))[:, None]
        return jackknifed(float((found > 0).mean()), without_each(left > 0, tenth), np.unique(prompt).size), found.size


def twins(places: Places, join: Join) -> Twins:
    """The near-duplicates that `join` finds; raises `Undefined` where it gives up."""
    found = np.zeros((places.floors, places.level.size), dtype=np.uint16)
    done = np.zeros(places.level.size, dtype=bool)
    bit = np.uint16(1) << places.tenth.astype(np.uint16)

    def settled(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        known: np.ndarray = done[first] & done[second]
        return known if places.apart is None else known | (places.apart[first] == places.apart[second])

    for pairs in join(settled):
        kept = np.flatnonzero(~settled(*pairs))
        first, second = (side[kept] for side in pairs)
        both = np.minimum(places.level[first], places.level[second])
        for floor in range(places.floors):
            at = both > floor
            np.bitwise_or.at(found[floor], first[at], bit[second[at]])
            np.bitwise_or.at(found[floor], second[at], bit[first[at]])
        touched = np.unique(np.concatenate([first, second]))
        beyond = np.arange(places.floors)[:, None] >= places.level[touched]
        done[touched] = (beyond | (np.bitwise_count(found[:, touched]) >= 2)).all(axis=0)
    return Twins(places, found)


def by_words(texts: list[str], *, threshold: float, progress: Progress | None = None) -> tuple[np.ndarray, Join]:
    """Places of the texts that have a word, and their join by `word_pairs`."""
    bags = bags_of(texts)
    rows = np.flatnonzero(bags.size)
    kept = bags_of([texts[row] for row in rows]) if rows.size < len(texts) else bags
    return rows, lambda settled: near_pairs(kept, threshold, settled=settled, progress=progress)


def by_vectors(vectors: np.ndarray, *, threshold: float, progress: Progress | None = None) -> tuple[np.ndarray, Join]:
    """Places of the rows of `vectors` (rows, d) that have a direction, and their join by cosine, exact, in time rows^2."""
    rows = np.flatnonzero(np.isfinite(vectors).all(axis=1))

    def join(_: Settled) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        try:
            pairs = near_duplicates(vectors[rows], threshold, progress=progress)
        except InputError as error:
            raise Undefined(str(error)) from error
        yield pairs.first, pairs.second

    return rows, join
