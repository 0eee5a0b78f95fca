"""Reasoning steps and operations: worked values, and what human difficulty says of them."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from triaxis.complexity import parse_measure
from triaxis.complexity.reasoning import operations, reasoning_steps
from triaxis.errors import Undefined
from triaxis.stats.rank_correlation import spearman


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("Step 1: add.\nStep 2: halve.\nStep 3: done.", 3), ("1. Add 2.\n2. Halve.\n", 2), ("## Step 1\nx\n**Step 2:** y", 2),
        ("There is one number: 7.", 0), ("x = 3. So y = 4. Nice day.", 2), ("\\[x = 3,\\]\n\\[y = 4.\\]", 2),
        ("a &= b \\\\\n&= c \\\\\n&= d", 3), ("Therefore it is odd.", 1), ("[asy] draw((0,0)--(1,1)); x = 3; [/asy] Hence 4.", 1),
        ("1. Only one item, so no list.", 1),
    ],
)  # fmt: skip
def test_steps_are_counted_as_they_are_written(text: str, steps: int) -> None:
    assert reasoning_steps(text) == steps


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("3 + 4", 1), ("3+4*5-2/1", 4), ("2^3", 1), ("a well-known either/or", 0), ("$-3$", 0), ("x - y", 1),
        (r"\frac{1}{2}\cdot 3", 2),
        (r"\sqrt{2} \times 5", 2), ("- a list item\n- another", 0), ("12 × 3 ÷ 4", 2),
    ],
)  # fmt: skip
def test_operations_are_counted_between_terms(text: str, count: int) -> None:
    assert operations(text) == count


def test_a_text_without_words_has_no_steps() -> None:
    with pytest.raises(Undefined, match="no words"):
        reasoning_steps("...")


@pytest.fixture(scope="module")
def solutions(real_data: Callable[[str], Path]) -> pl.DataFrame:
    frame = pl.read_parquet(real_data("difficulty_labelled_dev")).filter(pl.col("prompt_id").str.starts_with("math"))
    return frame.with_columns(level=pl.Series([float(json.loads(meta)["difficulty"]) for meta in frame["meta"]]))


def test_human_difficulty_goes_with_steps_and_more_with_plain_length(solutions: pl.DataFrame) -> None:
    level = solutions["level"].to_numpy()
    steps, length, written = (parse_measure(name).scores(solutions) for name in ("reasoning-steps", "words", "operations"))
    found = spearman(steps, level)
    assert found.low > 0.35
    assert spearman(length, level).low > found.rho
    assert 0 < spearman(steps, level, given=length).rho < 0.15
    assert spearman(written, level).low > 0.3


def test_operations_of_the_problem_say_more_than_its_length_does(solutions: pl.DataFrame) -> None:
    level = solutions["level"].to_numpy()
    asked, length = (parse_measure(name).scores(solutions) for name in ("operations@prompt", "words@prompt"))
    assert spearman(asked, level, given=length).low > 0.1
    assert np.isfinite(asked).all()
