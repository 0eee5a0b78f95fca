"""The phrases themselves: the longest runs of words that answers of several models to one prompt have in common.

A phrase starts from the run of k words that most models have and grows word by word, both ways, as long as at least half of these
models have all of it; so a longer phrase swallows its parts, and no run of k words is listed twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from triaxis.measure.population_phrases.grams import K

KEPT_SHARE = 0.5
"""A phrase grows while this share of the models that have its start have all of it."""


class Phrase(NamedTuple):
    """Words number `place` to `place` + `words` of answer `text`; `holders` are all answers that have them, by number."""

    text: int
    place: int
    words: int
    holders: tuple[int, ...]
    models: int


def shared_phrases(
    texts: Sequence[np.ndarray], models: np.ndarray, grams: tuple[np.ndarray, np.ndarray, np.ndarray], *, most: int
) -> list[Phrase]:
    """Phrases that answers of at least two models share, those of most models first, at most `most`.

    texts: word ids of each answer. models: (n,) codes. grams: those of `shares.own_grams`.
    """
    if not grams[0].size:
        return []
    runs = _Runs(texts, models, *grams)
    found = [phrase for phrase, _ in zip(_grown(runs), range(most), strict=False)]
    return sorted(found, key=lambda phrase: (-phrase.models, -len(phrase.holders), -phrase.words, phrase.text, phrase.place))


def holds(text: np.ndarray, ids: np.ndarray) -> bool:
    """Whether `text` has the words `ids` in a row."""
    if ids.size > text.size:
        return False
    starts = np.flatnonzero(text[: text.size - ids.size + 1] == ids[0])
    return any(np.array_equal(text[start : start + ids.size], ids) for start in starts)


def _grown(runs: "_Runs") -> Iterator[Phrase]:
    taken: set[int] = set()
    for column in runs.ranked():
        if column in taken:
            continue
        text, first, last, holders = runs.grown(column, taken)
        taken |= {runs.column(text, place) for place in range(first, last + 1)}
        yield Phrase(text, first, last - first + K, tuple(sorted(holders)), runs.models_of(holders))


@dataclass
class _Runs:
    """Runs of k words of the answers to one prompt: a column for each different one, and who has it."""

    texts: Sequence[np.ndarray]
    models: np.ndarray
    numbers: np.ndarray
    text: np.ndarray
    place: np.ndarray

    def __post_init__(self) -> None:
        _, self._first, self._columns = np.unique(self.numbers, return_index=True, return_inverse=True)
        every, most = np.int64(self.text.max() + 1), np.int64(self.models.max() + 1)
        column, self._holders = np.divmod(np.unique(self._columns * every + self.text), every)
        self._ends = np.cumsum(np.bincount(column))
        by_model = np.unique(column * most + self.models[self._holders]) // most
        self._several = np.bincount(by_model, minlength=self._ends.size)
        self._starts = np.searchsorted(self.text, np.arange(every + 1))

    def ranked(self) -> list[int]:
        """Columns that several models have, those of most models first."""
        shared = np.flatnonzero(self._several > 1)
        found: list[int] = shared[np.lexsort((self._first[shared], -self._several[shared]))].tolist()
        return found

    def column(self, text: int, place: int) -> int:
        """The run that starts at word `place` of `text`; -1 where none does."""
        low, high = self._starts[text], self._starts[text + 1]
        at = low + int(np.searchsorted(self.place[low:high], place))
        return int(self._columns[at]) if at < high and self.place[at] == place else -1

    def models_of(self, holders: set[int]) -> int:
        """Number of models of some answers."""
        return len(set(self.models[list(holders)].tolist()))

    def grown(self, column: int, taken: set[int]) -> tuple[int, int, int, set[int]]:
        """(text, first and last place of a run, holders) of the phrase that `column` grows to, past no run of `taken`."""
        at = int(self._first[column])
        text, first = int(self.text[at]), int(self.place[at])
        last, holders = first, self._holding(column)
        least = max(2.0, KEPT_SHARE * self.models_of(holders))
        for step in (1, -1):
            while True:
                place = last + 1 if step > 0 else first - 1
                following = self.column(text, place) if place >= 0 else -1
                if following < 0 or following in taken:
                    break
                both = self._having(text, min(first, place), max(last, place), holders & self._holding(following))
                if self.models_of(both) < least:
                    break
                first, last, holders = min(first, place), max(last, place), both
        return text, first, last, holders

    def _holding(self, column: int) -> set[int]:
        return set(self._holders[self._ends[column - 1] if column else 0 : self._ends[column]].tolist())

    def _having(self, text: int, first: int, last: int, among: set[int]) -> set[int]:
        """Those `among` answers that have the words of all runs from `first` to `last` in a row."""
        ids = self.texts[text][first : last + K]
        return {other for other in among if holds(self.texts[other], ids)}
