"""Effective numbers of every order, by hand."""

from itertools import pairwise
from math import exp, inf, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaxis.diversity.semantic.effective import effective_number, parse_order
from triaxis.errors import InputError

SHARES = st.lists(st.floats(0.001, 1), min_size=1, max_size=8).map(lambda w: np.array(w) / sum(w))


def test_orders_by_hand() -> None:
    # p = (1/2, 1/4, 1/4): three seen; entropy 1/2 ln 2 + 1/2 ln 4 = 1.5 ln 2; squares 1/4 + 1/8 = 3/8; largest 1/2
    p = np.array([0.5, 0.25, 0.25])
    assert effective_number(p, 0) == 3
    assert effective_number(p, 1) == pytest.approx(2**1.5)
    assert effective_number(p, 2) == pytest.approx(8 / 3)
    assert effective_number(p, inf) == 2
    # order 1/2: (sqrt(1/2) + 1)^2
    assert effective_number(p, 0.5) == pytest.approx((0.5**0.5 + 1) ** 2)


@pytest.mark.parametrize("order", [0, 0.5, 1, 2, 7, inf])
def test_equal_shares_count_as_their_number_in_every_order(order: float) -> None:
    assert effective_number(np.full(5, 0.2), order) == pytest.approx(5)
    assert effective_number(np.array([1.0, 0.0]), order) == 1


@given(SHARES)
def test_it_never_grows_with_the_order(shares: np.ndarray) -> None:
    values = [effective_number(shares, q) for q in (0, 0.3, 0.999, 1, 1.001, 1.5, 2, 30, inf)]
    assert all(a >= b - 1e-9 for a, b in pairwise(values))
    assert values[0] == shares.size


@given(SHARES, st.floats(1e-12, 1e-3))
def test_next_to_order_one_nothing_is_lost(shares: np.ndarray, away: float) -> None:
    exact = effective_number(shares, 1)
    assert effective_number(shares, 1 + away) == pytest.approx(exact, rel=100 * away + 1e-12)
    assert effective_number(shares, 1 - away) == pytest.approx(exact, rel=100 * away + 1e-12)


def test_a_very_high_order_is_nearly_the_largest_share() -> None:
    assert effective_number(np.array([0.6, 0.4]), 1e6) == pytest.approx(exp(-log(0.6)), rel=1e-5)


@pytest.mark.parametrize(("text", "order"), [("0", 0), ("0.5", 0.5), ("2", 2), ("inf", inf), ("infinity", inf)])
def test_an_order_is_read_from_text(text: str, order: float) -> None:
    assert parse_order("vendi:2", text) == order


@pytest.mark.parametrize("text", ["-1", "two", "nan", "-inf", ""])
def test_what_is_no_order_is_refused_in_words(text: str) -> None:
    with pytest.raises(InputError, match=r"the order of 'vendi:2' must be a number from 0"):
        parse_order("vendi:2", text)
