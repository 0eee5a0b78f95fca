"""The prompts of OpenAI batch input files, looked up by the `custom_id` that the lines of the output files carry.

The one idea: a request file holds no samples, only what they answer; it is read when the first sample asks, and kept as one
text for each `custom_id`.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from triaxis.records.chat import Unusable, text_of
from triaxis.records.formats import Head, Reader, Row
from triaxis.records.rejects import Problem
from triaxis.results import InputSummary

COLUMNS = frozenset({"custom_id", "method", "url", "body"})
"""Keys of a request, after https://platform.openai.com/docs/api-reference/batch/request-input."""

_Opened = tuple[Reader, Head]


class Requests:
    """Prompts by `custom_id`; false when there is no request file."""

    def __init__(self, opened: Sequence[_Opened]) -> None:
        """Reads nothing yet."""
        self._opened = opened

    def __bool__(self) -> bool:
        """Whether there is a request file."""
        return bool(self._opened)

    def prompt(self, custom_id: Any) -> str | None:
        """What was asked under `custom_id`, None when nothing is known; `Unusable` when several things were."""
        found = self._read.prompts.get(str(custom_id))
        if found is not None and len(found) > 1:
            raise Unusable("`custom_id` stands for several prompts in the batch input files", str(custom_id))
        return None if found is None else next(iter(found))

    def summaries(self) -> tuple[InputSummary, ...]:
        """One for each request file."""
        return self._read.summaries

    @cached_property
    def _read(self) -> "_Read":
        """Nearly always one prompt an id; batches may have ids in common."""
        prompts: dict[str, set[str]] = {}
        summaries = []
        for reader, _ in self._opened:
            count = _Count()
            for row in _rows(reader, count):
                text = prompt_of(row.get("body"))
                if text is not None and row.get("custom_id") is not None:
                    prompts.setdefault(str(row["custom_id"]), set()).add(text)
            summaries.append(count.summary(reader))
        return _Read(prompts, tuple(summaries))


class _Read(NamedTuple):
    prompts: dict[str, set[str]]
    summaries: tuple[InputSummary, ...]


def is_requests(head: Head) -> bool:
    """Whether a file holds requests for a batch and no answers."""
    bodies = [row["body"] for row in head.rows if row.keys() >= COLUMNS and isinstance(row["body"], dict)]
    return 2 * len(bodies) > len(head.rows)


def prompt_of(body: Any) -> str | None:
    """The prompt in the body of a request: chat messages, a plain prompt, or the input of the Responses API."""
    if not isinstance(body, dict):
        return None
    asked = next((body[key] for key in ("messages", "prompt", "input") if body.get(key) is not None), None)
    text = text_of(asked)
    told = body.get("instructions")
    if not isinstance(text, str):
        return None
    return f"system: {told}\n{text}" if isinstance(told, str) else text


class _Count:
    """A sink that counts rows and what could not be read."""

    def __init__(self) -> None:
        self.rows = self.problems = 0

    def problem(self, problem: Problem) -> None:
        self.problems += 1

    def note(self, text: str) -> None:
        """Nothing."""

    def summary(self, reader: Reader) -> InputSummary:
        notes = (f"{self.problems:,} lines could not be read",) if self.problems else ()
        words = {"prompt": "`body`, for the answers with the same `custom_id`"}
        shape = "OpenAI batch input"
        return InputSummary(
            path=reader.source.name, format=reader.format, shape=shape, columns=words, rows=self.rows, notes=notes
        )


def _rows(reader: Reader, count: _Count) -> Iterator[Row]:
    for chunk in reader.chunks(sorted(COLUMNS), 1 << 14, count):
        count.rows += len(chunk.numbers)
        yield from chunk.rows if isinstance(chunk.rows, list) else chunk.rows.to_dicts()
