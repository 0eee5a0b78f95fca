"""The front doors: a frame, files, earlier runs; the same data gives the same numbers through each."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.cli.commands import OF_TEXTS, of_counts
from tests.measure.samples import random_batch, shuffled
from triaxis.errors import InputError, StoreError
from triaxis.measure import Options, measure_paths, run
from triaxis.measure.api import Measured, Reading
from triaxis.results import Results

FAST = Options(draws=200, examples=2)
LABELS = Reading(equivalence="column:label")


def samples(seed: int = 4) -> pl.DataFrame:
    return random_batch(seed).drop("row").with_columns(quality=pl.col("quality").fill_nan(None))


def measure(*paths: Path, reading: Reading = LABELS) -> Measured:
    return measure_paths(paths, reading, FAST, title="test")


def assert_same_tables(first: Results, second: Results) -> None:
    for name, frame in first.tables.items():
        other = second.tables[name]
        if name not in OF_TEXTS or (frame.height and other.height):
            assert_frame_equal(of_counts(frame), of_counts(other), check_exact=True)


def test_a_frame_and_its_files_give_the_same_tables(tmp_path: Path) -> None:
    frame = samples()
    frame.write_parquet(tmp_path / "s.parquet")
    frame.write_ndjson(tmp_path / "s.jsonl")
    whole = run(frame, equivalence="column:label", draws=200, examples=2)
    for name in ("s.parquet", "s.jsonl"):
        assert_same_tables(run(tmp_path / name, equivalence="column:label", draws=200), whole)


def test_a_run_measured_again_from_its_counts_gives_the_same_tables(tmp_path: Path) -> None:
    samples().write_parquet(tmp_path / "s.parquet")
    first = measure(tmp_path / "s.parquet")
    first.save(tmp_path / "out")
    again = measure(tmp_path / "out")
    assert_same_tables(again.results, first.results)
    assert again.results.manifest.data_hash == first.results.manifest.data_hash


def test_an_earlier_run_can_be_measured_into_its_own_folder(tmp_path: Path) -> None:
    samples().write_parquet(tmp_path / "s.parquet")
    measure(tmp_path / "s.parquet").save(tmp_path / "out")
    first = measure(tmp_path / "out")
    first.save(tmp_path / "out")
    assert_same_tables(measure(tmp_path / "out").results, first.results)


def test_two_halves_measured_apart_add_up(tmp_path: Path) -> None:
    frame = shuffled(samples(), 1).drop("row")
    for name, part in (("a", frame[::2]), ("b", frame[1::2]), ("whole", frame)):
        part.write_parquet(tmp_path / f"{name}.parquet")
        measure(tmp_path / f"{name}.parquet").save(tmp_path / name)
    assert_same_tables(measure(tmp_path / "a", tmp_path / "b").results, measure(tmp_path / "whole").results)


def test_a_smaller_run_leaves_nothing_of_a_larger_one_in_the_folder(tmp_path: Path) -> None:
    two = samples().with_columns(quality_source=pl.when(pl.col("model") == "a").then(pl.lit("x")).otherwise(pl.lit("y")))
    two.write_parquet(tmp_path / "two.parquet")
    samples().write_parquet(tmp_path / "one.parquet")
    measure(tmp_path / "two.parquet").save(tmp_path / "out")
    measure(tmp_path / "one.parquet").save(tmp_path / "out")
    assert len(measure(tmp_path / "out").stores) == 1


def test_samples_and_earlier_runs_do_not_mix(tmp_path: Path) -> None:
    samples().write_parquet(tmp_path / "s.parquet")
    measure(tmp_path / "s.parquet").save(tmp_path / "out")
    with pytest.raises(InputError, match="measure them in two commands"):
        measure(tmp_path / "s.parquet", tmp_path / "out")


def test_runs_of_different_questions_do_not_add(tmp_path: Path) -> None:
    samples().write_parquet(tmp_path / "s.parquet")
    measure(tmp_path / "s.parquet").save(tmp_path / "a")
    by = Reading(equivalence="column:label", by=("domain",))
    measure(tmp_path / "s.parquet", reading=by).save(tmp_path / "b")
    with pytest.raises(StoreError, match="by: 'model' and 'domain'"):
        measure(tmp_path / "a", tmp_path / "b")


def test_comparing_by_another_column_takes_the_place_of_the_model() -> None:
    results = run(samples(), equivalence="column:label", by=["domain", "model"], draws=200)
    assert set(results.to_frame()["model"]) == {f"{d} | {m}" for d in "xy" for m in "ab"}
    assert results.manifest.by == "domain,model"


def test_the_same_seed_gives_the_same_bits_and_the_seed_is_told() -> None:
    first, second = (run(samples(), draws=200, seed=7) for _ in range(2))
    assert_same_tables(first, second)
    assert first.examples == second.examples
    assert first.manifest.seed == 7


def test_the_gate_says_quality_source_equivalence_and_common_n() -> None:
    (summary,) = run(samples().with_columns(quality_source=pl.lit("judge 1-7")), draws=200).manifest.gates
    assert summary.gate.label.startswith("quality: quality (judge 1-7); equivalence: lexical (cell); N = ")
    assert summary.gate.common_n is not None
    assert "word overlap" in summary.gate.rule


def test_another_prompt_can_be_kept_to_look_at() -> None:
    shown = run(samples(), equivalence="column:label", draws=200, examples=0, show_prompts=["p7"]).examples
    assert [example.prompt_id for example in shown] == ["p7"]
    assert shown[0].prompt == "say 7"


def test_without_examples_no_text_is_kept() -> None:
    assert run(samples(), equivalence="column:label", draws=200, examples=0).examples == ()
