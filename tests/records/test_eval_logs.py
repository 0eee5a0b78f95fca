"""Samples of lm-evaluation-harness: filters, repeats, metrics, versions."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.records import logs, writing
from triaxis.errors import RecordsError
from triaxis.records import read


def test_lm_eval_rows_of_a_second_filter_are_passed_over_and_said(tmp_path: Path) -> None:
    rows = [logs.lm_eval_row(d, filter=f, exact_match=s) for f, s in (("strict", 0.0), ("flexible", 1.0)) for d in range(300)]
    path = logs.lm_eval_folder(tmp_path, "m", rows)
    stream = read([path])
    frame = stream.frame()
    assert (frame.height, frame["quality"].sum(), stream.rejects.count) == (300, 0.0, 0)
    assert "scores are those of the filter `strict`" in logs.notes(stream)
    assert "rows of the filter `flexible` are passed over" in logs.notes(stream)
    assert "--by model,filter" in logs.notes(stream)


@pytest.mark.parametrize(
    "options", [{"by": ["model", "filter"]}, {"mapping": {"domain": "filter"}}, {"by": ["model", "meta.filter"]}]
)
def test_lm_eval_rows_of_all_filters_are_taken_when_filters_are_asked_for(options: dict[str, Any], tmp_path: Path) -> None:
    rows = [logs.lm_eval_row(0, filter=f, exact_match=s) for f, s in (("strict", 0.0), ("flexible", 1.0))]
    frame = read([logs.lm_eval_folder(tmp_path, "m", rows)], **options).frame()
    assert frame["quality"].to_list() == [0.0, 1.0]
    names = frame["domain" if "mapping" in options else "model"].to_list()
    assert names == (["strict", "flexible"] if "mapping" in options else ["m | strict", "m | flexible"])


def test_lm_eval_repeats_have_no_quality_of_their_own_unless_asked_for(tmp_path: Path) -> None:
    path = logs.lm_eval_repeats(tmp_path)
    stream = read([path])
    assert "quality" not in stream.available
    assert "`pass@1` speaks of all 2 answers to a document together" in logs.notes(stream)
    asked = read([path], quality="pass@1").frame()
    assert (asked["quality"].to_list(), asked["quality_source"].to_list()) == ([0.5, 0.5], ["pass@1", "pass@1"])


def test_lm_eval_scores_that_are_lists_belong_to_the_repeats(tmp_path: Path) -> None:
    row = logs.lm_eval_row(0, ["a", "b"], exact_match=[1.0, 0.0])
    assert read([logs.lm_eval_folder(tmp_path, "m", [row])]).frame()["quality"].to_list() == [1.0, 0.0]


def test_lm_eval_extracted_answers_can_be_the_response_or_a_label(tmp_path: Path) -> None:
    path = logs.lm_eval_repeats(tmp_path)
    assert read([path], mapping={"response": "filtered_resps"}).frame()["response"].to_list() == ["A", "B"]
    assert read([path], keep=["filtered_resps"]).frame()["filtered_resps"].to_list() == ["A", "B"]


@pytest.mark.parametrize(
    ("more", "note"),
    [
        ({"metrics": ["exact_match", "f1"], "f1": 0.5}, "several metrics, `exact_match`, `f1`: type --quality exact_match"),
        ({"metrics": ["wer"], "wer": 0.1}, "`wer` is lower for better answers"),
        ({"metrics": None, "f1": 0.5}, "several metrics, `exact_match`, `f1`"),
    ],
)
def test_lm_eval_metrics_that_leave_a_choice_are_named(more: dict[str, Any], note: str, tmp_path: Path) -> None:
    stream = read([logs.lm_eval_folder(tmp_path, "m", [logs.lm_eval_row(0, **more)])])
    assert note in logs.notes(stream)
    assert stream.frame()["quality"].null_count() == 1


def test_lm_eval_of_older_versions_is_read(tmp_path: Path) -> None:
    """0.4.0 wrote one JSON array, arguments as lists, no hashes, no filter and no names of metrics."""
    row = {k: v for k, v in logs.lm_eval_row(0).items() if k not in ("filter", "metrics") and not k.endswith("_hash")}
    row["arguments"] = [["Question?", {"until": ["\n"]}]]
    path = writing.text(json.dumps([row], indent=2), tmp_path, "gsm8k.json")
    stream = read([path])
    frame = stream.frame()
    assert frame.select("prompt_id", "prompt", "quality").row(0) == ("0", "Question?", 1.0)
    assert "no model: it is taken from the folder" in logs.notes(stream)


def test_lm_eval_chat_prompts_are_rendered(tmp_path: Path) -> None:
    messages = '[{"role": "user", "content": "Two plus two?"}]'
    row = logs.lm_eval_row(0, arguments={"gen_args_0": {"arg_0": [messages], "arg_1": {"until": []}}})
    assert read([logs.lm_eval_folder(tmp_path, "m", [row])]).frame()["prompt"].to_list() == ["user: Two plus two?"]


def test_lm_eval_multiple_choice_says_that_there_is_no_text(tmp_path: Path) -> None:
    path = logs.lm_eval_folder(tmp_path, "m", [logs.lm_eval_choices(0), logs.lm_eval_choices(1)])
    stream = read([path])
    assert "a multiple-choice task" in logs.notes(stream)
    with pytest.raises(RecordsError, match="2 x log-likelihoods of given choices, no text"):
        stream.frame()
    good = logs.lm_eval_folder(tmp_path, "other", [logs.lm_eval_row(0)])
    both = read([path, good])
    assert (both.frame().height, both.rejects.count) == (1, 2)


def test_lm_eval_requests_with_different_prompts_are_set_aside(tmp_path: Path) -> None:
    row = logs.lm_eval_row(1, arguments=[["one", {}], ["two", {}]], resps=[["a"], ["b"]])
    stream = read([logs.lm_eval_folder(tmp_path, "m", [logs.lm_eval_row(0), row])])
    assert stream.frame().height == 1
    assert dict(stream.rejects.by_reason) == {"requests of one document have different prompts": 1}


def test_a_folder_of_lm_eval_is_read_without_its_averages(tmp_path: Path) -> None:
    for model in ("a", "b"):
        logs.lm_eval_folder(tmp_path / "out", model, [logs.lm_eval_row(0)])
    stream = read([tmp_path / "out"])
    assert stream.frame()["model"].to_list() == ["a", "b"]
