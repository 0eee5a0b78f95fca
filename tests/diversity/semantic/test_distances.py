"""Mean pairwise cosine distance: by hand, against all pairs, and as a tally."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.diversity.semantic.samples import unit, with_vectors
from triaxis import registry
from triaxis.diversity.semantic import cosine_distance
from triaxis.diversity.semantic.distances import SumTally
from triaxis.errors import InputError, Undefined
from triaxis.responses import Responses


def over_all_pairs(vectors: np.ndarray) -> float:
    cosines = vectors.astype(np.float64) @ vectors.T.astype(np.float64)
    return float(1 - cosines[np.triu_indices(len(vectors), 1)].mean())


def test_three_pairs_by_hand() -> None:
    # cosines 0, -1, 0 between (1,0), (0,2) and (-1,0): distances 1, 2, 1, mean 4/3; lengths do not count
    assert cosine_distance(np.array([[1.0, 0], [0, 2], [-1, 0]])) == pytest.approx(4 / 3)


def test_copies_are_at_distance_zero_and_opposites_at_two() -> None:
    assert cosine_distance(np.repeat(unit(1, 384), 50, axis=0)) == pytest.approx(0, abs=1e-14)
    assert cosine_distance(np.array([[1.0, 1], [-1, -1]])) == pytest.approx(2)


@given(st.integers(2, 40), st.integers(1, 9), st.integers(0, 99))
def test_the_closed_form_is_the_mean_over_all_pairs(rows: int, columns: int, seed: int) -> None:
    vectors = unit(rows, columns, seed=seed)
    assert cosine_distance(vectors) == pytest.approx(over_all_pairs(vectors), abs=1e-6)


def test_rows_without_a_direction_are_left_out() -> None:
    vectors = unit(6, 4)
    holed = np.insert(vectors, [2, 4], [[np.nan] * 4, [0.0] * 4], axis=0)
    assert cosine_distance(holed) == pytest.approx(cosine_distance(vectors), abs=1e-7)


def test_one_vector_has_no_distance_and_the_reason_counts_those_without() -> None:
    with pytest.raises(Undefined, match=r"needs 2 responses with a vector, got 1 \(2 have none\)"):
        cosine_distance(np.array([[1.0, 0], [np.nan, 0], [np.nan, np.nan]]))


def test_a_set_without_vectors_is_undefined() -> None:
    with pytest.raises(Undefined, match="embed them first"):
        registry.create("diversity", "cosine-distance").value(Responses(["a", "b"]))


def test_remote_clique_leaves_the_distance_to_itself_out() -> None:
    # the diversity package averages full rows, the zero diagonal included: (n - 1) / n of the mean over pairs
    vectors = unit(5, 8)
    upstream = float((1 - vectors @ vectors.T).mean(axis=1).mean())
    ours = registry.create("diversity", "remote-clique").value(with_vectors(vectors))
    assert ours == pytest.approx(over_all_pairs(vectors), abs=1e-6)
    assert upstream == pytest.approx(ours * 4 / 5, abs=1e-6)


@pytest.mark.parametrize("sizes", [[3000], [1, 1023, 1024, 952], [1500, 0, 1500], [7] * 428 + [4]])
def test_where_calls_cut_the_rows_changes_no_bit(sizes: list[int]) -> None:
    vectors = unit(3000, 24)
    tally = SumTally()
    for part in np.split(vectors, np.cumsum(sizes)[:-1]):
        tally.add(with_vectors(part))
    assert tally.value() == cosine_distance(vectors)


@pytest.mark.parametrize("at", [0, 10, 1024, 1500, 2500, 3000])
def test_merged_tallies_have_the_value_of_the_whole(at: int) -> None:
    vectors = unit(3000, 24)
    first, second = SumTally(), SumTally()
    first.add(with_vectors(vectors[:at]))
    second.add(with_vectors(vectors[at:]))
    first.merge(second)
    first.add(with_vectors(vectors[:100]))
    assert first.value() == pytest.approx(cosine_distance(np.concatenate([vectors, vectors[:100]])), rel=1e-13)


def test_a_tally_does_not_hold_on_to_what_it_was_given() -> None:
    vectors, tally = unit(20, 4), SumTally()
    expected = cosine_distance(vectors)
    tally.add(with_vectors(vectors))
    vectors[:] = 0
    assert tally.value() == expected


def test_vectors_of_two_encoders_do_not_mix() -> None:
    tally = SumTally()
    tally.add(with_vectors(unit(2, 3)))
    with pytest.raises(InputError, match="expected vectors of 3 dimensions, as before, got 4"):
        tally.add(with_vectors(unit(2, 4)))
