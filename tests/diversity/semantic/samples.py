"""Vectors for tests: seeded, of unit length, and sets of responses that hold them."""

import numpy as np

from triaxis.responses import Responses


def unit(rows: int, columns: int, *, seed: int = 0) -> np.ndarray:
    """(rows, columns) random float32 rows of length 1."""
    drawn = np.random.default_rng(seed).standard_normal((rows, columns))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), dtype=np.float32)


def clustered(rows: int, columns: int, *, clusters: int = 20, noise: float = 0.05, seed: int = 0) -> np.ndarray:
    """(rows, columns) unit rows around some directions, so that many are near one another."""
    rng = np.random.default_rng(seed)
    drawn = rng.standard_normal((clusters, columns))[rng.integers(0, clusters, rows)]
    drawn = drawn + noise * rng.standard_normal(drawn.shape)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), dtype=np.float32)


def with_vectors(vectors: np.ndarray) -> Responses:
    return Responses([""] * len(vectors), vectors=vectors)


def with_labels(labels: list[int] | np.ndarray) -> Responses:
    return Responses([""] * len(labels), labels=np.asarray(labels, dtype=np.int64))
