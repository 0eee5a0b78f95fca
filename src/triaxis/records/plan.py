"""What has to be read from one file, and what becomes of it: the user's wishes bound to the shape that was found.

The one idea: every output column is a `Lookup` (a column, or a key inside a JSON column such as `meta.temperature`), so
mapping, quality, kept columns and `--by` all name things the same way.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath, PurePosixPath

import polars as pl

from triaxis.errors import RecordsError, near
from triaxis.records.binding import Bound, Request
from triaxis.records.columns import CANONICAL, cast, kept_type
from triaxis.records.delimited import CsvReader
from triaxis.records.files import Source
from triaxis.records.formats import Head, Reader
from triaxis.records.names import Lookup, is_known, lookup
from triaxis.records.requests import Requests
from triaxis.records.shapes import recognise

_HASH = "hash of prompt"


@dataclass(frozen=True)
class Wishes:
    """What the caller of `read` asked for; `vectors` is the kept column that holds lists of numbers."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    keep: Sequence[str] = ()
    by: Sequence[str] = ()
    need: frozenset[str] = frozenset(CANONICAL)
    quality: str | None = None
    vectors: str | None = None

    @property
    def kept(self) -> tuple[str, ...]:
        """Columns carried along under their own names."""
        return (*self.keep, *(() if self.vectors is None else (self.vectors,)))

    def wants(self, column: str) -> bool:
        """Whether canonical `column` is to be filled."""
        return column in self.need


@dataclass(frozen=True)
class Plan:
    """How the rows of one file become canonical rows.

    `found` are the canonical columns that the file can fill, wanted or not; None among `keep` and `by` stands for a
    column that only other files have; canonical columns among `by` are taken as they are filled.
    """

    bound: Bound
    found: Mapping[str, Lookup]
    words: Mapping[str, str]
    keep: Mapping[str, Lookup | None]
    by: tuple[Lookup | None, ...]
    constants: Mapping[str, str]
    hashes_prompt: bool
    is_columnar: bool
    reads: frozenset[str]
    notes: tuple[str, ...]


def check_wishes(wishes: Wishes) -> None:
    """`RecordsError` for canonical names that do not exist."""
    for name in (*wishes.mapping, *wishes.need):
        if name not in CANONICAL:
            raise RecordsError(f"no canonical column {name!r}{near(name, CANONICAL)}; there are: {', '.join(CANONICAL)}")
    if wishes.vectors in CANONICAL:
        raise RecordsError(f"{wishes.vectors!r} cannot be a column of vectors: it is a canonical column; rename that column")
    if "row" in (*wishes.keep, wishes.vectors):
        raise RecordsError("the column name `row` is taken by the running number of rows; rename that column to keep it")


def parse_mapping(pairs: Iterable[str]) -> dict[str, str]:
    """{canonical: source column} of texts such as `response=output`; an empty source drops the column.

    >>> parse_mapping(["response=output", "sample_index="])
    {'response': 'output', 'sample_index': ''}
    """
    mapping = {}
    for pair in pairs:
        canonical, sign, source = pair.partition("=")
        if not sign:
            raise RecordsError(f"expected COLUMN=SOURCE, got {pair!r}; type for example --map response=output")
        if canonical not in CANONICAL:
            raise RecordsError(
                f"no canonical column {canonical!r}{near(canonical, CANONICAL)}; there are: {', '.join(CANONICAL)}"
            )
        mapping[canonical] = source
    return mapping


def bind(reader: Reader, head: Head, wishes: Wishes, requests: Requests) -> Plan:
    """The plan for one file; `RecordsError` when the response is needed and no column holds it."""
    fixed = _fixed(head, wishes)
    named = frozenset((*wishes.by, *wishes.mapping.values()))
    bound = recognise(Request(head, fixed, wishes.wants("response"), _full_path(reader.source), named, requests))
    if bound is None:
        raise RecordsError(_no_response(reader, head, wishes))
    found = {c: _located(source, head, bound) for c, source in bound.columns.items()}
    constants = {**bound.constants, **_constants(head, wishes, fixed)}
    found = {c: place for c, place in found.items() if c not in constants}
    hashes_prompt = "prompt" in found and _may_lack_id(reader, bound, found.get("prompt_id"))
    hashes_prompt = hashes_prompt and wishes.mapping.get("prompt_id") != ""
    keep = {name: _resolve(name, head, bound) for name in wishes.kept if name not in CANONICAL}
    by = tuple(_resolve(name, head, bound) for name in wishes.by)
    filled = wishes.need | (set(wishes.by) & set(CANONICAL))
    used = [found[c] for c in filled if c in found] + [x for x in (*keep.values(), *by) if x is not None]
    if hashes_prompt and "prompt_id" in filled:
        used.append(found["prompt"])
    return Plan(
        bound=bound,
        found=found,
        words=_words(bound, found, constants, hashes_prompt),
        keep=keep,
        by=by,
        constants=constants,
        hashes_prompt=hashes_prompt,
        is_columnar=bool(head.types) and bound.records is None and not _has_nested_text(head, found, wishes),
        reads=frozenset(place.column for place in used) | bound.reads,
        notes=(*bound.notes, *_absent(head, wishes, fixed, {**keep, **dict(zip(wishes.by, by, strict=True))})),
    )


def _full_path(source: Source) -> PurePath:
    return PurePosixPath(source.name) if source.local is None else source.local.resolve()


def _absent(head: Head, wishes: Wishes, fixed: Mapping[str, str], looked_up: Mapping[str, Lookup | None]) -> Iterator[str]:
    ties = {**wishes.mapping, **({"quality": wishes.quality} if wishes.quality is not None else {})}
    for column, source in ties.items():
        if column not in fixed:
            yield f"no column `{source}` here for {column}"
    for name, place in looked_up.items():
        if place is None and name not in CANONICAL:
            yield f"no column `{name}` here"


