"""What lm-evaluation-harness writes with `--log_samples`: OUTPUT/MODEL/samples_TASK_TIME.jsonl.

The one idea: a row is one document under one filter. A filter extracts the answer to be scored, so the rows of several
filters hold the same answers; and a metric speaks of the document, so with several answers it is none of theirs.
"""

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, NamedTuple

from triaxis.records.binding import Bound, Request, bound_to, mostly
from triaxis.records.chat import PassedOver, Unusable, text_of
from triaxis.records.formats import Head, Row
from triaxis.records.jsonrows import parse

_NEEDED = frozenset({"doc_id", "arguments", "resps"})
_RESPONSES = ("resps", "filtered_resps")
_OWN = frozenset({*_NEEDED, "filtered_resps", "doc", "target", "filter", "metrics", "doc_hash", "prompt_hash", "target_hash"})
"""Keys of a row that are no metrics, after lm-evaluation-harness 0.4.0 to 0.4.9, `evaluator.evaluate`."""

_LOWER_IS_BETTER = frozenset({"wer", "cer", "ter", "mse", "mae", "brier_score", "perplexity", "word_perplexity",
                              "byte_perplexity", "bits_per_byte", "bypass"})  # fmt: skip

_FILE = re.compile(r"samples_(?P<task>.+)_\d{4}-\d{2}-\d{2}T[\d.-]+\.jsonl")

_NO_TEXT = "log-likelihoods of given choices, no text"
_CHOICES = "a multiple-choice task: its rows hold log-likelihoods of the choices, and no answers that a model wrote"
_REMEDY = "a multiple-choice task; give tasks whose output_type is generate_until"


class _Place(NamedTuple):
    """What the path tells."""

    task: str | None
    model: str | None


def lm_eval(name: str, request: Request) -> Bound | None:
    """Samples of lm-evaluation-harness; see the module."""
    column = request.fixed.get("response", "resps")
    if column not in _RESPONSES or not set(request.head.columns) >= _NEEDED | {column}:
        return None
    if not mostly(request.head, column, lambda value: isinstance(value, list)):
        return None
    place = _place(request.path)
    answers = max((len(_texts_or_none(row.get(column)) or ()) for row in request.head.rows), default=0)
    metric, told = _metric(request, answers) if answers else (None, _of_choices(request.head, column))
    constants = {"domain": place.task, "model": place.model, "quality_source": request.quality_or(metric)}
    known = {c: text for c, text in constants.items() if text}
    words, notes = _words(column, place, metric, known, answers), (*told, *_about(request, place, metric))
    return bound_to(
        name, request, words, hints=False, notes=notes, constants=known, has_ids=True,
        records=_Taker(column, place.task, metric, _filter(request)).records,
        reads=frozenset({*_NEEDED, *_RESPONSES, "filter", *([metric] if metric else [])} & set(request.head.columns)),
    )  # fmt: skip


def _words(column: str, place: _Place, metric: str | None, known: dict[str, str], answers: int) -> dict[str, str]:
    words = {
        "prompt_id": "task of the file's name and `doc_id`" if place.task else "`doc_id`",
        "prompt": "`arguments`: the context",
        "response": f"each text of `{column}`",
        "model": f"folder `{place.model}`",
        "domain": f"task of the file's name, `{place.task}`",
        "quality_source": f"always {known.get('quality_source')!r}",
        "meta": "`filter`, `doc_id` and `target`",
    }
    words = {c: text for c, text in words.items() if c in known or c not in ("model", "domain", "quality_source")}
    if answers > 1:
        words["sample_index"] = f"position in `{column}`"
    return {**words, "quality": f"metric `{metric}`"} if metric else words


class _Taker(NamedTuple):
    """How a row is taken apart."""

    column: str
    task: str | None
    metric: str | None
    only_filter: str | None

    def records(self, row: Row) -> list[Row]:
        if self.only_filter is not None and row.get("filter") not in (None, self.only_filter):
            raise PassedOver(_other_filter(str(row["filter"]), self.only_filter))
        texts = _texts(row.get(self.column), self.column)
        whole = {**row, **self._of_document(row)}
        scores = _one_each(row.get(self.metric or ""), len(texts))
        answers = _one_each(_texts_or_none(row.get("filtered_resps")), len(texts))
        return [
            {**whole, "response": text, "sample_index": i, "quality": scores[i], "filtered_resps": answers[i]}
            for i, text in enumerate(texts)
        ]

    def _of_document(self, row: Row) -> Row:
        document = row.get("doc_id")
        if document is None:
            raise Unusable("no `doc_id`")
        return {
            "prompt_id": f"{self.task}/{document}" if self.task else str(document),
            "prompt": _prompt(row.get("arguments")),
            "meta": {key: row[key] for key in ("filter", "doc_id", "target") if key in row},
        }


def _other_filter(other: str, chosen: str) -> str:
    return (
        f"rows of the filter `{other}` are passed over, since they hold the answers that the filter `{chosen}` has as well: "
        "type --by model,filter to see each filter, with its own scores"
    )


