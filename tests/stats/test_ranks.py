"""Rank correlations of columns: against scipy, with ties and holes, under resampling of clusters, against a reference."""

import numpy as np
import pytest
from scipy.stats import rankdata, spearmanr

from triaxis.errors import Undefined
from triaxis.stats.ranks import correlations, mid_ranks, weighted_spearman


def rho(a: np.ndarray, b: np.ndarray) -> float:
    return float(weighted_spearman(a, b, np.ones((1, len(a))))[0])


def test_the_value_is_that_of_scipy_with_and_without_ties() -> None:
    rng = np.random.default_rng(1)
    for spread in (3, 1000):
        a, b = rng.integers(0, spread, (2, 60)).astype(float)
        assert rho(a, b) == pytest.approx(spearmanr(a, b).statistic, abs=1e-12)


def test_by_hand_one_swap_among_four() -> None:
    assert rho(np.array([1.0, 2, 3, 4]), np.array([1.0, 3, 2, 4])) == pytest.approx(1 - 6 * 2 / (4 * 15))


def test_weights_are_copies() -> None:
    values, weights = np.array([3.0, 1.0, 3.0, 2.0]), np.array([[2.0, 0.0, 1.0, 3.0]])
    copied = np.repeat(values, weights[0].astype(int))
    ranks = rankdata(copied)
    expected = [ranks[copied == value][0] for value in (3.0, 3.0, 2.0)]
    assert mid_ranks(values, weights)[0, [0, 2, 3]].tolist() == expected


def test_a_draw_is_the_correlation_of_the_drawn_items() -> None:
    rng = np.random.default_rng(2)
    values, target = rng.integers(0, 8, (40, 2)).astype(float), rng.integers(0, 5, 40).astype(float)
    found = correlations(values, target, draws=50, seed=3)
    weights = np.random.default_rng(3).multinomial(40, np.full(40, 1 / 40), size=50)
    for draw, counts in enumerate(weights[:10]):
        again = spearmanr(np.repeat(values[:, 1], counts), np.repeat(target, counts)).statistic
        assert found.draws[draw, 1] == pytest.approx(again, abs=1e-9)


def test_holes_are_left_out_of_their_column_and_of_what_it_is_compared_with() -> None:
    rng = np.random.default_rng(7)
    target, reference, whole = rng.standard_normal((3, 50))
    holed = np.where(np.arange(50) % 3 == 0, np.nan, whole)
    found = correlations(np.c_[whole, holed], target, reference=reference, draws=100, seed=1)
    kept = ~np.isnan(holed)
    assert found.items.tolist() == [50, int(kept.sum())]
    assert found.rho[1] == pytest.approx(spearmanr(whole[kept], target[kept]).statistic)
    assert found.reference.tolist() == pytest.approx([rho(reference, target), rho(reference[kept], target[kept])])
    assert found.difference().value[0] == pytest.approx(rho(whole, target) - rho(reference, target))


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng, hits, runs = np.random.default_rng(4), 0, 200
    truth = 6 / np.pi * np.arcsin(0.5 / 2)
    for seed in range(runs):
        a, b = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], size=80).T
        _, low, high = correlations(a[:, None], b, draws=300, seed=seed).interval()
        hits += bool(low[0] <= truth <= high[0])
    assert 0.88 <= hits / runs <= 0.99


def width(values: np.ndarray, target: np.ndarray, clusters: np.ndarray | None = None) -> float:
    _, low, high = correlations(values[:, None], target, clusters=clusters, draws=500, seed=1).interval()
    return float(high[0] - low[0])


def test_items_of_one_cluster_stay_together_and_widen_the_interval() -> None:
    a, b = np.random.default_rng(5).standard_normal((2, 30))
    copies = np.repeat(np.arange(30), 10)
    together = width(a[copies], b[copies], copies)
    assert together == pytest.approx(width(a, b), rel=0.05)
    assert width(a[copies], b[copies]) < 0.5 * together


def test_differences_are_paired() -> None:
    rng = np.random.default_rng(6)
    target = rng.standard_normal(100)
    good = target + rng.standard_normal(100)
    values = np.stack([good, good + 1e-3 * rng.standard_normal(100), rng.standard_normal(100)], axis=1)
    difference, low, high = correlations(values, target, reference=good, draws=300, seed=1).difference()
    assert (difference[0], low[0], high[0]) == (0, 0, 0)
    assert high[1] - low[1] < 0.1 < high[2] - low[2]
    assert high[2] < 0


def test_what_cannot_be_ranked_has_no_value() -> None:
    with pytest.raises(Undefined, match="fewer than 10"):
        correlations(np.ones((9, 1)), np.arange(9.0), seed=0)
    found = correlations(np.c_[np.ones(20), np.arange(20.0)], np.arange(20.0), draws=50, seed=0)
    assert np.isnan(found.rho[0])
    assert np.isnan(found.interval().low[0])
    assert found.rho[1] == pytest.approx(1)
    assert np.isnan(found.difference().value).all()
