"""Logs of other tools, small and by hand, each in the form that the tool's own code or documentation gives."""

import json
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import zstandard

from tests.records import writing
from triaxis.records import RecordStream

Row = dict[str, Any]

# --- lm-evaluation-harness 0.4.9: `evaluator.evaluate` makes a sample, `EvaluationTracker.save_results_samples` writes it with
# `arguments` as {gen_args_N: {arg_N: ...}} and every item of `resps` and `filtered_resps` as text.

LM_EVAL_FILE = "samples_gsm8k_2025-06-01T10-20-30.123456.jsonl"


def lm_eval_row(doc_id: int = 0, texts: Sequence[str] = ("So 4.",), *, filter: str = "strict-match", **more: Any) -> Row:
    return {
        "doc_id": doc_id,
        "doc": {"question": f"What is {doc_id} + 4?", "answer": "#### 4"},
        "target": "4",
        "arguments": {"gen_args_0": {"arg_0": f"Question: What is {doc_id} + 4?\nAnswer:", "arg_1": {"until": ["\n\n"]}}},
        "resps": [list(texts)],
        "filtered_resps": ["4"],
        "filter": filter,
        "metrics": ["exact_match"],
        "doc_hash": "5f6a",
        "prompt_hash": "77b1",
        "target_hash": "4b22",
        "exact_match": 1.0,
        **more,
    }  # fmt: skip


def lm_eval_choices(doc_id: int = 0) -> Row:
    """A multiple-choice task: a (log-likelihood, is greedy) pair for each choice."""
    context = {"arg_0": "A cat sat on the"}
    return {
        **lm_eval_row(doc_id, filter="none", metrics=["acc", "acc_norm"], acc=1.0, acc_norm=0.0),
        "arguments": {"gen_args_0": {**context, "arg_1": " mat"}, "gen_args_1": {**context, "arg_1": " idea"}},
        "resps": [[["-1.25", "True"]], [["-9.5", "False"]]],
        "filtered_resps": [["-1.25", "True"], ["-9.5", "False"]],
    }


def lm_eval_folder(folder: Path, model: str, rows: Sequence[Row], name: str = LM_EVAL_FILE) -> Path:
    """OUTPUT/MODEL/samples_TASK_TIME.jsonl beside the averages."""
    (folder / model).mkdir(parents=True, exist_ok=True)
    (folder / model / f"results_{name.rsplit('_', maxsplit=1)[-1]}".removesuffix("l")).write_text('{"results": {}}')
    path = folder / model / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


# --- inspect_ai 0.3, log format version 2: `EvalLog` and `EvalSample`, written without nulls; `EvalRecorder` names the members
# of an .eval archive.


def inspect_sample(id: int | str = 1, text: str = "Paris", *, epoch: int = 1, value: Any = "C", **more: Any) -> Row:
    answer = {"role": "assistant", "content": text, "source": "generate", "model": "gpt-4o-2024-08-06"}
    return {
        "id": id,
        "epoch": epoch,
        "input": "What is the capital of France?",
        "target": "Paris",
        "messages": [{"role": "user", "content": "What is the capital of France?", "source": "input"}, answer],
        "output": {
            "model": "gpt-4o-2024-08-06",
            "choices": [{"message": answer, "stop_reason": "stop"}],
            "usage": {"input_tokens": 14, "output_tokens": 2, "total_tokens": 16},
            "time": 0.8,
        },
        "scores": {"match": {"value": value, "answer": text, "explanation": text}},
        "metadata": {"level": 1},
        "store": {},
        "events": [{"event": "sample_init"}],
        "model_usage": {"openai/gpt-4o": {"input_tokens": 14, "output_tokens": 2, "total_tokens": 16}},
        "attachments": {},
        **more,
    }


def inspect_header(model: str = "openai/gpt-4o", *, task: str = "capitals", epochs: int = 1, **more: Any) -> Row:
    return {
        "version": 2,
        "status": "success",
        "eval": {
            "run_id": "R1",
            "created": "2025-06-01T10:20:30+00:00",
            "task": task,
            "dataset": {"name": "capitals", "samples": 2, "sample_ids": [1, 2]},
            "model": model,
            "config": {"epochs": epochs},
        },
        "plan": {"name": "plan", "steps": [{"solver": "generate", "params": {}}], "config": {"temperature": 0.7}},
        "results": {"total_samples": 2, "completed_samples": 2, "scores": [{"name": "match", "metrics": {}}]},
        "stats": {"started_at": "2025-06-01T10:20:31+00:00"},
        **more,
    }


def inspect_json(samples: Sequence[Any], folder: Path, name: str = "log.json", **header: Any) -> Path:
    reductions = [{"scorer": "match", "reducer": "mean", "samples": []}]
    path = folder / name
    path.write_text(json.dumps({**inspect_header(**header), "samples": list(samples), "reductions": reductions}, indent=2))
    return path


def inspect_eval(samples: Sequence[Any], folder: Path, name: str = "log.eval", **header: Any) -> Path:
    """An .eval archive as an evaluation that has ended leaves it."""
    head = inspect_header(**header)
    members = {"_journal/start.json": {key: head[key] for key in ("version", "eval", "plan")}}
    members |= {f"samples/{sample['id']}_epoch_{sample['epoch']}.json": sample for sample in samples}
    members |= {"_journal/summaries/1.json": [], "summaries.json": [], "reductions.json": [], "header.json": head}
    return zipped({name: json.dumps(member, indent=2).encode() for name, member in members.items()}, folder / name)


