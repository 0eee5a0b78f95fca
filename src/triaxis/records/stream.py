"""`read`: any number of files of any known shape as one stream of canonical batches.

The one idea: everything that can be said before the data is read (`inputs`, `available`, wrong column names) comes from
the head of each file, so a dry run and a real run tell the same story.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import polars as pl

from triaxis.errors import RecordsError, near
from triaxis.records.batches import Batcher
from triaxis.records.chat import PassedOver, Unusable
from triaxis.records.columns import CANONICAL
from triaxis.records.files import expand
from triaxis.records.formats import Head, Reader, Row
from triaxis.records.jsonrows import JsonLinesReader
from triaxis.records.names import Lookup, Opened, is_known, lookup, require_key, with_late_columns
from triaxis.records.plan import Plan, Wishes, bind, check_wishes, head_quality, kept_types
from triaxis.records.rejects import Place, Problem, Reject, Rejects
from triaxis.records.requests import Requests, is_requests
from triaxis.records.sniff import open_reader, rows_by_metadata
from triaxis.records.vectors import VECTORS
from triaxis.results import InputSummary

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass
class _File:
    """One input and what the last pass over it found; it is the `Sink` of its reader."""

    reader: Reader
    head: Head
    plan: Plan
    rejects: Rejects
    rows: int | None = None
    records: int = 0
    rejected: int = 0
    unparsed: int = 0
    notes: dict[str, None] = field(default_factory=dict)

    def problem(self, problem: Problem) -> None:
        """Keep a row that the reader could not parse."""
        self.unparsed += 1
        self.reject(problem)

    def reject(self, problem: Problem) -> None:
        """Keep a row that was parsed and cannot be used."""
        place = Place(self.reader.source.name, self.reader.unit, problem.number, problem.sample)
        self.rejected += 1
        self.rejects.add(Reject(place, problem.reason, problem.detail, problem.raw))

    def note(self, text: str) -> None:
        """Keep a note, once."""
        self.notes[text] = None

    def start(self, rejects: Rejects) -> None:
        """Forget the last pass."""
        self.rejects, self.rows, self.notes = rejects, None, {}
        self.records = self.rejected = self.unparsed = 0

    def summary(self) -> InputSummary:
        """What was recognised and, after a pass, what was read."""
        return InputSummary(
            path=self.reader.source.name,
            format=self.reader.format,
            shape=self.plan.bound.shape,
            columns=dict(self.plan.words),
            rows=self.reader.rows if self.rows is None else self.rows,
            rejected=self.rejected,
            notes=(*self.plan.notes, *self._empty(), *self.notes, *self._counted()),
        )

    @cached_property
    def hollow(self) -> frozenset[str]:
        """Canonical columns that are there and hold nothing, as far as the head and the metadata tell."""
        return frozenset(c for c in self.plan.words if not _holds_something(c, self))

    def _empty(self) -> Iterator[str]:
        yield from (f"`{column}` holds nothing here" for column in self.plan.words if column in self.hollow)

    def _counted(self) -> Iterator[str]:
        if self.rows is not None and self.plan.bound.records is not None:
            yield f"{self.records:,} samples in these rows"


class _Beside(NamedTuple):
    """Inputs that hold no samples: those without rows, and those whose prompts belong to the answers of other files."""

    empty: Sequence[InputSummary]
    requests: Requests


class RecordStream:
    """Canonical batches of all inputs; iterating again reads again."""

    def __init__(
        self, files: Sequence[_File], wishes: Wishes, beside: "_Beside", *, strict: bool, batch_rows: int
    ) -> None:
        """Made by `read`; `beside` are the inputs without samples."""
        self._files = files
        self._beside = beside
        self._wishes = wishes
        self._strict = strict
        self._batch_rows = batch_rows
        self._kept = kept_types(wishes.keep, [(f.reader, f.head, f.plan) for f in files])
        self._kept |= {} if wishes.vectors is None else {wishes.vectors: VECTORS}
        self._rejects = Rejects(strict=strict)

    @property
    def inputs(self) -> tuple[InputSummary, ...]:
        """What each file is; `rows` (of the file, usable or not) is None until it is read, unless its metadata tell."""
        return (*(file.summary() for file in self._files), *self._beside.empty, *self._beside.requests.summaries())

    @property
    def rejects(self) -> Rejects:
        """The rows rejected in the last pass."""
        return self._rejects

    @property
    def available(self) -> frozenset[str]:
        """Canonical columns that will hold something in at least one file (as far as its head and metadata tell)."""
        return frozenset(c for file in self._files for c in file.plan.words if c not in file.hollow)

    @property
    def extra(self) -> frozenset[str]:
        """Source columns that became no canonical column, by name."""
        return frozenset(c for file in self._files for c in set(file.head.columns) - _used(file.plan))

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Columns of every batch with their types, in order."""
        return {**CANONICAL, **self._kept, "row": pl.Int64()}

    def __iter__(self) -> Iterator[pl.DataFrame]:
        """Batches in input order; raises `RecordsError` at the end when there was no usable row."""
        self._rejects = Rejects(strict=self._strict)
        rows = qualities = 0
        for file in self._files:
            file.start(self._rejects)
            for frame in self._frames(file):
                numbers = pl.int_range(rows, rows + frame.height, dtype=pl.Int64, eager=True).alias("row")
                rows += frame.height
                qualities += frame.height - frame["quality"].null_count()
                yield frame.with_columns(numbers)
        self._check_end(rows, qualities)

    def frame(self) -> pl.DataFrame:
        """All batches as one frame."""
        return pl.concat(list(self))

    def _frames(self, file: _File) -> Iterator[pl.DataFrame]:
        batcher = Batcher(file.plan, self._wishes, self._kept, file)
        rows = 0
        for chunk in file.reader.chunks(file.plan.reads, self._batch_rows, file):
            rows += len(chunk.numbers)
            for frame in batcher.frames(chunk, self._batch_rows):
                file.records += frame.height
                if frame.height:
                    yield frame
        file.rows = rows + file.unparsed

    def _check_end(self, rows: int, qualities: int) -> None:
        name = "`quality` is not a number"
        if not qualities and self._wishes.wants("quality") and self._rejects.by_reason.get(name):
            examples = [r.detail.removeprefix("got ") for r in self._rejects.first if r.reason == name]
            raise RecordsError(_only_text(self._files, examples))
        if not rows:
            raise RecordsError(_no_rows(self._files, self._rejects))


