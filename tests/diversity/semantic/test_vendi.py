"""Vendi scores: golden values, the errors of published code as regressions, tallies, kernels, convergence."""

from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.diversity.semantic.samples import clustered, unit, with_vectors
from triaxis import registry
from triaxis.diversity.semantic import convergence, effective_number, vendi, vendi_of_kernel
from triaxis.diversity.semantic.gram import GramTally
from triaxis.diversity.semantic.vendi import truncated_shares, truncated_vendi_of_gram, vendi_of_gram
from triaxis.errors import InputError, Undefined

KERNEL = np.array([[1, 0.9, 0], [0.9, 1, 0], [0, 0, 1]])
ORDERS = [0, 0.5, 1, 2, 3.5, inf]


def by_eigenvalues(vectors: np.ndarray, order: float) -> float:
    exact = vectors.astype(np.float64)
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    shares = np.linalg.eigvalsh(exact @ exact.T) / len(exact)
    return effective_number(shares[shares > 1e-6], order)


def test_the_authors_example() -> None:
    samples = np.array([0, 0, 10, 10, 20, 20.0])
    kernel = np.exp(-np.abs(samples[:, None] - samples))
    assert vendi_of_kernel(kernel) == pytest.approx(2.9999999959, abs=1e-10)


@pytest.mark.parametrize(("order", "golden"), [(0.5, 2.4203), (1, 2.1573), (2, 1.9481), (inf, 1.5789)])
def test_a_kernel_in_every_order(order: float, golden: float) -> None:
    # eigenvalues 1.9, 0.1 and 1 over 3; order 2 by hand: 9 / (1.9^2 + 0.1^2 + 1) = 9 / 4.62
    assert vendi_of_kernel(KERNEL, order) == pytest.approx(golden, abs=5e-5)


def test_order_two_by_hand_from_vectors() -> None:
    # cosines 1/2, 0, 0 between (1,0,0), (1/2, sqrt 3 / 2, 0), (0,0,1): 9 / (3 + 2 x 1/4) = 18 / 7
    vectors = np.array([[1, 0, 0], [0.5, 3**0.5 / 2, 0], [0, 0, 1]])
    assert vendi(vectors, 2) == pytest.approx(18 / 7, rel=1e-6)


@pytest.mark.parametrize("order", ORDERS)
def test_numerical_zeros_do_not_count_in_any_order(order: float) -> None:
    # published code counts rounding as a dimension: order 0 of four copies gave 2.0
    assert vendi_of_kernel(np.ones((4, 4)), order) == pytest.approx(1)
    assert vendi(np.repeat(unit(1, 384), 5000, axis=0), order) == pytest.approx(1, abs=1e-4)
    assert vendi(np.repeat(np.eye(3), 40, axis=0), order) == pytest.approx(3)


def test_the_order_is_not_ignored_for_vectors() -> None:
    # published score_X returned order 1 whatever was asked for
    vectors = clustered(200, 16, clusters=5)
    values = [vendi(vectors, order) for order in ORDERS]
    assert values == sorted(values, reverse=True)
    assert len(set(values)) == len(ORDERS)


def test_order_infinity_is_a_number_as_well_as_a_word() -> None:
    # published code knows the string "inf" only
    vectors = unit(50, 8)
    named = registry.create("diversity", "vendi:inf").value(with_vectors(vectors))
    assert named == vendi(vectors, inf) == pytest.approx(by_eigenvalues(vectors, inf), rel=1e-5)


def test_all_eigenvalues_count_not_the_six_largest() -> None:
    # published code takes six eigenvalues of a sparse kernel
    assert vendi_of_kernel(np.eye(40)) == pytest.approx(40)
    assert vendi(np.eye(40)) == pytest.approx(40)


@pytest.mark.parametrize(("rows", "columns"), [(10, 40), (40, 10), (300, 64), (9000, 12)])
@pytest.mark.parametrize("order", ORDERS)
def test_both_routes_agree_with_the_kernel_of_all_pairs(rows: int, columns: int, order: float) -> None:
    vectors = clustered(rows, columns, clusters=7, noise=0.3)
    few = vectors[:800]
    assert vendi(few, order) == pytest.approx(by_eigenvalues(few, order), rel=2e-5)
    if rows > 800:
        exact = vectors.astype(np.float64)
        shares = np.linalg.eigvalsh(exact.T @ exact) / rows
        assert vendi(vectors, order) == pytest.approx(effective_number(shares, order), rel=2e-5)


def test_the_dual_route_needs_rows_of_length_one_and_sees_to_it() -> None:
    # published X.T X / n takes rows as they are
    vectors = unit(100, 12)
    stretched = vectors * np.random.default_rng(3).uniform(0.1, 9, (100, 1)).astype(np.float32)
    for order in (1, 2):
        assert vendi(stretched, order) == pytest.approx(vendi(vectors, order), rel=1e-5)


@pytest.mark.parametrize(("rows", "published"), [(32, 30.7), (128, 107.9), (512, 263.5)])
def test_unrelated_vectors_have_the_published_scores(rows: int, published: float) -> None:
    assert vendi(unit(rows, 384), 1) == pytest.approx(published, rel=0.01)


