"""Vectors beyond the prompt, worked out by hand."""

import numpy as np
import pytest

from triaxis.diversity.semantic.beyond import beyond_prompt
from triaxis.errors import InputError

PROMPT = np.array([1.0, 0.0, 0.0], dtype=np.float32)


def rows(*vectors: tuple[float, float, float]) -> np.ndarray:
    return np.array(vectors, dtype=np.float32)


def test_what_lies_along_the_prompt_is_taken_out_and_the_rest_has_length_one() -> None:
    found = beyond_prompt(rows((0.8, 0.6, 0.0), (0.8, -0.6, 0.0), (0.0, 0.0, 1.0)), PROMPT)
    np.testing.assert_allclose(found, [[0, 1, 0], [0, -1, 0], [0, 0, 1]], atol=1e-6)
    assert found.dtype == np.float32


def test_two_opposite_answers_on_one_topic_are_near_before_and_opposite_after() -> None:
    both = rows((0.995, 0.1, 0.0), (0.995, -0.1, 0.0))
    after = beyond_prompt(both, PROMPT)
    assert both[0] @ both[1] > 0.97
    assert after[0] @ after[1] == pytest.approx(-1)


def test_responses_that_repeat_their_prompt_are_alike_and_at_a_right_angle_to_all_others() -> None:
    found = beyond_prompt(rows((1, 0, 0), (1, 0, 0), (0.6, 0.8, 0)), PROMPT)
    np.testing.assert_allclose(found @ found.T, [[1, 1, 0], [1, 1, 0], [0, 0, 1]], atol=1e-6)


def test_each_response_may_have_a_prompt_of_its_own_or_none() -> None:
    none = (np.nan, np.nan, np.nan)
    found = beyond_prompt(rows((0.6, 0.8, 0), (0.6, 0.8, 0), none), rows((0, 1, 0), none, (1, 0, 0)))
    np.testing.assert_allclose(found[:2], [[1, 0, 0], [0.6, 0.8, 0]], atol=1e-6)
    assert np.isnan(found[2]).all()


def test_another_encoders_prompt_is_refused() -> None:
    with pytest.raises(InputError, match="3 dimensions"):
        beyond_prompt(rows((1, 0, 0)), np.ones(4))
