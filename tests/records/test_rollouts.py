"""Completion logs of TRL and rollout dumps of verl: rewards, steps, models by path."""

from pathlib import Path

import polars as pl
import pytest

from tests.records import logs, writing
from triaxis.records import read


def test_trl_with_several_rewards_says_what_to_type(tmp_path: Path) -> None:
    path = writing.parquet([logs.trl_row(format_reward=0.0, length=7, note="x")], tmp_path)
    stream = read([path])
    assert "number columns `accuracy_reward`, `format_reward`, `length`: type --quality accuracy_reward" in logs.notes(stream)
    assert stream.frame()["quality"].null_count() == 1
    chosen = read([path], quality="format_reward").frame()
    assert chosen.select("quality", "quality_source").row(0) == (0.0, "format_reward")


def test_trl_steps_can_be_compared_and_a_model_named_by_the_path_dropped(tmp_path: Path) -> None:
    path = logs.trl_file(tmp_path)
    assert "--by model,step compares the steps" in logs.notes(read([path]))
    assert read([path], by=["model", "step"]).frame()["model"].to_list() == ["run-a | 10"] * 2
    assert read([path], mapping={"model": ""}).frame()["model"].null_count() == 2
    assert read([path]).inputs[0].columns["model"] == "folder `run-a`"


def test_trl_parquet_is_still_read_in_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = read([logs.trl_file(tmp_path)])
    monkeypatch.setattr(pl.DataFrame, "to_dicts", None)
    assert stream.frame()["response"].to_list() == ["A fig.", "A plum."]


def test_verl_keeps_the_other_scores_within_reach(tmp_path: Path) -> None:
    path = logs.verl_file(tmp_path)
    frame = read([path], quality="acc", keep=["gts"]).frame()
    assert (frame["quality"].to_list(), frame["gts"].to_list()) == ([1.0, 0.0], ["fig", "fig"])
    assert frame["quality_source"].to_list() == ["acc", "acc"]


def test_verl_model_is_the_folder_that_tells_runs_apart(tmp_path: Path) -> None:
    for run in ("run-a", "run-b"):
        (tmp_path / run / "rollout_data" / "validation").mkdir(parents=True)
        writing.jsonl([logs.verl_row()], tmp_path / run / "rollout_data" / "validation", "20.jsonl")
    assert read([tmp_path]).frame()["model"].to_list() == ["run-a", "run-b"]
    assert "model" not in read([writing.jsonl([logs.verl_row()], tmp_path, "mine.jsonl")]).inputs[0].columns
