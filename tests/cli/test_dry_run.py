"""`--dry-run`: the story that the run would tell, with the flags as typed."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import FAST, jsonl, refused, samples, succeeds


def plan(*arguments: str, folder: Path) -> Any:
    return json.loads(succeeds("measure", *arguments, "--dry-run", "--json", folder=folder))


def test_labels_without_responses_are_planned_as_they_are_measured(tmp_path: Path) -> None:
    jsonl(tmp_path / "labels.jsonl", [{k: v for k, v in row.items() if k != "response"} for row in samples(2)])
    flags = ("labels.jsonl", "--equivalence", "column:label")
    assert plan(*flags, "--examples", "0", folder=tmp_path)["inputs"][0]["shape"] == "labels without responses"
    assert "no column holds the response" in refused("measure", *flags, "--dry-run", folder=tmp_path)


def test_rows_and_samples_are_told_apart(tmp_path: Path) -> None:
    rows = [{"prompt": f"p{p}", "model": m, "outputs": ["x", "y", "z"], "quality": [1, 2, 3]} for p in range(4) for m in "ab"]
    jsonl(tmp_path / "lists.jsonl", rows)
    printed = succeeds("measure", "lists.jsonl", "--dry-run", folder=tmp_path)
    assert "lists.jsonl: JSONL, shape generations per prompt, 8 rows" in printed
    assert "note: 24 samples in these rows" in printed
    assert "24 samples from 8 rows, 0 rows rejected" in printed
    jsonl(tmp_path / "flat.jsonl", samples(2))
    assert "\n16 samples, 0 rows rejected" in succeeds("measure", "flat.jsonl", "--dry-run", folder=tmp_path)


def test_nothing_is_written(tmp_path: Path) -> None:
    jsonl(tmp_path / "s.jsonl", samples(2))
    succeeds("measure", "s.jsonl", "--dry-run", "--out", "out", folder=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["s.jsonl"]


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--quality", "qualty"), "unknown quality column 'qualty'; near: 'quality'"),
        (("--by", "modle"), "unknown column 'modle'; near: 'model'"),
        (("--equivalence", "column:lable"), "unknown column 'lable'; near: 'label'"),
        (("--compare", "alpha", "--compare", "bta"), "no model 'bta' to compare; near: 'beta'"),
        (("--quality-source", "jugde"), "no quality_source 'jugde'; near: 'judge'"),
    ],
)
def test_what_is_wrong_for_the_run_is_wrong_here(flags: tuple[str, ...], told: str, tmp_path: Path) -> None:
    jsonl(tmp_path / "s.jsonl", [{**row, "quality_source": "judge"} for row in samples(2)])
    assert told in refused("measure", "s.jsonl", *flags, "--dry-run", folder=tmp_path)


def test_a_run_of_before_says_what_it_holds(tmp_path: Path) -> None:
    jsonl(tmp_path / "s.jsonl", samples())
    succeeds("measure", "s.jsonl", *FAST, "--out", "out", folder=tmp_path)
    (held,) = plan("out", folder=tmp_path)
    assert (held["models"], held["prompts"], held["samples"]) == (["alpha", "beta"], 12, 96)
    printed = succeeds("measure", "out", "--dry-run", folder=tmp_path)
    assert "gate: quality: quality (source not stated); equivalence: column:label (cell)" in printed
    assert "12 prompts, 96 samples\n" in printed
    assert "2 models (compared by model): alpha, beta" in printed
