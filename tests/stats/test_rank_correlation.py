"""Rank correlations against scipy and by hand, ties and gaps, and intervals that cover."""

import numpy as np
import pytest
from scipy.stats import rankdata, spearmanr

from triaxis.errors import Undefined
from triaxis.stats import rank_correlation
from triaxis.stats.rank_correlation import spearman


def pairs(n: int, seed: int, strength: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x and y that share z and nothing else."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=n)
    return strength * z + rng.normal(size=n), strength * z + rng.normal(size=n), z


def test_rho_is_that_of_scipy_with_ties_and_without() -> None:
    x, y, _ = pairs(200, 0)
    for a, b in ((x, y), (np.round(x), np.round(y))):
        assert spearman(a, b, draws=0).rho == pytest.approx(spearmanr(a, b).statistic)


def test_five_ranks_by_hand() -> None:
    """1 - 6 * (0 + 1 + 1 + 0 + 0) / (5 * 24)."""
    assert spearman(np.arange(5.0), np.array([0.0, 2, 1, 3, 4]), draws=0).rho == pytest.approx(0.9)


def test_the_partial_correlation_is_that_of_residuals_of_ranks() -> None:
    x, y, z = pairs(300, 1)
    rx, ry, rz = map(rankdata, (x, y, z))
    rest = [r - np.polyval(np.polyfit(rz, r, 1), rz) for r in (rx, ry)]
    assert spearman(x, y, given=z, draws=0).rho == pytest.approx(np.corrcoef(rest)[0, 1])


def test_what_length_explains_is_gone_given_length() -> None:
    x, y, z = pairs(2000, 2)
    assert spearman(x, y).low > 0.4
    assert abs(spearman(x, y, given=z).rho) < 0.07


def test_prompts_without_a_value_are_left_out() -> None:
    x, y, _ = pairs(50, 3)
    gaps = np.where(np.arange(50) % 5 == 0, np.nan, x)
    kept = ~np.isnan(gaps)
    found = spearman(gaps, y)
    assert found.n == 40
    assert found.rho == spearman(x[kept], y[kept]).rho


def test_weights_give_the_midranks_of_repeated_rows() -> None:
    x, y, _ = pairs(30, 4)
    x = np.round(x)
    times = np.random.default_rng(5).integers(0, 4, 30)
    repeated = [np.repeat(column, times) for column in (x, y)]
    ranked = [rank_correlation._ranked(column) for column in (x, y)]
    weighted = rank_correlation._rho(ranked, (times / times.sum())[None, :])[0]
    assert weighted == pytest.approx(spearmanr(*repeated).statistic)


@pytest.mark.parametrize(
    ("x", "y", "why"),
    [([1.0, 2, 3], [1.0, 2, 3], "needs 4 prompts, got 3"), ([1.0] * 9, list(range(9)), "same value"), ([], [], "needs 4")],
)
def test_where_there_is_none_the_reason_is_told(x: list[float], y: list[float], why: str) -> None:
    with pytest.raises(Undefined, match=why):
        spearman(np.array(x), np.array(y))


def test_given_itself_nothing_is_left() -> None:
    x, y, _ = pairs(40, 6)
    with pytest.raises(Undefined, match="fixes the order"):
        spearman(x, y, given=2 * x)


def test_under_ten_prompts_there_is_no_interval() -> None:
    x, y, _ = pairs(9, 7)
    found = spearman(x, y)
    assert np.isnan([found.low, found.high]).all()


def test_the_same_seed_gives_the_same_interval_and_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y, z = pairs(60, 8)
    whole = spearman(x, y, given=z, seed=3)
    monkeypatch.setattr(rank_correlation, "_BLOCK_ENTRIES", 600)
    assert spearman(x, y, given=z, seed=3) == pytest.approx(whole)
    assert spearman(x, y, given=z, seed=4) != whole


def test_the_formula_for_many_prompts_is_near_the_resampled_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y, z = pairs(1200, 9)
    formula = spearman(x, y), spearman(x, y, given=z)
    monkeypatch.setattr(rank_correlation, "LARGE", 5000)
    for told, drawn in zip(formula, (spearman(x, y), spearman(x, y, given=z)), strict=True):
        assert told[1:3] == pytest.approx(drawn[1:3], abs=0.015)


def test_intervals_cover_the_truth() -> None:
    """rho of a bivariate normal with correlation 1/2 is 6/pi asin(1/4)."""
    truth = 6 / np.pi * np.arcsin(0.25)
    found = [spearman(*pairs(60, seed)[:2], draws=200, seed=seed) for seed in range(200)]
    assert 0.9 <= np.mean([one.low <= truth <= one.high for one in found]) <= 0.99
