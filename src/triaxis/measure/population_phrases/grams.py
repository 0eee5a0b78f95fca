"""Texts as runs of k words: a 64-bit number for each place where one starts, so that verbatim sharing is equality of numbers.

Words are those of the tokeniser without punctuation and symbols: a row of dashes or the bars of a table are no phrase. Two
different runs share a number with a chance of about 2^-64.
"""

import sys
import unicodedata
from collections.abc import Sequence
from functools import cache

import numpy as np

from triaxis.diversity.lexical.tokens import mixed, words

K = 6
"""Words of the shortest phrase."""

_JOINS, _ALONE = 1, 3
"""Tokens that `a?a` has when the character between joins letters, and when it is a token by itself; a space leaves two."""

_STEP = np.uint64(0x9E3779B97F4A7C15)


def word_ids(texts: Sequence[str]) -> list[np.ndarray]:
    """For each text (words,) int64 ids of its words; case does not count, punctuation is left out."""
    found = words(texts)
    if not found:
        return []
    every = np.concatenate(found)
    kept = ~_is_mark(every)
    ends = np.cumsum([ids.size for ids in found])
    return np.split(every[kept], np.r_[0, np.cumsum(kept)][ends[:-1]])


def gram_ids(ids: np.ndarray, k: int = K) -> np.ndarray:
    """(words - k + 1,) uint64 number of each run of `k` words; empty for fewer words."""
    if ids.size < k:
        return np.zeros(0, dtype=np.uint64)
    found = np.zeros(ids.size - k + 1, dtype=np.uint64)
    unsigned = ids.view(np.uint64)
    with np.errstate(over="ignore"):
        for place in range(k):
            found = mixed(found * _STEP + unsigned[place : place + found.size] + np.uint64(1))
    return found


def joined_grams(texts: Sequence[np.ndarray], k: int = K) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(places,) numbers of all runs of `texts`, the text of each, and its place there."""
    sizes = np.array([max(0, ids.size - k + 1) for ids in texts], dtype=np.int64)
    grams = np.concatenate([np.zeros(0, dtype=np.uint64), *(gram_ids(ids, k) for ids in texts)])
    text = np.repeat(np.arange(len(texts)), sizes)
    starts = np.cumsum(np.r_[0, sizes])[:-1]
    return grams, text, np.arange(grams.size) - np.repeat(starts, sizes)


def spelled(text: str, place: int, count: int) -> str:
    """How `text` has its `count` words from word number `place` on: folded case, with the punctuation between them."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    spans = _spans(folded)
    ids = words([folded])[0]
    if len(spans) != ids.size:  # a character that counts differently beside others
        return folded
    kept = [span for span, is_mark in zip(spans, _is_mark(ids), strict=True) if not is_mark]
    return " ".join(folded[kept[place][0] : kept[place + count - 1][1]].split())


def _spans(folded: str) -> list[tuple[int, int]]:
    """Where each token starts and ends: told by how the tokeniser takes each character between two letters."""
    letters = list(dict.fromkeys(folded))
    tokens = {letter: ids.size for letter, ids in zip(letters, words([f"a{letter}a" for letter in letters]), strict=True)}
    spans: list[tuple[int, int]] = []
    for at, letter in enumerate(folded):
        joins = tokens[letter] == _JOINS
        if joins and spans and spans[-1][1] == at and tokens[folded[at - 1]] == _JOINS:
            spans[-1] = (spans[-1][0], at + 1)
        elif joins or tokens[letter] == _ALONE:
            spans.append((at, at + 1))
    return spans


def _is_mark(ids: np.ndarray) -> np.ndarray:
    """(n,) bool: which ids are those of punctuation marks and symbols."""
    marks = _marks()
    return np.asarray(marks[np.minimum(np.searchsorted(marks, ids), marks.size - 1)] == ids)


@cache
def _marks() -> np.ndarray:
    """Ids of all single punctuation marks and symbols, as they are after folding: a circled letter is a letter."""
    marks = (chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code))[0] in "PS")
    folded = dict.fromkeys(letter for mark in marks for letter in unicodedata.normalize("NFKC", mark).casefold())
    return np.unique(np.concatenate(words([mark for mark in folded if unicodedata.category(mark)[0] in "PS"])))
