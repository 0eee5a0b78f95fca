"""Logs of other tools: one fixture each as the tool writes it, what becomes of it, and what is said about it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.records import logs, writing
from tests.records.test_shapes import FIXTURES
from triaxis.errors import RecordsError
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


def _lm_eval_repeats(folder: Path) -> Path:
    """As humaneval with repeats: one score a document."""
    row = logs.lm_eval_row(3, ["a", "b"], metrics=["pass@1"], filter="create_test", filtered_resps=[["A", "B"]])
    return logs.lm_eval_folder(folder, "m", [{**row, "pass@1": 0.5}])


def _trl(folder: Path) -> Path:
    (folder / "run-a" / "completions").mkdir(parents=True)
    rows = [logs.trl_row(), logs.trl_row("A plum.", reward=0.25)]
    return writing.parquet(rows, folder / "run-a" / "completions", "completions_00010.parquet")


def _verl(folder: Path) -> Path:
    (folder / "run-a" / "rollouts").mkdir(parents=True)
    rows = [logs.verl_row(acc=True), logs.verl_row("No.", score=0.0, acc=False)]
    return writing.jsonl(rows, folder / "run-a" / "rollouts", "10.jsonl")


def _samples() -> Rows:
    return [logs.inspect_sample(1, epoch=1), logs.inspect_sample(1, "Rome", epoch=2, value="I")]


def _batch(folder: Path) -> Path:
    return writing.jsonl([logs.batch_line("a"), logs.batch_line("b", body=logs.RESPONSES_BODY)], folder, "batch_output.jsonl")


def _joined(folder: Path) -> list[Path]:
    lines = [logs.batch_line("task-1-sample-0", "4"), logs.batch_line("task-1-sample-1", body=logs.batch_body("four", "4."))]
    requests = [logs.batch_request("task-1-sample-0"), logs.batch_request("task-1-sample-1")]
    return [writing.jsonl(lines, folder, "output.jsonl"), writing.jsonl(requests, folder, "input.jsonl")]


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
        _lm_eval_repeats,
        [
            {"prompt_id": "gsm8k/3", "response": "a", "sample_index": 0, "quality": None},
            {"prompt_id": "gsm8k/3", "response": "b", "sample_index": 1, "quality": None},
        ],
    ),
    "Inspect JSON log": ("Inspect log", lambda folder: logs.inspect_json(_samples(), folder, epochs=2), _inspect_rows()),
    "Inspect .eval log": ("Inspect log", lambda folder: logs.inspect_eval(_samples(), folder, epochs=2), _inspect_rows()),
    "TRL completions": (
        "TRL completions",
        _trl,
        [
            {**FRUIT, "response": "A fig.", "quality": 1.0, "quality_source": "accuracy_reward"},
            {**FRUIT, "response": "A plum.", "quality": 0.25, "quality_source": "accuracy_reward"},
        ],
    ),
    "verl rollouts": (
        "verl rollouts",
        _verl,
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
        _joined,
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


def _notes(stream: RecordStream) -> str:
    return "; ".join(stream.inputs[0].notes)


# --- lm-eval


def test_lm_eval_rows_of_a_second_filter_are_passed_over_and_said(tmp_path: Path) -> None:
    rows = [logs.lm_eval_row(d, filter=f, exact_match=s) for f, s in (("strict", 0.0), ("flexible", 1.0)) for d in range(300)]
    path = logs.lm_eval_folder(tmp_path, "m", rows)
    stream = read([path])
    frame = stream.frame()
    assert (frame.height, frame["quality"].sum(), stream.rejects.count) == (300, 0.0, 0)
    assert "scores are those of the filter `strict`" in _notes(stream)
    assert "rows of the filter `flexible` are passed over" in _notes(stream)
    assert "--by model,filter" in _notes(stream)


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
    path = _lm_eval_repeats(tmp_path)
    stream = read([path])
    assert "quality" not in stream.available
    assert "`pass@1` speaks of all 2 answers to a document together" in _notes(stream)
    asked = read([path], quality="pass@1").frame()
    assert (asked["quality"].to_list(), asked["quality_source"].to_list()) == ([0.5, 0.5], ["pass@1", "pass@1"])


def test_lm_eval_scores_that_are_lists_belong_to_the_repeats(tmp_path: Path) -> None:
    row = logs.lm_eval_row(0, ["a", "b"], exact_match=[1.0, 0.0])
    assert read([logs.lm_eval_folder(tmp_path, "m", [row])]).frame()["quality"].to_list() == [1.0, 0.0]


def test_lm_eval_extracted_answers_can_be_the_response_or_a_label(tmp_path: Path) -> None:
    path = _lm_eval_repeats(tmp_path)
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
    assert note in _notes(stream)
    assert stream.frame()["quality"].null_count() == 1


def test_lm_eval_of_older_versions_is_read(tmp_path: Path) -> None:
    """0.4.0 wrote one JSON array, arguments as lists, no hashes, no filter and no names of metrics."""
    row = {k: v for k, v in logs.lm_eval_row(0).items() if k not in ("filter", "metrics") and not k.endswith("_hash")}
    row["arguments"] = [["Question?", {"until": ["\n"]}]]
    path = writing.text(json.dumps([row], indent=2), tmp_path, "gsm8k.json")
    stream = read([path])
    frame = stream.frame()
    assert frame.select("prompt_id", "prompt", "quality").row(0) == ("0", "Question?", 1.0)
    assert "no model: it is taken from the folder" in _notes(stream)


def test_lm_eval_chat_prompts_are_rendered(tmp_path: Path) -> None:
    messages = '[{"role": "user", "content": "Two plus two?"}]'
    row = logs.lm_eval_row(0, arguments={"gen_args_0": {"arg_0": [messages], "arg_1": {"until": []}}})
    assert read([logs.lm_eval_folder(tmp_path, "m", [row])]).frame()["prompt"].to_list() == ["user: Two plus two?"]


def test_lm_eval_multiple_choice_says_that_there_is_no_text(tmp_path: Path) -> None:
    path = logs.lm_eval_folder(tmp_path, "m", [logs.lm_eval_choices(0), logs.lm_eval_choices(1)])
    stream = read([path])
    assert "a multiple-choice task" in _notes(stream)
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


# --- Inspect


def test_inspect_scores_are_numbers_as_inspect_counts_them(tmp_path: Path) -> None:
    values: list[Any] = ["C", "I", "P", "N", 0.25, True, "yes", "0.5", None]
    samples = [logs.inspect_sample(i, value=value) for i, value in enumerate(values)]
    stream = read([logs.inspect_json(samples, tmp_path)])
    assert stream.frame()["quality"].to_list() == [1.0, 0.0, 0.5, 0.0, 0.25, 1.0, 1.0, 0.5, None]


def test_inspect_with_several_scorers_says_what_to_type(tmp_path: Path) -> None:
    scores = {"match": {"value": "C"}, "judge": {"value": {"helpful": 3, "kind": 4}}}
    path = logs.inspect_json([logs.inspect_sample(1, scores=scores)], tmp_path)
    stream = read([path])
    assert "type one of --quality scores.match.value, --quality scores.judge.value.helpful" in _notes(stream)
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
    assert "its status is `cancelled`" in _notes(stream)
    with pytest.raises(RecordsError, match=r"no rows in .*log\.json"):
        read([logs.inspect_json([], tmp_path, status="error")])


# --- TRL and verl


def test_trl_with_several_rewards_says_what_to_type(tmp_path: Path) -> None:
    path = writing.parquet([logs.trl_row(format_reward=0.0, length=7, note="x")], tmp_path)
    stream = read([path])
    assert "number columns `accuracy_reward`, `format_reward`, `length`: type --quality accuracy_reward" in _notes(stream)
    assert stream.frame()["quality"].null_count() == 1
    chosen = read([path], quality="format_reward").frame()
    assert chosen.select("quality", "quality_source").row(0) == (0.0, "format_reward")


def test_trl_steps_can_be_compared_and_a_model_named_by_the_path_dropped(tmp_path: Path) -> None:
    path = _trl(tmp_path)
    assert "--by model,step compares the steps" in _notes(read([path]))
    assert read([path], by=["model", "step"]).frame()["model"].to_list() == ["run-a | 10"] * 2
    assert read([path], mapping={"model": ""}).frame()["model"].null_count() == 2
    assert read([path]).inputs[0].columns["model"] == "folder `run-a`"


def test_trl_parquet_is_still_read_in_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = read([_trl(tmp_path)])
    monkeypatch.setattr(pl.DataFrame, "to_dicts", None)
    assert stream.frame()["response"].to_list() == ["A fig.", "A plum."]


def test_verl_keeps_the_other_scores_within_reach(tmp_path: Path) -> None:
    path = _verl(tmp_path)
    frame = read([path], quality="acc", keep=["gts"]).frame()
    assert (frame["quality"].to_list(), frame["gts"].to_list()) == ([1.0, 0.0], ["fig", "fig"])
    assert frame["quality_source"].to_list() == ["acc", "acc"]


def test_verl_model_is_the_folder_that_tells_runs_apart(tmp_path: Path) -> None:
    for run in ("run-a", "run-b"):
        (tmp_path / run / "rollout_data" / "validation").mkdir(parents=True)
        writing.jsonl([logs.verl_row()], tmp_path / run / "rollout_data" / "validation", "20.jsonl")
    assert read([tmp_path]).frame()["model"].to_list() == ["run-a", "run-b"]
    assert "model" not in read([writing.jsonl([logs.verl_row()], tmp_path, "mine.jsonl")]).inputs[0].columns


# --- OpenAI batches


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
    output, asked = _joined(tmp_path)
    for paths in ([output, asked], [asked, output]):
        stream = read(paths)
        frame = stream.frame()
        assert frame["prompt_id"].n_unique() == 1
        (told,) = [i for i in stream.inputs if i.shape == "OpenAI batch input"]
        assert (told.rows, Path(told.path).name) == (2, "input.jsonl")
    alone = read([output])
    assert alone.frame()["prompt_id"].n_unique() == 2
    assert "give the input file of the batch as well" in _notes(alone)


def test_batch_ids_can_be_kept_although_the_prompts_are_known(tmp_path: Path) -> None:
    frame = read(_joined(tmp_path), mapping={"prompt_id": "custom_id"}).frame()
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


# --- all of them


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
