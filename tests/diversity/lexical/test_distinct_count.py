"""Counting different ids: exact, then sketched within the stated error, the same however the stream is cut."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaxis.diversity.lexical.distinct_count import STANDARD_ERROR, DistinctCount
from triaxis.diversity.lexical.tokens import mixed


def ids(count: int, *, seed: int = 0) -> np.ndarray:
    """`count` different well mixed ids."""
    return mixed(np.arange(count, dtype=np.uint64) + np.uint64(seed << 40))


def counter_of(*parts: np.ndarray, exact: int) -> DistinctCount:
    counter = DistinctCount(exact=exact)
    for part in parts:
        counter.add(part)
    return counter


@given(st.lists(st.lists(st.integers(0, 30), max_size=20), max_size=6))
def test_under_the_limit_the_count_is_exact(parts: list[list[int]]) -> None:
    arrays = [np.array(part, dtype=np.uint64) for part in parts]
    assert counter_of(*arrays, exact=100).count() == len({number for part in parts for number in part})


@pytest.mark.parametrize("count", [0, 1, 300, 50_000, 1_000_000])
def test_a_sketch_keeps_to_its_standard_error(count: int) -> None:
    estimates = [counter_of(ids(count, seed=seed), ids(1), exact=0).count() for seed in range(10)]
    expected = max(count, 1)
    off = np.array([estimate / (expected + (seed > 0 and count > 0)) - 1 for seed, estimate in enumerate(estimates)])
    assert np.sqrt(np.square(off).mean()) <= 1.8 * STANDARD_ERROR
    assert abs(off.mean()) <= 4 * STANDARD_ERROR / np.sqrt(10)


@pytest.mark.parametrize("exact", [10**6, 30_000, 5_000, 0])
def test_the_count_is_the_same_however_the_stream_is_cut(exact: int) -> None:
    stream = ids(60_000)[np.random.default_rng(0).integers(0, 40_000, 100_000)]
    whole = counter_of(stream, exact=exact).count()
    for seed in range(5):
        rng = np.random.default_rng(seed)
        parts = np.split(stream, np.sort(rng.integers(0, stream.size, 7)))
        counters = [counter_of(*np.array_split(part, 3), exact=exact) for part in parts]
        for other in counters[1:]:
            counters[0].merge(other)
        assert counters[0].count() == whole


def test_a_sketch_takes_in_an_exact_count_and_the_reverse() -> None:
    for first, second in ((ids(30_000), ids(50, seed=1)), (ids(50, seed=1), ids(30_000))):
        counter = counter_of(first, exact=1_000)
        counter.merge(counter_of(second, exact=1_000))
        assert counter.count() == counter_of(ids(30_000), ids(50, seed=1), exact=1_000).count()


def test_merging_leaves_the_other_as_it_was() -> None:
    first, second = counter_of(ids(10), exact=100), counter_of(ids(20), exact=100)
    first.merge(second)
    first.add(ids(500, seed=3))
    assert second.count() == 20
