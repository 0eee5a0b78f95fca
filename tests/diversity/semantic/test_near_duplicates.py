"""The exact join: against all pairs, whatever the data, the threshold and the blocks."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.diversity.semantic.samples import clustered, unit, with_vectors
from triaxis import registry
from triaxis.diversity.semantic import near_duplicate_share, near_duplicates
from triaxis.errors import InputError

MODULE = sys.modules["triaxis.diversity.semantic.near_duplicates"]


def by_all_pairs(vectors: np.ndarray, threshold: float) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Pairs that surely reach the threshold, and those that may: rounding decides between them."""
    exact = vectors.astype(np.float64)
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    cosine = np.triu(exact @ exact.T, 1) - 3 * np.tril(np.ones((len(vectors), len(vectors))))
    surely, maybe = (set(zip(*np.nonzero(cosine >= threshold + away), strict=True)) for away in (1e-9, -1e-9))
    return surely, maybe


def found(vectors: np.ndarray, threshold: float) -> set[tuple[int, int]]:
    pairs = near_duplicates(vectors, threshold)
    return set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))


def test_three_responses_by_hand() -> None:
    # cosines: 0.6 between the first two, 0 and 0.8 with the third
    pairs = near_duplicates(np.array([[1, 0], [0.6, 0.8], [0, 1]]), 0.7)
    assert (pairs.first.tolist(), pairs.second.tolist()) == ([1], [2])
    assert pairs.cosine.tolist() == pytest.approx([0.8])


@given(st.integers(0, 40), st.integers(1, 40), st.floats(-0.5, 1), st.integers(0, 30), st.integers(2, 9), st.booleans())
def test_every_pair_and_no_other(rows: int, columns: int, threshold: float, seed: int, block: int, close: bool) -> None:
    vectors = clustered(rows, columns, clusters=4, seed=seed) if close else unit(rows, columns, seed=seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MODULE, "_BLOCK", block)  # smaller than the rows, so they are shortened as well
        pairs = found(vectors, threshold)
    surely, maybe = by_all_pairs(vectors, threshold)
    assert surely <= pairs <= maybe


@pytest.mark.parametrize("threshold", [0.5, 0.8, 0.9, 0.99])
@pytest.mark.parametrize("noise", [0.02, 0.2, 0.6])
def test_real_blocks_with_shortened_rows_miss_nothing(threshold: float, noise: float) -> None:
    vectors = clustered(3000, 128, clusters=300, noise=noise)
    surely, maybe = by_all_pairs(vectors, threshold)
    assert surely <= found(vectors, threshold) <= maybe


def test_shortened_rows_bound_every_cosine_from_above() -> None:
    vectors = clustered(2500, 96, clusters=200, noise=0.3)
    short = MODULE._shortened(vectors, 0.9)
    assert short.shape[1] < 96
    assert (short @ short.T - vectors @ vectors.T).min() > 0 - MODULE._slack(96)


def test_a_row_that_the_short_columns_hold_but_for_rounding_keeps_its_bound() -> None:
    # most rows lie in 8 directions; some stick out of them by 3e-4, which 1 - |x|^2 in float32 cannot see
    rng = np.random.default_rng(0)
    vectors = np.concatenate([unit(2900, 8), np.zeros((2900, 56))], axis=1).astype(np.float32)
    vectors[:200, 8:] = 3e-4 * unit(200, 56, seed=1)
    beside = np.concatenate([0.6 * unit(100, 8, seed=2), 0.8 * unit(100, 56, seed=3)], axis=1).astype(np.float32)
    every = rng.permutation(np.concatenate([vectors, beside]))
    every /= np.linalg.norm(every, axis=1, keepdims=True)
    basis = np.eye(64, dtype=np.float32)[:, :8]
    bounds = MODULE._bounding(every, basis).astype(np.float64)
    exact = every.astype(np.float64)
    assert (bounds @ bounds.T - exact @ exact.T).min() > -1e-6


def test_where_nothing_shorter_pays_the_rows_stay_whole() -> None:
    many, few = unit(2500, 24), unit(500, 384)
    assert MODULE._shortened(many, 0.6) is many
    assert MODULE._shortened(few, 0.99) is few


@pytest.mark.parametrize("length", [1e-25, 1e25])
def test_lengths_that_float32_cannot_square_do_not_matter(length: float) -> None:
    vectors = clustered(300, 16, noise=0.2)
    assert found(vectors.astype(np.float64) * length, 0.9) == found(vectors, 0.9)


def test_copies_reach_one() -> None:
    copies = np.repeat(unit(60, 384), 2, axis=0)
    pairs = near_duplicates(copies, 1.0)
    assert pairs.first.tolist() == list(range(0, 120, 2))
    assert pairs.second.tolist() == list(range(1, 120, 2))
    assert pairs.cosine.max() <= 1


def test_pairs_come_in_order_and_a_row_without_direction_is_in_none() -> None:
    vectors = np.repeat(unit(1, 8), 9, axis=0)
    vectors[4] = np.nan
    vectors[6] = 0
    pairs = near_duplicates(vectors, 0.99)
    rows = [0, 1, 2, 3, 5, 7, 8]
    expected = [(a, b) for place, a in enumerate(rows) for b in rows[place + 1 :]]
    assert list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)) == expected


def test_too_many_pairs_stop_with_what_to_type() -> None:
    with pytest.raises(InputError, match=r"more than 20 pairs have cosine 0\.9 or more; raise `threshold` or `most`"):
        near_duplicates(np.repeat(unit(1, 8), 9, axis=0), 0.9, most=20)


def test_nothing_near_is_no_pairs() -> None:
    pairs = near_duplicates(np.eye(5))
    assert pairs.first.size == pairs.second.size == pairs.cosine.size == 0
    assert near_duplicates(np.zeros((0, 3))).first.size == 0


def test_the_share_counts_responses_that_have_a_twin() -> None:
    vectors = np.array([[1, 0], [1, 0.01], [0, 1], [-1, 0]])
    assert near_duplicate_share(vectors) == 0.5
    metric = registry.create("diversity", "near-duplicate-share:0.5")
    assert metric.traits.higher_is == "less diverse"
    assert metric.value(with_vectors(vectors)) == 0.5


def test_a_collapsed_set_is_soon_done(monkeypatch: pytest.MonkeyPatch) -> None:
    # all alike: one block tells that every row of it has a twin, and settled rows are not compared again
    blocks: list[int] = []
    dense = MODULE._dense_pairs
    monkeypatch.setattr(MODULE, "_dense_pairs", lambda *given: blocks.append(1) or dense(*given))
    assert near_duplicate_share(np.repeat(unit(1, 8), 3 * MODULE._BLOCK, axis=0)) == 1.0
    assert len(blocks) == 3
    assert near_duplicate_share(np.repeat(unit(300, 32), 9, axis=0), threshold=0.999) == 1.0


def test_progress_is_told_row_by_row() -> None:
    told: list[tuple[int, int]] = []
    near_duplicates(unit(5000, 4), 0.999999, progress=lambda stage, done, of: told.append((done, of)))
    assert told == [(2048, 5000), (4096, 5000), (5000, 5000)]
