"""Chamfer and the k nearest others: by hand and against the full matrix."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.diversity.semantic.samples import clustered, unit, with_vectors
from triaxis import registry
from triaxis.diversity.semantic import chamfer, knn_distance
from triaxis.diversity.semantic import neighbours as module
from triaxis.diversity.semantic.neighbours import nearest_others
from triaxis.errors import InputError, Undefined


def by_full_matrix(vectors: np.ndarray, k: int) -> np.ndarray:
    exact = vectors.astype(np.float64)
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    distance = 1 - exact @ exact.T
    np.fill_diagonal(distance, np.inf)
    return np.asarray(np.sort(distance, axis=1)[:, :k])


def test_three_responses_by_hand() -> None:
    # (1,0) and (0.6,0.8) are 0.4 apart, (0,-1) is 1 from (1,0): nearest 0.4, 0.4, 1, mean 0.6; second 1, 1.8, 1.8
    vectors = np.array([[1, 0], [0.6, 0.8], [0, -1]], dtype=np.float32)
    assert chamfer(vectors) == pytest.approx(0.6)
    assert nearest_others(vectors, 2)[:, 1].tolist() == pytest.approx([1, 1.8, 1.8])
    assert knn_distance(vectors, k=2) == pytest.approx((0.4 + 1 + 0.4 + 1.8 + 1 + 1.8) / 6)


def test_a_copy_is_at_distance_zero_exactly() -> None:
    copies = np.repeat(unit(40, 384), 2, axis=0)
    assert chamfer(copies) == 0.0
    assert chamfer(unit(40, 384)) > 0.5


@given(st.integers(2, 30), st.integers(1, 4), st.integers(0, 50), st.integers(2, 7))
def test_blocks_give_what_the_full_matrix_gives(rows: int, k: int, seed: int, block: int) -> None:
    vectors = unit(rows, 5, seed=seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK", block)
        if rows <= k:
            with pytest.raises(Undefined, match=f"{k} nearest others need more than {k}"):
                nearest_others(vectors, k)
        else:
            assert np.allclose(nearest_others(vectors, k), by_full_matrix(vectors, k), atol=1e-6)


def test_several_real_blocks() -> None:
    vectors = clustered(2500, 24, noise=0.3)
    assert np.allclose(nearest_others(vectors, 3), by_full_matrix(vectors, 3), atol=1e-6)


def test_one_neighbour_is_chamfer() -> None:
    responses = with_vectors(unit(20, 6))
    one, nearest = (registry.create("diversity", spec).value(responses) for spec in ("knn-distance:1", "chamfer"))
    assert one == nearest


def test_five_neighbours_need_six_responses() -> None:
    metric = registry.create("diversity", "knn-distance")
    assert metric.traits.smallest == 6
    with pytest.raises(Undefined, match="needs 6 responses with a vector, got 5"):
        metric.value(with_vectors(unit(5, 3)))


def test_a_wrong_number_of_neighbours_says_what_to_type() -> None:
    with pytest.raises(InputError, match="whole number from 1"):
        registry.create("diversity", "knn-distance:1.5")
