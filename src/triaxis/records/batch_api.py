"""Output files of the OpenAI Batch API, and of the servers that copy it: one line a request, with all its choices.

After https://platform.openai.com/docs/api-reference/batch/request-output; the body is that of a chat completion, a plain
completion or the Responses API. The one idea: a line holds the answer and not what was asked, which is in the input file:
given that as well, answers to equal prompts are one cell, whatever their `custom_id`.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from triaxis.records.binding import Bound, Request, bound_to
from triaxis.records.chat import Unusable, text_of
from triaxis.records.formats import Head, Row
from triaxis.records.requests import Requests

_NEEDED = frozenset({"custom_id", "response"})
_OK = 200


def batch(name: str, request: Request) -> Bound | None:
    """Lines of a batch output file, or of its error file; see the module."""
    if not set(request.head.columns) >= _NEEDED or not _is_batch(request.head):
        return None
    is_joined = bool(request.requests)
    words = {
        "prompt_id": "`custom_id` where the input file has no such request" if is_joined else "`custom_id`",
        "response": "each choice of `response.body`", "model": "`response.body.model`",
        "prompt_tokens": "`response.body.usage`", "tokens": "`response.body.usage`", "meta": "`custom_id` and `finish_reason`",
    }  # fmt: skip
    words |= {"prompt": "request of the same `custom_id` in the input file"} if is_joined else {}
    words |= {"sample_index": "`index` of the choice"} if _most_choices(request.head) > 1 else {}
    if request.fixed.get("response", "response") != "response":
        del words["response"]
    return bound_to(
        name, request, words, hints=False, notes=tuple(_about(request)), records=_Taker(request.requests).records,
        reads=frozenset(request.head.columns), has_ids=not is_joined,
    )  # fmt: skip


def _is_batch(head: Head) -> bool:
    lines = [_is_answer(row.get("response")) or _is_failure(row) for row in head.rows]
    return 2 * sum(lines) > len(lines)


def _is_answer(response: Any) -> bool:
    return isinstance(response, dict) and {"status_code", "body"} <= response.keys()


def _is_failure(row: Row) -> bool:
    return row.get("response") is None and isinstance(row.get("error"), dict)


def _most_choices(head: Head) -> int:
    return max((len(_choices(_body(row))) for row in head.rows), default=0)


def _about(request: Request) -> Iterator[str]:
    if not request.requests and not {"prompt", "prompt_id"} & request.fixed.keys():
        yield (
            "each `custom_id` is taken for a prompt of its own, since this file does not say what was asked: give the input file "
            "of the batch as well, and answers to equal prompts come together"
        )
    if _most_choices(request.head) > 1:
        yield "tokens of lines with several choices are left out: `usage` counts all choices together"


class _Taker(NamedTuple):
    """How a line is taken apart."""

    requests: Requests

    def records(self, row: Row) -> list[Row]:
        body = _body(row)
        failure = _failure(row)
        if failure is not None:
            raise Unusable("the request failed", failure)
        choices = _choices(body)
        if not choices:
            raise Unusable("`response.body` holds no choices", ", ".join(body) or "empty")
        if row.get("custom_id") is None:
            raise Unusable("no `custom_id`")
        prompt = self.requests.prompt(row["custom_id"])
        whole = {
            **row,
            "prompt_id": row["custom_id"] if prompt is None else None,
            "prompt": prompt,
            "model": body.get("model"),
            **_usage(body, is_single=len(choices) == 1),
        }
        return [{**whole, **_of_choice(choice, at, row)} for at, choice in enumerate(choices)]


def _of_choice(choice: Any, at: int, row: Row) -> Row:
    found = choice if isinstance(choice, dict) else {}
    return {
        "response": _text(found),
        "sample_index": found.get("index", at),
        "meta": {"custom_id": row.get("custom_id"), "finish_reason": found.get("finish_reason")},
    }


def _text(choice: Row) -> Any:
    """What the choice says: a refusal is an answer, too."""
    message = choice.get("message")
    if not isinstance(message, dict):
        return choice.get("text")
    content = message.get("content")
    return message.get("refusal") if content is None else text_of(message)


def _body(row: Row) -> Row:
    response = row.get("response")
    body = response.get("body") if isinstance(response, dict) else None
    return body if isinstance(body, dict) else {}


def _choices(body: Row) -> list[Any]:
    """The choices; the message items of the Responses API, which has no choices, are one."""
    choices = body.get("choices")
    if isinstance(choices, list):
        return choices
    items = [item for item in body.get("output") or [] if isinstance(item, dict) and item.get("type") == "message"]
    parts = [part for item in items for part in item.get("content") or [] if isinstance(part, dict)]
    texts = [said for part in parts if isinstance(said := _first_of(part, "text", "refusal"), str)]
    return [{"text": "\n".join(texts), "finish_reason": body.get("status")}] if items else []


def _usage(body: Row, *, is_single: bool) -> Row:
    """Tokens, under the names of either API. Those of several choices are a sum, and so of none of them."""
    usage = body.get("usage")
    told: Row = usage if isinstance(usage, dict) else {}
    response = _first_of(told, "completion_tokens", "output_tokens")
    return {
        "prompt_tokens": _first_of(told, "prompt_tokens", "input_tokens"),
        "tokens": response if is_single else None,
    }


def _first_of(told: Row, *keys: str) -> Any:
    return next((told[key] for key in keys if told.get(key) is not None), None)


def _failure(row: Row) -> str | None:
    """What went wrong with the request, None when nothing did."""
    response = row.get("response")
    if isinstance(row.get("error"), dict):
        return _said(row["error"])
    if not isinstance(response, dict):
        return "no response"
    status = response.get("status_code", _OK)
    return None if status == _OK else f"status {status}, {_said(_body(row).get('error'))}"


def _said(error: Any) -> str:
    told = [str(error[key]) for key in ("code", "message") if error.get(key)] if isinstance(error, dict) else []
    return ": ".join(told) or "no reason given"
