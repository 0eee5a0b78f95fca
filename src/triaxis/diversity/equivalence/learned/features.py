"""Features of pairs of answers: what of each text is kept as arrays, and what two of them have in common.

`Answers` holds many answers, each read and embedded once; `pair_features` compares any pairs of them in one go. Every feature is
symmetric in the two answers. What the prompt says anyway is taken out first: its words do not count, and the direction of its
vector is projected out of the vectors of the answers, because answers to one prompt are alike in that whatever they say.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from triaxis.diversity.equivalence.labels import class_hash
from triaxis.diversity.equivalence.learned.reading import PIECES, Reading, read_answer, words_of
from triaxis.protocols import Embedder, Progress

PAIR_FEATURES = (
    "word_cosine",  # cosine of the sets of words, rare words counting more; 0-1
    "names_shared",  # shared over all names inside sentences (Jaccard), 0-1; NaN without any
    "names",  # log(1 + names in either)
    "numbers_shared",  # shared over all numbers (Jaccard), 0-1; NaN without any
    "numbers",  # 1 where either holds a number, else 0
    "length_difference",  # |log of the ratio of (10 + words)|: a few words more are nothing in a short answer
    "length",  # mean of log(1 + words)
    "items_difference",  # |log of the ratio of (1 + list items)|
    "prompt_length",  # log(1 + words of the prompt); NaN without a prompt
    "alignment",  # mean cosine of each piece with its best match in the other answer, without the prompt's direction
    "cosine",  # cosine of the whole answers, without the prompt's direction
)
"""In the order of the columns of `pair_features`; directions of the prompt come after them."""

SPEAKS_FOR_SAME = MappingProxyType(
    {"word_cosine": 1, "names_shared": 1, "numbers_shared": 1, "alignment": 1, "cosine": 1, "length_difference": -1,
     "items_difference": -1}
)  # fmt: skip
"""1 where more of a feature may only make the same more likely, -1 where it may only make it less; others are free.

What is known without data need not be learned from few: so no head calls two answers the same *because* they share less.
"""

OF_THE_PROMPT = frozenset({"prompt_length"})
"""Features that are the same for all pairs of answers to one prompt; the directions of the prompt are, too."""

SHORT = 10
"""Words that are added to each length before lengths are compared."""

LEAST_REST = 1e-3
"""An answer of which less is left without its prompt's direction says what the prompt says."""

_BLOCK = 512


@dataclass(frozen=True)
class WordWeights:
    """How much a word counts: the log of how many texts there are for each that holds it.

    keys: (words,) int64 sorted `class_hash` of known words. weights: (words,) float32. unknown: what any other word counts.
    """

    keys: np.ndarray
    weights: np.ndarray
    unknown: float

    def of(self, words: Sequence[str]) -> np.ndarray:
        """(words,) float64 weights."""
        hashes = np.array([class_hash(word) for word in words], dtype=np.int64)
        places = np.minimum(np.searchsorted(self.keys, hashes), max(self.keys.size - 1, 0))
        if not self.keys.size:
            return np.full(hashes.size, self.unknown)
        return np.where(self.keys[places] == hashes, self.weights[places].astype(np.float64), self.unknown)


