"""Zero, ceiling and threshold of an encoder, by hand and by brute force."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaxis.diversity.equivalence.calibration import (
    MIN_PROMPTS,
    ParaphraseVectors,
    calibrate,
    cross_prompt_zero,
    share_above,
)
from triaxis.diversity.spread import unit_rows
from triaxis.errors import Undefined

FIVE_AND_FIVE = np.array([[1.0, 0.0]] * 5 + [[0.0, 1.0]] * 5)
"""Answers to ten prompts: 20 of the 45 pairs have cosine 1, the others 0."""


def pairs_with(*cosines: float) -> ParaphraseVectors:
    """Paraphrase pairs in the plane with these cosines."""
    second = np.array([[c, np.sqrt(1 - c * c)] for c in cosines]).reshape(-1, 2)
    return ParaphraseVectors(np.tile([1.0, 0.0], (len(cosines), 1)), second, "set 1")


def test_ten_answers_and_two_paraphrases_by_hand() -> None:
    found = calibrate(FIVE_AND_FIVE, pairs_with(0.9, 0.7), encoder="plane")
    assert found.zero == pytest.approx(20 / 45)
    assert found.ceiling == pytest.approx(0.8)
    assert found.threshold == pytest.approx(20 / 45 + 0.8 * (0.8 - 20 / 45))
    assert found.share_above == 20 / 45
    assert (found.encoder, found.prompts, found.pairs, found.paraphrases) == ("plane", 10, 45, 2)
    assert found.ceiling_source == "mean cosine of 2 paraphrase pairs (set 1)"


@pytest.mark.parametrize("cosines", [(0.49, 0.49), (0.1,), ()])
def test_an_encoder_that_does_not_see_the_paraphrases_has_the_ceiling_one_and_says_so(cosines: tuple[float, ...]) -> None:
    found = calibrate(FIVE_AND_FIVE, pairs_with(*cosines), encoder="plane")
    assert found.ceiling == 1.0
    assert found.threshold == pytest.approx(20 / 45 + 0.8 * 25 / 45)
    assert found.ceiling_source.startswith("1.0, because the mean cosine of set 1 is ")


def test_a_ceiling_just_above_the_limit_counts() -> None:
    assert calibrate(FIVE_AND_FIVE, pairs_with(20 / 45 + 0.051), encoder="plane").ceiling == pytest.approx(20 / 45 + 0.051)


def test_a_given_threshold_stays_and_its_share_is_measured() -> None:
    found = calibrate(FIVE_AND_FIVE, pairs_with(0.9), encoder="plane", threshold=0.25)
    assert found.threshold == 0.25
    assert found.share_above == 20 / 45
    assert calibrate(FIVE_AND_FIVE * 3, pairs_with(0.9), encoder="plane", threshold=1.0).share_above == 20 / 45


def test_answers_that_are_all_the_same_leave_no_room_and_a_threshold_of_one() -> None:
    found = calibrate(np.ones((12, 3)), ParaphraseVectors(np.ones((1, 3)), np.ones((1, 3)), "set 1"), encoder="blind")
    assert (found.zero, found.ceiling, found.threshold, found.share_above) == pytest.approx((1.0, 1.0, 1.0, 1.0))


@pytest.mark.parametrize("count", [0, 1, MIN_PROMPTS - 1])
def test_too_few_prompts_have_no_zero(count: int) -> None:
    with pytest.raises(Undefined, match=rf"the zero of plane needs answers to at least 10 prompts, got {count}"):
        calibrate(FIVE_AND_FIVE[:count], pairs_with(0.9), encoder="plane")


def test_missing_answers_do_not_count_as_prompts() -> None:
    missing = np.full((3, 2), np.nan)
    assert calibrate(np.concatenate([missing, FIVE_AND_FIVE]), pairs_with(0.9), encoder="plane").prompts == 10
    with pytest.raises(Undefined, match="got 9"):
        calibrate(np.concatenate([missing, FIVE_AND_FIVE[1:]]), pairs_with(0.9), encoder="plane")


@given(st.integers(0, 2**32 - 1), st.integers(10, 40), st.floats(0.05, 0.95))
def test_zero_and_share_are_those_of_all_pairs_one_by_one(seed: int, prompts: int, threshold: float) -> None:
    units = unit_rows(np.random.default_rng(seed).normal(size=(prompts, 4)) + 0.5)
    cosines = np.array([a @ b for a, b in combinations(units, 2)])
    assert cross_prompt_zero(units) == pytest.approx(cosines.mean(), abs=1e-12)
    assert share_above(units, threshold) == np.mean(cosines >= threshold)


def test_the_share_is_that_of_all_pairs_across_blocks() -> None:
    units = unit_rows(np.random.default_rng(3).normal(size=(600, 3)))
    cosines = (units @ units.T)[np.triu_indices(600, k=1)]
    assert share_above(units, 0.5) == np.mean(cosines >= 0.5)


@given(st.integers(0, 2**32 - 1), st.floats(-0.9, 0.99))
def test_the_threshold_lies_between_zero_and_ceiling(seed: int, cosine: float) -> None:
    answers = np.random.default_rng(seed).normal(size=(15, 2)) + 0.3
    found = calibrate(answers, pairs_with(cosine), encoder="plane")
    assert found.zero < found.threshold < found.ceiling
    assert 0 <= found.share_above <= 1
