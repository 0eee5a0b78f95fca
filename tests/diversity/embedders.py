"""Embedders that need no weights: vectors planted by hand, and words as directions."""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from triaxis.diversity.equivalence.labels import class_hash
from triaxis.protocols import Progress


class Planted:
    """Vectors given by text; any other text points along the last axis."""

    name = "planted"

    def __init__(self, vectors: Mapping[str, Sequence[float]]) -> None:
        self.known = {text: np.array(vector, dtype=np.float32) for text, vector in vectors.items()}
        self.dimensions = len(next(iter(self.known.values())))
        self.asked: list[list[str]] = []

    def embed(self, texts: Sequence[str], *, progress: Progress | None = None) -> np.ndarray:
        self.asked.append(list(texts))
        if progress:
            progress("embedding", len(texts), len(texts))
        other = np.eye(self.dimensions, dtype=np.float32)[-1]
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[:] = self.known.get(text, other)
        return rows


class Words:
    """A direction for each word, summed: a bag of words in 4,096 dimensions. A text without a word has one of its own."""

    name = "words"

    def embed(self, texts: Sequence[str], *, progress: Progress | None = None) -> np.ndarray:
        rows = np.zeros((len(texts), 4096), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in set(re.findall(r"\w+", text.casefold())) or {f"no word: {text}"}:
                row[class_hash(word) % 4096] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)
