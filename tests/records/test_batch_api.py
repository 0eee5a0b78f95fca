"""OpenAI batches: failures, choices, prompts from the input file."""

from pathlib import Path
from typing import Any

import pytest

from tests.records import logs, writing
from triaxis.errors import RecordsError
from triaxis.records import read

SUM = "system: You are a helpful assistant.\nuser: What is 2+2?"


def test_batch_failures_are_set_aside_with_what_the_server_said(tmp_path: Path) -> None:
    bad = {"error": {"code": "rate_limit", "message": "Slow down"}}
    lines = [logs.batch_line("a"), logs.batch_failure("b"), logs.batch_line("c", body=bad, status=429)]
    stream = read([writing.jsonl(lines, tmp_path)])
    assert stream.frame()["prompt_id"].to_list() == ["a"]
    assert dict(stream.rejects.by_reason) == {"the request failed": 2}
    assert [r.detail for r in stream.rejects.first] == [
        "batch_expired: This request could not be executed before the completion window expired.",
        "status 429, rate_limit: Slow down",
    ]


def test_a_batch_error_file_alone_is_recognised_and_has_nothing_usable(tmp_path: Path) -> None:
    with pytest.raises(RecordsError, match=r"no usable row in .*: 1 x the request failed\. The first: .*batch_expired"):
        read([writing.jsonl([logs.batch_failure()], tmp_path)]).frame()


def test_batch_refusals_are_answers_and_tool_calls_are_not(tmp_path: Path) -> None:
    lines = [logs.batch_line("a", body=logs.batch_body(None, refusal="I cannot."))]
    lines += [logs.batch_line("b", body=logs.batch_body(None, tool_calls=[{"id": "call_1"}]))]
    stream = read([writing.jsonl(lines, tmp_path)])
    assert stream.frame()["response"].to_list() == ["I cannot."]
    assert dict(stream.rejects.by_reason) == {"no response": 1}


def test_batch_prompts_come_from_the_input_file_whatever_the_order(tmp_path: Path) -> None:
    output, asked = logs.batch_with_input(tmp_path)
    for paths in ([output, asked], [asked, output]):
        stream = read(paths)
        frame = stream.frame()
        assert frame["prompt_id"].n_unique() == 1
        (told,) = [i for i in stream.inputs if i.shape == "OpenAI batch input"]
        assert (told.rows, Path(told.path).name) == (2, "input.jsonl")
    alone = read([output])
    assert alone.frame()["prompt_id"].n_unique() == 2
    assert "give the input file of the batch as well" in logs.notes(alone)


def test_batch_ids_can_be_kept_although_the_prompts_are_known(tmp_path: Path) -> None:
    frame = read(logs.batch_with_input(tmp_path), mapping={"prompt_id": "custom_id"}).frame()
    assert frame["prompt_id"].to_list() == ["task-1-sample-0", "task-1-sample-1", "task-1-sample-1"]
    assert frame["prompt"].n_unique() == 1


def test_a_batch_answer_without_its_request_goes_by_its_id(tmp_path: Path) -> None:
    paths = [writing.jsonl([logs.batch_line("a"), logs.batch_line("z")], tmp_path, "out.jsonl")]
    paths += [writing.jsonl([logs.batch_request("a")], tmp_path, "in.jsonl")]
    frame = read(paths).frame()
    assert frame["prompt"].to_list() == [SUM, None]
    assert frame["prompt_id"].to_list()[1] == "z"


def test_a_batch_id_of_two_prompts_is_ambiguous(tmp_path: Path) -> None:
    paths = [writing.jsonl([logs.batch_line("a"), logs.batch_line("b")], tmp_path, "out.jsonl")]
    paths += [writing.jsonl([logs.batch_request("a", p), logs.batch_request("b")], tmp_path, f"{p}.jsonl") for p in ("x", "y")]
    stream = read(paths)
    assert stream.frame()["prompt_id"].len() == 1
    assert dict(stream.rejects.by_reason) == {"`custom_id` stands for several prompts in the batch input files": 1}


def test_batch_input_alone_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(RecordsError, match=r"holds the requests of an OpenAI batch and no answers; give the output file"):
        read([writing.jsonl([logs.batch_request()], tmp_path)])


@pytest.mark.parametrize(
    ("body", "prompt"),
    [
        ({"model": "m", "prompt": "Say hi"}, "Say hi"),
        ({"model": "m", "input": "Say hi", "instructions": "Be brief"}, "system: Be brief\nSay hi"),
        ({"model": "m", "input": [{"role": "user", "content": [{"type": "input_text", "text": "Hi"}]}]}, "user: Hi"),
    ],
)
def test_batch_requests_of_every_endpoint_have_a_prompt(body: dict[str, Any], prompt: str, tmp_path: Path) -> None:
    paths = [writing.jsonl([logs.batch_line("a")], tmp_path, "out.jsonl")]
    paths += [writing.jsonl([logs.batch_request("a", body=body)], tmp_path, "in.jsonl")]
    assert read(paths).frame()["prompt"].to_list() == [prompt]


def test_batch_completions_are_read(tmp_path: Path) -> None:
    body = {"model": "m", "choices": [{"text": "hi", "index": 0}], "usage": {"prompt_tokens": 1, "completion_tokens": 2}}
    frame = read([writing.jsonl([logs.batch_line("a", body=body)], tmp_path)]).frame()
    assert frame.select("response", "tokens").row(0) == ("hi", 2)
