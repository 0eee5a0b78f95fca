"""Mean cosine distance at every floor, from counts and squared norms."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaxis.diversity.spread import has_direction, mean_cosine_distance, spread_steps, unit_rows

SEEDS = st.integers(0, 2**32 - 1)


def cell(seed: int, size: int, *, floors: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vectors, qualities (with ties) and different keys of one made-up cell."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(size, 5)), rng.integers(0, floors, size) / 2, rng.permutation(size).astype(np.int64)


def by_pairs(vectors: np.ndarray) -> float:
    """The definition: the mean of 1 - cosine over all pairs."""
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return float(np.mean([1 - a @ b for a, b in combinations(units, 2)]))


def test_three_samples_by_hand() -> None:
    # best: x alone. then y and x again: sum (2, 1), squared length 5; pairs xy, xx, yx have cosines 0, 1, 0
    steps = spread_steps(np.array([[0.0, 3.0], [1.0, 0.0], [2.0, 0.0]]), np.array([2.0, 2.0, 3.0]), np.arange(3))
    assert steps.quality.tolist() == [3.0, 2.0]
    assert steps.count.tolist() == [1, 3]
    assert steps.norm2.tolist() == [1.0, 5.0]
    assert np.isnan(steps.distance()[0])
    assert steps.distance()[1] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("vectors", "expected"),
    [
        ([[1, 2], [1, 2], [2, 4]], 0.0),  # one direction
        ([[1, 0, 0], [0, 1, 0], [0, 0, 1]], 1.0),  # all at right angles
        ([[1, 1], [-1, -1]], 2.0),  # opposite
        ([[1, 0], [1, 0], [-1, 0]], 4 / 3),  # pairs: 0, 2, 2
    ],
)
def test_both_ends_and_beyond(vectors: list[list[float]], expected: float) -> None:
    steps = spread_steps(np.array(vectors, dtype=float), np.zeros(len(vectors)), np.arange(len(vectors)))
    assert steps.distance() == pytest.approx([expected], abs=1e-12)
    assert steps.distance()[0] >= 0


@given(SEEDS, st.integers(2, 30))
def test_it_is_the_mean_over_pairs_at_every_floor(seed: int, size: int) -> None:
    vectors, qualities, keys = cell(seed, size)
    steps = spread_steps(vectors, qualities, keys)
    assert steps.quality.tolist() == sorted(set(qualities.tolist()), reverse=True)
    for floor, count, distance in zip(steps.quality, steps.count, steps.distance(), strict=True):
        usable = vectors[qualities >= floor]
        assert count == len(usable)
        assert np.isnan(distance) if count < 2 else distance == pytest.approx(by_pairs(usable))


@given(SEEDS, st.integers(0, 40))
def test_the_order_of_rows_changes_no_bit(seed: int, size: int) -> None:
    vectors, qualities, keys = cell(seed, size)
    order = np.random.default_rng(seed + 1).permutation(size)
    expected, shuffled = spread_steps(vectors, qualities, keys), spread_steps(vectors[order], qualities[order], keys[order])
    assert shuffled.norm2.tobytes() == expected.norm2.tobytes()
    assert shuffled.quality.tobytes() == expected.quality.tobytes()
    assert shuffled.count.tolist() == expected.count.tolist()


@given(SEEDS, st.integers(2, 20))
def test_a_copy_of_the_whole_cell_never_raises_it_and_length_does_not_matter(seed: int, size: int) -> None:
    vectors, qualities, keys = cell(seed, size, floors=1)
    (once,) = spread_steps(vectors, qualities, keys).distance()
    (twice,) = spread_steps(np.tile(vectors, (2, 1)), np.tile(qualities, 2), np.tile(keys, 2)).distance()
    (longer,) = spread_steps(vectors * 7, qualities, keys).distance()
    assert twice <= once + 1e-12
    assert longer == pytest.approx(once)


def test_large_cells_are_summed_across_blocks() -> None:
    vectors, qualities, keys = cell(7, 2500)
    steps = spread_steps(vectors, qualities, keys)
    assert steps.count[-1] == 2500
    total = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).sum(axis=0)
    assert steps.norm2[-1] == pytest.approx(total @ total)


def test_what_is_not_measured_is_left_out() -> None:
    vectors = np.array([[1.0, 0.0], [np.nan, 0.0], [0.0, 1.0], [0.0, 0.0], [1.0, 1.0]])
    steps = spread_steps(vectors, np.array([1.0, 9.0, 1.0, 9.0, np.nan]), np.arange(5))
    assert (steps.quality.tolist(), steps.count.tolist(), steps.norm2.tolist()) == ([1.0], [2], [2.0])


def test_nothing_has_no_steps_and_one_text_no_distance() -> None:
    assert spread_steps(np.zeros((0, 3)), np.zeros(0), np.zeros(0, dtype=np.int64)).distance().shape == (0,)
    assert np.isnan(mean_cosine_distance(np.array([0, 1]), np.array([0.0, 1.0]))).all()


def test_minus_zero_is_the_quality_zero() -> None:
    steps = spread_steps(np.eye(2), np.array([-0.0, 0.0]), np.arange(2))
    assert steps.count.tolist() == [2]
    assert not np.signbit(steps.quality[0])


def test_a_row_without_a_direction_is_missing() -> None:
    units = unit_rows(np.array([[3.0, 4.0], [0.0, 0.0], [np.inf, 1.0], [np.nan, 1.0]], dtype=np.float32))
    assert units[0].tolist() == pytest.approx([0.6, 0.8])
    assert has_direction(units).tolist() == [True, False, False, False]
    assert has_direction(unit_rows(np.zeros((2, 0)))).tolist() == [False, False]
