"""What every shape is made of: the question it is asked, and the answer, a `Bound`, that it gives.

The one idea: a shape says what it takes from where; whatever the user named, by `--map` or `--quality`, wins over it here and
in one place.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, NamedTuple

from triaxis.records.columns import CANONICAL
from triaxis.records.formats import Head, Row
from triaxis.records.requests import Requests

PROMPT_NAMES = ("prompt", "question", "instruction", "input", "query", "problem")
MODEL_NAMES = ("model", "model_name", "generator", "model_id")
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
    becomes flat rows (None when it is one already), `reads` the source columns that `records` needs, `constants` the text of
    canonical columns that are the same in every row, `has_ids` whether `records` gives every row a `prompt_id`.
    """

    shape: str
    columns: Mapping[str, str]
    words: Mapping[str, str]
    records: Callable[[Row], list[Row]] | None = None
    reads: frozenset[str] = frozenset()
    notes: tuple[str, ...] = field(default=())
    constants: Mapping[str, str] = field(default_factory=dict)
    has_ids: bool = False


class Request(NamedTuple):
    """What a shape is asked: the first rows, and the canonical columns that the user tied to a source column ('' = none).

    `path` is where the file lies, in full; `named` are the source columns that the user spoke of, `--by` included; `requests`
    the prompts of OpenAI batch input files that were given too.
    """

    head: Head
    fixed: Mapping[str, str]
    needs_response: bool = True
    path: PurePath = PurePath()
    named: frozenset[str] = frozenset()
    requests: Requests = Requests(())

    def first_present(self, names: tuple[str, ...]) -> str | None:
        """The first of `names` among the columns, whatever its case."""
        folded = {_fold(column): column for column in reversed(self.head.columns)}
        return next((folded[name] for name in names if name in folded), None)

    def response_or(self, names: tuple[str, ...]) -> list[str]:
        """The column that the user named as the response, else those of `names` that are there."""
        if "response" in self.fixed:
            return [self.fixed["response"]]
        return [column for name in names if (column := self.first_present((name,))) is not None]

    def quality_or(self, name: str | None) -> str | None:
        """What the user named as the quality, else `name`; None when there is none."""
        return self.fixed.get("quality", name) or None


class Shape(NamedTuple):
    """A named shape: `bind` returns None when the rows are of another."""

    name: str
    bind: Callable[[str, Request], Bound | None]


def _fold(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def bound_to(name: str, request: Request, derived: Mapping[str, str], *, hints: bool = True, **rest: Any) -> Bound:
    """A `Bound` of the `derived` columns and of every canonical column that a source column is named for.

    With `hints`, notes name columns that look like a quality or a domain; `rest` are further fields of `Bound`.
    """
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
    notes = tuple(rest.pop("notes", ())) + (tuple(_candidates(request, columns)) if hints else ())
    constants = {c: text for c, text in rest.pop("constants", {}).items() if c not in request.fixed}
    columns = {**_perhaps_later(request, columns), **columns}
    return Bound(name, columns, words, notes=notes, constants=constants, **rest)


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


def mostly(head: Head, column: str, test: Callable[[Any], bool]) -> bool:
    """Whether more than half of the first values pass: one bad row must not hide the shape of the others."""
    values = head.values(column)
    return 2 * sum(map(test, values)) > len(values)


def flat(name: str, request: Request, response: str, **words: str) -> Bound:
    """A flat row whose response is column `response`; `words` ties further canonical columns to source columns."""
    tied = {"response": response, **words}
    return bound_to(name, request._replace(fixed={**tied, **request.fixed}), {})
