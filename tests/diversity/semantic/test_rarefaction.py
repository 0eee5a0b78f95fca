"""Equal n and equal coverage: by hand, and against every subsample."""

from itertools import combinations, pairwise
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaxis.diversity.semantic import effective_number, expected_coverage, hill_at_coverage, rarefied_hill
from triaxis.errors import Undefined
from triaxis.stats.hypergeometric import expected_distinct
from triaxis.stats.richness import good_turing_coverage

COUNTS = st.lists(st.integers(1, 4), min_size=1, max_size=4).filter(lambda counts: sum(counts) >= 3)


def subsamples(counts: list[int], m: int) -> list[np.ndarray]:
    """Class sizes in every choice of `m` samples."""
    cell = np.repeat(np.arange(len(counts)), counts)
    return [np.bincount(cell[list(draw)], minlength=len(counts)) for draw in combinations(range(cell.size), m)]


def from_expected_frequencies(counts: list[int], order: float, m: int) -> float:
    """The definition of Chao et al. 2014: Hill number of the mean frequency counts over every subsample."""
    every = np.stack(subsamples(counts, m))
    frequencies = np.array([(every == k).sum() / len(every) for k in range(1, m + 1)])
    shares = np.arange(1, m + 1) / m
    if order == 1:
        return float(np.exp(-(frequencies * shares * np.log(shares)).sum()))
    return float((frequencies * shares**order).sum() ** (1 / (1 - order)))


def test_two_of_three_by_hand() -> None:
    # {a, a, b}: pairs aa, ab, ab. Classes (1 + 2 + 2) / 3; squares (1 + 1/2 + 1/2) / 3 = 2/3; entropy 2/3 ln 2
    counts = np.array([2, 1])
    assert rarefied_hill(counts, 0, 2) == pytest.approx(5 / 3)
    assert rarefied_hill(counts, 1, 2) == pytest.approx(2 ** (2 / 3))
    assert rarefied_hill(counts, 2, 2) == pytest.approx(3 / 2)


@pytest.mark.parametrize("order", [0, 0.5, 1, 2, 3])
@given(COUNTS, st.data())
def test_it_is_the_mean_over_every_subsample(order: float, counts: list[int], data: st.DataObject) -> None:
    m = data.draw(st.integers(1, sum(counts)))
    assert rarefied_hill(np.array(counts), order, m) == pytest.approx(from_expected_frequencies(counts, order, m), rel=1e-8)


@pytest.mark.parametrize("order", [0, 1, 2, inf])
def test_all_samples_are_the_plain_hill_number_and_one_sample_is_one_kind(order: float) -> None:
    counts = np.array([5, 2, 0, 1])
    assert rarefied_hill(counts, order, 8) == effective_number(np.array([5, 2, 1]) / 8, order)
    if order < inf:
        assert rarefied_hill(counts, order, 1) == pytest.approx(1)


@given(COUNTS, st.data())
def test_coverage_is_the_chance_that_one_sample_more_is_of_a_class_seen(counts: list[int], data: st.DataObject) -> None:
    m = data.draw(st.integers(1, sum(counts) - 1))
    cell = np.repeat(np.arange(len(counts)), counts)
    seen = [cell[i] in cell[list(draw)] for draw in combinations(range(cell.size), m) for i in set(range(cell.size)) - set(draw)]
    assert expected_coverage(np.array(counts), m) == pytest.approx(np.mean(seen))


@given(COUNTS)
def test_all_samples_but_one_cover_what_good_and_turing_say(counts: list[int]) -> None:
    found = expected_coverage(np.array(counts), sum(counts) - 1)
    assert found == pytest.approx(good_turing_coverage(np.array(counts)), abs=1e-12)


