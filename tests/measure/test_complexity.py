"""Complexity beside quality: means above floors, correlations over prompts, sums that add up."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr

from triaxis.complexity import parse_measure
from triaxis.measure.complexity import COMPLEXITY_TABLE, CORRELATION_TABLE, complexity_table, correlations, score_rows
from triaxis.measure.tables import Resampling
from triaxis.protocols import Complexity

FAST = Resampling(draws=200)


def rows(prompts: int = 12, seed: int = 0) -> pl.DataFrame:
    """Two models, four samples a cell: responses of 1 to 12 words, a quality of 0 to 3, every fifth one without."""
    rng = np.random.default_rng(seed)
    found = []
    for model in ("a", "b"):
        for prompt in range(prompts):
            for index in range(4):
                words = int(rng.integers(1, 12))
                text = " ".join(["word", "x+y"][int(rng.integers(2))] for _ in range(words))
                quality = None if index == 3 and prompt % 5 == 0 else float(rng.integers(0, 4))
                asked, domain = f"Say {'very ' * prompt}much.", "odd" if prompt % 2 else "even"
                found.append((f"p{prompt}", asked, text, model, domain, index, quality))
    names = ("prompt_id", "prompt", "response", "model", "domain", "sample_index", "quality")
    return pl.DataFrame(found, schema=names, orient="row", infer_schema_length=None)


def measures(*specs: str) -> list[Complexity]:
    return [parse_measure(spec) for spec in specs]


def one(table: pl.DataFrame, **key: object) -> dict[str, Any]:
    """The single row with these values; None is null."""
    for name, value in key.items():
        table = table.filter(pl.col(name).is_null() if value is None else pl.col(name) == value)
    assert table.height == 1
    return table.row(0, named=True)


def test_two_prompts_by_hand() -> None:
    frame = pl.DataFrame(
        {
            "prompt_id": ["p", "p", "q"], "prompt": ["x"] * 3, "response": ["one two", "one two three four", "one"],
            "model": ["m"] * 3, "domain": [None] * 3, "quality": [0.0, 1.0, 1.0],
        },
        schema_overrides={"domain": pl.String},
    )  # fmt: skip
    table = complexity_table(frame, measures("words"), floors=[1.0])
    assert table.schema == pl.Schema(COMPLEXITY_TABLE)
    ungated, gated = one(table, floor=None), one(table, floor=1.0)
    assert (ungated["value"], ungated["samples"], ungated["prompts"]) == ((3 + 1) / 2, 3, 2)
    assert (gated["value"], gated["samples"], gated["prompts"]) == ((4 + 1) / 2, 2, 2)
    assert ungated["low"] is None


def test_the_table_is_what_the_definition_says_in_all_domains_and_in_each() -> None:
    frame = rows()
    table = complexity_table(frame, measures("characters"), floors=[2.0], resampling=FAST)
    counted = frame.with_columns(length=pl.col("response").str.len_chars())
    for model in ("a", "b"):
        for domain in (None, "even", "odd"):
            mine = counted.filter((pl.col("model") == model) & (pl.lit(domain is None) | (pl.col("domain") == (domain or ""))))
            for floor in (None, 2.0):
                some = mine if floor is None else mine.filter(pl.col("quality") >= floor)
                row = one(table, model=model, domain=domain, floor=floor)
                means = some.group_by("prompt_id").agg(pl.col("length").mean())["length"]
                assert row["value"] == pytest.approx(means.mean())
                assert row["samples"] == some.height
                assert row["prompts"] == some["prompt_id"].n_unique()
    whole = one(table, model="a", domain=None, floor=None)
    assert whole["low"] < whole["value"] < whole["high"]
    assert set(table["domain"].unique()) == {None, "even", "odd"}


def test_correlations_are_those_of_means_over_a_prompts_samples() -> None:
    frame = rows(40)
    mine = frame.filter(pl.col("model") == "a")
    scored = score_rows(mine, measures("operations", "words"))
    by_prompt = (
        mine.with_columns(operations=pl.Series(scored["operations"].values), words=pl.Series(scored["words"].values))
        .group_by("prompt_id")
        .agg(pl.col("operations", "words").mean(), (pl.col("quality") >= 2).mean().alias("rate"))
    )
    table = correlations(frame, measures("operations"), floors=[2.0], resampling=FAST)
    assert table.schema == pl.Schema(CORRELATION_TABLE)
    length = one(table, model="a", domain=None, floor=None, against="length")
    passes = one(table, model="a", domain=None, floor=2.0, against="pass rate")
    assert length["rho"] == pytest.approx(spearmanr(by_prompt["operations"], by_prompt["words"]).statistic)
    assert passes["rho"] == pytest.approx(spearmanr(by_prompt["operations"], by_prompt["rate"]).statistic)
    assert length["low"] < length["rho"] < length["high"]
    short = one(complexity_table(frame, measures("operations"), floors=[2.0]), model="a", domain=None, floor=2.0)
    assert short["rho_pass"] == passes["rho"]


def test_the_pass_rate_is_held_against_all_samples_and_not_those_that_pass() -> None:
    """Above the floor every prompt has passed; the rest of the prompts would be gone."""
    frame = rows(40).with_columns(quality=pl.when(pl.col("response").str.len_chars() > 20).then(0.0).otherwise(1.0))
    found = one(correlations(frame, measures("characters"), floors=[1.0], resampling=FAST), model="a", domain=None, floor=1.0,
                against="pass rate")  # fmt: skip
    assert found["prompts"] == 40
    assert found["rho"] < -0.5


def test_reasons_stand_where_there_is_no_correlation() -> None:
    table = correlations(rows(), measures("words", "cyclomatic"), floors=[0.0], resampling=FAST)
    mine = table.filter((pl.col("model") == "a") & pl.col("domain").is_null())
    assert one(mine, measure="words", floor=None, against="length")["reason"] == "it is length itself"
    assert "no floor" in one(mine, measure="words", floor=None, against="pass rate")["reason"]
    assert "same value" in one(mine, measure="words", floor=0.0, against="pass rate")["reason"]
    assert (mine["rho"].is_null() == mine["reason"].is_not_null()).all()


def test_a_measure_that_reads_prompts_is_held_against_the_length_of_prompts() -> None:
    table = correlations(rows(), measures("words@prompt", "characters@prompt"), resampling=FAST)
    mine = table.filter((pl.col("model") == "a") & pl.col("domain").is_null())
    assert one(mine, measure="characters@prompt", against="length")["rho"] == pytest.approx(1)
    assert one(mine, measure="words@prompt", against="length")["reason"] == "it is length itself"


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_batches_and_the_order_of_rows_change_nothing(size: int) -> None:
    frame = rows(20)
    chosen = measures("words", "operations", "constraints")
    whole = complexity_table(frame, chosen, floors=[1.0, 3.0], resampling=FAST)
    mixed = frame.sample(fraction=1, shuffle=True, seed=1)
    parts = (mixed[start : start + size] for start in range(0, mixed.height, size))
    assert complexity_table(parts, chosen, floors=[3.0, 1.0], resampling=FAST).equals(whole)


def test_samples_without_a_value_are_counted_and_left_out_of_means() -> None:
    frame = rows().with_columns(response=pl.when(pl.col("sample_index") == 0).then(pl.lit("...")).otherwise("response"))
    row = one(complexity_table(frame, measures("sentence-length"), resampling=FAST), model="a", domain=None)
    assert (row["samples"], row["unmeasured"], row["prompts"]) == (48, 12, 12)


def test_samples_without_a_prompt_are_prompts_of_their_own() -> None:
    frame = rows().with_columns(prompt_id=pl.lit(None, dtype=pl.String))
    assert one(complexity_table(frame, measures("words"), resampling=FAST), model="a", domain=None)["prompts"] == 48


@dataclass(frozen=True)
class Foreign:
    """A measure of somebody else, which knows nothing of reasons and gives an infinite value."""

    name: str = "foreign"
    says: str = "How foreign it is."
    unit: str = "miles"
    higher_is: str = "more complex"

    def scores(self, samples: pl.DataFrame) -> np.ndarray:
        lengths = samples["response"].str.len_chars().to_numpy().astype(np.float64)
        return np.where(lengths > 20, np.inf, lengths)


def test_a_measure_of_somebody_else_is_measured_too_and_its_infinite_values_are_none() -> None:
    found = score_rows(rows(), [Foreign()])["foreign"]
    assert np.isnan(found.values).any()
    assert {reason for reason in found.reasons if reason} == {"no value"}
    table = complexity_table(rows(), [Foreign()], resampling=FAST)
    assert one(table, model="a", domain=None)["unmeasured"] > 0


def test_no_rows_make_an_empty_table() -> None:
    assert complexity_table([], measures("words")).height == 0
    assert correlations([], measures("words")).schema == pl.Schema(CORRELATION_TABLE)


def test_on_the_hardest_mathematics_longer_answers_fail_more(real_data: Callable[[str], Path]) -> None:
    frame = pl.read_parquet(real_data("math_level5_dev")).filter(pl.col("model") == "Qwen2.5-7B-Instruct")
    found = correlations(frame, measures("words"), floors=[1.0], resampling=FAST)
    assert one(found, floor=1.0, against="pass rate")["high"] < -0.2
