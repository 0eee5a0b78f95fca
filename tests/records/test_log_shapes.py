"""Logs of other tools: one fixture each as the tool writes it, what becomes of it, and what is said about it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.records import logs, writing
from tests.records.test_shapes import FIXTURES
from triaxis.records import CANONICAL, SHAPES, RecordStream, read, require_column
from triaxis.records.binding import Request
from triaxis.records.files import expand
from triaxis.records.sniff import open_reader

Rows = list[dict[str, Any]]
Written = Path | list[Path]

FRANCE = {"prompt": "What is the capital of France?", "model": "openai/gpt-4o", "domain": "capitals"}
FRUIT = {"prompt": "Name a fruit.", "model": "run-a", "step": 10}
CHAT = "user\nName a fruit.\nassistant\n"
SUM = "system: You are a helpful assistant.\nuser: What is 2+2?"


def _lm_eval(folder: Path) -> Path:
    rows = [logs.lm_eval_row(0, exact_match=1.0), logs.lm_eval_row(1, ["So 5."], exact_match=0.0, filtered_resps=["5"])]
    return logs.lm_eval_folder(folder, "org__small", rows)


def _samples() -> Rows:
    return [logs.inspect_sample(1, epoch=1), logs.inspect_sample(1, "Rome", epoch=2, value="I")]


def _batch(folder: Path) -> Path:
    return writing.jsonl([logs.batch_line("a"), logs.batch_line("b", body=logs.RESPONSES_BODY)], folder, "batch_output.jsonl")


def _inspect_rows() -> Rows:
    common = {**FRANCE, "prompt_id": "capitals/1", "quality_source": "match", "prompt_tokens": 14, "tokens": 2}
    return [
        {**common, "response": "Paris", "sample_index": 0, "quality": 1.0},
        {**common, "response": "Rome", "sample_index": 1, "quality": 0.0},
    ]


ASKED = "Question: What is {} + 4?\nAnswer:"
LM_EVAL = {"model": "org__small", "domain": "gsm8k", "quality_source": "exact_match"}

FIXTURE_LOGS: dict[str, tuple[str, Callable[[Path], Written], Rows]] = {
    "lm-eval samples": (
        "lm-eval samples",
        _lm_eval,
        [
            {**LM_EVAL, "prompt_id": "gsm8k/0", "prompt": ASKED.format(0), "response": "So 4.", "quality": 1.0},
            {**LM_EVAL, "prompt_id": "gsm8k/1", "prompt": ASKED.format(1), "response": "So 5.", "quality": 0.0},
        ],
    ),
    "lm-eval samples with repeats": (
        "lm-eval samples",
        logs.lm_eval_repeats,
        [
            {"prompt_id": "gsm8k/3", "response": "a", "sample_index": 0, "quality": None},
            {"prompt_id": "gsm8k/3", "response": "b", "sample_index": 1, "quality": None},
        ],
    ),
    "Inspect JSON log": ("Inspect log", lambda folder: logs.inspect_json(_samples(), folder, epochs=2), _inspect_rows()),
    "Inspect .eval log": ("Inspect log", lambda folder: logs.inspect_eval(_samples(), folder, epochs=2), _inspect_rows()),
    "TRL completions": (
        "TRL completions",
        logs.trl_file,
        [
            {**FRUIT, "response": "A fig.", "quality": 1.0, "quality_source": "accuracy_reward"},
            {**FRUIT, "response": "A plum.", "quality": 0.25, "quality_source": "accuracy_reward"},
        ],
    ),
    "verl rollouts": (
        "verl rollouts",
        logs.verl_file,
        [
            {**FRUIT, "prompt": CHAT, "response": "A fig.", "quality": 1.0, "quality_source": "score"},
            {**FRUIT, "prompt": CHAT, "response": "No.", "quality": 0.0, "quality_source": "score"},
        ],
    ),
    "OpenAI batch output": (
        "OpenAI batch output",
        _batch,
        [
            {"prompt_id": "a", "response": "2 + 2 equals 4.", "model": "gpt-4o-mini", "prompt_tokens": 24, "tokens": 15},
            {"prompt_id": "b", "response": "It is 4.", "model": "gpt-4.1-2025-04-14", "prompt_tokens": 36, "tokens": 87},
        ],
    ),
    "OpenAI batch output with its input": (
        "OpenAI batch output",
        logs.batch_with_input,
        [
            {"prompt": SUM, "response": "4", "sample_index": 0, "prompt_tokens": 24, "tokens": 15},
            {"prompt": SUM, "response": "four", "sample_index": 0, "prompt_tokens": 24, "tokens": None},
            {"prompt": SUM, "response": "4.", "sample_index": 1, "prompt_tokens": 24, "tokens": None},
        ],
    ),
}


def _read(written: Written, **options: Any) -> RecordStream:
    return read(written if isinstance(written, list) else [written], **options)


@pytest.mark.parametrize("name", FIXTURE_LOGS)
def test_a_log_becomes_records_that_survive_as_parquet(name: str, tmp_path: Path) -> None:
    shape, write, expected = FIXTURE_LOGS[name]
    stream = _read(write(tmp_path))
    frame = stream.frame()
    assert stream.inputs[0].shape == shape
    assert frame.select(list(expected[0])).to_dicts() == expected
    told = {c for c in CANONICAL if frame[c].null_count() < frame.height} - {"prompt_id"}
    assert told <= set(stream.inputs[0].columns)
    assert frame["prompt_id"].null_count() == stream.rejects.count == 0
    frame.drop("row").write_parquet(tmp_path / "again.parquet")
    again = read([tmp_path / "again.parquet"])
    assert again.inputs[0].shape == "canonical"
    assert_frame_equal(again.frame(), frame)


@pytest.mark.parametrize("name", ["lm-eval samples", "lm-eval samples with repeats", "verl rollouts", "OpenAI batch output"])
def test_a_log_saved_as_parquet_gives_the_same_records(name: str, tmp_path: Path) -> None:
    _, write, _ = FIXTURE_LOGS[name]
    path = write(tmp_path)
    assert isinstance(path, Path)
    as_parquet = path.with_name(path.name + ".parquet")
    pl.read_ndjson(path).write_parquet(as_parquet)
    first, second = read([path]), read([as_parquet])
    assert second.inputs[0].shape == first.inputs[0].shape
    assert_frame_equal(first.frame().drop("meta"), second.frame().drop("meta"))


def test_every_shape_has_a_fixture() -> None:
    known = {shape for shape, _, _ in FIXTURES.values()} | {shape for shape, _, _ in FIXTURE_LOGS.values()}
    assert {shape.name for shape in SHAPES} - {"labels without responses"} == known


@pytest.mark.parametrize("name", [*FIXTURES, *FIXTURE_LOGS])
def test_no_shape_of_a_log_takes_rows_that_are_not_its_own(name: str, tmp_path: Path) -> None:
    """Asked one by one, so that the order in which shapes are tried hides nothing."""
    if name in FIXTURES:
        shape, rows, _ = FIXTURES[name]
        written: Written = writing.jsonl(rows, tmp_path)
    else:
        shape, write, _ = FIXTURE_LOGS[name]
        written = write(tmp_path)
    (source, *_) = expand([written[0] if isinstance(written, list) else written])
    head = open_reader(source).head()
    own = {shape for shape, _, _ in FIXTURE_LOGS.values()}
    taken = {s.name for s in SHAPES if s.bind(s.name, Request(head, {})) is not None}
    assert shape in taken
    assert taken & own <= {shape}


@pytest.mark.parametrize("name", FIXTURE_LOGS)
def test_what_the_user_names_wins(name: str, tmp_path: Path) -> None:
    _, write, _ = FIXTURE_LOGS[name]
    columns = {"lm-eval": "target", "Inspect": "target", "TRL": "completion", "verl": "gts", "OpenAI": "custom_id"}
    column = next(column for tool, column in columns.items() if name.startswith(tool))
    stream = _read(write(tmp_path), mapping={"model": column, "domain": ""})
    require_column("model", stream)
    frame = stream.frame()
    assert frame["domain"].null_count() == frame.height
    raw = {"target": {"4", "Paris"}, "completion": {"A fig.", "A plum."}, "gts": {"fig"}}
    assert set(frame["model"]) <= raw.get(column, {"a", "b", "task-1-sample-0", "task-1-sample-1"})
    assert stream.inputs[0].columns["model"] == f"column `{column}`"
