"""Many cells at once: the labels of `partition`, few pairs asked, and no class for what could not be told."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.diversity.test_partition import likeness, symmetric
from triaxis.diversity.equivalence import RULES
from triaxis.diversity.equivalence.partition import AVERAGE_LINKAGE_LIMIT, PartitionRule, partition
from triaxis.diversity.equivalence.waves import Question, partition_cells
from triaxis.errors import InputError

NAN = float("nan")


class Asked:
    """Answers from one matrix per cell, and keeps the questions of each wave."""

    def __init__(self, *matrices: np.ndarray) -> None:
        self.matrices = matrices
        self.waves: list[list[Question]] = []

    def __call__(self, questions: Sequence[Question]) -> np.ndarray:
        self.waves.append(list(questions))
        return np.concatenate([self.matrices[q.cell][q.pairs[:, 0], q.pairs[:, 1]] for q in questions])

    @property
    def pairs(self) -> list[tuple[int, int, int]]:
        return [(q.cell, *map(int, pair)) for wave in self.waves for q in wave for pair in q.pairs]


@pytest.mark.parametrize("rule", RULES)
@given(seed=st.integers(0, 5000), sizes=st.lists(st.integers(0, 9), max_size=5), threshold=st.floats(0.1, 1.0))
def test_the_labels_are_those_of_partition(rule: PartitionRule, seed: int, sizes: list[int], threshold: float) -> None:
    matrices = [symmetric(size, seed + number) for number, size in enumerate(sizes)]
    found = partition_cells(sizes, Asked(*matrices), threshold, rule=rule)
    for labels, matrix in zip(found, matrices, strict=True):
        assert labels.tolist() == partition(len(matrix), likeness(matrix), threshold, rule=rule).tolist()


@pytest.mark.parametrize("rule", RULES)
@given(seed=st.integers(0, 5000), size=st.integers(0, 9))
def test_no_pair_is_asked_twice_and_the_earlier_sample_comes_first(rule: PartitionRule, seed: int, size: int) -> None:
    asked = Asked(symmetric(size, seed))
    partition_cells([size], asked, 0.7, rule=rule)
    assert len(asked.pairs) == len(set(asked.pairs))
    assert all(first < second for _, first, second in asked.pairs)


def test_all_cells_ask_in_one_wave() -> None:
    same = Asked(*[np.ones((10, 10))] * 50)
    partition_cells([10] * 50, same, 0.5)
    assert [len(wave) for wave in same.waves] == [50]  # everybody joins the first leader
    assert len(same.pairs) == 50 * 9
    different = Asked(*[np.eye(10)] * 50)
    partition_cells([10] * 50, different, 0.5)
    assert [len(wave) for wave in different.waves] == [50] * 9


def test_union_find_asks_no_pair_that_a_chain_has_joined() -> None:
    asked = Asked(np.ones((10, 10)))
    partition_cells([10], asked, 0.5, rule="union-find")
    assert len(asked.pairs) == 9


def test_a_later_leader_takes_nobody_who_has_a_class() -> None:
    # a ~ c and b ~ c, a and b unlike: a greedy loop that does not look whether c has a class (jlko/semantic_uncertainty) moves it
    matrix = np.array([[1, 0, 1], [0, 1, 1], [1, 1, 1]], dtype=float)
    asked = Asked(matrix)
    assert partition_cells([3], asked, 0.5)[0].tolist() == [0, 1, 0]
    assert (0, 1, 2) not in asked.pairs


def test_a_pair_that_cannot_be_told_is_no_different_class() -> None:
    matrix = np.array([[1, NAN, 0], [NAN, 1, 1], [0, 1, 1]])
    asked = Asked(matrix)
    assert partition_cells([3], asked, 0.5)[0].tolist() == [0, -1, 1]  # b may be a's class, so it has none and leads none
    assert (0, 1, 2) not in asked.pairs


@pytest.mark.parametrize("rule", ["union-find", "average-linkage"])
def test_the_sample_in_most_untold_pairs_has_no_class(rule: PartitionRule) -> None:
    matrix = np.eye(4)
    matrix[0, 1] = matrix[1, 0] = matrix[2, 3] = matrix[3, 2] = 1.0
    matrix[3, [0, 1]] = matrix[[0, 1], 3] = NAN
    assert partition_cells([4], Asked(matrix), 0.5, rule=rule)[0].tolist() == [0, 0, 1, -1]


def test_an_untold_pair_that_a_chain_joins_costs_nobody_a_class() -> None:
    matrix = np.array([[1, 1, NAN], [1, 1, 1], [NAN, 1, 1]])
    assert partition_cells([3], Asked(matrix), 0.5, rule="union-find")[0].tolist() == [0, 0, 0]
    assert partition_cells([3], Asked(matrix), 0.5, rule="average-linkage")[0].tolist() == [0, 0, -1]


def test_average_linkage_of_a_large_cell_is_refused_before_anything_is_asked() -> None:
    asked = Asked(np.zeros((0, 0)))
    with pytest.raises(InputError, match="average-linkage holds all pairs"):
        partition_cells([AVERAGE_LINKAGE_LIMIT + 1], asked, 0.5, rule="average-linkage")
    assert asked.waves == []
