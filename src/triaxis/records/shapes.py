"""The shapes that people's files have, and how a row of each becomes records.

The one idea: a `Shape` looks at the first rows and, if it knows them, returns a `Bound`: which column each canonical one
comes from and, where a row has to be taken apart, a function from one row to one or more flat rows. To add a shape, write
its `bind` function and put it into `SHAPES` before the ones it would be mistaken for. What the logs of other tools look like
is in modules of their own.
"""

from collections.abc import Callable, Iterator
from typing import Any

from triaxis.records.batch_api import batch
from triaxis.records.binding import PROMPT_NAMES, Bound, Request, Shape, bound_to, flat, mostly
from triaxis.records.chat import Unusable, is_messages, is_turns, last_answer, messages_of, render, text_of
from triaxis.records.eval_logs import lm_eval
from triaxis.records.formats import Head, Row
from triaxis.records.inspect_logs import inspect
from triaxis.records.rollouts import trl, verl

RESPONSE_NAMES = ("response", "output", "completion", "generation", "generated_text", "prediction", "answer", "text")
GENERATION_NAMES = ("generations", "responses", "outputs", "completions", "samples", "response", "output", "completion")
MESSAGE_NAMES = ("messages", "conversations", "conversation", "chat", "dialog")


def recognise(request: Request) -> Bound | None:
    """The first shape of `SHAPES` that knows the rows, or None."""
    return next((bound for shape in SHAPES if (bound := shape.bind(shape.name, request)) is not None), None)


def _canonical(name: str, request: Request) -> Bound | None:
    for column in request.response_or(("response",)):
        is_dialogue = mostly(request.head, column, _is_conversation) and request.first_present(PROMPT_NAMES) is None
        if not mostly(request.head, column, _is_samples) and not is_dialogue:
            return bound_to(name, request, {}) if "response" in request.fixed else flat(name, request, column)
    return None


def _pairs(name: str, request: Request) -> Bound | None:
    chosen, rejected = request.first_present(("chosen",)), request.first_present(("rejected",))
    if chosen is None or rejected is None or "response" in request.fixed:
        return None
    prompt = request.first_present(PROMPT_NAMES)

    def records(row: Row) -> list[Row]:
        sides = ((chosen, "chosen"), (rejected, "rejected"))
        return [{**row, "model": side, **_answer(row.get(column), row.get(prompt or ""))} for column, side in sides]

    has_prompt = prompt is not None or mostly(request.head, chosen, is_messages)
    words = {"response": f"columns `{chosen}` and `{rejected}`", "model": "which of the two: chosen or rejected"}
    if has_prompt:
        words["prompt"] = f"column `{prompt}`" if prompt else f"messages of `{chosen}` before the last assistant turn"
    return bound_to(name, request, words, records=records, reads=frozenset(filter(None, (chosen, rejected, prompt))))


def _answer(value: Any, prompt: Any) -> Row:
    """Response and prompt of one side of a pair: a text, or messages whose last assistant turn is the response."""
    if not is_messages(value):
        return {"response": text_of(value), "prompt": text_of(prompt)}
    before, response = last_answer(messages_of(value))
    return {"response": response, "prompt": text_of(prompt) if prompt is not None else render(before)}


def _generations(name: str, request: Request) -> Bound | None:
    column = next((c for c in request.response_or(GENERATION_NAMES) if mostly(request.head, c, _is_samples)), None)
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
    return bound_to(name, request, words, records=_with_prompt(records, prompt), reads=reads, notes=notes)


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
    column = next((c for c in request.response_or((*MESSAGE_NAMES, "response")) if mostly(request.head, c, test)), None)
    if column is None:
        return None

    def records(row: Row) -> list[Row]:
        before, response = last_answer(messages_of(row.get(column)))
        return [{**row, "prompt": render(before), "response": response}]

    words = {"response": f"`{column}`: last assistant turn", "prompt": f"`{column}`: turns before the last assistant turn"}
    return bound_to(name, request, words, records=records, reads=frozenset({column}))


def _alpaca_eval(name: str, request: Request) -> Bound | None:
    if not {"instruction", "output", "generator"} <= set(request.head.columns) or "response" in request.fixed:
        return None
    words = {"prompt": "instruction", "model": "generator"}
    if "dataset" in request.head.columns and "domain" not in request.head.columns:
        words["domain"] = "dataset"
    return flat(name, request, "output", **words)


def _alpaca(name: str, request: Request) -> Bound | None:
    if not {"instruction", "output"} <= set(request.head.columns) or "response" in request.fixed:
        return None
    if "input" not in request.head.columns:
        return flat(name, request, "output", prompt="instruction")

    def records(row: Row) -> list[Row]:
        parts = [text_of(row.get("instruction")), text_of(row.get("input"))]
        texts = [p for p in parts if isinstance(p, str) and p]
        return [{**row, "prompt": "\n\n".join(texts) or None, "response": text_of(row.get("output"))}]

    words = {"prompt": "columns `instruction` and `input`", "response": "column `output`"}
    return bound_to(name, request, words, records=records, reads=frozenset({"instruction", "input", "output"}))


def _prompt_completion(name: str, request: Request) -> Bound | None:
    if not {"prompt", "completion"} <= set(request.head.columns) or "response" in request.fixed:
        return None
    return flat(name, request, "completion", prompt="prompt")


def _aliases(name: str, request: Request) -> Bound | None:
    found = request.response_or(RESPONSE_NAMES)
    if not found or request.fixed.get("response") == "":
        return None
    bound = flat(name, request, found[0])
    if len(found) == 1:
        return bound
    others = ", ".join(f"`{c}`" for c in found[1:])
    note = f"`{found[0]}` is taken as the response, not {others}: type --map response=COLUMN to choose"
    return Bound(bound.shape, bound.columns, bound.words, notes=(*bound.notes, note))


def _labels(name: str, request: Request) -> Bound | None:
    return None if request.needs_response else bound_to(name, request, {})


def _is_conversation(value: Any) -> bool:
    return is_messages(value) or is_turns(value)


def _is_samples(value: Any) -> bool:
    """A list of texts, or of things that hold one, but not the turns of one conversation."""
    if not isinstance(value, list) or _is_conversation(value):
        return False
    return all(isinstance(text_of(item), str | None) for item in value)


SHAPES = (
    Shape("OpenAI batch output", batch),
    Shape("lm-eval samples", lm_eval),
    Shape("Inspect log", inspect),
    Shape("TRL completions", trl),
    Shape("verl rollouts", verl),
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