def test_equal_coverage_by_hand() -> None:
    # {a, a, b, b}: a second sample is of the first's class with 1/3, so C(1) = 1/3; of three, with both seen or ab seen:
    # C(2) = 1 - 4 x 1/4 x C(2,2)/C(3,2) = 2/3. Halfway between, coverage 1/2: classes 1 and 5/3, so 4/3
    counts = np.array([2, 2])
    assert expected_coverage(counts, 1) == pytest.approx(1 / 3)
    assert expected_coverage(counts, 2) == pytest.approx(2 / 3)
    assert hill_at_coverage(counts, 0, 0.5) == pytest.approx((1 + 5 / 3) / 2)
    assert hill_at_coverage(counts, 0, 2 / 3) == pytest.approx(5 / 3)


@given(COUNTS, st.sampled_from([0, 1, 2]))
def test_it_never_falls_with_coverage(counts: list[int], order: float) -> None:
    reached = good_turing_coverage(np.array(counts))
    values = [hill_at_coverage(np.array(counts), order, share * reached) for share in (0, 0.2, 0.5, 0.8, 1 - 1e-9)]
    assert all(a <= b + 1e-9 for a, b in pairwise(values))
    assert values[0] == 1


def test_sets_of_different_size_agree_at_equal_coverage_and_not_at_all_samples() -> None:
    rng, weights = np.random.default_rng(0), 1 / np.arange(1, 41)
    weights /= weights.sum()

    def mean(n: int, of: object) -> float:
        return float(np.mean([of(rng.multinomial(n, weights)) for _ in range(150)]))  # type: ignore[operator]

    at_half = [mean(n, lambda counts: hill_at_coverage(counts, 1, 0.5)) for n in (40, 200)]
    plain = [mean(n, lambda counts: rarefied_hill(counts, 1, int(counts.sum()))) for n in (40, 200)]
    assert at_half[0] == pytest.approx(at_half[1], rel=0.05)
    assert plain[1] > 1.25 * plain[0]


def test_one_random_subsample_is_not_the_value_its_mean_is() -> None:
    # llm-knowledge draws one subsample; the expectation needs none
    counts, rng = np.array([30, 20, 5, 5, 3, 1, 1]), np.random.default_rng(0)
    cell = np.repeat(np.arange(counts.size), counts)
    drawn = [np.unique(rng.permutation(cell)[:12]).size for _ in range(4000)]
    exact = rarefied_hill(counts, 0, 12)
    assert np.std(drawn) > 0.5
    assert np.mean(drawn) == pytest.approx(exact, abs=0.05)


def test_what_the_sample_does_not_reach_is_undefined_and_says_how_far_it_reaches() -> None:
    with pytest.raises(Undefined, match=r"5 samples cover 0.6 of the distribution, which is under 0.9; draw more"):
        hill_at_coverage(np.array([3, 1, 1]), 1, 0.9)
    with pytest.raises(Undefined, match="1 samples cover 0 "):
        hill_at_coverage(np.array([1]), 1, 0.5)


@pytest.mark.parametrize("m", [0, 6])
def test_a_sample_is_not_made_larger(m: int) -> None:
    with pytest.raises(Undefined, match=f"a sample of 5 cannot be rarefied to {m}"):
        rarefied_hill(np.array([3, 2]), 1, m)
    with pytest.raises(Undefined, match="needs one sample more"):
        expected_coverage(np.array([3, 2]), m)


def test_order_infinity_and_no_samples_have_no_expectation() -> None:
    with pytest.raises(Undefined, match="order infinity"):
        rarefied_hill(np.array([3, 2]), inf, 2)
    with pytest.raises(Undefined, match="no samples"):
        rarefied_hill(np.array([0]), 1, 1)


def test_a_million_samples_are_no_trouble() -> None:
    counts = np.random.default_rng(0).multinomial(10**6, np.full(5000, 1 / 5000))
    assert rarefied_hill(counts, 1, 500_000) == pytest.approx(rarefied_hill(counts, 1, 10**6), rel=0.01)
    assert 1 < hill_at_coverage(counts, 2, 0.4) < 5000


@pytest.mark.parametrize("m", [1, 5, 40, 300, 999])
def test_both_products_give_the_same_chance(m: int) -> None:
    counts = np.array([700, 250, 30, 12, 5, 2, 1])
    assert rarefied_hill(counts, 0, m) == pytest.approx(expected_distinct(counts, m), rel=1e-12)
