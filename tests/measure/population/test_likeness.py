"""How often two usable samples say the same: by hand, against all pairs, and under every permutation."""

from itertools import combinations, permutations

import numpy as np
import polars as pl
import pytest

from tests.measure.population.planted import axes_of, block_from, random_cells
from triaxis.measure.population import nulls
from triaxis.measure.population.curves import Population
from triaxis.measure.population.likeness import likeness
from triaxis.measure.population.members import model_rows, pair_rows, unique_classes
from triaxis.measure.population.split import pooled
from triaxis.measure.tables import Resampling

UNGATED = -np.inf
FLOORS = np.array([UNGATED, 1.0, 2.0])
Cell = list[tuple[str, float]]


def pairs_alike(cells: list[Cell], floor: float) -> tuple[float, float]:
    """Same within and between of equally large cells, pair by pair; NaN where no pair is usable."""
    within = [(a, b) for cell in cells for a, b in combinations(cell, 2)]
    between = [(a, b) for first, second in combinations(cells, 2) for a in first for b in second]
    found = []
    for pairs in (within, between):
        usable = [a[0] == b[0] for a, b in pairs if min(a[1], b[1]) >= floor]
        found.append(float(np.mean(usable)) if usable else np.nan)
    return found[0], found[1]


class TestLikeness:
    def test_a_sample_is_never_paired_with_itself(self) -> None:
        block = block_from({("p", "a"): [("x", 1.0), ("y", 1.0)], ("p", "b"): [("z", 1.0), ("w", 1.0)]})
        found = likeness(block, FLOORS[:1])
        assert (found.within[0, 0], found.between[0, 0], found.pooled[0, 0]) == (0, 0, 0)

    @pytest.mark.parametrize("seed", range(5))
    def test_it_is_the_share_of_usable_pairs(self, seed: int) -> None:
        cells = random_cells(seed, models=3, prompts=4, sizes=[3])
        found = likeness(block_from(cells), FLOORS)
        expected = [[pairs_alike([cells[f"p{p}", f"m{m}"] for m in range(3)], f) for f in FLOORS] for p in range(4)]
        assert np.stack([found.within, found.between], axis=2) == pytest.approx(np.array(expected), nan_ok=True)

    def test_the_pool_is_its_mean_over_every_permutation(self) -> None:
        cells = [[("x", 1.0), ("x", 1.0), ("y", 0.0)], [("x", 1.0), ("y", 1.0)]]
        block = block_from({("p", f"m{i}"): cell for i, cell in enumerate(cells)}, budgets=(2,))
        pool = [s for cell in cells for s in cell]
        dealt = [likeness(block_from({("p", "a"): list(o[:3]), ("p", "b"): list(o[3:])}), FLOORS[:1]) for o in permutations(pool)]
        expected = likeness(block, FLOORS[:1]).pooled[0, 0]
        assert np.mean([d.within[0, 0] for d in dealt]) == pytest.approx(expected)
        assert np.mean([d.between[0, 0] for d in dealt]) == pytest.approx(expected)

    def test_one_sample_a_cell_has_no_pair_within_a_model(self) -> None:
        found = likeness(block_from(random_cells(0, sizes=[1])), FLOORS[:1])
        assert np.isnan(found.within).all()
        assert not np.isnan(found.between).any()


class TestPairsOfModels:
    def test_pairs_and_repetition_are_those_counted_one_by_one(self) -> None:
        cells = random_cells(3, models=3, prompts=6, sizes=[4])
        (frame,) = pair_rows(Population(block_from(cells), axes_of(), Resampling(200)), np.array([UNGATED]))
        for a, b, value, null in frame.select("model_a", "model_b", "value", "null").iter_rows():
            per_prompt = [self._same(cells[f"p{p}", a], cells[f"p{p}", b], is_own=a == b) for p in range(6)]
            assert value == pytest.approx(np.mean(per_prompt))
            assert 0 < null < 1
        assert frame.height == 6

    def test_models_of_one_class_say_always_the_same(self) -> None:
        cells = {(f"p{p}", m): [("x", 1.0)] * 3 for p in range(12) for m in "ab"}
        (frame,) = pair_rows(Population(block_from(cells), axes_of(), Resampling(200)), np.array([UNGATED]))
        assert frame.select("value", "low", "high", "null").unique().rows() == [(1, 1, 1, 1)]

    def test_models_that_are_never_the_same_have_no_interval(self) -> None:
        cells = {(f"p{p}", m): [(m, 1.0)] * 3 for p in range(12) for m in "ab"}
        (frame,) = pair_rows(Population(block_from(cells), axes_of(), Resampling(200)), np.array([UNGATED]))
        value, low, high = frame.filter(pl.col("model_a") != pl.col("model_b")).select("value", "low", "high").row(0)
        assert value == 0
        assert np.isnan([low, high]).all()

    @staticmethod
    def _same(first: Cell, second: Cell, *, is_own: bool) -> float:
        pairs = combinations(first, 2) if is_own else [(a, b) for a in first for b in second]
        return float(np.mean([a[0] == b[0] for a, b in pairs]))


class TestEachModel:
    def test_unique_share_counts_classes_that_no_other_model_draws(self) -> None:
        cells = {("p", "a"): [("x", 1.0), ("y", 1.0)], ("p", "b"): [("x", 1.0), ("x", 1.0)]}
        alone, every = unique_classes(block_from(cells), 1)
        # one draw each: a says x (half), which b says for sure, or y, which it never does
        assert alone.tolist() == [[0.5, 0.5]]
        assert every.tolist() == [[1, 1]]

    def test_unique_share_of_dealt_labels_is_what_the_pool_adds(self) -> None:
        block = block_from(random_cells(4, models=3, prompts=2, sizes=[3]))
        dealt = [unique_classes(one, 2)[0].mean(axis=1) for one in nulls.permutations(block, 4000, seed=1)]
        every, others = pooled(block, FLOORS[:1], [6, 4])
        assert np.mean(dealt, axis=0) == pytest.approx((every - others)[:, 0], abs=0.03)

    def test_same_as_others_is_the_mean_over_the_other_models(self) -> None:
        cells = random_cells(8, models=3, prompts=11, sizes=[3])
        population = Population(block_from(cells), axes_of(), Resampling(200))
        frames = {f["measure"][0]: f for f in model_rows(population, np.array([UNGATED]))}
        pairs = next(iter(pair_rows(population, np.array([UNGATED]))))
        for model, value in frames["same as others"].select("model", "value").iter_rows():
            others = [v for a, b, v in pairs.select("model_a", "model_b", "value").iter_rows() if a != b and model in (a, b)]
            assert value == pytest.approx(np.mean(others))
        assert frames["repetition"]["value"].to_list() == pytest.approx(
            [v for a, b, v in pairs.select("model_a", "model_b", "value").iter_rows() if a == b]
        )


def test_permuted_labels_keep_sizes_classes_and_qualities() -> None:
    block = block_from(random_cells(2, models=3, prompts=5, sizes=[2, 4]))
    dealt = nulls.permuted(block, np.random.default_rng(0))
    sizes = np.bincount(dealt.model * block.prompts + dealt.prompt, weights=dealt.count, minlength=block.sizes.size)
    assert sizes.reshape(block.sizes.shape).tolist() == block.sizes.tolist()
    assert pooled(dealt, FLOORS, [2]) == pytest.approx(pooled(block, FLOORS, [2]))
