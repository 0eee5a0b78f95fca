"""The checkers of arithmetic: scores by hand, hostile answers, and agreement with the labels of real attempts."""

from collections.abc import Callable
from math import comb
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from triaxis import measure
from triaxis.protocols import Quality
from triaxis.quality.expression import (
    Task,
    expression_score,
    game_of_24_answer,
    game_of_24_score,
    read_puzzle,
    read_task,
)
from triaxis.registry import create

HOSTILE = (
    "", "\x00", "(" * 10_000, "9" * 100_000, "9*" * 200 + "9", "1/0", "__import__('os')", "-" * 400 + "1", "²", "NaN", "😀",
)  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "score"),
    [
        ("3*7+3", 1),
        (" 7 + 8+9 ", 1),
        ("(7-1)*4", 1),
        ("7*9/3+3", 1),
        ("7*3", 1 / 4),
        ("7*7", 1 / 26),
        ("8*3", 1 / 2),
        ("8*3+1", 1 / 3),
        ("7/2+20-0", 0),
        ("7/2+9+9", 1 / 3.5),
        ("17+7", 0),
        ("07+8+9", 0),
        ("7+8+9+0", 0),
        ("7*3+3=24", 0),
        ("7*3+", 0),
        ("7/(3-3)", 0),
        ("24", 0),
    ],
)
def test_scores_of_the_task_reach_24_using_7(answer: str, score: float) -> None:
    assert expression_score(Task(24, 7), answer) == pytest.approx(score)


@pytest.mark.parametrize("answer", HOSTILE)
def test_hostile_answers_are_scored_and_never_exact(answer: str) -> None:
    assert 0 <= expression_score(Task(24, 7), answer) < 1
    assert game_of_24_score((4, 5, 6, 10), answer) == 0


def test_a_prompt_is_read_back_as_the_task_that_wrote_it() -> None:
    tasks = [Task(target, digit) for target in range(10, 31) for digit in range(1, 10)]
    assert [read_task(task.prompt) for task in tasks] == tasks
    assert Task(24, 7).prompt == "Reach 24 using 7:"


@pytest.mark.parametrize(
    "prompt", [None, "", "Reach 24 using 0:", "Reach 24 using 12:", "Reach x using 7:", "Say: Reach 24 using 7:"]
)
def test_other_prompts_ask_for_no_expression(prompt: str | None) -> None:
    assert read_task(prompt) is None


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Answer: (7 - 1) * 4 - 2 = 24", "(7 - 1) * 4 - 2"),
        ("(1 * 3 * 5) + 9 = 24", "(1 * 3 * 5) + 9"),
        ("Steps:\n7 - 2 = 5 (left: 1 4 5)\nANSWER:4 * 6", "4 * 6"),
        ("Answer: 4 * 6 = 24\n\n", "4 * 6"),
        ("", ""),
    ],
)
def test_the_answer_of_an_attempt_is_its_last_line_before_the_equals_sign(text: str, answer: str) -> None:
    assert game_of_24_answer(text) == answer


@pytest.mark.parametrize(
    ("answer", "score"),
    [
        ("Answer: (5 * (10 - 4)) - 6 = 24", 1),
        ("(10-4)*5-6", 1),
        ("4 × 6 − 10 + 5 + 5", 0),
        ("4 * 6 = 24", 0),
        ("(10-4)*5-6+5-5", 0),
        ("10 + 4 + 5 + 6 = 24", 0),
        ("Answer: None", 0),
    ],
)
def test_the_game_of_24_wants_each_number_once_and_24(answer: str, score: float) -> None:
    assert game_of_24_score((4, 5, 6, 10), answer) == score


def test_fractions_on_the_way_are_exact() -> None:
    assert game_of_24_score((3, 3, 8, 8), "8 / (3 - 8/3) = 24") == 1
    assert game_of_24_score((1, 5, 5, 5), "5 * (5 - 1/5)") == 1


@pytest.mark.parametrize(
    ("prompt", "given"),
    [
        ("Use numbers and basic operations (+ - * /) to obtain 24. Input: 1 11 11 4", (1, 4, 11, 11)),
        ("Input: 4 5 6 10\n", (4, 5, 6, 10)),
        ("Input: 4 5 6", None),
        ("Input: 4 5 6 10 11", None),
        ("Input: 4 5 6 10 and then", None),
        ("4 5 6 10", None),
        (None, None),
    ],
)
def test_the_four_numbers_stand_at_the_end_of_the_prompt(prompt: str | None, given: tuple[int, ...] | None) -> None:
    assert read_puzzle(prompt) == given


def test_both_checkers_are_registered_and_leave_what_is_not_theirs_unmeasured() -> None:
    rows = pl.DataFrame(
        {
            "prompt": ["Reach 24 using 7:", "Reach 24 using 7:", "Input: 4 5 6 10", "Hello", None],
            "response": ["3*7+3", None, "(10-4)*5-6", "3*7+3", "3*7+3"],
        }
    )
    for name, expected in (("expression", [1, None, None, None, None]), ("game-of-24", [None, None, 1, None, None])):
        quality = create("quality", name)
        assert isinstance(quality, Quality)
        assert quality.name == name
        assert quality.source
        scores = quality.scores(rows)
        assert scores.dtype == np.float64
        assert [None if np.isnan(score) else score for score in scores] == expected
        assert quality.scores(rows[:0]).shape == (0,)


@pytest.fixture(scope="module")
def attempts(real_data: Callable[[str], Path]) -> pl.DataFrame:
    """100 attempts of GPT-4 at each of 53 puzzles in each of two styles, with the published verifier's 0/1 label."""
    frame = pl.read_parquet(real_data("k_samples_gpt4_dev"))
    return frame.filter(pl.col("quality_source") == "game-of-24 verifier (exact)")


def test_the_checker_agrees_with_every_published_label(attempts: pl.DataFrame) -> None:
    scored = attempts.with_columns(ours=pl.Series(create("quality", "game-of-24").scores(attempts)))
    assert scored.height == 10_600
    assert scored["quality"].sum() == 468
    disagreements = scored.filter(pl.col("ours") != pl.col("quality")).select("model", "prompt_id", "response", "quality", "ours")
    assert disagreements.rows() == []
    assert scored["ours"].null_count() == 0


def pass_at(draws: int, right: int, of: int) -> float:
    """The unbiased estimate of Chen et al. 2021, equation 1."""
    return 1 - comb(of - right, draws) / comb(of, draws)


def test_usable_diversity_with_one_class_is_pass_at_n(attempts: pl.DataFrame) -> None:
    results = measure.run(attempts, equivalence="one-class", floors=[1.0], budgets=[1, 10, 100], draws=200, examples=0)
    table = results.tables["usable_diversity"].filter(pl.col("domain").is_null(), pl.col("floor") == 1.0)
    right = attempts.group_by("model", "prompt_id").agg(pl.col("quality").sum().cast(pl.Int64))
    asked = {(model, n) for model in ("gpt-4-cot", "gpt-4-direct") for n in (1, 10, 100)}
    assert asked <= set(table.select("model", "budget").rows())
    for model, budget, found in table.select("model", "budget", "value").iter_rows():
        counts = right.filter(pl.col("model") == model)["quality"]
        assert found == pytest.approx(np.mean([pass_at(budget, count, 100) for count in counts]), abs=1e-12)
