"""Vendi with a Gaussian kernel: exact order 2 against the full matrix, random features within their stated error."""

from dataclasses import replace

import numpy as np
import pytest

from tests.diversity.semantic.samples import clustered, unit, with_vectors
from triaxis import registry
from triaxis.diversity.semantic import fourier_features, rbf_vendi_two, vendi_of_kernel
from triaxis.diversity.semantic.rbf import FEATURES, random_feature_tally
from triaxis.errors import InputError, Undefined


def kernel_of(vectors: np.ndarray, sigma: float) -> np.ndarray:
    exact = vectors.astype(np.float64)
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    square = np.square(exact[:, None] - exact).sum(axis=2)
    return np.asarray(np.exp(-square / (2 * sigma**2)))


def test_two_orthogonal_responses_by_hand() -> None:
    # squared distance 2, so K = exp(-1 / sigma^2) = exp(-1) for sigma 1: 4 / (2 + 2 exp(-2))
    assert rbf_vendi_two(np.eye(2, dtype=np.float32), sigma=1.0) == pytest.approx(4 / (2 + 2 * np.exp(-2)))


@pytest.mark.parametrize("sigma", [0.1, 0.5, 2.0])
@pytest.mark.parametrize("rows", [7, 1500])
def test_order_two_in_blocks_is_that_of_the_full_kernel(rows: int, sigma: float) -> None:
    vectors = clustered(rows, 12)
    exact = rows**2 / np.square(kernel_of(vectors, sigma)).sum()
    assert rbf_vendi_two(vectors, sigma=sigma) == pytest.approx(exact, rel=1e-5)
    if rows < 100:
        assert exact == pytest.approx(vendi_of_kernel(kernel_of(vectors, sigma), 2))


def test_copies_count_once_however_narrow_the_kernel() -> None:
    copies = np.repeat(unit(3, 384), 1000, axis=0)
    once = registry.create("diversity", "vendi-rbf:0.01").value(with_vectors(unit(3, 384)))
    assert once == pytest.approx(3)
    assert registry.create("diversity", "vendi-rbf:0.01").value(with_vectors(copies)) == pytest.approx(3, rel=1e-6)


def test_products_of_features_estimate_the_kernel_within_the_stated_error() -> None:
    vectors = clustered(200, 16, noise=0.4)
    features = fourier_features(vectors)
    error = features @ features.T - kernel_of(vectors, 0.5)
    assert np.allclose(np.square(features).sum(axis=1), 1, atol=1e-5)
    assert np.sqrt(np.square(error).mean()) < FEATURES**-0.5
    assert np.abs(error).max() < 6 * FEATURES**-0.5


def test_more_features_bring_the_score_nearer() -> None:
    vectors = clustered(300, 8, clusters=6, noise=0.05)
    exact = vendi_of_kernel(kernel_of(vectors, 0.5))

    def off(features: int) -> float:
        tally = random_feature_tally(1, features=features)
        tally.add_rows(vectors)
        return abs(tally.value() / exact - 1)

    assert off(2048) < off(32)
    assert off(2048) < 0.02


def test_features_are_the_same_every_time_and_depend_on_the_seed() -> None:
    vectors = unit(4, 6)
    assert np.array_equal(fourier_features(vectors), fourier_features(vectors))
    assert not np.allclose(fourier_features(vectors), fourier_features(vectors, seed=1), atol=1e-3)


def test_the_tally_has_the_value_of_the_set_in_blocks_and_says_its_error() -> None:
    vectors = unit(5000, 6)
    metric = registry.create("diversity", "vendi-rff:2")
    tally = metric.tally()
    for part in np.split(vectors, [10, 4500]):
        tally.add(with_vectors(part))
    assert tally.value() == metric.value(with_vectors(vectors))
    assert metric.traits.growth == "bounded"
    assert "0.044" in metric.traits.error


def test_order_two_of_features_is_near_the_exact_one() -> None:
    vectors = clustered(2000, 32, clusters=12, noise=0.1)
    estimate = registry.create("diversity", "vendi-rff:2").value(with_vectors(vectors))
    assert estimate == pytest.approx(rbf_vendi_two(vectors), rel=0.05)


def test_more_responses_than_the_limit_are_undefined() -> None:
    metric = registry.create("diversity", "vendi-rbf")
    small = replace(metric, traits=replace(metric.traits, limit=3))
    with pytest.raises(Undefined, match="takes at most 3 responses, got 4"):
        small.value(with_vectors(unit(4, 3)))


@pytest.mark.parametrize("spec", ["vendi-rbf:0", "vendi-rbf:wide", "vendi-rff:-1"])
def test_a_wrong_argument_says_what_to_type(spec: str) -> None:
    with pytest.raises(InputError, match="must be a number from"):
        registry.create("diversity", spec)
