"""The head: from features to P(same)."""

import numpy as np
import pytest

from tests.diversity.heads import answers, head, planted
from triaxis.diversity.equivalence.learned import mean_difference
from triaxis.errors import Undefined


def test_a_probability_is_the_logistic_of_the_weighted_inputs() -> None:
    made = head({"word_cosine": 2.0}, bias=-1.0)
    found = made.probabilities(answers(["red oak", "red sea"]), np.array([0]), np.array([1]))
    assert found == pytest.approx(1 / (1 + np.exp(1 - 2 * 0.5)))


def test_equal_texts_are_the_same_whatever_the_head_says() -> None:
    made = head({}, bias=-30.0)
    assert made.probabilities(answers(["", "", "a", "a"]), np.array([0, 2]), np.array([1, 3])).tolist() == [1.0, 1.0]


def test_a_feature_that_does_not_apply_counts_as_the_mean_and_no_input_is_beyond_four() -> None:
    made = head({"word_cosine": 1.0})
    inputs = made.inputs(np.array([[np.nan, 100.0, -100.0] + [0.0] * 8]), made.along(np.full((1, 4096), np.nan)))
    assert inputs[0, :3].tolist() == [0.0, 4.0, -4.0]


def test_the_prompt_moves_a_head_along_its_directions() -> None:
    made = head({}, dimensions=2, directions=1)
    vectors = {"x": [0.0, 1.0], "y": [0.0, 1.0]}
    with_prompt = planted(vectors, "q", [0.6, 0.8])
    found = made.probabilities(with_prompt, np.array([0]), np.array([1]))
    assert found == pytest.approx(1 / (1 + np.exp(-0.6)))
    assert made.without_prompt_terms().probabilities(with_prompt, np.array([0]), np.array([1])) == pytest.approx(0.5)


def test_without_prompt_terms_what_answers_share_still_counts() -> None:
    made = head({"word_cosine": 2.0, "prompt_length": 3.0}).without_prompt_terms()
    assert made.weights.tolist() == [2.0] + [0.0] * 10


def test_all_pairs_of_a_set_are_symmetric_to_the_bit() -> None:
    made = head({"word_cosine": 1.3, "cosine": 0.7, "alignment": 0.9, "length_difference": -0.4}, bias=-0.2)
    texts = ["red oak", "a red oak by the sea", "blue. " * 60, ""]
    same = made.matrix(answers(texts, "name a tree"))
    back = made.matrix(answers(texts[::-1], "name a tree"))
    assert (same == same.T).all()
    assert (np.diag(same) == 1).all()
    assert (same == back[::-1, ::-1]).all()


def test_mean_difference_is_over_pairs_and_undefined_for_one() -> None:
    assert mean_difference(np.array([[1, 0.5, 0], [0.5, 1, 1], [0, 1, 1.0]])) == pytest.approx(0.5)
    with pytest.raises(Undefined, match="no pair"):
        mean_difference(np.eye(1))
