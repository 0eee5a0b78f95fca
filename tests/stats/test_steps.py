"""Which of ever larger choices is taken."""

import math

import pytest

from triaxis.stats.steps import surest_step

NAN = math.nan


@pytest.mark.parametrize(
    ("over_first", "gained", "taken"),
    [
        ([None], [None], 0),
        ([None, -0.1, -0.2], [None, -0.1, -0.3], 0),
        ([None, 0.0, -0.2], [None, 0.0, -0.3], 0),
        ([None, 0.2, 0.3], [None, 0.2, -0.1], 1),
        ([None, 0.2, 0.3], [None, 0.2, 0.1], 2),
        ([None, -0.005, 0.1, 0.2], [None, -0.005, 0.06, -0.1], 2),
        ([None, 0.2, 0.3, 0.4], [None, 0.2, -0.1, 0.2], 3),
        ([None, 0.2, 0.3, 0.4], [None, 0.2, -0.2, 0.1], 1),
        ([None, 0.2, -0.1, 0.4], [None, 0.2, 0.1, 0.1], 3),
        ([NAN, NAN, NAN], [NAN, NAN, NAN], 0),
        ([None, None, 0.1], [None, None, None], 2),
        ([None, 0.1, 0.4], [None, 0.1, None], 1),
    ],
)
def test_the_smallest_choice_beyond_doubt_is_taken_and_a_larger_one_only_when_it_is_better_beyond_doubt(
    over_first: list[float | None], gained: list[float | None], taken: int
) -> None:
    assert surest_step(over_first, gained) == taken
