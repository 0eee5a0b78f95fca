"""From pairs to classes: the rule of the first member, and its difference from chaining."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from triaxis.diversity.equivalence import first_member
from triaxis.diversity.equivalence.partition import Similar


def by_matrix(matrix: np.ndarray) -> Similar:
    return lambda rows, columns: matrix[np.ix_(rows, columns)]


def one_at_a_time(matrix: np.ndarray) -> list[int]:
    """The rule as a plain loop: join the first class whose first member is similar, else open one."""
    leaders: list[int] = []
    labels = []
    for item in range(len(matrix)):
        found = [klass for klass, leader in enumerate(leaders) if matrix[item, leader]]
        if not found:
            leaders.append(item)
        labels.append(found[0] if found else len(leaders) - 1)
    return labels


def test_a_chain_is_not_one_class() -> None:
    # a ~ b ~ c, but c is not like a, the first member: union-find would say one class
    chain = np.array([[1, 1, 0], [1, 1, 1], [0, 1, 1]], dtype=bool)
    assert first_member(3, by_matrix(chain)).tolist() == [0, 0, 1]


def test_the_order_decides_who_is_first() -> None:
    chain = np.array([[1, 1, 0], [1, 1, 1], [0, 1, 1]], dtype=bool)
    from_the_middle = chain[np.ix_([1, 0, 2], [1, 0, 2])]
    assert first_member(3, by_matrix(from_the_middle)).tolist() == [0, 0, 0]


def test_nothing_has_no_classes() -> None:
    assert first_member(0, by_matrix(np.zeros((0, 0), dtype=bool))).tolist() == []


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.floats(0, 0.4))
def test_it_is_the_plain_loop(seed: int, size: int, density: float) -> None:
    half = np.random.default_rng(seed).random((size, size)) < density
    matrix = half | half.T | np.eye(size, dtype=bool)
    assert first_member(size, by_matrix(matrix)).tolist() == one_at_a_time(matrix)


def test_it_is_the_plain_loop_across_blocks() -> None:
    half = np.random.default_rng(7).random((700, 700)) < 0.004
    matrix = half | half.T | np.eye(700, dtype=bool)
    assert first_member(700, by_matrix(matrix)).tolist() == one_at_a_time(matrix)