@dataclass(frozen=True)
class Answers:
    """n answers, read and embedded; row i of each part is answer i.

    whole: (n, d) and pieces: (n, PIECES, d) float32 unit rows without the direction of the prompt, zeros where there is no piece.
    pieces_each: (n,) int64. words, names, numbers: (n, codes) sparse; rows of words have length 1. counts: (n, 5) float64 of
    names, numbers, words, list items, and words of the prompt (NaN without one). prompts: (n, d) float32, NaN without one.
    rank: (n,) int64 places of the texts in alphabetical order, equal for equal texts.
    """

    texts: Sequence[str]
    whole: np.ndarray
    pieces: np.ndarray
    pieces_each: np.ndarray
    words: csr_array
    names: csr_array
    numbers: csr_array
    counts: np.ndarray
    prompts: np.ndarray
    rank: np.ndarray

    def in_text_order(self, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The same pairs with the alphabetically earlier text first: float sums then cannot tell (a, b) from (b, a)."""
        is_swapped = self.rank[first] > self.rank[second]
        return np.where(is_swapped, second, first), np.where(is_swapped, first, second)


def read_answers(
    texts: Sequence[str], prompts: Sequence[str | None], embedder: Embedder, weights: WordWeights, *,
    progress: Progress | None = None,
) -> Answers:  # fmt: skip
    """`texts`, answers to `prompts` (one each), as `Answers`. Whole texts, pieces and prompts are embedded in one call."""
    readings = [read_answer(text) for text in texts]
    asked = {prompt: words_of(prompt) for prompt in dict.fromkeys(prompts) if prompt is not None}
    vectors = _embedded(texts, readings, prompts, embedder, progress)
    said = [frozenset(asked.get(prompt or "", ())) for prompt in prompts]
    names = [reading.names - words for reading, words in zip(readings, said, strict=True)]
    return Answers(
        texts=texts,
        whole=vectors.whole,
        pieces=vectors.pieces,
        pieces_each=np.array([len(reading.pieces) for reading in readings], dtype=np.int64),
        words=_indicators([reading.words - words for reading, words in zip(readings, said, strict=True)], weights),
        names=_indicators(names),
        numbers=_indicators([reading.numbers for reading in readings]),
        counts=_counts(readings, names, [np.nan if prompt is None else len(asked[prompt]) for prompt in prompts]),
        prompts=vectors.prompts,
        rank=_ranks(texts),
    )


def pair_features(answers: Answers, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(pairs, len(PAIR_FEATURES)) float64 for two (pairs,) arrays of positions; NaN where a feature does not apply."""
    one, other = answers.counts[first], answers.counts[second]
    names, numbers = _shared(answers.names, first, second), _shared(answers.numbers, first, second)
    all_names, all_numbers = one[:, 0] + other[:, 0] - names, one[:, 1] + other[:, 1] - numbers
    logs, other_logs = np.log1p(one), np.log1p(other)
    columns = (
        _shared(answers.words, first, second),
        _share(names, all_names),
        np.log1p(all_names),
        _share(numbers, all_numbers),
        (all_numbers > 0).astype(np.float64),
        np.abs(np.log((SHORT + one[:, 2]) / (SHORT + other[:, 2]))),
        (logs[:, 2] + other_logs[:, 2]) / 2,
        np.abs(logs[:, 3] - other_logs[:, 3]),
        logs[:, 4],
        alignment(answers, first, second),
        np.einsum("pd,pd->p", answers.whole[first], answers.whole[second], dtype=np.float64),
    )
    return np.stack(columns, axis=1)


def alignment(answers: Answers, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(pairs,) float64: mean cosine of pieces with their best matches in the other answer, mean of both ways; -1 to 1."""
    found = np.empty(len(first))
    for here, there, places in _of_one_shape(answers.pieces_each[first], answers.pieces_each[second]):
        one, other = answers.pieces[first[places], :here], answers.pieces[second[places], :there]
        cosines = np.matmul(one, other.transpose(0, 2, 1)).astype(np.float64)
        found[places] = (cosines.max(axis=2).mean(axis=1) + cosines.max(axis=1).mean(axis=1)) / 2
    return found


def _of_one_shape(here: np.ndarray, there: np.ndarray) -> Iterator[tuple[int, int, np.ndarray]]:
    """Places of pairs with equally many pieces on each side, in blocks: no padding, and no pair moves another's last bits."""
    shapes = here * (PIECES + 1) + there
    order = np.argsort(shapes, kind="stable")
    for group in np.split(order, np.flatnonzero(np.diff(shapes[order])) + 1):
        for start in range(0, len(group), _BLOCK):
            places = group[start : start + _BLOCK]
            yield int(here[places[0]]), int(there[places[0]]), places


class _Vectors(NamedTuple):
    """(n, d) whole answers, (n, PIECES, d) pieces, both without their prompts' directions; (n, d) prompts, NaN without one."""

    whole: np.ndarray
    pieces: np.ndarray
    prompts: np.ndarray


def _embedded(
    texts: Sequence[str], readings: Sequence[Reading], prompts: Sequence[str | None], embedder: Embedder,
    progress: Progress | None,
) -> _Vectors:  # fmt: skip
    pieces = [piece for reading in readings for piece in reading.pieces]
    known = [prompt for prompt in prompts if prompt is not None]
    rows = embedder.embed([*texts, *pieces, *known], progress=progress)
    whole, parts, asked = np.split(rows, np.cumsum([len(texts), len(pieces)]))
    of_prompt = np.full((len(texts), rows.shape[1]), np.nan, dtype=np.float32)
    of_prompt[[prompt is not None for prompt in prompts]] = asked
    padded = np.zeros((len(texts), PIECES, rows.shape[1]), dtype=np.float32)
    counts = np.array([len(reading.pieces) for reading in readings], dtype=np.int64)
    owner = np.repeat(np.arange(len(texts)), counts)
    padded[owner, _running(counts)] = _without(parts, of_prompt[owner])
    return _Vectors(_without(whole, of_prompt), padded, of_prompt)


def _ranks(texts: Sequence[str]) -> np.ndarray:
    order = {text: place for place, text in enumerate(sorted(set(texts)))}
    return np.array([order[text] for text in texts], dtype=np.int64)


def _running(counts: np.ndarray) -> np.ndarray:
    """0, 1, ... within each group of `counts` items."""
    return np.asarray(np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts))


def _without(vectors: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """`vectors` (n, d) as unit rows without the part along `direction` (n, d); zeros where nothing is left."""
    along = np.nan_to_num(direction)
    rest = vectors - np.einsum("nd,nd->n", vectors, along)[:, None] * along
    length = np.sqrt(np.einsum("nd,nd->n", rest, rest))[:, None]
    return np.asarray(np.where(length > LEAST_REST, rest / np.maximum(length, LEAST_REST), 0.0), dtype=np.float32)


def _indicators(sets: Sequence[frozenset[str]], weights: WordWeights | None = None) -> csr_array:
    """(n, codes) matrix of which row holds which word: ones, or with `weights` rows of length 1."""
    codes: dict[str, int] = {}
    columns = [codes.setdefault(word, len(codes)) for words in sets for word in sorted(words)]
    ends = np.cumsum([0, *(len(words) for words in sets)])
    values = np.ones(len(columns))
    if weights is not None:
        values = _unit(weights.of(list(codes))[columns] if columns else values, ends)
    return csr_array((values, np.array(columns, dtype=np.int64), ends), shape=(len(sets), max(len(codes), 1)))


def _unit(values: np.ndarray, ends: np.ndarray) -> np.ndarray:
    squares = np.concatenate([[0.0], np.cumsum(np.square(values))])[ends]
    length = np.sqrt(np.maximum(np.diff(squares), 1e-12))
    return np.asarray(values / np.repeat(length, np.diff(ends)))


def _counts(readings: Sequence[Reading], names: Sequence[frozenset[str]], prompt_words: Sequence[float]) -> np.ndarray:
    rows = [
        (len(own), len(reading.numbers), reading.length, reading.items, asked)
        for reading, own, asked in zip(readings, names, prompt_words, strict=True)
    ]
    return np.array(rows, dtype=np.float64).reshape(-1, 5)


def _shared(matrix: csr_array, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(pairs,) sum over the columns of the products of two rows."""
    found: np.ndarray = np.asarray(matrix[first].multiply(matrix[second]).sum(axis=1)).ravel()
    return found


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.asarray(np.where(whole > 0, part / np.maximum(whole, 1), np.nan))


def word_weights(texts: Sequence[str], *, least: int = 3) -> WordWeights:
    """`WordWeights` counted on `texts`; words in fewer than `least` of them count as unknown ones, the most there is."""
    counts: dict[str, int] = {}
    for text in texts:
        for word in set(words_of(text)):
            counts[word] = counts.get(word, 0) + 1
    return _weights_of(counts, len(texts), least)


def _weights_of(counts: Mapping[str, int], texts: int, least: int) -> WordWeights:
    known = sorted((class_hash(word), count) for word, count in counts.items() if count >= least)
    keys = np.array([key for key, _ in known], dtype=np.int64)
    weights = np.log((texts + 1) / (1 + np.array([count for _, count in known], dtype=np.float64)))
    return WordWeights(keys, np.maximum(weights, 0.01).astype(np.float32), float(np.log(texts + 1)))
