"""Planted truth on a few worlds; `benchmarks/planted_blind.py` has the same on 200."""

import numpy as np
import pytest

from benchmarks.planted_blind import OURS, Simulated, kept_axes, shares, simulate

WORLDS = 16


@pytest.fixture(scope="module")
def worlds() -> list[Simulated]:
    return [simulate(seed, prompts=16) for seed in range(WORLDS)]


def test_an_evaluation_that_reads_only_quality_does_not_see_copies(worlds: list[Simulated]) -> None:
    assert shares(worlds, "quality only")[0] == 0


@pytest.mark.parametrize("name", ["quality with a noisy judge", "a trait of the text"])
def test_noise_is_rarely_taken_for_sight(worlds: list[Simulated], name: str) -> None:
    """At a rate of 5 %, more than 4 of 16 have a probability of 1 in 1,000."""
    assert shares(worlds, name)[0] * WORLDS <= 4


def test_u_sees_copies_and_the_mean_of_quality_sees_worse_answers(worlds: list[Simulated]) -> None:
    assert shares(worlds, OURS)[1][-1] == 1
    assert shares(worlds, "quality only", "quality")[1][-1] == 1


def test_what_is_not_damaged_stays(worlds: list[Simulated]) -> None:
    for damaged, axis, mean, largest in kept_axes(worlds):
        if damaged == axis:
            assert mean < -0.04
        else:
            assert np.abs(mean) < 0.05
            assert largest < 0.15