def test_one_response_is_one_and_none_is_undefined() -> None:
    assert vendi(unit(1, 5)) == 1.0
    with pytest.raises(Undefined, match="needs 1 responses with a vector, got 0"):
        vendi(np.full((3, 5), np.nan))


@given(st.integers(1, 30), st.integers(1, 12), st.integers(0, 50))
def test_repeating_the_set_changes_nothing(rows: int, columns: int, seed: int) -> None:
    vectors = unit(rows, columns, seed=seed)
    assert vendi(np.repeat(vectors, 3, axis=0)) == pytest.approx(vendi(vectors), rel=1e-4)


def tally_of(parts: list[np.ndarray]) -> GramTally:
    tally = registry.create("diversity", "vendi").tally()
    for part in parts:
        tally.add(with_vectors(part))
    return tally


@pytest.mark.parametrize("cuts", [[1], [4096, 8192], [17, 4000, 5000, 8999], list(range(300, 9000, 300))])
def test_where_calls_cut_the_rows_changes_no_bit(cuts: list[int]) -> None:
    vectors = unit(9000, 10)
    vectors[::50] = np.nan
    assert tally_of(np.split(vectors, cuts)).value() == vendi(vectors)


@pytest.mark.parametrize("at", [0, 5, 4096, 5000, 9000])
def test_merged_tallies_have_the_value_of_the_whole(at: int) -> None:
    vectors = unit(9000, 10)
    first, second, more = tally_of([vectors[:at]]), tally_of([vectors[at:]]), unit(30, 10, seed=5)
    first.merge(second)
    first.add(with_vectors(more))
    assert first.value() == pytest.approx(vendi(np.concatenate([vectors, more])), rel=1e-6)


def test_truncation_spreads_the_rest_over_what_is_kept() -> None:
    # (.5, .3, .1, .1) to two: rest .2, so (.6, .4)
    shares = truncated_shares(np.array([0.1, 0.5, 0.1, 0.3]), 2)
    assert shares.tolist() == pytest.approx([0.6, 0.4])
    assert truncated_shares(np.array([0.7, 0.3]), 5).tolist() == pytest.approx([0.7, 0.3])


def test_the_truncated_score_stays_under_its_number_and_settles_sooner() -> None:
    def grows(most: int) -> float:
        values = []
        for rows in (400, 4000):
            tally = GramTally(lambda gram: truncated_vendi_of_gram(gram, most=most))
            tally.add_rows(clustered(rows, 384, clusters=30, noise=0.4))
            values.append(tally.value())
        assert values[1] <= most
        return values[1] / values[0]

    assert grows(20) < grows(384)
    assert registry.create("diversity", "vendi-truncated:1").value(with_vectors(unit(9, 4))) == 1.0


def test_a_score_near_n_or_still_growing_carries_a_warning() -> None:
    crowded = convergence(unit(128, 384))
    assert crowded.value == pytest.approx(107.9, rel=0.02)
    assert "held down by their number" in crowded.warning
    growing = convergence(unit(2000, 384), 0.5)
    assert growing.half < growing.value
    assert growing.warning
    settled = convergence(clustered(4000, 64, clusters=5, noise=0.01))
    assert settled.warning == ""
    assert settled.value == pytest.approx(settled.half, rel=0.01)


def test_growth_alone_is_a_warning() -> None:
    # the second half of the even places is all alike, so every other row is less diverse than all rows
    vectors = np.repeat(np.eye(4), [700, 100, 100, 100], axis=0)
    vectors[1::2] = np.eye(4)[np.arange(500) % 4]
    found = convergence(vectors)
    assert found.value > 1.05 * found.half
    assert "still grows" in found.warning


def test_convergence_needs_four() -> None:
    with pytest.raises(Undefined, match="needs 4"):
        convergence(unit(3, 3))


@pytest.mark.parametrize("kernel", [np.ones((2, 3)), np.zeros((0, 0)), 2 * np.eye(3), np.array([[1, 0.5], [0.2, 1]])])
def test_what_is_no_kernel_is_refused(kernel: np.ndarray) -> None:
    with pytest.raises(InputError, match="a kernel must be"):
        vendi_of_kernel(kernel)


@pytest.mark.parametrize("spec", ["vendi:two", "vendi:-1", "vendi-truncated:0", "vendi-truncated:2.5"])
def test_a_wrong_argument_says_what_to_type(spec: str) -> None:
    with pytest.raises(InputError, match="must be a"):
        registry.create("diversity", spec)


def test_order_two_needs_no_eigenvalues(monkeypatch: pytest.MonkeyPatch) -> None:
    tally = tally_of([unit(50, 8)])
    monkeypatch.delattr(np.linalg, "eigvalsh")
    assert vendi_of_gram(tally.gram(), order=2) == pytest.approx(by_square_sum(unit(50, 8)), rel=1e-5)


def by_square_sum(vectors: np.ndarray) -> float:
    return float(len(vectors) ** 2 / np.square(vectors.astype(np.float64) @ vectors.T).sum())
