"""Draws without replacement, by hand and against every subset."""

from itertools import combinations, pairwise
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaxis.errors import Undefined
from triaxis.stats.hypergeometric import expected_distinct, hit_probability, pass_at_k

SIZES = st.lists(st.integers(0, 5), min_size=1, max_size=6).filter(lambda counts: sum(counts) > 0)


def average_over_subsets(counts: list[int], n: int) -> float:
    """Distinct classes averaged over every choice of `n` samples."""
    cell = [klass for klass, count in enumerate(counts) for _ in range(count)]
    chosen = [len(set(draw)) for draw in combinations(cell, n)]
    return sum(chosen) / len(chosen)


def test_the_chance_to_hit_a_class_by_hand() -> None:
    # N = 4, n = 2: m = 1 is missed by C(3,2)/C(4,2) = 3/6, m = 2 by 1/6, m = 3 and m = 4 never
    assert hit_probability(4, [2])[:, 0].tolist() == pytest.approx([0, 1 / 2, 5 / 6, 1, 1])


def test_one_draw_hits_a_class_with_its_share_and_all_draws_hit_every_class() -> None:
    hit = hit_probability(5, [1, 5])
    assert hit[:, 0].tolist() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert hit[:, 1].tolist() == [0, 1, 1, 1, 1, 1]


def test_rarefaction_by_hand() -> None:
    # {a, a, b}, 2 of 3 draws: aa, ab, ab -> (1 + 2 + 2) / 3
    assert expected_distinct([2, 1], 2) == pytest.approx(5 / 3)
    # {a, a, b, b}: 6 pairs, 2 of them alike -> (2 * 1 + 4 * 2) / 6
    assert expected_distinct([2, 2], 2) == pytest.approx(10 / 6)


def test_two_singletons_become_five_thirds_when_the_cell_is_repeated() -> None:
    assert expected_distinct([1, 1], 2) == 2.0
    assert expected_distinct([2, 2], 2) == pytest.approx(5 / 3)


def test_unusable_samples_are_drawn_but_never_counted() -> None:
    # {a, b, x, x}, x unusable: each of a, b is hit by 2 of 4 draws with 1/2 -> 1; without the x it would be 2
    assert expected_distinct([1, 1], 2, size=4) == pytest.approx(1.0)


def test_pass_at_k_by_hand() -> None:
    # 10 samples, 3 correct, k = 2: 1 - C(7,2)/C(10,2) = 1 - 21/45
    assert pass_at_k(10, 3, 2) == pytest.approx(24 / 45)
    assert pass_at_k(10, 3, 1) == pytest.approx(0.3)
    assert pass_at_k(10, 0, 10) == 0.0
    assert pass_at_k(10, 3, 8) == 1.0


@pytest.mark.parametrize("budget", [0, -1, 4])
def test_more_draws_than_samples_or_none_have_no_value(budget: int) -> None:
    with pytest.raises(Undefined, match="1 to the 3 samples"):
        hit_probability(3, [budget])


def test_large_cells_agree_with_exact_binomials() -> None:
    size, n = 391, 100
    exact = [1 - comb(size - m, n) / comb(size, n) for m in range(size + 1)]
    assert np.allclose(hit_probability(size, [n])[:, 0], exact, rtol=0, atol=1e-13)


@given(SIZES, st.data())
def test_rarefaction_is_the_average_over_all_subsets(counts: list[int], data: st.DataObject) -> None:
    n = data.draw(st.integers(1, min(sum(counts), 5)))
    assert expected_distinct(counts, n) == pytest.approx(average_over_subsets(counts, n), abs=1e-12)


@given(SIZES)
def test_more_draws_never_find_fewer_classes(counts: list[int]) -> None:
    values = [expected_distinct(counts, n) for n in range(1, sum(counts) + 1)]
    assert all(later >= earlier - 1e-12 for earlier, later in pairwise(values))
    assert values[0] == pytest.approx(1)
    assert values[-1] == pytest.approx(np.count_nonzero(counts))


@given(st.integers(1, 300), st.data())
def test_hit_probabilities_never_fall_in_the_class_size(size: int, data: st.DataObject) -> None:
    hit = hit_probability(size, [data.draw(st.integers(1, size))])[:, 0]
    assert (np.diff(hit) >= 0).all()  # exactly: raising a floor must never raise U, not even by rounding
    assert hit[0] == 0
    assert hit[-1] == 1
