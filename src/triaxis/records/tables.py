"""Small tables that people type by hand: gates, models. Read once and whole, so that anything odd is an error with its row."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import polars as pl

from triaxis.errors import RecordsError
from triaxis.records.files import expand
from triaxis.records.formats import Row
from triaxis.records.rejects import Problem
from triaxis.records.sniff import open_reader

_MOST_ROWS = 1 << 16


def read_rows(path: str | Path, *, check: Callable[[Sequence[str]], None] = lambda _: None) -> Iterator[Row]:
    """The rows of one file of any known format as dicts, in file order; `check` sees the columns first.

    Raises `RecordsError` for a row that cannot be parsed, and for whatever a reader would mend: a mended name is another name.
    """
    table = str(path)
    sources = expand([table])
    if len(sources) != 1:
        raise RecordsError(f"expected one file, got {len(sources)} for {table}; name one")
    reader = open_reader(sources[0])
    columns = reader.head().columns
    check(columns)
    for chunk in reader.chunks(columns, _MOST_ROWS, _Strict(table)):
        yield from chunk.rows.to_dicts() if isinstance(chunk.rows, pl.DataFrame) else chunk.rows


class _Strict:
    """A sink that takes no excuse."""

    def __init__(self, table: str) -> None:
        self.table = table

    def problem(self, problem: Problem) -> None:
        """A row that cannot be parsed is an error."""
        raise RecordsError(f"{self.table}, row {problem.number}: {problem.reason} ({problem.detail}); mend the row")

    def note(self, text: str) -> None:
        """Whatever the reader mended may have changed a name."""
        raise RecordsError(f"{self.table}: {text}; save it as UTF-8 JSONL or CSV")
