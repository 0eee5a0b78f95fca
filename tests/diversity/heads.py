"""Heads and labelled pairs made by hand, for tests that need no encoder's weights."""

from collections.abc import Mapping, Sequence

import numpy as np

from tests.diversity.embedders import Planted, Words
from triaxis.diversity.equivalence.learned import Answers, Artefact, Head, read_answers
from triaxis.diversity.equivalence.learned.features import PAIR_FEATURES, WordWeights

PLAIN = WordWeights(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32), 1.0)
"""Every word counts 1."""


def head(
    weights: Mapping[str, float], *, bias: float = 0.0, dimensions: int = 4096, directions: int = 0, words: WordWeights = PLAIN
) -> Head:
    """A head that weighs some features, takes inputs as they are, and looks along the first axes of the prompt's vector."""
    inputs = len(PAIR_FEATURES) + directions
    return Head(
        mean=np.zeros(inputs),
        scale=np.ones(inputs),
        weights=np.array([weights.get(name, 0.0) for name in PAIR_FEATURES] + [1.0] * directions),
        bias=bias,
        centre=np.zeros(dimensions),
        directions=np.eye(dimensions)[:, :directions],
        words=words,
    )


def overlap_artefact(encoder: str = "words", threshold: float = 0.5) -> Artefact:
    """Same where more than half of the words are shared (by cosine): P(same) is 0.5 at a word cosine of 0.5."""
    return Artefact(head({"word_cosine": 8.0}, bias=-4.0), encoder, encoder, threshold=threshold)


def answers(texts: Sequence[str], prompt: str | None = None, *, words: WordWeights = PLAIN) -> Answers:
    """`texts`, all answers to `prompt`, read by the encoder of words."""
    return read_answers(texts, [prompt] * len(texts), Words(), words)


def planted(texts: Mapping[str, Sequence[float]], prompt: str | None = None, vector: Sequence[float] = ()) -> Answers:
    """Answers whose vectors are given; so is the prompt's."""
    known = {**texts, **({prompt: vector} if prompt is not None else {})}
    return read_answers(list(texts), [prompt] * len(texts), Planted(known), PLAIN)
