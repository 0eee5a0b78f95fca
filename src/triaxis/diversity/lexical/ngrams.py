"""N-grams of token arrays: never across the border between two texts, each as one 64-bit id beside the text it comes from.

The one idea: a set of texts is one flat array of tokens and one of lengths, so that n-grams of all texts come from n passes over
arrays, and counting them is one sort.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from triaxis.diversity.lexical.tokens import mixed
from triaxis.errors import InputError

_STEP = np.uint64(0xD6E8FEB86659FD93)


class Flat(NamedTuple):
    """Tokens of all texts in a row, (tokens,) uint64, and (texts,) int64 how many are whose."""

    tokens: np.ndarray
    lengths: np.ndarray


class Grams(NamedTuple):
    """(n-grams,) uint64 ids, equal for equal n-grams, and (n-grams,) int64 the text that each stands in, ascending."""

    ids: np.ndarray
    texts: np.ndarray


class Counts(NamedTuple):
    """How often each n-gram stands in each text that has it: one row a pair, the rows of one n-gram together, texts ascending.

    starts: (distinct n-grams,) where the rows of each n-gram begin. grams, texts, times: (rows,) int64 number of the n-gram,
    text, and count.
    """

    starts: np.ndarray
    grams: np.ndarray
    texts: np.ndarray
    times: np.ndarray


def flat(tokens: Sequence[np.ndarray]) -> Flat:
    """Token arrays of texts, put in a row."""
    lengths = np.fromiter(map(len, tokens), dtype=np.int64, count=len(tokens))
    joined = np.concatenate([np.zeros(0, dtype=np.int64), *tokens])
    return Flat(joined.astype(np.int64, copy=False).view(np.uint64), lengths)


def ngrams(texts: Flat, n: int) -> Grams:
    """All runs of `n` tokens inside one text; a text of fewer tokens has none."""
    count = max(texts.tokens.size - n + 1, 0)
    ids = texts.tokens[:count]
    with np.errstate(over="ignore"):
        for shift in range(1, n):
            ids = ids * _STEP + texts.tokens[shift : shift + count]
    left = np.repeat(np.cumsum(texts.lengths), texts.lengths)[:count] - np.arange(count)
    kept = ids[left >= n]
    return Grams(kept if n == 1 else mixed(kept), np.repeat(np.arange(texts.lengths.size), np.maximum(texts.lengths - n + 1, 0)))


def counted(grams: Grams) -> Counts:
    """`grams` counted text by text."""
    order = order_of(grams.ids)
    ids, texts = grams.ids[order], grams.texts[order]
    is_new_gram = np.r_[True, ids[1:] != ids[:-1]][: ids.size]
    rows = np.flatnonzero(is_new_gram | np.r_[True, texts[1:] != texts[:-1]][: ids.size])
    times = np.diff(np.r_[rows, ids.size])
    first = is_new_gram[rows]
    return Counts(np.flatnonzero(first), np.cumsum(first) - 1, texts[rows], times)


def order_of(ids: np.ndarray) -> np.ndarray:
    """(n,) int64 positions sorted by id, equal ids in the order in which they came.

    What a stable `argsort` gives, in a fifth of its time: an unstable one, then the positions sorted inside each run of equal
    ids.
    """
    order = np.argsort(ids)
    ranked = ids[order]
    run = np.cumsum(np.r_[False, ranked[1:] != ranked[:-1]][: ids.size]) * ids.size
    return np.asarray(np.sort(run + order) - run)


def whole_number(argument: str, *, what: str, example: str, least: int = 1, most: int = 100) -> int:
    """The text after a metric's colon as a number; raises `InputError` naming `what` unless it is in `least` to `most`."""
    if not (argument.isascii() and argument.isdigit() and least <= int(argument[:12]) <= most):
        raise InputError(f"{what} must be a whole number from {least} to {most}, got {argument!r}; type for example {example}")
    return int(argument)
