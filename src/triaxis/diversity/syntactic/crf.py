"""The best tags of many sentences at once, under a linear-chain conditional random field.

The one idea: what a word says of the tags around it depends on the word alone, so each different word is looked up once, scores
are sums of rows of that table, and Viterbi's recursion runs over many sentences of like length together. The tags are those that
CRFsuite itself gives, several times sooner.
"""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from string import punctuation
from typing import Any

import numpy as np

OFFSETS = (-2, -1, 0, 1, 2)
"""Where the words that a tag depends on stand from it."""

FIRST, LAST = "BOS", "EOS"
_BATCH = 512
_KNOWN = 20_000
_PAD = ""


@dataclass(frozen=True)
class ConditionalField:
    """Tags, what goes with what (tags, tags) from row to column, (attributes, tags) weights, and the row of each attribute."""

    tags: tuple[str, ...]
    transitions: np.ndarray
    weights: np.ndarray
    attributes: dict[str, int]
    _rows: dict[str, np.ndarray] = field(default_factory=dict, repr=False, compare=False)

    def tagged(self, sentences: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
        """The best tags of each sentence, in the order of `sentences`."""
        found: list[tuple[str, ...]] = [()] * len(sentences)
        places = sorted((place for place, words in enumerate(sentences) if words), key=lambda place: len(sentences[place]))
        for start in range(0, len(places), _BATCH):
            batch = places[start : start + _BATCH]
            lengths = np.array([len(sentences[place]) for place in batch])
            best = self._best(self._scores([sentences[place] for place in batch], lengths), lengths).tolist()
            for place, numbers in zip(batch, best, strict=True):
                found[place] = tuple(self.tags[number] for number in numbers[: len(sentences[place])])
        return found

    def _scores(self, batch: Sequence[Sequence[str]], lengths: np.ndarray) -> np.ndarray:
        """(sentences, words, tags) what the words around each place say of its tag; shorter sentences are padded."""
        size = int(lengths.max())
        number: dict[str, int] = {_PAD: 0}
        ids = np.array([[number.setdefault(word, len(number)) for word in words] + [0] * (size - len(words)) for words in batch])
        table = np.stack([self._row(word) for word in number])
        scores = np.zeros((len(batch), size, len(self.tags)))
        for at, offset in enumerate(OFFSETS):
            if abs(offset) < size:
                here, there = (slice(max(0, way), size - max(0, -way)) for way in (-offset, offset))
                scores[:, here] += table[ids[:, there], at]
        scores[:, 0] += self._sum({FIRST: 1.0})
        scores[np.arange(len(batch)), lengths - 1] += self._sum({LAST: 1.0})
        return scores

    def _row(self, word: str) -> np.ndarray:
        """(offsets, tags) what `word` says of the tag that stands at minus each offset from it; the first are remembered."""
        row = self._rows.get(word)
        if row is None:
            row = np.stack([self._sum(features(word, offset) if word else {}) for offset in OFFSETS])
            if len(self._rows) < _KNOWN:
                self._rows[word] = row
        return row

    def _sum(self, values: dict[str, float]) -> np.ndarray:
        known = [(row, value) for name, value in values.items() if (row := self.attributes.get(name)) is not None]
        rows, factors = [row for row, _ in known], np.array([value for _, value in known])
        return np.asarray(factors @ self.weights[rows]) if rows else np.zeros(len(self.tags))

    def _best(self, scores: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """(sentences, words) numbers of the tags of the best path by Viterbi; what follows the end of a sentence is arbitrary."""
        reached = np.ascontiguousarray(scores.transpose(1, 2, 0))  # (words, tags, sentences)
        for place in range(1, len(reached)):
            reached[place] += self._best_before(reached[place - 1])
        ends = reached.argmax(axis=1)
        path = np.empty_like(ends)
        path[-1] = ends[-1]
        for place in range(len(reached) - 2, -1, -1):
            onward = (reached[place] + self.transitions[:, path[place + 1]]).argmax(axis=0)
            path[place] = np.where(lengths - 1 == place, ends[place], onward)
        return np.asarray(path.T)

    def _best_before(self, reached: np.ndarray) -> np.ndarray:
        """(tags, sentences) score of the best way to each tag; one tag before at a time, so that arrays stay in the cache."""
        best = self.transitions[0][:, None] + reached[0]
        way = np.empty_like(best)
        for before in range(1, len(self.tags)):
            np.add(self.transitions[before][:, None], reached[before], out=way)
            np.maximum(best, way, out=best)
        return np.asarray(best)


def from_crfsuite(model: Any) -> ConditionalField:
    """The field that an open `pycrfsuite.Tagger` holds."""
    read = model.info()
    tags = tuple(sorted(model.labels()))
    number = {tag: place for place, tag in enumerate(tags)}
    transitions = np.zeros((len(tags), len(tags)))
    for (before, after), weight in read.transitions.items():
        transitions[number[before], number[after]] = weight
    attributes: dict[str, int] = {}
    rows = [attributes.setdefault(attribute, len(attributes)) for attribute, _ in read.state_features]
    weights = np.zeros((len(attributes), len(tags)))
    weights[rows, [number[tag] for _, tag in read.state_features]] = list(read.state_features.values())
    return ConditionalField(tags, transitions, weights, attributes)


def features(word: str, offset: int) -> dict[str, float]:
    """Attributes of a word that stands `offset` places from the tag, with their values.

    Names and values are those that the weights were trained with (gruut 2.4, `gruut.pos`); the ends of short words overlap.
    """
    prefix = f"{offset:+d}:" if offset else ""
    parts = {"word": b64encode(word.encode()).decode("ascii"), **dict(_ends(word))}
    return {
        f"{prefix}bias": 1.0,
        f"{prefix}len(word)": float(len(word)),
        f"{prefix}word.ispunctuation": float(word in punctuation),
        f"{prefix}word.isdigit()": float(word.isdigit()),
        **{f"{prefix}{key}:{value}": 1.0 for key, value in parts.items()},
    }


def _ends(word: str) -> Iterator[tuple[str, str]]:
    for size in (2, 3):
        yield f"word[:{size}]", word[:size]
        yield f"word[-{size}:]", word[-size:]
