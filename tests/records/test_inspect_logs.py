"""Inspect logs: scores, epochs, headers, samples that failed."""

from pathlib import Path
from typing import Any

import pytest

from tests.records import logs
from triaxis.errors import RecordsError
from triaxis.records import read


def test_inspect_scores_are_numbers_as_inspect_counts_them(tmp_path: Path) -> None:
    values: list[Any] = ["C", "I", "P", "N", 0.25, True, "yes", "0.5", None]
    samples = [logs.inspect_sample(i, value=value) for i, value in enumerate(values)]
    stream = read([logs.inspect_json(samples, tmp_path)])
    assert stream.frame()["quality"].to_list() == [1.0, 0.0, 0.5, 0.0, 0.25, 1.0, 1.0, 0.5, None]


def test_inspect_with_several_scorers_says_what_to_type(tmp_path: Path) -> None:
    scores = {"match": {"value": "C"}, "judge": {"value": {"helpful": 3, "kind": 4}}}
    path = logs.inspect_json([logs.inspect_sample(1, scores=scores)], tmp_path)
    stream = read([path])
    assert "type one of --quality scores.match.value, --quality scores.judge.value.helpful" in logs.notes(stream)
    for name, number in (("scores.match.value", 1.0), ("scores.judge.value.kind", 4.0)):
        frame = read([path], quality=name).frame()
        assert (frame["quality"].to_list(), frame["quality_source"].to_list()) == ([number], [name])
    with pytest.raises(RecordsError, match=r"unknown key 'scores\.mach\.value'"):
        read([path], quality="scores.mach.value")


def test_inspect_header_and_answer_can_be_named(tmp_path: Path) -> None:
    path = logs.inspect_eval([logs.inspect_sample(1, "It is Paris.")], tmp_path)
    frame = read([path], mapping={"response": "scores.match.answer"}, by=["model", "eval.dataset.name"]).frame()
    assert frame.select("response", "model", "tokens").row(0) == ("It is Paris.", "openai/gpt-4o | capitals", 2)
    assert read([path], by=["meta.stop_reason"]).frame()["model"].to_list() == ["stop"]


def test_inspect_samples_of_one_epoch_can_come_from_several_logs(tmp_path: Path) -> None:
    paths = [logs.inspect_eval([logs.inspect_sample(1, text)], tmp_path, f"{text}.eval") for text in ("Paris", "Rome")]
    stream = read(paths)
    assert stream.frame()["sample_index"].null_count() == 2
    assert "sample_index" not in stream.inputs[0].columns


def test_inspect_samples_that_failed_or_say_nothing_are_set_aside(tmp_path: Path) -> None:
    silent = logs.inspect_sample(3, output={"model": "m", "choices": []})
    failed = logs.inspect_sample(2, error={"message": "Timeout", "traceback": "..."})
    for write in (logs.inspect_json, logs.inspect_eval):
        stream = read([write([logs.inspect_sample(1), failed, silent], tmp_path)])
        assert stream.frame().height == 1
        assert dict(stream.rejects.by_reason) == {"the sample ended in an error": 1, "`output` holds no choice": 1}
        assert stream.rejects.first[0].detail == "Timeout"


def test_inspect_parts_and_attachments_are_read_as_text(tmp_path: Path) -> None:
    parts = [{"type": "reasoning", "reasoning": "hm"}, {"type": "text", "text": "Paris"}]
    sample = logs.inspect_sample(1, input=[{"role": "user", "content": "Capital?"}])
    sample["output"]["choices"][0]["message"] = {"role": "assistant", "content": parts}
    other = logs.inspect_sample(2, "attachment://abc", attachments={"abc": "Long answer"})
    frame = read([logs.inspect_json([sample, other], tmp_path)]).frame()
    assert frame["response"].to_list() == ["Paris", "Long answer"]
    assert frame["prompt"].to_list() == ["user: Capital?", "What is the capital of France?"]


def test_inspect_runs_that_did_not_end_are_said_and_read(tmp_path: Path) -> None:
    stream = read([logs.inspect_json([logs.inspect_sample(1)], tmp_path, status="cancelled")])
    assert stream.frame().height == 1
    assert "its status is `cancelled`" in logs.notes(stream)
    with pytest.raises(RecordsError, match=r"no rows in .*log\.json"):
        read([logs.inspect_json([], tmp_path, status="error")])
