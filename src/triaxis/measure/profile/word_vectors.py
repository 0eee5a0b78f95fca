"""Texts as sparse vectors of words where there is no encoder: tf-idf, the weights from one collection of texts.

It sees words, not meaning: two texts about one thing in other words are far apart.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

MOST_CHARACTERS = 10_000
"""Only so much of a text is read."""

DECIMALS = 6

_WORD = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """Runs of letters and digits in the first 10,000 characters of `text`, case folded."""
    return _WORD.findall(unicodedata.normalize("NFKC", text[:MOST_CHARACTERS]).casefold())


@dataclass(frozen=True)
class Vocabulary:
    """Words with their weights: log((1 + texts) / texts that hold it), above 0; words never seen weigh as one seen once."""

    codes: dict[str, int]
    weight: np.ndarray
    unseen: float

    def vectors(self, texts: Sequence[str]) -> csr_array:
        """(texts, words + 1) float32 rows of length 1: (1 + log count) x weight; a text without a word is a row of zeros.

        Words never seen count in the length alone, so a text of other words is near nothing: they share no column with any text.
        """
        rows = [self._row(text) for text in texts]
        ends = np.cumsum([0, *(len(codes) for codes, _ in rows)])
        codes, values = (np.concatenate([*part, np.zeros(0)]) for part in (zip(*rows, strict=True) if rows else ((), ())))
        return csr_array((values.astype(np.float32), codes.astype(np.int64), ends), shape=(len(rows), len(self.codes)))

    def _row(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        counted = _counts(text)
        known = {self.codes[word]: count for word, count in counted.items() if word in self.codes}
        codes = np.array(sorted(known), dtype=np.int64)
        values = (1 + np.log(np.array([known[code] for code in codes], dtype=np.float64))) * self.weight[codes]
        others = np.array([count for word, count in counted.items() if word not in self.codes], dtype=np.float64)
        length = np.sqrt(np.square(values).sum() + np.square((1 + np.log(others)) * self.unseen).sum())
        return codes, values / length if length > 0 else values

    def names(self, row: np.ndarray, most: int) -> list[str]:
        """The `most` words of the largest positive weight in `row` (words,), the heaviest first."""
        words = list(self.codes)
        best = sorted(np.flatnonzero(row > 0), key=lambda code: (-row[code], words[code]))[:most]
        return [words[code] for code in best]


def vocabulary(texts: Sequence[str]) -> Vocabulary:
    """The words of `texts`, in alphabetical order."""
    held: dict[str, int] = {}
    for text in texts:
        for word in set(words_of(text)):
            held[word] = held.get(word, 0) + 1
    words = sorted(held)
    weight = np.log((1 + len(texts)) / np.array([held[word] for word in words], dtype=np.float64))
    return Vocabulary({word: code for code, word in enumerate(words)}, weight, float(np.log(1 + len(texts))))


def _counts(text: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for word in words_of(text):
        counts[word] = counts.get(word, 0) + 1
    return counts


def nearest_by_words(rows: csr_array, *, block: int = 512) -> Iterator[tuple[slice, np.ndarray]]:
    """Blocks of rows with the cosine distance (rows,) from each to its nearest other: 0 (a copy) to 1 (no word shared).

    To 6 decimals: what differs after them is rounding, and copies are to be tied.
    """
    across = rows.T.tocsr()
    for start in range(0, rows.shape[0], block):
        some = slice(start, min(start + block, rows.shape[0]))
        cosine = (rows[some] @ across).toarray()
        cosine[np.arange(some.stop - start), np.arange(some.start, some.stop)] = -np.inf
        yield some, np.clip(np.round(1.0 - cosine.max(axis=1).astype(np.float64), DECIMALS), 0.0, 1.0)
