"""What every reader of a file format offers: a `Head` to recognise the shape by, then chunks of rows with their numbers.

The one idea: columnar formats yield polars frames of the asked columns only, line formats yield dicts; what neither can
parse is handed to the `Sink` with its place and never stops the reading.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import polars as pl

from triaxis.errors import RecordsError
from triaxis.records.files import Source
from triaxis.records.rejects import Problem

HEAD_ROWS = 256
"""Rows that are looked at to recognise a shape, at most."""

HEAD_BYTES = 1 << 20
"""Their size in bytes, about: the heads of all files stay in memory."""

CHUNK_BYTES = 1 << 26
"""A chunk is cut so that its rows take about this many bytes at most, whatever `batch_rows` says."""

NOT_UTF8 = "bytes that are not UTF-8 were replaced by \ufffd"

Row = dict[str, Any]


class Head(NamedTuple):
    """First rows of a file; `is_whole` when there are no others. `types` is empty for JSON.

    `columns` of JSON lines come from a longer look than `rows`, so that a key that starts late is known.
    """

    rows: list[Row]
    columns: tuple[str, ...]
    types: Mapping[str, pl.DataType]
    is_whole: bool

    def values(self, column: str) -> list[Any]:
        """The values of `column` in the first rows that are not null."""
        return [row[column] for row in self.rows if row.get(column) is not None]


class Chunk(NamedTuple):
    """Rows of one file and, for each, its line or row number counted from 1."""

    rows: pl.DataFrame | list[Row]
    numbers: Sequence[int]


class Sink(Protocol):
    """Where a reader reports what it could not parse, and what it did to go on."""

    def problem(self, problem: Problem) -> None:
        """One row cannot be used."""
        ...

    def note(self, text: str) -> None:
        """Something was mended; said once in the summary of the file."""
        ...


class Reader(Protocol):
    """One file of one format."""

    source: Source
    format: str
    unit: str

    @property
    def rows(self) -> int | None:
        """Rows of the file when its metadata tell, else None."""
        ...

    def head(self) -> Head:
        """The first rows."""
        ...

    def has_nulls(self, column: str) -> bool:
        """Whether `column` may hold nulls somewhere in the file."""
        ...

    def is_hollow(self, column: str) -> bool:
        """Whether `column`, which holds nothing in the first rows, is known to hold nothing at all."""
        ...

    def chunks(self, columns: Collection[str], batch_rows: int, sink: Sink) -> Iterator[Chunk]:
        """The rows in file order; columnar formats read `columns` only."""
        ...


class Silent:
    """A sink for the first look at a file: everything is reported when it is read in earnest."""

    def problem(self, problem: Problem) -> None:
        """Nothing."""

    def note(self, text: str) -> None:
        """Nothing."""


def columnar_head(frame: pl.DataFrame, *, is_whole: bool) -> Head:
    """The head that `frame` begins with; `is_whole` tells that the file holds no rows after it."""
    fitting = max(1, HEAD_BYTES * frame.height // max(1, int(frame.estimated_size())))
    rows = frame.head(min(HEAD_ROWS, fitting))
    return Head(rows.to_dicts(), tuple(frame.columns), dict(frame.schema), is_whole and rows.height == frame.height)


def check_names(source: Source, names: Sequence[str]) -> None:
    """`RecordsError` when two columns have one name, or a name holds a NUL (where polars would cut it off)."""
    for name, count in Counter(names).items():
        if count > 1:
            raise RecordsError(f"{source.name} has the column {name!r} twice; rename one of them")
        if "\0" in name:
            raise RecordsError(f"{source.name} has a column called {name[:40]!r}; expected names without NUL: is it a text file?")


def first_line(error: BaseException) -> str:
    """What the error says, without the pages that may follow."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
