"""Effective models and clusters: by hand, against resampling, and on planted groups."""

import numpy as np
import pytest

from tests.measure.population.planted import axes_of, block_from, block_of, random_cells, sharing_store
from triaxis.diversity.semantic.vendi import vendi_of_kernel
from triaxis.measure.axes import Axes
from triaxis.measure.population.clusters import best_cut, cluster_rows, silhouette
from triaxis.measure.population.curves import Population
from triaxis.measure.population.kernel import (
    Grams,
    corrected_models,
    effective_models,
    effective_rows,
    few_floors,
    gram_of,
    grams,
    kernel_of,
    permuted_grams,
)
from triaxis.measure.store import RunStore
from triaxis.measure.tables import Resampling

UNGATED = np.array([-np.inf])


def population_from(store: RunStore, axes: Axes) -> Population:
    return Population(block_of(store), axes, Resampling(200))


def at_ungated(population: Population) -> tuple[np.ndarray, dict[float, list[Grams]]]:
    return UNGATED, permuted_grams(population, UNGATED)


class TestKernel:
    def test_cosines_are_those_of_profiles_over_all_prompts(self) -> None:
        cells = {
            ("p", "a"): [("x", 1.0), ("y", 1.0)], ("p", "b"): [("x", 1.0), ("x", 1.0)],
            ("q", "a"): [("x", 1.0), ("x", 1.0)], ("q", "b"): [("z", 1.0), ("z", 1.0)],
        }  # fmt: skip
        # a: (1/2, 1/2 | 1, 0), b: (1, 0 | 0, 1)
        found = kernel_of(gram_of(block_from(cells)).products).cosines
        assert found[0, 1] == pytest.approx(0.5 / np.sqrt(1.5 * 2))

    def test_products_of_groups_add_up(self) -> None:
        block = block_from(random_cells(0, models=4, prompts=9, sizes=[3]))
        parts = grams(block, np.arange(9) % 4)
        assert parts.products.shape == (4, 4, 4)
        assert parts.sum().products == pytest.approx(gram_of(block).products)
        without_first = grams(block.on(np.flatnonzero(np.arange(9) % 4)), np.zeros(6, dtype=np.int64)).sum()
        assert parts.without_each()[0].products == pytest.approx(without_first.products)

    def test_products_in_small_pieces_are_the_same(self, monkeypatch: pytest.MonkeyPatch) -> None:
        block = block_from(random_cells(1, models=4, prompts=9, sizes=[3]))
        expected = grams(block, np.arange(9) % 2).products
        monkeypatch.setattr("triaxis.measure.population.kernel.MOST_ENTRIES", 8)
        assert grams(block, np.arange(9) % 2).products == pytest.approx(expected)

    def test_models_that_share_nothing_are_as_many_as_they_are(self) -> None:
        cells = {(f"p{p}", m): [(m, 1.0)] * 2 for p in range(3) for m in "abc"}
        assert [effective_models(gram_of(block_from(cells)), order) for order in (1, 2)] == pytest.approx([3, 3])

    def test_equal_models_are_worth_one(self) -> None:
        cells = {(f"p{p}", m): [("x", 1.0)] * 2 for p in range(3) for m in "abc"}
        assert [effective_models(gram_of(block_from(cells)), order) for order in (1, 2)] == pytest.approx([1, 1])

    def test_it_is_the_vendi_score_of_the_kernel(self) -> None:
        gram = gram_of(block_from(random_cells(2, models=5, prompts=6, sizes=[4])))
        for order in (1, 2):
            assert effective_models(gram, order) == pytest.approx(vendi_of_kernel(kernel_of(gram.products).cosines, order))

    def test_a_model_without_a_usable_answer_is_left_out(self) -> None:
        cells = {(f"p{p}", m): [(m, float(m != "c"))] * 2 for p in range(12) for m in "abc"}
        population = Population(block_from(cells), axes_of(1.0, 9.0), Resampling(200))
        rows = effective_rows(population, UNGATED, permuted_grams(population, UNGATED))
        found = {(f["floor"][0], f["measure"][0]): f.row(0, named=True) for f in rows}
        at_one, at_nine = found[1.0, "effective models"], found[9.0, "effective models"]
        assert (at_one["models"], at_one["ceiling"], at_one["value"]) == (2, 2.0, pytest.approx(2))
        assert (at_nine["models"], at_nine["ceiling"], at_nine["reason"]) == (0, None, "nothing is usable at this floor")
        assert np.isnan(at_nine["value"])


PLANTED = [(1.0, 1, 1.0), (0.0, 1, 6.0), (0.0, 3, 3.0), (0.5, 1, 36 / (6 + 30 / 4))]


class TestCorrected:
    def test_length_is_that_of_pairs_of_different_samples(self) -> None:
        # a: one of three pairs is alike, b: all; between them 2/3
        gram = gram_of(block_from({("p", "a"): [("x", 1.0), ("x", 1.0), ("y", 1.0)], ("p", "b"): [("x", 1.0)] * 3}))
        assert gram.repeats == pytest.approx([1 / 3, 1])
        assert corrected_models(gram) == pytest.approx(4 / (2 + 2))  # 2/3 over the root of 1/3 is above 1, and cut to it

    @pytest.mark.parametrize(("share", "groups", "truth"), PLANTED)
    def test_planted_populations_have_their_number_of_models(self, share: float, groups: int, truth: float) -> None:
        store = sharing_store(0, models=6, prompts=100, share=share, groups=groups)
        assert corrected_models(gram_of(block_of(store))) == pytest.approx(truth, rel=0.1)

    def test_single_samples_have_no_likeness_with_themselves(self) -> None:
        assert np.isnan(corrected_models(gram_of(block_from(random_cells(0, sizes=[1])))))


class TestFloors:
    def test_few_floors_leave_half_a_fifth_and_four_fifths_of_the_samples(self) -> None:
        cells = {("p", m): [("x", float(q)) for q in range(10)] for m in "ab"}
        population = Population(block_from(cells), axes_of(*map(float, range(10))), Resampling(200))
        assert few_floors(population).tolist() == [-np.inf, 2, 5, 8]
        assert few_floors(population, (7.0,)).tolist() == [-np.inf, 5, 7, 8]


class TestClusters:
    def test_silhouette_by_hand(self) -> None:
        # 1 and 2 are 1 apart and 4 from 3: (4 - 1) / 4 each, and 3, alone, counts 0
        distances = np.array([[0.0, 1, 4], [1, 0, 4], [4, 4, 0]])
        assert silhouette(distances, np.array([1, 1, 2])) == pytest.approx((0.75 + 0.75) / 3)

    def test_two_models_cannot_be_grouped(self) -> None:
        assert np.isnan(best_cut(np.eye(2)).silhouette)

    def test_planted_groups_are_found(self) -> None:
        population = population_from(sharing_store(0, models=6, prompts=20, share=0.0, groups=2), axes_of())
        (frame,) = cluster_rows(population, *at_ungated(population))
        assert frame["clusters"].unique().to_list() == [2]
        assert frame["cluster"].to_list() == [1, 2, 1, 2, 1, 2]
        assert (frame["silhouette"] > frame["null"]).all()

    def test_models_that_are_all_alike_are_one_cluster_nearly_always(self) -> None:
        several = 0
        for seed in range(20):
            population = population_from(sharing_store(seed, models=5, prompts=10), axes_of())
            (frame,) = cluster_rows(population, *at_ungated(population))
            several += frame["clusters"][0] > 1
        assert several <= 4