def _filter(request: Request) -> str | None:
    """The first filter that comes, None when the user speaks of filters: then all are taken."""
    if {"filter", "meta.filter"} & request.named:
        return None
    return next((row["filter"] for row in request.head.rows if isinstance(row.get("filter"), str)), None)


def _about(request: Request, place: _Place, metric: str | None) -> Iterator[str]:
    if place.model is None and not {"model"} & request.fixed.keys():
        yield "no model: it is taken from the folder, where the file lies as lm-eval wrote it: MODEL/samples_TASK_TIME.jsonl"
    chosen = _filter(request)
    if chosen not in (None, "none") and request.quality_or(metric):
        yield f"scores are those of the filter `{chosen}`"


def _of_choices(head: Head, column: str) -> list[str]:
    return [_CHOICES] if any(_is_likelihoods(row.get(column)) for row in head.rows) else []


def _place(path: PurePath) -> _Place:
    found = _FILE.match(path.name)
    return _Place(found["task"], path.parent.name or None) if found else _Place(None, None)


def _metric(request: Request, answers: int) -> tuple[str | None, list[str]]:
    """(the metric to take as the quality of each answer, None if none is, what to tell about it)."""
    found = _metrics(request.head)
    if "quality" in request.fixed or not found:
        return None, []
    listed = ", ".join(f"`{metric}`" for metric in found)
    if len(found) > 1:
        return None, [f"several metrics, {listed}: type --quality {found[0]} to take one as the quality"]
    if found[0].lower() in _LOWER_IS_BETTER:
        return None, [f"{listed} is lower for better answers, and so no quality"]
    if answers > 1 and not any(isinstance(value, list) for value in request.head.values(found[0])):
        return None, [
            f"{listed} speaks of all {answers} answers to a document together, so it is no quality of one: "
            f"--quality {found[0]} gives it to each of them"
        ]
    return found[0], []


def _metrics(head: Head) -> list[str]:
    """Metrics with a number: those that the rows name, else what keys there are beside lm-eval's own."""
    named = [metric for value in head.values("metrics") if isinstance(value, list) for metric in value]
    candidates = dict.fromkeys(m for m in named if isinstance(m, str)) or dict.fromkeys(c for c in head.columns if c not in _OWN)
    return [metric for metric in candidates if mostly(head, metric, _is_score) and head.values(metric)]


def _is_score(value: Any) -> bool:
    return isinstance(value, int | float) or (isinstance(value, list) and all(isinstance(v, int | float) for v in value))


def _one_each(value: Any, count: int) -> list[Any]:
    """One item for each answer: those of a list as long, or the value of a single answer; else nothing is known of them."""
    if isinstance(value, list):
        return value if len(value) == count else [None] * count
    return [value] if count == 1 else [None] * count


def _texts(value: Any, column: str) -> list[str]:
    """All generations of all requests of one document."""
    texts = _texts_or_none(value)
    if texts:
        return texts
    if _is_likelihoods(value):
        raise Unusable(_NO_TEXT, _REMEDY)
    raise Unusable(f"`{column}` is not a list of texts", type(value).__name__)


def _texts_or_none(value: Any) -> list[str] | None:
    """The texts in a list, or in a list of lists; None when it holds anything else."""
    if not isinstance(value, list) or _is_likelihoods(value):
        return None
    items = [item for entry in value for item in (entry if isinstance(entry, list) else [entry])]
    return items if all(isinstance(item, str) for item in items) else None


def _is_likelihoods(value: Any) -> bool:
    """Whether `value` is made of pairs (log-likelihood, whether greedy), which newer versions write as texts."""
    if not isinstance(value, list) or not value:
        return False
    pairs = [entry[0] if _is_nested(entry) else entry for entry in value]
    return all(isinstance(pair, list) and len(pair) == 2 and _is_pair(*pair) for pair in pairs)


def _is_nested(entry: Any) -> bool:
    return isinstance(entry, list) and len(entry) == 1 and isinstance(entry[0], list)


def _is_pair(likelihood: Any, greedy: Any) -> bool:
    return str(greedy) in ("True", "False") and re.fullmatch(r"-?(inf|\d+(\.\d+)?(e-?\d+)?)", str(likelihood)) is not None


def _prompt(arguments: Any) -> Any:
    """The context that all requests for a document begin with."""
    requests = list(arguments.values()) if isinstance(arguments, dict) else arguments
    if not isinstance(requests, list):
        return None
    contexts = [_context(request) for request in requests if request is not None]
    if any(context != contexts[0] for context in contexts):
        raise Unusable("requests of one document have different prompts", f"{len(contexts)} requests")
    return contexts[0] if contexts else None


def _context(request: Any) -> Any:
    """First argument of a request, written as a list or as {arg_0: ...}; chat messages, which are JSON text, rendered."""
    first = request.get("arg_0") if isinstance(request, dict) else request[0] if isinstance(request, list) and request else None
    if isinstance(first, list) and len(first) == 1:  # a chat prompt is a named tuple of one text
        first = first[0]
    if not isinstance(first, str) or not first.startswith('[{"'):
        return first
    try:
        return text_of(parse(first.encode())[0])
    except ValueError:
        return first
