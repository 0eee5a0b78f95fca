"""Texts as bags of words, ready for an exact join: words numbered from rare to frequent, a repeat of a word being another word.

The one idea: two bags that share most of their words share one of their rarest. So rows hold their words rarest first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from triaxis.diversity.lexical.tokens import mixed, words
from triaxis.responses import Responses

MOST_WORDS = 1000
"""Only so many words of a text are read, so that memory is bounded; two texts with the same first 1,000 words are the same."""

SKETCH = 4
"""64-bit words of a row's sketch: the parity of how many of its words fall on each of 256 bits."""


@dataclass(frozen=True)
class WordBags:
    """Bags in rows: those of row i are `word[start[i] : start[i] + size[i]]`, ascending from the rarest.

    `word` (words,) int32, `start` and `size` (rows,) int64, `sketch` (rows, 4) uint64.
    """

    word: np.ndarray
    start: np.ndarray
    size: np.ndarray
    sketch: np.ndarray

    def __len__(self) -> int:
        return int(self.size.size)


def bags_of(texts: Sequence[str]) -> WordBags:
    """The bag of each text: its words and punctuation marks, whatever their case, the first 1,000 of them."""
    tokens = [row[:MOST_WORDS] for row in Responses(texts).view("words", words)]
    size = np.fromiter(map(len, tokens), dtype=np.int64, count=len(tokens))
    start = np.cumsum(np.r_[0, size])[:-1]
    row = np.repeat(np.arange(len(tokens)), size)
    word = _rarest_first(_numbered(np.concatenate([np.zeros(0, dtype=np.int64), *tokens]), row), row)
    return WordBags(word, start, size, _sketches(word, start, size))


def _numbered(token: np.ndarray, row: np.ndarray) -> np.ndarray:
    """(words,) int64, rows in order: one number for each i-th occurrence of a token inside a row."""
    code = np.unique(token, return_inverse=True)[1].astype(np.int64)
    by_row = np.sort(row * (int(code.max(initial=0)) + 1) + code)
    is_first = np.r_[True, by_row[1:] != by_row[:-1]][: by_row.size]
    firsts = np.flatnonzero(is_first)
    occurrence = np.arange(by_row.size) - np.repeat(firsts, np.diff(np.r_[firsts, by_row.size]))
    code = by_row % (int(code.max(initial=0)) + 1)
    found: np.ndarray = np.unique(code * (MOST_WORDS + 1) + occurrence, return_inverse=True)[1]
    return found.astype(np.int64)


def _rarest_first(number: np.ndarray, row: np.ndarray) -> np.ndarray:
    """(words,) int32: words renumbered by how many rows hold them, each row ascending."""
    held = np.bincount(number)
    rank = np.empty(held.size, dtype=np.int64)
    rank[np.argsort(held, kind="stable")] = np.arange(held.size)
    width = max(1, held.size)
    return (np.sort(row * width + rank[number]) % width).astype(np.int32)


def _sketches(word: np.ndarray, start: np.ndarray, size: np.ndarray) -> np.ndarray:
    """(rows, 4) uint64; see `SKETCH`. A word has the same bit in every row."""
    hashed = mixed(word.astype(np.uint64) + np.uint64(1))
    bit = np.left_shift(np.uint64(1), hashed & np.uint64(63))
    lane = (hashed >> np.uint64(6)) & np.uint64(SKETCH - 1)
    found = np.zeros((size.size, SKETCH), dtype=np.uint64)
    filled = np.flatnonzero(size)
    for column in range(SKETCH if filled.size else 0):
        bits = np.where(lane == column, bit, np.uint64(0))
        found[filled, column] = np.bitwise_xor.reduceat(bits, start[filled])
    return found
