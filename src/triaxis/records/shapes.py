"""The shapes that people's files have, and how a row of each becomes records.

The one idea: a `Shape` looks at the first rows and, if it knows them, returns a `Bound`: which column each canonical one
comes from and, where a row has to be taken apart, a function from one row to one or more flat rows. To add a shape, write
its `bind` function and put it into `SHAPES` before the ones it would be mistaken for.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from triaxis.records.chat import Unusable, is_messages, is_turns, last_answer, messages_of, render, text_of
from triaxis.records.columns import CANONICAL
from triaxis.records.formats import Head, Row

RESPONSE_NAMES = ("response", "output", "completion", "generation", "generated_text", "prediction", "answer", "text")
PROMPT_NAMES = ("prompt", "question", "instruction", "input", "query", "problem")
MODEL_NAMES = ("model", "model_name", "generator", "model_id")
GENERATION_NAMES = (
    "generations",
    "responses",
    "outputs",
    "completions",
    "samples",
    "response",
    "output",
    "completion",
)
MESSAGE_NAMES = ("messages", "conversations", "conversation", "chat", "dialog")
QUALITY_CANDIDATES = (
    "score",
    "scores",
    "reward",
    "rewards",
    "rating",
    "correct",
    "is_correct",
    "passed",
    "pass",
    "acc",
    "accuracy",
)
DOMAIN_CANDIDATES = ("category", "task", "topic", "subject", "dataset", "subset")


@dataclass(frozen=True)
class Bound:
    """A shape found in a file.

    `columns` tells the key of each canonical column in the flat rows, `words` what it came from, `records` how a row
    becomes flat rows (None when it is one already), `reads` the source columns that `records` needs.
    """

    shape: str
    columns: Mapping[str, str]
    words: Mapping[str, str]
    records: Callable[[Row], list[Row]] | None = None
    reads: frozenset[str] = frozenset()
    notes: tuple[str, ...] = field(default=())


class Request(NamedTuple):
    """What a shape is asked: the first rows, and the canonical columns that the user tied to a source column ('' = none)."""

    head: Head
    fixed: Mapping[str, str]
    needs_response: bool = True

    def first_present(self, names: tuple[str, ...]) -> str | None:
        """The first of `names` among the columns, whatever its case."""
        folded = {_fold(column): column for column in reversed(self.head.columns)}
        return next((folded[name] for name in names if name in folded), None)

    def response_or(self, names: tuple[str, ...]) -> list[str]:
        """The column that the user named as the response, else those of `names` that are there."""
        if "response" in self.fixed:
            return [self.fixed["response"]]
        return [column for name in names if (column := self.first_present((name,))) is not None]


class Shape(NamedTuple):
    """A named shape: `bind` returns None when the rows are of another."""

    name: str
    bind: Callable[[str, Request], Bound | None]


def recognise(request: Request) -> Bound | None:
    """The first shape of `SHAPES` that knows the rows, or None."""
    return next((bound for shape in SHAPES if (bound := shape.bind(shape.name, request)) is not None), None)


def _fold(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def _bound(name: str, request: Request, derived: Mapping[str, str], **rest: Any) -> Bound:
    """A `Bound` of the `derived` columns and of every canonical column that a source column is named for."""
    columns = {c: c for c in derived}
    words = dict(derived)
    for column, source in _named(request, derived).items():
        columns[column], words[column] = source, f"column `{source}`"
    for column, source in request.fixed.items():
        if source == "":
            columns.pop(column, None)
            words.pop(column, None)
        elif column != "response" or "response" not in derived:
            columns[column], words[column] = source, f"column `{source}`"
    notes = tuple(rest.pop("notes", ())) + tuple(_candidates(request, columns))
    columns = {**_perhaps_later(request, columns), **columns}
    return Bound(name, columns, words, notes=notes, **rest)


def _named(request: Request, derived: Mapping[str, str]) -> dict[str, str]:
    aliases = {"prompt": PROMPT_NAMES, "model": MODEL_NAMES}
    found = {}
    for column in CANONICAL:
        if column in derived or column in request.fixed:
            continue
        source = request.first_present(aliases.get(column, (column,)))
        if source is not None:
            found[column] = source
    return found


def _perhaps_later(request: Request, columns: Mapping[str, str]) -> dict[str, str]:
    """Canonical keys not seen so far, where rows without a schema go on after the first ones."""
    if request.head.types or request.head.is_whole:
        return {}
    return {c: c for c in CANONICAL if c not in columns and c not in request.fixed}


def _candidates(request: Request, columns: Mapping[str, str]) -> Iterator[str]:
    quality, domain = request.first_present(QUALITY_CANDIDATES), request.first_present(DOMAIN_CANDIDATES)
    if "quality" not in columns and "quality" not in request.fixed and quality:
        yield f"column `{quality}` may be the quality: type --quality {quality}"
    if "domain" not in columns and "domain" not in request.fixed and domain:
        yield f"column `{domain}` may be the domain: type --map domain={domain}"


def _mostly(head: Head, column: str, test: Callable[[Any], bool]) -> bool:
    """Whether more than half of the first values pass: one bad row must not hide the shape of the others."""
    values = head.values(column)
    return 2 * sum(map(test, values)) > len(values)


def _canonical(name: str, request: Request) -> Bound | None:
    for column in request.response_or(("response",)):
        is_dialogue = _mostly(request.head, column, _is_conversation) and request.first_present(PROMPT_NAMES) is None
        if not _mostly(request.head, column, _is_samples) and not is_dialogue:
            return _bound(name, request, {}) if "response" in request.fixed else _flat(name, request, column)
    return None


def _flat(name: str, request: Request, response: str, **words: str) -> Bound:
    """A flat row whose response is column `response`; `words` ties further canonical columns to source columns."""
    tied = {"response": response, **words}
    return _bound(name, request._replace(fixed={**tied, **request.fixed}), {})


def _pairs(name: str, request: Request) -> Bound | None:
    chosen, rejected = request.first_present(("chosen",)), request.first_present(("rejected",))
    if chosen is None or rejected is None or "response" in request.fixed:
        return None
    prompt = request.first_present(PROMPT_NAMES)

    def records(row: Row) -> list[Row]:
        sides = ((chosen, "chosen"), (rejected, "rejected"))
        return [{**row, "model": side, **_answer(row.get(column), row.get(prompt or ""))} for column, side in sides]

    has_prompt = prompt is not None or _mostly(request.head, chosen, is_messages)
    words = {"response": f"columns `{chosen}` and `{rejected}`", "model": "which of the two: chosen or rejected"}
    if has_prompt:
        words["prompt"] = f"column `{prompt}`" if prompt else f"messages of `{chosen}` before the last assistant turn"
    return _bound(name, request, words, records=records, reads=frozenset(filter(None, (chosen, rejected, prompt))))


def _answer(value: Any, prompt: Any) -> Row:
    """Response and prompt of one side of a pair: a text, or messages whose last assistant turn is the response."""
    if not is_messages(value):
        return {"response": text_of(value), "prompt": text_of(prompt)}
    before, response = last_answer(messages_of(value))
    return {"response": response, "prompt": text_of(prompt) if prompt is not None else render(before)}


def _generations(name: str, request: Request) -> Bound | None:
    column = next((c for c in request.response_or(GENERATION_NAMES) if _mostly(request.head, c, _is_samples)), None)
    if column is None:
        return None
    parallel = _parallel(request.head, column)

    def records(row: Row) -> list[Row]:
        lists = {c: row.get(c) for c in parallel}
        return list(_exploded(row, column, lists))

    words = {"response": f"each item of `{column}`", "sample_index": f"position in `{column}`"}
    prompt = request.first_present(PROMPT_NAMES)
    if prompt is not None:
        words["prompt"] = f"column `{prompt}`"
    notes = (f"one value per generation in: {', '.join(f'`{c}`' for c in parallel)}",) if parallel else ()
    reads = frozenset(filter(None, (column, prompt, *parallel)))
    return _bound(name, request, words, records=_with_prompt(records, prompt), reads=reads, notes=notes)


def _with_prompt(records: Callable[[Row], list[Row]], prompt: str | None) -> Callable[[Row], list[Row]]:
    if prompt is None:
        return records
    return lambda row: [{**flat, "prompt": text_of(row.get(prompt))} for flat in records(row)]


def _parallel(head: Head, column: str) -> list[str]:
    """Columns that hold, in nine of ten first rows, a list as long as the list of generations (other rows are bad)."""

    def is_parallel(other: str) -> bool:
        both = [(row[column], row[other]) for row in head.rows if row.get(column) is not None and row.get(other) is not None]
        matching = sum(isinstance(a, list) and isinstance(b, list) and len(a) == len(b) for a, b in both)
        return bool(both) and 10 * matching >= 9 * len(both)

    return [c for c in head.columns if c != column and is_parallel(c)]


def _exploded(row: Row, column: str, lists: Row) -> Iterator[Row]:
    items = row.get(column)
    if not isinstance(items, list):
        raise Unusable(f"`{column}` is not a list of generations", type(items).__name__)
    for name, values in lists.items():
        if values is not None and (not isinstance(values, list) or len(values) != len(items)):
            raise Unusable(f"`{name}` has not one value per generation", f"{len(items)} generations")
    for index, item in enumerate(items):
        values_here = {name: None if values is None else values[index] for name, values in lists.items()}
        yield {**row, **values_here, "response": text_of(item), "sample_index": index}


def _chat(name: str, request: Request) -> Bound | None:
    test = is_turns if name == "ShareGPT" else is_messages
    column = next((c for c in request.response_or((*MESSAGE_NAMES, "response")) if _mostly(request.head, c, test)), None)
    if column is None:
        return None

    def records(row: Row) -> list[Row]:
        before, response = last_answer(messages_of(row.get(column)))
        return [{**row, "prompt": render(before), "response": response}]

    words = {"response": f"`{column}`: last assistant turn", "prompt": f"`{column}`: turns before the last assistant turn"}
    return _bound(name, request, words, records=records, reads=frozenset({column}))


def _alpaca_eval(name: str, request: Request) -> Bound | None:
    if not {"instruction", "output", "generator"} <= set(request.head.columns) or "response" in request.fixed:
        return None
    words = {"prompt": "instruction", "model": "generator"}
    if "dataset" in request.head.columns and "domain" not in request.head.columns:
        words["domain"] = "dataset"
    return _flat(name, request, "output", **words)


def _alpaca(name: str, request: Request) -> Bound | None:
    if not {"instruction", "output"} <= set(request.head.columns) or "response" in request.fixed:
        return None
    if "input" not in request.head.columns:
        return _flat(name, request, "output", prompt="instruction")

    def records(row: Row) -> list[Row]:
        parts = [text_of(row.get("instruction")), text_of(row.get("input"))]
        texts = [p for p in parts if isinstance(p, str) and p]
        return [{**row, "prompt": "\n\n".join(texts) or None, "response": text_of(row.get("output"))}]

    words = {"prompt": "columns `instruction` and `input`", "response": "column `output`"}
    return _bound(name, request, words, records=records, reads=frozenset({"instruction", "input", "output"}))


def _prompt_completion(name: str, request: Request) -> Bound | None:
    if not {"prompt", "completion"} <= set(request.head.columns) or "response" in request.fixed:
        return None
    return _flat(name, request, "completion", prompt="prompt")


def _aliases(name: str, request: Request) -> Bound | None:
    found = request.response_or(RESPONSE_NAMES)
    if not found or request.fixed.get("response") == "":
        return None
    bound = _flat(name, request, found[0])
    if len(found) == 1:
        return bound
    others = ", ".join(f"`{c}`" for c in found[1:])
    note = f"`{found[0]}` is taken as the response, not {others}: type --map response=COLUMN to choose"
    return Bound(bound.shape, bound.columns, bound.words, notes=(*bound.notes, note))


def _labels(name: str, request: Request) -> Bound | None:
    return None if request.needs_response else _bound(name, request, {})


def _is_conversation(value: Any) -> bool:
    return is_messages(value) or is_turns(value)


def _is_samples(value: Any) -> bool:
    """A list of texts, or of things that hold one, but not the turns of one conversation."""
    if not isinstance(value, list) or _is_conversation(value):
        return False
    return all(isinstance(text_of(item), str | None) for item in value)


SHAPES = (
    Shape("canonical", _canonical),
    Shape("preference pairs", _pairs),
    Shape("generations per prompt", _generations),
    Shape("ShareGPT", _chat),
    Shape("chat messages", _chat),
    Shape("AlpacaEval", _alpaca_eval),
    Shape("Alpaca", _alpaca),
    Shape("prompt and completion", _prompt_completion),
    Shape("flat", _aliases),
    Shape("labels without responses", _labels),
)
"""In the order in which they are tried."""