def zipped(members: Mapping[str, bytes], path: Path, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def zipped_with_zstd(members: Mapping[str, bytes], path: Path) -> Path:
    """What newer versions of Inspect write (method 93), made by hand: `zipfile` writes it only from Python 3.14 on."""
    local, central = b"", b""
    for name, data in members.items():
        packed = zstandard.compress(data)
        fields = struct.pack("<HHHHIII", 0, 93, 0, 33, zlib.crc32(data), len(packed), len(data))
        lengths = struct.pack("<HH", len(name.encode()), 0)
        place = struct.pack("<HHHII", 0, 0, 0, 0, len(local))
        central += b"PK\x01\x02" + struct.pack("<HH", 63, 63) + fields + lengths + place + name.encode()
        local += b"PK\x03\x04" + struct.pack("<H", 63) + fields + lengths + name.encode() + packed
    counts = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(central), len(local), 0)
    path.write_bytes(local + central + b"PK\x05\x06" + counts)
    return path


# --- TRL 0.20 to 1.x, `GRPOTrainer.log`: one column per reward function, then those of `log_extra`, then the advantage.


def trl_row(completion: str = "A fig.", *, step: int = 10, reward: float = 1.0, **more: Any) -> Row:
    return {
        "step": step, "prompt": "Name a fruit.", "completion": completion, "accuracy_reward": reward, **more, "advantage": 0.5,
    }  # fmt: skip


# --- verl 0.4 to 0.6, `RayPPOTrainer._dump_generations`: the lists of the reward's extra information come last.


def verl_row(output: str = "A fig.", *, step: int = 10, score: float = 1.0, **more: Any) -> Row:
    prompt = "user\nName a fruit.\nassistant\n"
    return {"input": prompt, "output": output, "gts": "fig", "score": score, "step": step, **more}


# --- OpenAI, https://platform.openai.com/docs/api-reference/batch/request-input and .../request-output


def batch_request(custom_id: str = "request-1", prompt: str = "What is 2+2?", *, body: Row | None = None) -> Row:
    messages = [{"role": "system", "content": "You are a helpful assistant."}, {"role": "user", "content": prompt}]
    told = {"model": "gpt-4o-mini", "messages": messages}
    return {"custom_id": custom_id, "method": "POST", "url": "/v1/chat/completions", "body": body or told}


def batch_body(*texts: str | None, model: str = "gpt-4o-mini", **message: Any) -> Row:
    return {
        "id": "chatcmpl-9758Iw",
        "object": "chat.completion",
        "created": 1711475054,
        "model": model,
        "choices": [
            {"index": at, "message": {"role": "assistant", "content": text, **message}, "finish_reason": "stop"}
            for at, text in enumerate(texts)
        ],
        "usage": {"prompt_tokens": 24, "completion_tokens": 15 * len(texts), "total_tokens": 24 + 15 * len(texts)},
        "system_fingerprint": None,
    }


def batch_line(custom_id: str = "request-1", *texts: str, body: Row | None = None, status: int = 200) -> Row:
    response = {"status_code": status, "request_id": "req_c187b3", "body": body or batch_body(*(texts or ("2 + 2 equals 4.",)))}
    return {"id": "batch_req_wnaDys", "custom_id": custom_id, "response": response, "error": None}


def batch_failure(custom_id: str = "request-2") -> Row:
    error = {"code": "batch_expired", "message": "This request could not be executed before the completion window expired."}
    return {"id": "batch_req_123", "custom_id": custom_id, "response": None, "error": error}


RESPONSES_BODY: Row = {
    "id": "resp_67cb", "object": "response", "status": "completed", "model": "gpt-4.1-2025-04-14",
    "output": [
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
         "content": [{"type": "output_text", "text": "It is 4.", "annotations": []}]},
    ],
    "usage": {"input_tokens": 36, "output_tokens": 87, "total_tokens": 123},
}  # fmt: skip
"""Body of a line whose `url` was /v1/responses; after https://platform.openai.com/docs/api-reference/responses/object."""


# --- files of them


def lm_eval_repeats(folder: Path) -> Path:
    """As humaneval with repeats: one score a document."""
    row = lm_eval_row(3, ["a", "b"], metrics=["pass@1"], filter="create_test", filtered_resps=[["A", "B"]])
    return lm_eval_folder(folder, "m", [{**row, "pass@1": 0.5}])


def trl_file(folder: Path) -> Path:
    (folder / "run-a" / "completions").mkdir(parents=True)
    rows = [trl_row(), trl_row("A plum.", reward=0.25)]
    return writing.parquet(rows, folder / "run-a" / "completions", "completions_00010.parquet")


def verl_file(folder: Path) -> Path:
    (folder / "run-a" / "rollouts").mkdir(parents=True)
    rows = [verl_row(acc=True), verl_row("No.", score=0.0, acc=False)]
    return writing.jsonl(rows, folder / "run-a" / "rollouts", "10.jsonl")


def batch_with_input(folder: Path) -> list[Path]:
    lines = [batch_line("task-1-sample-0", "4"), batch_line("task-1-sample-1", body=batch_body("four", "4."))]
    requests = [batch_request("task-1-sample-0"), batch_request("task-1-sample-1")]
    return [writing.jsonl(lines, folder, "output.jsonl"), writing.jsonl(requests, folder, "input.jsonl")]


def notes(stream: RecordStream) -> str:
    """What is said about the first input."""
    return "; ".join(stream.inputs[0].notes)
