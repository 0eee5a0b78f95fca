"""Scoring files: what comes out as columns and figures, what is refused, and that the file is whole or not there."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.cli.commands import jsonl
from triaxis.errors import InputError, RecordsError
from triaxis.measure import score_file, score_running
from triaxis.measure.api import Reading
from triaxis.measure.score import BATCH_ROWS, ScoreOptions, Scores, score_paths

GOOD = '{"prompt": "a", "response": "x"}\n'


def scored(path: Path, *measures: str, reading: Reading | None = None, **options: Any) -> Scores:
    return score_paths([path], reading or Reading(), ScoreOptions(measures, draws=200, **options))


def counting(path: Path, rows: int = 40, **more: Any) -> Path:
    """Responses of 1, 2, ... words, each to a prompt of its own."""
    return jsonl(path, [{"prompt": f"p{n}", "response": "word " * (n + 1), **more} for n in range(rows)])


def test_mean_and_quartiles_are_those_of_all_samples(tmp_path: Path) -> None:
    (words,) = scored(counting(tmp_path / "a.jsonl"), "words").measures
    assert words.mean == 20.5
    assert words.quartiles == tuple(np.quantile(np.arange(1, 41), (0.25, 0.5, 0.75)))


def test_beyond_many_samples_quartiles_are_those_of_a_seeded_sample_and_this_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(score_running, "QUARTILE_ROWS", 1000)
    monkeypatch.setattr("triaxis.measure.score.BATCH_ROWS", 700)
    rows = [{"prompt": f"p{n % 5}", "response": "x" * (n % 100)} for n in range(5000)]
    found = [scored(jsonl(tmp_path / "a.jsonl", rows), "characters", seed=seed) for seed in (0, 0, 1)]
    quartiles = [one.measures[0].quartiles for one in found]
    assert quartiles[0] == quartiles[1] != quartiles[2]
    assert quartiles[0] == pytest.approx((25, 50, 75), abs=5)
    assert found[0].measures[0].mean == 49.5
    assert "seeded sample" in found[0].notes[-1]


def test_batches_do_not_show_in_what_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = counting(tmp_path / "a.jsonl", quality=1.0)
    whole = scored(path, "words", "difficulty", out=tmp_path / "whole.jsonl")
    monkeypatch.setattr("triaxis.measure.score.BATCH_ROWS", 7)
    parts = scored(path, "words", "difficulty", out=tmp_path / "parts.jsonl")
    assert BATCH_ROWS > 40
    assert (tmp_path / "whole.jsonl").read_text() == (tmp_path / "parts.jsonl").read_text()
    assert (whole.measures, whole.bands) == (parts.measures, parts.bands)


def test_a_row_that_cannot_be_read_sinks_nothing(tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    path.write_text('{"prompt": "a", "response": "one two"}\nnot json\n{"prompt": "b", "response": "one"}\n')
    found = scored(path, "words", out=tmp_path / "out.parquet")
    assert (found.samples, found.rejected, sum(found.reject_reasons.values())) == (2, 1, 1)
    assert pl.read_parquet(tmp_path / "out.parquet")["complexity.words"].to_list() == [2.0, 1.0]


@pytest.mark.parametrize("name", ["out.parquet", "out.jsonl"])
def test_what_was_there_stays_when_a_run_fails_and_nothing_is_left_beside(tmp_path: Path, name: str) -> None:
    (tmp_path / "some.jsonl").write_text(GOOD * 9 + "not json\n" + GOOD)
    (tmp_path / name).write_text("before")
    with pytest.raises(RecordsError):
        scored(tmp_path / "some.jsonl", "words", out=tmp_path / name, reading=Reading(strict=True))
    assert (tmp_path / name).read_text() == "before"
    assert {path.name for path in tmp_path.iterdir()} == {"some.jsonl", name}


@pytest.mark.parametrize("name", ["out.parquet", "out.jsonl"])
def test_a_disk_that_is_full_is_told_and_leaves_nothing(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = counting(tmp_path / "a.jsonl")
    monkeypatch.setattr(score_file._Parquet, "write", full)
    monkeypatch.setattr(score_file._JsonLines, "write", full)
    with pytest.raises(InputError, match=r"cannot write .*No space left on device; choose another file with --out"):
        scored(path, "words", out=tmp_path / name)
    assert [left.name for left in tmp_path.iterdir()] == ["a.jsonl"]


def test_a_scored_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    scored(counting(tmp_path / "a.jsonl"), "words", out=tmp_path / "out.parquet")
    (tmp_path / "plain").write_text("")
    assert os.stat(tmp_path / "out.parquet").st_mode == os.stat(tmp_path / "plain").st_mode


@pytest.mark.parametrize(
    ("measures", "options", "said"),
    [
        (("wrods",), {}, "near: 'words'"), (("words@answer",), {}, "expected words@prompt or words@response"),
        (("words",), {"format": "csv"}, "expected format parquet or jsonl"), ((), {}, "--list"), ((" ",), {}, "--list"),
        (("words",), {"out": Path("-")}, "expected a file for --out"), (("words",), {"out": Path("/")}, "got the folder"),
        (("words",), {"out": Path("no/such/a.parquet")}, "make no/such first"), (("difficulty",), {}, "type --quality COLUMN"),
        (("words",), {"keep": ("lable",)}, "unknown column 'lable'"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_what_to_type(
    tmp_path: Path, measures: tuple[str, ...], options: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        scored(counting(tmp_path / "a.jsonl"), *measures, **options)


def test_a_graded_quality_has_no_pass_rates_and_no_difficulty_without_a_floor(tmp_path: Path) -> None:
    rows = [{"prompt": f"p{n}", "response": "x" * n, "quality": n / 40} for n in range(40)]
    path = jsonl(tmp_path / "a.jsonl", rows)
    (found,) = scored(path, "characters").measures
    assert "--floor" in str(found.passes.reason)
    with pytest.raises(InputError, match="--floor"):
        scored(path, "difficulty")
    (found,) = scored(path, "characters", floor=0.5).measures
    assert found.passes.rho is not None
    assert found.passes.rho > 0.8


def test_several_sources_of_quality_are_kept_apart(tmp_path: Path) -> None:
    some = [{"prompt": f"p{p}", "response": "one " * (p + 1), "quality": float(p > 6)} for p in range(12)]
    path = jsonl(tmp_path / "two.jsonl", [{**row, "quality_source": source} for row in some for source in "ab"])
    assert "--quality-source" in str(scored(path, "characters").measures[0].passes.reason)
    with pytest.raises(InputError, match="there are: a, b"):
        scored(path, "difficulty")
    found = scored(path, "characters", quality_source="a")
    assert (found.measures[0].passes.rho or 0) > 0.7
    assert sum(found.bands.values()) == 12


def test_a_checker_can_be_the_quality(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "zoo.jsonl", [{"prompt": "Reach 24 using 7:", "response": text} for text in ("3 + 3*7", "7*3", "7*")])
    scored(path, "operations", "difficulty", reading=Reading("expression"), floor=1.0, out=tmp_path / "o.parquet")
    found = pl.read_parquet(tmp_path / "o.parquet")
    assert found["quality"].to_list() == [1.0, 0.25, 0.0]
    assert found["complexity.difficulty"].to_list() == pytest.approx([2 / 3] * 3)


def test_hostile_texts_are_scored_and_written(tmp_path: Path) -> None:
    texts = ["\x00", "a" * 100_000, "(" * 50_000, "```\n" * 9, "\\u0000 <script>", "é" * 99, "\n\n\n", ""]
    path = tmp_path / "hostile.jsonl"
    lines = [json.dumps({"prompt": text, "response": text}) for text in texts]
    path.write_text("\n".join([*lines, '{"response": "\\ud800"}']) + "\n")
    found = scored(path, "all", "words@prompt", out=tmp_path / "out.parquet")
    assert found.samples + found.rejected == len(texts) + 1
    assert pl.read_parquet(tmp_path / "out.parquet").height == found.samples
    assert json.dumps(found.to_json(), allow_nan=False)
