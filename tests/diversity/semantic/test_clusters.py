"""Cluster counts and DCScore: by hand, against the full matrix, and where the published default saturates."""

from math import e, exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.diversity.semantic.samples import clustered, unit, with_vectors
from triaxis import registry
from triaxis.diversity.semantic import cluster_count, dcscore
from triaxis.errors import InputError


def by_softmax(vectors: np.ndarray, temperature: float) -> float:
    scaled = vectors.astype(np.float64) @ vectors.T.astype(np.float64) / temperature
    shares = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return float(np.trace(shares / shares.sum(axis=1, keepdims=True)))


def test_clusters_by_hand() -> None:
    # b is within 0.9 of a; c within 0.9 of b but not of a, the first member: a second cluster, no chain
    angle = np.array([0, 0.4, 0.8])
    vectors = np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)
    assert cluster_count(vectors, threshold=0.9) == 2
    assert cluster_count(vectors, threshold=0.6) == 1
    assert cluster_count(vectors, threshold=0.95) == 3


def test_copies_are_one_cluster_at_threshold_one() -> None:
    copies = np.repeat(unit(7, 384), 30, axis=0)
    assert registry.create("diversity", "cluster-count:1").value(with_vectors(copies)) == 7


def test_planted_clusters_are_counted() -> None:
    assert cluster_count(clustered(3000, 64, clusters=17, noise=0.02)) == 17


def test_two_orthogonal_responses_by_hand() -> None:
    # softmax of (1, 0) / tau: share e / (e + 1) each at temperature 1
    assert dcscore(np.eye(2, dtype=np.float32), temperature=1) == pytest.approx(2 * e / (e + 1))


@pytest.mark.parametrize(("rows", "published"), [(10, 2.32), (100, 2.67), (1000, 2.714)])
def test_the_published_temperature_saturates_at_e(rows: int, published: float) -> None:
    vectors = np.eye(rows, dtype=np.float32)
    assert dcscore(vectors, temperature=1) == pytest.approx(published, abs=0.005)
    assert dcscore(vectors, temperature=1) == pytest.approx(rows / (1 + (rows - 1) * exp(-1)))


def test_a_small_temperature_counts_unrelated_responses() -> None:
    assert dcscore(np.eye(1000, dtype=np.float32), temperature=0.05) == pytest.approx(999.998, abs=5e-4)
    assert registry.create("diversity", "dcscore").value(with_vectors(np.eye(1000))) == pytest.approx(999.998, abs=5e-4)


def test_copies_count_once() -> None:
    assert dcscore(np.repeat(np.eye(3, dtype=np.float32), 900, axis=0), temperature=0.05) == pytest.approx(3, abs=1e-5)


def test_rows_are_brought_to_length_one() -> None:
    # the published path from embeddings does not
    metric, vectors = registry.create("diversity", "dcscore:0.5"), unit(30, 5)
    assert metric.value(with_vectors(3 * vectors)) == pytest.approx(metric.value(with_vectors(vectors)), rel=1e-6)


@given(st.integers(1, 30), st.floats(0.02, 3), st.integers(0, 50))
def test_blocks_give_what_the_full_softmax_gives(rows: int, temperature: float, seed: int) -> None:
    vectors = unit(rows, 4, seed=seed)
    assert dcscore(vectors, temperature=temperature) == pytest.approx(by_softmax(vectors, temperature), rel=1e-4)


def test_several_real_blocks() -> None:
    vectors = clustered(2300, 16, noise=0.5)
    assert dcscore(vectors, temperature=0.1) == pytest.approx(by_softmax(vectors, 0.1), rel=1e-5)


@pytest.mark.parametrize("spec", ["cluster-count:90", "cluster-count:x", "dcscore:0", "dcscore:-1"])
def test_a_wrong_argument_says_what_to_type(spec: str) -> None:
    with pytest.raises(InputError, match=f"of '{spec.split(':', maxsplit=1)[0]}:.*' must be a number from"):
        registry.create("diversity", spec)