def _fixed(head: Head, wishes: Wishes) -> dict[str, str]:
    """The user's ties between canonical and source columns that this file can follow."""
    ties = {**wishes.mapping, **({"quality": wishes.quality} if wishes.quality is not None else {})}
    return {c: source for c, source in ties.items() if source == "" or is_known(source, head.columns)}


def _located(name: str, head: Head, bound: Bound) -> Lookup:
    """Where `name` is; in `model.key`, `model` may be a canonical column that goes by another name here."""
    found = lookup(name, head.columns)
    if found.key is None or found.column in head.columns:
        return found
    return Lookup(bound.columns.get(found.column, name), found.key)


def _resolve(name: str, head: Head, bound: Bound) -> Lookup | None:
    if name in CANONICAL and name in bound.columns:
        return _located(bound.columns[name], head, bound)
    if is_known(name, (*head.columns, *bound.columns)):
        return _located(name, head, bound)
    return None


def _constants(head: Head, wishes: Wishes, fixed: Mapping[str, str]) -> dict[str, str]:
    """A quality chosen over the column `quality` is not what the column `quality_source` speaks of: it names itself."""
    chosen = fixed.get("quality")
    is_other = chosen not in (None, "", "quality") and "quality" in head.columns
    return {"quality_source": str(chosen)} if is_other and "quality_source" not in fixed else {}


def _may_lack_id(reader: Reader, bound: Bound, place: Lookup | None) -> bool:
    if place is None or (bound.has_ids and place == Lookup("prompt_id")):
        return place is None
    return place.key is not None or reader.has_nulls(place.column)


def _has_nested_text(head: Head, found: Mapping[str, Lookup], wishes: Wishes) -> bool:
    texts = [c for c in ("prompt", "response") if c in found and (wishes.wants(c) or c == "prompt")]
    return any(head.types.get(found[c].column, pl.String()).is_nested() for c in texts)


def _words(bound: Bound, found: Mapping[str, Lookup], constants: Mapping[str, str], hashes_prompt: bool) -> dict[str, str]:
    words = {c: bound.words[c] for c in (*found, *bound.constants) if c in bound.words}
    words |= {c: f"always {text!r}" for c, text in constants.items() if bound.constants.get(c) != text}
    if hashes_prompt and "prompt" in words:
        words["prompt_id"] = f"{words['prompt_id']}, else {_HASH}" if "prompt_id" in words else _HASH
    return {c: words[c] for c in CANONICAL if c in words}


def _no_response(reader: Reader, head: Head, wishes: Wishes) -> str:
    wanted = wishes.mapping.get("response")
    there = ", ".join(head.columns) or "none"
    if wanted:
        return f"{reader.source.name} has no column {wanted!r} for the response{near(wanted, head.columns)}; its columns: {there}"
    return (
        f"{reader.source.name}: no column holds the response; expected `response` or a known shape, got the columns: {there}. "
        "Type --map response=COLUMN"
    )


def kept_types(names: Sequence[str], files: Sequence[tuple[Reader, Head, Plan]]) -> dict[str, pl.DataType]:
    """One type for each kept column that holds the values of all files."""
    kept = [name for name in dict.fromkeys(names) if name not in CANONICAL]
    return {name: _common(_kept_type(name, *file) for file in files) for name in kept}


def _kept_type(name: str, reader: Reader, head: Head, plan: Plan) -> pl.DataType | None:
    place = plan.keep[name]
    if place is None:
        return None
    if place.key is not None:
        return pl.String()
    if isinstance(reader, CsvReader):
        return _type_of_texts(head.values(place.column))
    if plan.bound.records is None and place.column in head.types:
        return kept_type(pl.Series(dtype=head.types[place.column]), declared=True)
    return kept_type(_flat_values(place.column, head, plan))


def _flat_values(column: str, head: Head, plan: Plan) -> list[object]:
    """First values of a column that may have become one value per generation."""
    return [item for value in head.values(column) for item in _items(value, column, plan)]


def _items(value: object, column: str, plan: Plan) -> list[object]:
    is_exploded = plan.bound.records is not None and column in plan.bound.reads and isinstance(value, list)
    return list(value) if is_exploded and isinstance(value, list) else [value]


def _type_of_texts(values: list[str]) -> pl.DataType | None:
    """Int64 when every text is exactly an integer's (`007` is not), Float64 when every one is a number's."""
    texts = pl.Series(values=values, dtype=pl.String)
    if texts.is_empty():
        return None
    if (texts.cast(pl.Int64, strict=False).cast(pl.String) == texts).fill_null(value=False).all():
        return pl.Int64()
    is_decimal = texts.str.contains(r"^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$").all()
    return pl.Float64() if is_decimal else pl.String()


def _common(types: Iterable[pl.DataType | None]) -> pl.DataType:
    found = {t for t in types if t is not None}
    if len(found) == 1:
        return found.pop()
    return pl.Float64() if found == {pl.Int64(), pl.Float64()} else pl.String()


def head_quality(head: Head, plan: Plan) -> tuple[int, list[str]]:
    """(numbers, examples of texts) among the first values of the quality column, when it is a plain column."""
    place = plan.found.get("quality")
    if place is None or place.key is not None:
        return 0, []
    values = _flat_values(place.column, head, plan)
    result = cast("quality", values, pl.Float64())
    bad = [str(v) for v in values if isinstance(v, str)] if result.problems else []
    return len(result.values) - result.values.null_count(), list(dict.fromkeys(bad))[:3]
