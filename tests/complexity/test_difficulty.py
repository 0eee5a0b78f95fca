"""Difficulty from pass rates: worked values, exact unbiasedness, intervals and bands."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import beta, binom

from triaxis.complexity.difficulty import ALWAYS, EASY, HARD, INSIDE, NEVER, Tries, add_counts, difficulty_table, pass_counts
from triaxis.errors import InputError


def samples(passed: dict[str, list[float | None]]) -> pl.DataFrame:
    rows = [("m", prompt, quality) for prompt, found in passed.items() for quality in found]
    return pl.DataFrame(rows, schema={"model": pl.String, "prompt_id": pl.String, "quality": pl.Float64}, orient="row")


def test_one_of_four_passed_by_hand() -> None:
    row = difficulty_table(pass_counts(samples({"p": [1, 0, 0, 0]}))).row(0, named=True)
    assert (row["samples"], row["passed"], row["pass_rate"], row["difficulty"]) == (4, 1, 0.25, 0.75)
    assert row["learnability"] == pytest.approx(1 * 3 / (4 * 3))
    assert row["learnability_plug_in"] == pytest.approx(0.25 * 0.75)
    low, high = beta.ppf([0.025, 0.975], 1.5, 3.5)
    assert (row["low"], row["high"]) == (pytest.approx(1 - high), pytest.approx(1 - low))
    assert row["band"] == INSIDE


@pytest.mark.parametrize("n", [2, 3, 8])
@pytest.mark.parametrize("p", [0.1, 0.5, 0.93])
def test_learnability_is_unbiased_and_the_plug_in_form_too_small(n: int, p: float) -> None:
    counts = np.arange(n + 1)
    chance = binom.pmf(counts, n, p)
    tries = Tries(np.full(n + 1, n), counts)
    assert chance @ tries.learnability == pytest.approx(p * (1 - p))
    assert chance @ tries.learnability_plug_in == pytest.approx(p * (1 - p) * (n - 1) / n)


def test_bands_flag_what_has_no_certificate() -> None:
    passed = {"a": [0] * 20, "b": [1] + [0] * 19, "c": [1, 0], "d": [0] + [1] * 19, "e": [1] * 3, "f": [None]}
    found = dict(difficulty_table(add_counts([pass_counts(samples(passed))])).select("prompt_id", "band").iter_rows())
    assert found == {"a": NEVER, "b": HARD, "c": INSIDE, "d": EASY, "e": ALWAYS, "f": None}
    assert "no feasibility certificate" in NEVER


def test_never_passed_has_difficulty_1_and_an_interval_that_leaves_room() -> None:
    row = difficulty_table(pass_counts(samples({"p": [0, 0, 0, 0]}))).row(0, named=True)
    assert (row["difficulty"], row["high"]) == (1.0, 1.0)
    assert 0.4 < row["low"] < 0.6


def test_one_sample_has_no_learnability_and_none_has_nothing() -> None:
    rows = difficulty_table(pass_counts(samples({"one": [1], "none": [None]})).sort("prompt_id")).to_dicts()
    assert rows[0]["prompt_id"] == "none"
    assert [rows[0][name] for name in ("pass_rate", "difficulty", "low", "high", "learnability", "band")] == [None] * 6
    assert rows[0]["unmeasured"] == 1
    assert rows[1]["learnability"] is None
    assert rows[1]["difficulty"] == 0.0


def test_a_floor_says_what_passes() -> None:
    graded = samples({"p": [1.0, 2.0, 3.0, float("nan")]})
    counts = pass_counts(graded, floor=2.0).row(0, named=True)
    assert (counts["samples"], counts["passed"], counts["unmeasured"]) == (3, 2, 1)
    with pytest.raises(InputError, match="--floor"):
        pass_counts(graded)


def test_counts_of_parts_add_up_in_any_order() -> None:
    whole = samples({"p": [1, 0, 1], "q": [0, 0, None]})
    parts = [pass_counts(whole[i : i + 2]) for i in (4, 0, 2)]
    assert add_counts(parts).equals(add_counts([pass_counts(whole)]))


def test_samples_without_a_prompt_are_left_out() -> None:
    lost = samples({"p": [1]}).with_columns(prompt_id=pl.lit(None, dtype=pl.String))
    assert pass_counts(lost).height == 0


def test_jeffreys_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    n, p = 20, 0.3
    counts = np.arange(n + 1)
    low, high = Tries(np.full(n + 1, n), counts).interval()
    assert binom.pmf(counts, n, p)[(low <= p) & (p <= high)].sum() == pytest.approx(0.95, abs=0.03)