def read(  # noqa: PLR0913
    paths: Sequence[str | Path],
    *,
    mapping: Mapping[str, str] = _NOTHING,
    keep: Sequence[str] = (),
    by: Sequence[str] = (),
    need: Collection[str] | None = None,
    quality: str | None = None,
    vectors: str | None = None,
    strict: bool = False,
    batch_rows: int = 131072,
) -> RecordStream:
    """The rows of `paths` as canonical batches: the columns of `CANONICAL`, the `keep` columns, and `row`.

    Only the head of each file is read here. Rows that cannot be used are set aside in `RecordStream.rejects`.

    Args:
        paths: Files, folders, globs, URIs, `-` for standard input.
        mapping: {canonical column: source column, or COLUMN.KEY inside a JSON column}; '' drops the column.
        keep: Further source columns (or meta.KEY) to carry along under their own names.
        by: Columns (or meta.KEY) whose values, joined by ' | ', take the place of `model`.
        need: Canonical columns to fill, all by default; the others are null and Parquet does not read them.
        quality: The column (or meta.KEY) that holds the quality; by default the one called `quality`.
        vectors: A further column to carry along, of lists of numbers; what is no such list becomes null.
        strict: Raise at the first unusable row.
        batch_rows: Rows read at a time; changes memory and speed, never the rows.

    Raises:
        RecordsError: A path, a column name or the data cannot be used; the message says what to type.
    """
    wishes = Wishes(mapping, keep, by, _needed(need, keep), quality, vectors)
    check_wishes(wishes)
    full, empty = _with_rows([(reader, reader.head()) for reader in map(open_reader, expand(paths))])
    answered, requests = _without_requests(full)
    opened = with_late_columns(answered, (*mapping.values(), *wishes.kept, *by, *([quality] if quality else [])))
    _check_names(opened, wishes)
    rejects = Rejects(strict=strict)
    files = [_File(reader, head, bind(reader, head, wishes, requests), rejects) for reader, head in opened]
    stream = RecordStream(files, wishes, _Beside(empty, requests), strict=strict, batch_rows=max(1, batch_rows))
    _check_columns(stream, wishes)
    _check_quality(files, wishes)
    return stream


def known_rows(paths: Sequence[str | Path]) -> int | None:
    """Rows of all `paths` together where metadata tell before reading, else None; raises `RecordsError` like `read`."""
    if "-" in map(str, paths):  # it can be read only once
        return None
    rows = [rows_by_metadata(source) for source in expand(paths)]
    return None if None in rows else sum(row for row in rows if row is not None)


def require_column(name: str, stream: RecordStream) -> None:
    """Nothing when `stream` knows the column `name` (or COLUMN.KEY); else `RecordsError` with the near names."""
    known = {c for file in stream._files for c in (*file.head.columns, *file.plan.words)}
    _require(name, known)
    column, key = lookup(name, known)
    if key is not None:
        source = _source_of(column, stream)
        require_key(name, source, key, [(f.reader, _head_with(source, f)) for f in stream._files])


def _source_of(column: str, stream: RecordStream) -> str:
    """The source column behind canonical `column`, for a key inside it."""
    if any(column in file.head.columns for file in stream._files):
        return column
    return next((f.plan.found[column].column for f in stream._files if column in f.plan.found), column)


