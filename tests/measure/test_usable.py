"""U(tau, n) and its companions: by hand, against every subset, and by the laws they must keep."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from tests.measure.samples import Cell, average_distinct, cell_rows, cells_from, store_of
from triaxis.errors import Undefined
from triaxis.measure import usable
from triaxis.measure.store import cells_of
from triaxis.stats.hypergeometric import pass_at_k
from triaxis.stats.richness import chao1, good_turing_coverage

UNGATED = -np.inf
QUALITIES = (0.0, 1.0, 2.5, 7.0)
FLOORS = np.array([UNGATED, *QUALITIES])
CELLS = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(QUALITIES)), min_size=1, max_size=7)
EXAMPLE = [("a", 10.0), ("a", 4.0), ("b", 10.0), ("c", 2.0)]
EXAMPLE_FLOORS = np.array([UNGATED, 4.0, 10.0])


def u(cell: Cell, n: int, floors: np.ndarray = FLOORS) -> list[float]:
    """U of one cell at every floor."""
    values: list[float] = usable.usable_diversity(cells_from(cell), floors, n)[0].tolist()
    return values


class TestByHand:
    """One cell of four: class a twice (10 and 4), b once (10), c once (2)."""

    def test_usable_diversity_of_two_draws(self) -> None:
        # ungated: a is missed by 1 of 6 pairs, b and c by 3: 5/6 + 1/2 + 1/2; from 4: c is out; from 10: one a and b
        assert u(EXAMPLE, 2, EXAMPLE_FLOORS) == pytest.approx([11 / 6, 4 / 3, 1.0])

    def test_one_draw_finds_the_usable_share(self) -> None:
        assert u(EXAMPLE, 1, EXAMPLE_FLOORS) == pytest.approx([1, 3 / 4, 2 / 4])
        assert usable.usable_share(cells_from(EXAMPLE), EXAMPLE_FLOORS)[0].tolist() == [1, 3 / 4, 2 / 4]

    def test_all_draws_find_every_usable_class(self) -> None:
        assert u(EXAMPLE, 4, EXAMPLE_FLOORS) == pytest.approx([3, 2, 2])

    def test_a_budget_above_the_cell_has_no_value(self) -> None:
        assert np.isnan(u(EXAMPLE, 5)).all()

    def test_a_budget_below_one_is_undefined(self) -> None:
        with pytest.raises(Undefined, match="at least 1"):
            u(EXAMPLE, 0)

    def test_a_floor_above_every_quality_leaves_nothing(self) -> None:
        assert u(EXAMPLE, 2, np.array([UNGATED, 11.0]))[1] == 0.0

    def test_a_sample_at_the_floor_is_usable(self) -> None:
        assert u([("a", 3.0)], 1, np.array([3.0, np.nextafter(3.0, 4.0)])) == [1.0, 0.0]

    def test_diversity_given_usable(self) -> None:
        # two usable draws: ungated 11/6 as above; from 4 {a, a, b}: 1 + C(1,2)... a always, b missed by 1 of 3; from 10 {a, b}
        # three usable draws: ungated a, then b and c each missed by 1 of 4; from 4 both classes; from 10 there are only two
        two, three = usable.given_usable(cells_from(EXAMPLE), EXAMPLE_FLOORS, [2, 3])
        assert two[0].tolist() == pytest.approx([11 / 6, 5 / 3, 2])
        assert three[0].tolist() == pytest.approx([10 / 4, 2, np.nan], nan_ok=True)

    def test_both_pairwise_forms(self) -> None:
        # ungated: of 6 pairs one is alike; from 4 {a, a, b}: 2 of 3 usable pairs differ, and 2 of all 6; from 10: 1 of 1, 1 of 6
        every, among_usable = usable.pairwise(cells_from(EXAMPLE), EXAMPLE_FLOORS)
        assert every[0].tolist() == pytest.approx([5 / 6, 2 / 6, 1 / 6])
        assert among_usable[0].tolist() == pytest.approx([5 / 6, 2 / 3, 1])

    def test_pairs_need_two_samples(self) -> None:
        every, among_usable = usable.pairwise(cells_from([("a", 1.0)]), np.array([UNGATED]))
        assert np.isnan([every[0, 0], among_usable[0, 0]]).all()

    def test_no_usable_pair_is_zero_over_all_pairs_and_nothing_over_usable_ones(self) -> None:
        every, among_usable = usable.pairwise(cells_from(EXAMPLE), np.array([11.0]))
        assert every[0, 0] == 0
        assert np.isnan(among_usable[0, 0])

    def test_class_counts_for_richness(self) -> None:
        seen, once, twice, samples = usable.class_counts(cells_from(EXAMPLE), EXAMPLE_FLOORS)
        assert seen[0].tolist() == [3, 2, 2]
        assert once[0].tolist() == [2, 1, 2]
        assert twice[0].tolist() == [1, 1, 0]
        assert samples[0].tolist() == [4, 3, 2]

    def test_repeating_a_cell_of_two_singletons(self) -> None:
        once, twice = [("a", 1.0), ("b", 1.0)], [("a", 1.0), ("b", 1.0)] * 2
        assert u(once, 2)[0] == 2.0
        assert u(twice, 2)[0] == pytest.approx(5 / 3)


class TestUtility:
    """utility_k of NoveltyBench: 0.2 / (1 - 0.8^k) * sum of 0.8^(i-1) * quality of each new class."""

    def test_one_class_of_quality_ten_scores_as_the_paper_weighs_it(self) -> None:
        # 10 * 0.2 / (1 - 0.8^10) = 2 / 0.8926258176
        value = usable.utility(cells_from([("a", 10.0)] * 10), 10)[0]
        assert value == pytest.approx(2.2406, abs=5e-5)
        assert value == pytest.approx(2 / 0.8926258176)

    def test_ten_classes_of_quality_ten_score_ten(self) -> None:
        assert usable.utility(cells_from([(label, 10.0) for label in "abcdefghij"]), 10)[0] == pytest.approx(10)

    def test_only_the_first_of_a_class_counts_at_its_place(self) -> None:
        # a 10, a again, b 10, c 2: (10 + 0 + 0.64 * 10 + 0.512 * 2) * 0.2 / 0.5904
        assert usable.utility(cells_from(EXAMPLE), 4)[0] == pytest.approx(17.424 * 0.2 / 0.5904)

    def test_the_first_of_a_class_counts_with_its_own_quality(self) -> None:
        # 4 comes first, the better copy later does not help: 4 * 0.2 / 0.36
        assert usable.utility(cells_from([("a", 4.0), ("a", 10.0)]), 2)[0] == pytest.approx(4 * 0.2 / 0.36)

    def test_only_the_first_k_draws_count(self) -> None:
        # k = 2 of four: 10 at place 1, a copy at place 2
        assert usable.utility(cells_from(EXAMPLE), 2)[0] == pytest.approx(10 * 0.2 / 0.36)

    def test_numbering_may_start_anywhere(self) -> None:
        rows = [{**row, "sample_index": row["sample_index"] + 17} for row in cell_rows(EXAMPLE)]
        (frame,) = store_of(rows).frames()
        assert usable.utility(cells_of(frame), 4)[0] == pytest.approx(17.424 * 0.2 / 0.5904)

    @pytest.mark.parametrize("indexes", [(0, 1, 2, 4), (None, None, None, None), (0, 1, 2, None)])
    def test_draws_with_gaps_have_no_order(self, indexes: tuple[int | None, ...]) -> None:
        rows = [{**row, "sample_index": index} for row, index in zip(cell_rows(EXAMPLE), indexes, strict=True)]
        (frame,) = store_of(rows).frames()
        assert np.isnan(usable.utility(cells_of(frame), 4)[0])

    def test_fewer_than_k_draws_have_no_value(self) -> None:
        assert np.isnan(usable.utility(cells_from(EXAMPLE), 5)[0])

    def test_negative_qualities_are_undefined(self) -> None:
        with pytest.raises(Undefined, match="at least 0"):
            usable.utility(cells_from([("a", -0.5), ("b", 1.0)]), 2)

    @given(CELLS, st.data())
    def test_it_is_the_formula(self, cell: list[tuple[str, float]], data: st.DataObject) -> None:
        k = data.draw(st.integers(1, len(cell)))
        expected, seen = 0.0, set()
        for place, (label, quality) in enumerate(cell[:k]):
            expected += 0.8**place * quality * (label not in seen)
            seen.add(label)
        expected *= 0.2 / (1 - 0.8**k)
        assert usable.utility(cells_from(cell), k)[0] == pytest.approx(expected)


class TestAgainstEverySubset:
    """The definitions, word for word, on cells small enough to list all draws."""

    @given(CELLS, st.data())
    def test_usable_diversity(self, cell: list[tuple[str, float]], data: st.DataObject) -> None:
        n = data.draw(st.integers(1, len(cell)))
        assert u(cell, n) == pytest.approx([average_distinct(cell, floor, n) for floor in FLOORS])

    @given(CELLS, st.integers(1, 4))
    def test_diversity_given_usable(self, cell: list[tuple[str, float]], j: int) -> None:
        expected = []
        for floor in FLOORS:
            kept = [sample for sample in cell if sample[1] >= floor]
            expected.append(average_distinct(kept, floor, j) if len(kept) >= j else np.nan)
        found = usable.given_usable(cells_from(cell), FLOORS, [j])[0, 0].tolist()
        assert found == pytest.approx(expected, nan_ok=True)

    @given(CELLS.filter(lambda cell: len(cell) > 1))
    def test_both_pairwise_forms(self, cell: list[tuple[str, float]]) -> None:
        every, among_usable = usable.pairwise(cells_from(cell), FLOORS)
        pairs = list(combinations(cell, 2))
        for at, floor in enumerate(FLOORS):
            both = [(a, b) for (a, x), (b, y) in pairs if x >= floor and y >= floor]
            different = sum(a != b for a, b in both)
            assert every[0, at] == pytest.approx(different / len(pairs))
            assert among_usable[0, at] == pytest.approx(different / len(both) if both else np.nan, nan_ok=True)

    @given(CELLS)
    def test_richness_counts(self, cell: list[tuple[str, float]]) -> None:
        seen, once, twice, samples = usable.class_counts(cells_from(cell), FLOORS)
        for at, floor in enumerate(FLOORS):
            kept = [label for label, quality in cell if quality >= floor]
            counts = np.array([kept.count(label) for label in set(kept)], dtype=np.int64)
            assert [seen[0, at], samples[0, at]] == [counts.size, len(kept)]
            if kept:
                bound = seen[0, at] + once[0, at] * (once[0, at] - 1) / (2 * (twice[0, at] + 1))
                assert bound == pytest.approx(chao1(counts))
                assert 1 - once[0, at] / samples[0, at] == pytest.approx(good_turing_coverage(counts))


class TestLaws:
    """What must hold for every cell, floor and budget."""

    @given(CELLS, st.data())
    def test_raising_the_floor_never_raises_u(self, cell: list[tuple[str, float]], data: st.DataObject) -> None:
        values = u(cell, data.draw(st.integers(1, len(cell))))
        assert all(higher <= lower for lower, higher in pairwise(values))  # exactly, not up to rounding

    @given(CELLS)
    def test_u_grows_with_the_budget(self, cell: list[tuple[str, float]]) -> None:
        values = np.array([u(cell, n) for n in range(1, len(cell) + 1)])
        assert (np.diff(values, axis=0) >= -1e-12).all()

    @given(CELLS, st.data())
    def test_ungated_is_the_lowest_observed_floor(self, cell: list[tuple[str, float]], data: st.DataObject) -> None:
        n = data.draw(st.integers(1, len(cell)))
        lowest = min(quality for _, quality in cell)
        first, second = u(cell, n, np.array([UNGATED, lowest]))
        assert first == second

    @given(CELLS, st.data())
    def test_repeating_the_whole_cell_never_raises_u(self, cell: list[tuple[str, float]], data: st.DataObject) -> None:
        n = data.draw(st.integers(1, len(cell)))
        assert (np.array(u(cell * 2, n)) <= np.array(u(cell, n)) + 1e-12).all()

    @given(CELLS, st.data())
    def test_renaming_the_classes_changes_nothing(self, cell: list[tuple[str, float]], data: st.DataObject) -> None:
        n = data.draw(st.integers(1, len(cell)))
        renamed = [("other " + label.swapcase(), quality) for label, quality in cell]
        assert u(renamed, n) == pytest.approx(u(cell, n), abs=1e-13)

    @given(CELLS, st.data())
    def test_u_is_the_hypergeometric_mixture_of_diversity_given_usable(
        self, cell: list[tuple[str, float]], data: st.DataObject
    ) -> None:
        n, cells = data.draw(st.integers(1, len(cell))), cells_from(cell)
        given_usable = usable.given_usable(cells, FLOORS, list(range(1, n + 1)))[:, 0]
        for at, floor in enumerate(FLOORS):
            kept = sum(quality >= floor for _, quality in cell)
            chances = hypergeom.pmf(np.arange(1, n + 1), len(cell), kept, n)
            mixture = np.where(chances > 0, chances * np.nan_to_num(given_usable[:, at]), 0).sum()
            assert u(cell, n)[at] == pytest.approx(mixture)

    @given(CELLS.filter(lambda cell: len(cell) > 1))
    def test_the_two_pairwise_forms_differ_by_the_share_of_usable_pairs(self, cell: list[tuple[str, float]]) -> None:
        cells = cells_from(cell)
        every, among_usable = usable.pairwise(cells, FLOORS)
        kept = usable.usable_share(cells, FLOORS)[0] * len(cell)
        share = kept * (kept - 1) / (len(cell) * (len(cell) - 1))
        assert every[0] == pytest.approx(np.nan_to_num(among_usable[0]) * share, abs=1e-12)

    @given(CELLS)
    def test_over_all_pairs_it_is_what_a_second_draw_adds_to_the_first_in_a_fully_usable_cell(
        self, cell: list[tuple[str, float]]
    ) -> None:
        if len(cell) > 1:
            every, _ = usable.pairwise(cells_from(cell), np.array([UNGATED]))
            assert every[0, 0] == pytest.approx(u(cell, 2)[0] - 1)

    @given(st.integers(1, 12), st.data())
    def test_with_one_class_called_correct_it_is_pass_at_k(self, size: int, data: st.DataObject) -> None:
        correct, k = data.draw(st.integers(0, size)), data.draw(st.integers(1, size))
        cell = [("answer", float(i < correct)) for i in range(size)]
        assert u(cell, k, np.array([1.0]))[0] == pytest.approx(pass_at_k(size, correct, k))

    @given(st.lists(CELLS, min_size=2, max_size=5))
    def test_cells_do_not_touch_each_other(self, cells: list[list[tuple[str, float]]]) -> None:
        together = usable.usable_diversity(cells_from(*cells), FLOORS, 1)
        assert together.tolist() == [u(cell, 1) for cell in cells]

    @given(CELLS)
    def test_the_ungated_share_is_exactly_one(self, cell: list[tuple[str, float]]) -> None:
        share = usable.usable_share(cells_from(cell), FLOORS)[0]
        assert share[0] == 1.0
        assert share.max() <= 1.0


def test_selecting_cells_keeps_their_values() -> None:
    cells = cells_from(EXAMPLE, [("b", 1.0)], [("x", 5.0), ("y", 0.0)])
    some = cells.select(np.array([True, False, True]))
    whole = usable.usable_diversity(cells, FLOORS, 2)
    assert np.array_equal(usable.usable_diversity(some, FLOORS, 2), whole[[0, 2]])
    assert len(cells.select(np.zeros(3, dtype=bool))) == 0


def test_no_cells_have_no_values() -> None:
    none = cells_from(EXAMPLE).select(np.array([False]))
    for values in (usable.usable_diversity(none, FLOORS, 2), usable.usable_share(none, FLOORS), *usable.pairwise(none, FLOORS)):
        assert values.shape == (0, FLOORS.size)
    assert usable.given_usable(none, FLOORS, [2]).shape == (1, 0, FLOORS.size)
