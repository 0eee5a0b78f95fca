"""Logs of Inspect (`inspect_ai`): one evaluation of one model on one task, with all its samples.

The one idea: the log says once, in `eval`, what holds for all its samples, so each sample is given it as a column; then a
sample of a JSON log and one of an `.eval` archive are the same row, and `--by eval.KEY` reaches everything in the header.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from triaxis.records.binding import Bound, Request, bound_to, mostly
from triaxis.records.chat import Unusable, text_of
from triaxis.records.formats import Head, Row

_NEEDED = frozenset({"id", "epoch", "input", "output", "eval"})
_LETTERS: Mapping[str, float] = {"C": 1.0, "I": 0.0, "P": 0.5, "N": 0.0}
"""Correct, incorrect, partial, no answer; after inspect_ai 0.3, `scorer.value_to_float`."""

_YES_AND_NO: Mapping[str, float] = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
_ATTACHMENT = "attachment://"
_HEAVY = ("events", "events_data", "store", "timelines")
"""Keys of a sample that repeat what was said in other words, often a hundred times as long."""


def is_log(value: Any) -> bool:
    """Whether a JSON document is an Inspect log."""
    return isinstance(value, dict) and is_header(value) and isinstance(value.get("samples", []), list)


def is_header(value: Any) -> bool:
    """Whether an object tells of one evaluation: {version, status, eval: {task, model, ...}, ...}."""
    return isinstance(value, dict) and "version" in value and _tells(value.get("eval"))


def _tells(told: Any) -> bool:
    return isinstance(told, dict) and told.keys() >= {"task", "model"}


def rows_of(log: Row) -> list[Any]:
    """The samples of a JSON log as rows."""
    told = evaluation(log)
    return [with_evaluation(sample, told) for sample in log.get("samples") or []]


def evaluation(header: Row) -> Row:
    """What the header says of all samples, without the list of their ids."""
    told = dict(header["eval"])
    if isinstance(told.get("dataset"), dict):
        told["dataset"] = {key: value for key, value in told["dataset"].items() if key != "sample_ids"}
    return told


def with_evaluation(sample: Any, told: Row) -> Any:
    """`sample` as a row; anything but an object as it came."""
    return {**{k: v for k, v in sample.items() if k not in _HEAVY}, "eval": told} if isinstance(sample, dict) else sample


def notes_of(header: Row) -> list[str]:
    """What to tell about a log that is not of a whole run."""
    status = header.get("status", "started")
    return [] if status == "success" else [f"this evaluation did not end well (its status is `{status}`): samples may be missing"]


def inspect(name: str, request: Request) -> Bound | None:
    """Samples of an Inspect log; see the module."""
    if not set(request.head.columns) >= _NEEDED or not mostly(request.head, "eval", _tells):
        return None
    scorers = _scorers(request.head)
    scorer = scorers[0] if len(scorers) == 1 and _is_scalar(request.head, scorers[0]) else None
    source = request.quality_or(scorer)
    words = {
        "prompt_id": "`eval.task` and `id`", "prompt": "`input`", "response": "`output`: its first choice",
        "model": "`eval.model`", "domain": "`eval.task`",
        "prompt_tokens": "`output.usage.input_tokens`", "tokens": "`output.usage.output_tokens`",
        "meta": "`id`, `epoch`, `stop_reason` and `target`",
    }  # fmt: skip
    words |= {"sample_index": "`epoch`, from 0"} if _has_epochs(request.head) else {}
    words |= {"quality": f"`scores.{scorer}.value`"} if scorer else {}
    words |= {"quality_source": f"always {source!r}"} if source else {}
    if request.fixed.get("response"):
        del words["response"]
    constants = {"quality_source": source} if source else {}
    return bound_to(
        name, request, words, hints=False, notes=tuple(_about(request, scorers, scorer)), constants=constants,
        records=lambda row: [_record(row, scorer)], reads=frozenset(request.head.columns),
        has_ids=True,
    )  # fmt: skip


def _scorers(head: Head) -> list[str]:
    return list(dict.fromkeys(name for scores in head.values("scores") if isinstance(scores, dict) for name in scores))


def _is_scalar(head: Head, scorer: str) -> bool:
    """Whether most values of `scorer` are numbers, or words that stand for one."""
    values = [score.get("value") for score in _scores(head, scorer)]
    return 2 * sum(isinstance(number_of(value), int | float) for value in values) > len(values)


def _scores(head: Head, scorer: str) -> Iterator[Row]:
    for scores in head.values("scores"):
        score = scores.get(scorer) if isinstance(scores, dict) else None
        if isinstance(score, dict):
            yield score


def _has_epochs(head: Head) -> bool:
    """Whether a sample was run more than once: in logs of one epoch, 1 is no number of a draw but means nothing."""
    epochs = [row.get("epoch") for row in head.rows]
    planned = [_under(row, "eval", "config", "epochs") for row in head.rows[:1]]
    return any(isinstance(epoch, int) and epoch > 1 for epoch in (*epochs, *planned))


def _about(request: Request, scorers: list[str], scorer: str | None) -> Iterator[str]:
    if scorer is not None or not scorers or "quality" in request.fixed:
        return
    typed = [f"--quality {name}" for name in _typed(request.head, scorers)]
    if len(typed) > 1:
        yield f"several scores: type one of {', '.join(typed)}"
    elif typed:
        yield f"the score is no single number: type {typed[0]}"


def _typed(head: Head, scorers: list[str]) -> Iterator[str]:
    """What can be typed as the quality: the value of each scorer, or each number in it."""
    for scorer in scorers:
        inner = (score["value"] for score in _scores(head, scorer) if isinstance(score.get("value"), dict))
        keys = list(dict.fromkeys(key for value in inner for key in value))
        yield from (f"scores.{scorer}.value.{key}" for key in keys)
        if not keys and _is_scalar(head, scorer):
            yield f"scores.{scorer}.value"


def _record(row: Row, scorer: str | None) -> Row:
    failure = row.get("error")
    if failure is not None:
        raise Unusable("the sample ended in an error", str(_under(row, "error", "message") or failure))
    if row.get("id") is None:
        raise Unusable("no `id`")
    scores = _with_numbers(row.get("scores"))
    return {
        **row,
        "scores": scores,
        "prompt_id": f"{_under(row, 'eval', 'task')}/{row['id']}",
        "prompt": _attached(text_of(row.get("input")), row),
        "response": _response(row),
        "model": _under(row, "eval", "model"),
        "domain": _under(row, "eval", "task"),
        "sample_index": row["epoch"] - 1 if isinstance(row.get("epoch"), int) else row.get("epoch"),
        "quality": _under(scores, scorer, "value") if scorer else None,
        "prompt_tokens": _under(row, "output", "usage", "input_tokens"),
        "tokens": _under(row, "output", "usage", "output_tokens"),
        "meta": {
            "id": row["id"], "epoch": row.get("epoch"), "target": row.get("target"),
            "stop_reason": _under(_choice(row), "stop_reason"),
        },
    }  # fmt: skip


def _response(row: Row) -> Any:
    message = _under(_choice(row), "message")
    if message is None:
        raise Unusable("`output` holds no choice", "the model gave no answer")
    return _attached(text_of(message), row)


def _choice(row: Row) -> Any:
    choices = _under(row, "output", "choices")
    return choices[0] if isinstance(choices, list) and choices else None


def _attached(text: Any, row: Row) -> Any:
    """`text`, or the attachment of the sample that it is the address of."""
    if not isinstance(text, str) or not text.startswith(_ATTACHMENT):
        return text
    return _under(row, "attachments", text.removeprefix(_ATTACHMENT)) or text


def _with_numbers(scores: Any) -> Any:
    """`scores` with numbers in place of the words for them, so that `--quality scores.NAME.value` works as well."""
    if not isinstance(scores, dict):
        return scores
    return {name: {**score, "value": number_of(score.get("value"))} if isinstance(score, dict) else score
            for name, score in scores.items()}  # fmt: skip


def number_of(value: Any) -> Any:
    """The number that a score's value stands for, in an object that of each entry; a value that stands for none as it came.

    >>> [number_of(value) for value in ("C", "P", "no", "0.25", 3, "blue")]
    [1.0, 0.5, 0.0, '0.25', 3, 'blue']
    """
    if isinstance(value, dict):
        return {key: number_of(entry) for key, entry in value.items()}
    if not isinstance(value, str):
        return value
    return _LETTERS.get(value, _YES_AND_NO.get(value.lower(), value))


def _under(value: Any, *keys: str) -> Any:
    """What lies under `keys`, None where there is nothing."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
