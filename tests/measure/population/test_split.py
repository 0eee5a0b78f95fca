"""Diversity within and between models at equal budget: by hand, and against every choice of draws."""

from itertools import permutations

import numpy as np
import pytest

from tests.measure.population.planted import block_from, even_draws, random_cells
from tests.measure.samples import average_distinct
from triaxis.measure.population.change import ThinnedMisses
from triaxis.measure.population.split import MissTable, mixture, pooled, usable_share, within

UNGATED = -np.inf
FLOORS = np.array([UNGATED, 0.0, 1.0, 2.0])
APART = {("p", "a"): [("x", 1.0), ("x", 1.0)], ("p", "b"): [("y", 1.0), ("y", 0.0)]}
ALIKE = {("p", "a"): [("x", 1.0), ("y", 1.0)], ("p", "b"): [("y", 1.0), ("x", 1.0)]}


class TestByHand:
    """Two models with two samples each of one prompt."""

    def test_models_that_share_nothing_have_all_diversity_between_them(self) -> None:
        block = block_from(APART)
        assert within(block, FLOORS[:1], [2])[0][0, 0] == 1
        assert mixture(block, FLOORS[:1], [2])[0, 0, 0] == 2

    def test_two_draws_from_two_equal_models_may_be_the_same(self) -> None:
        block = block_from(ALIKE)
        # within: both samples of a model, two classes; mixture: one of each, the same half of the time
        assert within(block, FLOORS[:1], [2])[0][0, 0] == 2
        assert mixture(block, FLOORS[:1], [2])[0, 0, 0] == pytest.approx(1.5)

    def test_a_floor_takes_samples_out_of_the_classes_but_not_out_of_the_draws(self) -> None:
        block = block_from(APART)
        assert usable_share(block, FLOORS)[0].tolist() == [1, 1, 0.75, 0]
        assert mixture(block, FLOORS, [2])[0, 0].tolist() == [2, 2, 1.5, 0]

    def test_the_odd_draw_goes_to_a_random_model(self) -> None:
        # 3 draws of 2 models: one gives both samples, the other one
        cells = {("p", "a"): [("x", 1.0), ("z", 1.0)], ("p", "b"): [("y", 1.0), ("y", 1.0)]}
        # a gives both: x z y = 3; b gives both: y and one of a = 2
        assert mixture(block_from(cells), FLOORS[:1], [3])[0, 0, 0] == pytest.approx(2.5)


class TestAgainstEveryDraw:
    """Formulas against the average over every choice of samples, at every floor."""

    @pytest.mark.parametrize("seed", range(4))
    def test_the_mixture_is_exact_with_unequal_cells_at_every_budget(self, seed: int) -> None:
        cells = random_cells(seed)
        block = block_from(cells)
        kept = self._kept(cells, block.length)
        budgets = range(1, 3 * block.length + 1)
        found = mixture(block, FLOORS, budgets)
        for place, n in enumerate(budgets):
            expected = [[even_draws(of_prompt, floor, n) for floor in FLOORS] for of_prompt in kept]
            assert found[place] == pytest.approx(np.array(expected))

    @pytest.mark.parametrize("seed", range(4))
    def test_within_is_the_mean_over_models(self, seed: int) -> None:
        cells = random_cells(seed)
        block = block_from(cells)
        expected = [
            [np.mean([average_distinct(cell, floor, 2) for cell in of_prompt]) for floor in FLOORS]
            for of_prompt in self._kept(cells, block.length)
        ]
        assert within(block, FLOORS, [2])[0] == pytest.approx(np.array(expected))

    @pytest.mark.parametrize("seed", range(3))
    def test_dealing_labels_out_anew_gives_the_pool_on_average(self, seed: int) -> None:
        (cells,) = self._kept(random_cells(seed, models=2, prompts=1, sizes=[2, 3]), 2)
        pool, first = [s for cell in cells for s in cell], len(cells[0])
        block = block_from({("p", f"m{i}"): cell for i, cell in enumerate(cells)})
        for floor, n in ((UNGATED, 2), (1.0, 2), (1.0, 1)):
            dealt = [(one[:first], one[first:]) for one in permutations(pool)]
            alone = np.mean([np.mean([average_distinct(cell, floor, n) for cell in two]) for two in dealt])
            together = np.mean([even_draws(two, floor, n) for two in dealt])
            expected = pooled(block, np.array([UNGATED, 1.0]), [n])[0][0, int(floor == 1.0)]
            assert [alone, together] == pytest.approx([expected, expected])

    def test_thinning_at_random_is_exact(self) -> None:
        cell = [("x", 0.0), ("x", 0.0), ("y", 0.0), ("z", 0.0)]
        for usable in range(5):
            for draws in range(1, 5):
                thinned = [self._thinned(cell, kept) for kept in permutations([1.0] * usable + [0.0] * (4 - usable))]
                expected = np.mean([average_distinct(one, 1.0, draws) for one in thinned])
                misses = ThinnedMisses(np.array([[4]]), np.array([[usable]]), draws)
                zero = np.zeros(3, dtype=np.int64)
                assert (1 - misses(zero, zero, np.array([2, 1, 1]))).sum() == pytest.approx(expected)

    @staticmethod
    def _thinned(cell: list[tuple[str, float]], qualities: tuple[float, ...]) -> list[tuple[str, float]]:
        return [(label, quality) for (label, _), quality in zip(cell, qualities, strict=True)]

    @staticmethod
    def _kept(cells: dict[tuple[str, str], list[tuple[str, float]]], length: int) -> list[list[list[tuple[str, float]]]]:
        prompts = sorted({prompt for prompt, _ in cells})
        every = [[cells[p, m] for m in sorted({m for _, m in cells})] for p in prompts]
        return [of_prompt for of_prompt in every if min(map(len, of_prompt)) >= length]


class TestLarge:
    """What must hold whatever the counts."""

    def test_many_classes_in_several_chunks_are_those_in_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        block = block_from(random_cells(5, models=5, prompts=12, sizes=[4], labels="abcdefgh"))
        whole = mixture(block, FLOORS, [1, 3, 7, 12])
        monkeypatch.setattr("triaxis.measure.population.split.MOST_PAIRS", 7)
        assert mixture(block, FLOORS, [1, 3, 7, 12]) == pytest.approx(whole)

    def test_all_samples_find_every_class_of_the_pool(self) -> None:
        block = block_from(random_cells(6, models=4, prompts=5, sizes=[3]))
        assert mixture(block, FLOORS, [12])[0] == pytest.approx(pooled(block, FLOORS, [12])[0])

    def test_one_sample_a_cell_is_the_pool_at_every_budget(self) -> None:
        block = block_from(random_cells(7, models=5, prompts=4, sizes=[1]))
        general = np.stack([mixture(block, FLOORS, [n], misses=lambda k: MissTable(block.sizes, k))[0] for n in (2, 4)])
        assert mixture(block, FLOORS, [2, 4]) == pytest.approx(general)
