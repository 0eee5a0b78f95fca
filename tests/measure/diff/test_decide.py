"""Rulings: a limit breaks only when the whole interval lies past it, and errors stay at their rate in simulations."""

import numpy as np
import pytest

from benchmarks.planted_diff import Scenario, states
from triaxis.measure.diff.decide import Sides, combination, ruling
from triaxis.measure.diff.limits import parse_limit

LEVELS = np.linspace(1, 5, 20)
NAN = float("nan")


def state(text: str, old: np.ndarray, new: np.ndarray, *, is_paired: bool = True) -> tuple[str, str | None]:
    found = ruling(parse_limit(text), Sides(old, new, is_paired), draws=400, seed=0, confidence=0.95)
    return found.state, found.reason


def noisy(by: float, seed: int = 0) -> np.ndarray:
    return LEVELS * by * np.random.default_rng(seed).uniform(0.95, 1.05, LEVELS.size)


def test_a_drop_past_the_limit_breaks_it_and_a_smaller_one_holds() -> None:
    assert state("U(10) drops > 10%", LEVELS, noisy(0.7))[0] == "broken"
    assert state("U(10) drops > 10%", LEVELS, noisy(0.97))[0] == "holds"
    assert state("U(10) drops > 10%", LEVELS, noisy(0.9))[0] == "undecided"
    assert state("U(10) drops > 10%", LEVELS, noisy(1.5))[0] == "holds"
    assert state("U(10) rises > 10%", LEVELS, noisy(1.5))[0] == "broken"
    assert state("U(10) drops > 0.5", LEVELS, LEVELS - 0.6)[0] == "broken"
    assert state("U(10) drops > 0.7", LEVELS, LEVELS - 0.6)[0] == "holds"


def test_changes_looks_both_ways() -> None:
    assert [state("U(10) changes > 10%", LEVELS, noisy(by))[0] for by in (0.7, 1.0, 1.4, 1.1)] == [
        "broken", "holds", "broken", "undecided",
    ]  # fmt: skip


def test_absolute_limits_look_at_the_new_run_alone() -> None:
    assert state("U(10) < 2", LEVELS * 100, noisy(1.0))[0] == "holds"
    assert state("U(10) < 4", LEVELS * 100, noisy(1.0))[0] == "broken"
    assert state("U(10) > 3", LEVELS * 100, noisy(1.0))[0] == "undecided"


def test_the_same_run_twice_keeps_every_limit() -> None:
    for text in ("U(10) drops > 0%", "U(10) rises > 0", "U(10) changes > 0%", "quality drops 1%"):
        assert state(text, LEVELS, LEVELS.copy()) == ("holds", None)


def test_nothing_before_and_nothing_after_is_no_drop() -> None:
    none = np.zeros(20)
    assert state("U(10) drops > 10%", none, none)[0] == "holds"
    assert state("U(10) rises > 10%", none, LEVELS)[0] == "broken"


def test_a_negative_quality_drops_when_it_becomes_more_negative() -> None:
    assert state("quality drops > 10%", -LEVELS, -LEVELS * 1.5)[0] == "broken"
    assert state("quality drops > 10%", -LEVELS, -LEVELS * 0.8)[0] == "holds"
    assert state("quality rises > 10%", -LEVELS, -LEVELS * 0.5)[0] == "broken"


def test_under_ten_prompts_nothing_is_decided() -> None:
    for is_paired in (True, False):
        found = state("U(10) drops > 10%", LEVELS[:9], LEVELS[:9] * 0.1, is_paired=is_paired)
        assert found == ("undecided", "fewer than 10 prompts (9): no interval")
    assert state("U(10) drops > 10%", np.full(20, NAN), LEVELS) == ("undecided", "no prompt has this figure in both runs")


def test_prompts_without_a_value_leave_both_sides() -> None:
    old, new = LEVELS.copy(), LEVELS * 0.5
    old[:5], new[-5:] = NAN, NAN
    kept = Sides(old, new, is_paired=True).kept
    assert kept.prompts == 10
    assert state("U(10) drops > 10%", old, new)[0] == "broken"


def test_a_few_prompts_that_differ_decide_nothing() -> None:
    old, new = np.full(30, 4.0), np.full(30, 4.0)
    new[:4] = 0.0
    assert state("U(10) drops > 5%", old, new)[1] == "only 4 of 30 prompts are unlike the others: too few for a spread"


def test_unpaired_runs_are_two_samples_by_hand() -> None:
    sides = Sides(np.arange(10.0), np.arange(10.0) + 10, is_paired=False)
    span = combination(sides, times=1.0, less=0.0, draws=200, seed=0, confidence=0.95)
    half = 2.10092 * np.sqrt(2 * np.arange(10).var(ddof=1) / 10)  # Student's t with 18 degrees of freedom
    assert (span.mean, span.low, span.high) == pytest.approx((10, 10 - half, 10 + half), abs=1e-4)


def test_samples_are_counted_and_not_drawn() -> None:
    assert state("samples drops > 1%", np.array([100.0]), np.array([98.0]))[0] == "broken"
    assert state("samples drops > 2%", np.array([100.0]), np.array([98.0]))[0] == "holds"


def test_more_limits_make_each_one_harder_to_break() -> None:
    old, new = LEVELS, noisy(0.86, seed=3) + np.random.default_rng(5).normal(0, 0.25, 20)
    narrow, wide = (
        ruling(parse_limit("U(10) drops 1%"), Sides(old, new, True), draws=2000, seed=0, confidence=c).span for c in (0.95, 0.999)
    )
    assert wide.low < narrow.low
    assert wide.high > narrow.high


def test_false_rulings_at_the_limit_stay_rare_and_large_drops_are_seen() -> None:
    limit = parse_limit("U(1,8) drops > 10%")
    for way, is_paired in (("even", True), ("few prompts lose half", True), ("even", False)):
        assert states(Scenario("", 30, way, is_paired=is_paired), 40, limit)["broken"] <= 0.1
    assert states(Scenario("", 30, "even", kept=0.7), 20, limit)["broken"] >= 0.9