def _head_with(column: str, file: _File) -> Head:
    """The first rows of `file`, taken apart where only then they hold `column`; what a shape makes of one row it makes of all."""
    records = file.plan.bound.records
    if records is None or column in file.head.columns:
        return file.head
    return file.head._replace(rows=list(_taken_apart(records, file.head.rows)), is_whole=True)


def _taken_apart(records: Callable[[Row], list[Row]], rows: Sequence[Row]) -> Iterator[Row]:
    for row in rows:
        with suppress(Unusable, PassedOver):
            yield from records(row)


def _require(name: str, known: Collection[str], what: str = "column") -> None:
    if not is_known(name, known):
        raise RecordsError(f"unknown {what} {name!r}{near(name, known)}; there are: {', '.join(sorted(known))}")


def _needed(need: Collection[str] | None, keep: Sequence[str]) -> frozenset[str]:
    return frozenset(CANONICAL) if need is None else frozenset(need) | (frozenset(keep) & frozenset(CANONICAL))


def _with_rows(opened: Sequence[Opened]) -> tuple[list[Opened], list[InputSummary]]:
    """(files that have rows, summaries of the empty ones); `RecordsError` when none has, or when one is not what it seems."""
    full = [(reader, head) for reader, head in opened if head.rows]
    empty = [reader for reader, head in opened if not head.rows]
    for reader in empty:
        if isinstance(reader, JsonLinesReader):
            raise RecordsError(
                f"no line of {reader.source.name} could be read as {reader.format}; expected one JSON object a line"
            )
    if not full:
        names = ", ".join(reader.source.name for reader in empty[:3])
        raise RecordsError(f"no rows in {names}; expected at least one record with a response")
    return full, [InputSummary(path=r.source.name, format=r.format, shape="no rows", columns={}, rows=0) for r in empty]


def _without_requests(opened: Sequence[Opened]) -> tuple[list[Opened], Requests]:
    """(files of samples, files of requests for a batch); `RecordsError` when there are only requests."""
    asked = [(reader, head) for reader, head in opened if is_requests(head)]
    answered = [(reader, head) for reader, head in opened if not is_requests(head)]
    if not answered:
        raise RecordsError(
            f"{asked[0][0].source.name} holds the requests of an OpenAI batch and no answers; give the output file of the batch "
            "too: triaxis measure INPUT OUTPUT"
        )
    return answered, Requests(asked)


def _check_names(opened: Sequence[Opened], wishes: Wishes) -> None:
    """Names that the user tied to canonical columns, before shapes are recognised by them."""
    known = list(dict.fromkeys(c for _, head in opened for c in head.columns))
    for canonical, source in wishes.mapping.items():
        if source != "":
            _require(source, known, f"column for --map {canonical}=")
    if wishes.quality is not None:
        _require(wishes.quality, known, "quality column")


def _check_columns(stream: RecordStream, wishes: Wishes) -> None:
    tied = [source for source in (*wishes.mapping.values(), wishes.quality) if source]
    for name in (*tied, *wishes.kept, *wishes.by):
        require_column(name, stream)


def _check_quality(files: Sequence[_File], wishes: Wishes) -> None:
    """`RecordsError` when the first rows of every file that has a quality hold only texts there."""
    if not wishes.wants("quality"):
        return
    found = [head_quality(file.head, file.plan) for file in files]
    examples = [text for _, texts in found for text in texts]
    if examples and not any(numbers for numbers, _ in found):
        raise RecordsError(_only_text(files, [repr(e) for e in examples[:3]]))


def _only_text(files: Sequence[_File], examples: Sequence[str]) -> str:
    found = (f"{file.plan.words['quality']} of {file.reader.source.name}" for file in files if "quality" in file.plan.words)
    words = next(found, f"`quality` of {files[0].reader.source.name}")
    shown = ", ".join(dict.fromkeys(examples[:3]))
    return (
        f"quality must be numbers, got only text in {words}: {shown}. Type --quality with the name of a column of numbers, "
        "or --map quality= to go on without"
    )


def _no_rows(files: Sequence[_File], rejects: Rejects) -> str:
    names = ", ".join(file.reader.source.name for file in files[:3])
    if not rejects.count:
        return f"no rows in {names}; expected at least one record"
    reasons = "; ".join(f"{count} x {reason}" for reason, count in list(rejects.by_reason.items())[:3])
    return (
        f"no usable row in {names}: {reasons}. The first: {rejects.first[0]}. Type --map COLUMN=SOURCE if a column was mistaken"
    )


def _used(plan: Plan) -> set[str]:
    return {place.column for place in plan.found.values() if place.key is None}


def _holds_something(column: str, file: _File) -> bool:
    plan = file.plan
    if column in plan.constants or plan.bound.records is not None:
        return True
    if column == "prompt_id" and plan.hashes_prompt and _is_filled(plan.found["prompt"], file):
        return True
    return column in plan.found and _is_filled(plan.found[column], file)


def _is_filled(place: Lookup, file: _File) -> bool:
    return bool(file.head.values(place.column)) or not (file.head.is_whole or file.reader.is_hollow(place.column))
