"""Rewards and advantages of groups, worked out by hand."""

import numpy as np
import pytest

from triaxis.lab.zoo.rewards import advantages, joint, outcome

RIGHT = np.array([[True, True, True, False]])
CLASSES = np.array([[5, 5, 7, 9]])
"""A group of four: two equal right answers, another right one, a wrong one."""


def test_outcome_pays_right_answers_alike() -> None:
    assert outcome(RIGHT, CLASSES).tolist() == [[1, 1, 1, 0]]


def test_joint_pays_the_share_of_the_others_that_are_not_equivalent() -> None:
    assert joint(RIGHT, CLASSES).tolist() == [[2 / 3, 2 / 3, 1, 0]]


def test_joint_pays_nothing_to_a_group_that_says_one_thing() -> None:
    assert joint(np.array([[True] * 4]), np.zeros((1, 4), dtype=np.int64)).tolist() == [[0, 0, 0, 0]]


def test_joint_gives_the_published_sizes_two_thirds_and_one() -> None:
    """DARLING's figure: clusters of sizes 2, 1, 1; and the sizes 3, 3, 3, 1 of right ones among four wrong others."""
    assert joint(np.array([[True] * 4]), np.array([[1, 1, 2, 3]])).tolist() == [[2 / 3, 2 / 3, 1, 1]]
    eight = joint(np.array([[True] * 4 + [False] * 4]), np.array([[1, 1, 1, 2, 3, 4, 5, 6]]))
    assert eight == pytest.approx(np.array([[5 / 7, 5 / 7, 5 / 7, 1, 0, 0, 0, 0]]))


def test_groups_are_paid_apart() -> None:
    both = joint(np.array([[True, True], [True, True]]), np.array([[1, 1], [1, 2]]))
    assert both.tolist() == [[0, 0], [1, 1]]


def test_advantages_have_mean_zero_and_spread_one_in_each_group() -> None:
    given = np.array([[1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]])
    found = advantages(given)
    assert found[0].tolist() == [1, 1, -1, -1]
    assert found[1] == pytest.approx(np.array([3, -1, -1, -1]) / np.sqrt(3))
    assert found.mean(axis=1) == pytest.approx([0, 0])


def test_a_group_that_is_paid_alike_teaches_nothing() -> None:
    assert advantages(np.array([[2 / 3] * 3, [0.0] * 3])).tolist() == [[0, 0, 0], [0, 0, 0]]
