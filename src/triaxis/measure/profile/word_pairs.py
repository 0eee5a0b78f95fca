"""All pairs of texts that share nearly all of their words, exactly, without looking at all pairs.

Two bags x, y overlap at threshold t when |x & y| >= t |x | y| (Jaccard). Then the first |x| - ceil(t |x|) + 1 words of x, rarest
first, hold a word of y's first (prefix filter: Chaudhuri et al. 2006; Bayardo et al. 2007), sizes are within t of each other, and
|x| + |y| less the bits in which two sketches differ is at least twice what they share (bitmap filter: Sandes et al. 2020). What
passes all three is counted in full.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from triaxis.errors import Undefined
from triaxis.measure.profile.word_bags import WordBags
from triaxis.protocols import Progress

THRESHOLD = 0.8
"""Jaccard of word bags from which two texts are near-duplicates; 0.8 is a ROUGE-1 F1 of 0.89."""

MOST_CANDIDATES = 500_000_000
_BLOCK = 1 << 20
_CHUNK_WORDS = 1 << 21

Settled = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Which pairs of rows (first, second) nothing more needs to be known of."""


class Candidates(NamedTuple):
    """Prefix words of all rows, those of one word together and short rows first: row i meets rows i + 1 to `stop[i]`."""

    row: np.ndarray
    stop: np.ndarray


def near_pairs(
    bags: WordBags, threshold: float = THRESHOLD, *, settled: Settled | None = None, progress: Progress | None = None
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Blocks of pairs (first, second) of rows whose bags overlap by at least `threshold`, Jaccard in 0 (excluded) to 1.

    A pair may come in more than one block; pairs that `settled` marks may not come at all. Rows without a word are in no pair.
    Memory: the words, and a block. Raises `Undefined` when over 500,000,000 pairs share a rare word.
    """
    found = _candidates(bags, threshold)
    meetings = found.stop - np.arange(found.row.size) - 1
    total = int(meetings.sum())
    if total > MOST_CANDIDATES:
        raise Undefined(f"{total:,} pairs share a rare word, more than {MOST_CANDIDATES:,}: texts are too alike to be joined")
    for some in _blocks(meetings):
        first, second = _pairs(found, meetings, some)
        if settled is not None:
            open_pairs = ~settled(first, second)
            first, second = first[open_pairs], second[open_pairs]
        first, second = _plausible(bags, first, second, threshold)
        if first.size:
            first, second = np.divmod(np.unique(np.minimum(first, second) * len(bags) + np.maximum(first, second)), len(bags))
            near = _shared(bags, first, second) >= _required(bags, first, second, threshold)
            if near.any():
                yield first[near], second[near]
        if progress is not None:
            progress("near-duplicates by words", some.stop, meetings.size)


def _candidates(bags: WordBags, threshold: float) -> Candidates:
    prefix = bags.size - np.ceil(threshold * bags.size - 1e-9).astype(np.int64) + 1
    prefix = np.where(bags.size > 0, np.minimum(prefix, bags.size), 0)
    row = np.repeat(np.arange(len(bags)), prefix)
    offset = np.arange(row.size) - np.repeat(np.cumsum(prefix) - prefix, prefix)
    word = bags.word[bags.start[row] + offset].astype(np.int64)
    held = np.bincount(word)
    kept = held[word] > 1
    row, word = row[kept], word[kept]
    largest = int(bags.size.max(initial=0)) + 1
    key = word * largest + bags.size[row]
    order = np.argsort(key, kind="stable")
    row, key = row[order], key[order]
    reach = np.floor(bags.size[row] / threshold + 1e-9).astype(np.int64)
    upto = word[order] * largest + np.minimum(reach, largest - 1)
    return Candidates(row, np.searchsorted(key, upto, side="right"))


def _blocks(meetings: np.ndarray) -> Iterator[slice]:
    """Consecutive places with about a million meetings each; one place may have more."""
    block = np.cumsum(meetings) // _BLOCK
    edges = np.flatnonzero(np.diff(block, prepend=-1, append=-1 if not block.size else block[-1] + 1))
    for start, stop in pairwise(edges):
        yield slice(int(start), int(stop))


def _pairs(found: Candidates, meetings: np.ndarray, some: slice) -> tuple[np.ndarray, np.ndarray]:
    count = meetings[some]
    place = np.repeat(np.arange(some.start, some.stop), count)
    step = np.arange(place.size) - np.repeat(np.cumsum(count) - count, count)
    return found.row[place], found.row[place + 1 + step]


def _plausible(bags: WordBags, first: np.ndarray, second: np.ndarray, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """Pairs that their sketches do not rule out."""
    differing = np.bitwise_count(bags.sketch[first] ^ bags.sketch[second]).sum(axis=1, dtype=np.int64)
    most = (bags.size[first] + bags.size[second] - differing) // 2
    kept = most >= _required(bags, first, second, threshold)
    return first[kept], second[kept]


def _required(bags: WordBags, first: np.ndarray, second: np.ndarray, threshold: float) -> np.ndarray:
    """(pairs,) words that a pair must share: |x & y| >= t / (1 + t) (|x| + |y|)."""
    return np.asarray(np.ceil(threshold / (1 + threshold) * (bags.size[first] + bags.size[second]) - 1e-9))


def _shared(bags: WordBags, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(pairs,) int64: words that both rows hold."""
    most = int(max(bags.size[first].max(), bags.size[second].max()))
    step = max(1, _CHUNK_WORDS // max(1, 2 * most))
    parts = [_shared_of_few(bags, first[at : at + step], second[at : at + step]) for at in range(0, first.size, step)]
    return np.concatenate(parts)


def _shared_of_few(bags: WordBags, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    rows = np.stack([first, second], axis=1).ravel()
    size = bags.size[rows]
    offset = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size)
    word = bags.word[np.repeat(bags.start[rows], size) + offset].astype(np.int64)
    pair = np.repeat(np.arange(rows.size) // 2, size)
    key = np.sort(pair * (int(word.max(initial=0)) + 1) + word)
    twice = key[1:][key[1:] == key[:-1]] // (int(word.max(initial=0)) + 1)
    return np.bincount(twice, minlength=first.size)


