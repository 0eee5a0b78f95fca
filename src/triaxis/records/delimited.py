"""CSV and TSV files in blocks.

The one idea: every column is read as text and cast later like any other text, so a number means the same here as in
JSON; a row with too few or too many fields is set aside with its number.
"""

import codecs
import io
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any, cast

import polars as pl
import pyarrow as pa
import pyarrow.csv as pa_csv

from triaxis.errors import RecordsError
from triaxis.records.files import Source, open_text
from triaxis.records.formats import NOT_UTF8, Chunk, Head, Silent, Sink, check_names, columnar_head, first_line
from triaxis.records.rejects import RAW_CHARACTERS, Problem

_BLOCK_BYTES = 1 << 25
"""A longer row cannot be parsed."""


class _Numbering:
    """Numbers the kept rows of a file in order, stepping over the numbers of rows that were skipped."""

    def __init__(self) -> None:
        self._skipped: deque[int] = deque()
        self._next = 1

    def skip(self, numbers: Iterable[int]) -> None:
        self._skipped.extend(numbers)

    def take(self, count: int) -> Sequence[int]:
        numbers: list[int] = []
        while self._skipped and self._skipped[0] < self._next + count - len(numbers):
            numbers.extend(range(self._next, self._skipped[0]))
            self._next = self._skipped.popleft() + 1
        last = self._next + count - len(numbers)
        tail = range(self._next, last)
        self._next = last
        return [*numbers, *tail] if numbers else tail


def _drained(skipped: deque[Problem], sink: Sink) -> list[int]:
    """Hands what was skipped so far to the sink; returns the row numbers."""
    numbers = []
    while skipped:
        problem = skipped.popleft()
        numbers.append(problem.number)
        sink.problem(problem)
    return numbers


class _Utf8(io.RawIOBase):
    """Passes bytes through, with what is not UTF-8 replaced by U+FFFD and said so."""

    def __init__(self, stream: IO[bytes], sink: Sink) -> None:
        self._stream = stream
        self._sink = sink
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            data = self._stream.read(1 << 20)
            text = self._decoder.decode(data, final=not data)
            self._ready = text.encode()
            if text.count("\ufffd") > data.count(b"\xef\xbf\xbd"):
                self._sink.note(NOT_UTF8)
            if not data:
                break
        taken = self._ready[: len(buffer)]
        buffer[: len(taken)] = taken
        self._ready = self._ready[len(taken) :]
        return len(taken)


class CsvReader:
    """A CSV or TSV file with a header; every column is text here and cast later, an unquoted empty field is null."""

    unit = "row"

    def __init__(self, source: Source, *, delimiter: str, compressed: str | None) -> None:
        """Reads the header line."""
        self.source = source
        name = {",": "CSV", "\t": "TSV"}.get(delimiter, f"CSV separated by {delimiter}")
        self.format = f"{name}, {compressed}" if compressed else name
        self._delimiter = delimiter
        with self._opened(None, Silent(), deque()) as reader:
            self._names: list[str] = reader.schema.names
        check_names(source, self._names)

    @property
    def rows(self) -> int | None:
        """Unknown before reading."""
        return None

    def head(self) -> Head:
        """The first rows."""
        with self._opened(self._names, Silent(), deque()) as reader:
            batch = next(iter(reader), None)
            is_whole = batch is None or next(iter(reader), None) is None
        frame = (
            pl.DataFrame(schema=dict.fromkeys(self._names, pl.String))
            if batch is None
            else cast(pl.DataFrame, pl.from_arrow(batch))
        )
        return columnar_head(frame, is_whole=is_whole)

    def has_nulls(self, column: str) -> bool:
        """Always possible."""
        return True

    def is_hollow(self, column: str) -> bool:
        """Unknown: it would take reading the whole file."""
        return False

    def chunks(self, columns: Collection[str], batch_rows: int, sink: Sink) -> Iterator[Chunk]:
        """Frames of `columns`; rows with too few or too many fields go to the sink."""
        asked = [name for name in self._names if name in columns] or self._names[:1]
        skipped: deque[Problem] = deque()
        numbering = _Numbering()
        with self._opened(asked, sink, skipped) as reader:
            for whole in reader:
                numbering.skip(_drained(skipped, sink))
                for start in range(0, whole.num_rows, batch_rows):
                    batch = whole.slice(start, batch_rows)
                    yield Chunk(cast(pl.DataFrame, pl.from_arrow(batch)), numbering.take(batch.num_rows))
        _drained(skipped, sink)

    @contextmanager
    def _opened(self, columns: list[str] | None, sink: Sink, skipped: deque[Problem]) -> Iterator[Any]:
        def skip(row: Any) -> str:
            """Only notes the row: an error raised in here would be swallowed by the parser."""
            detail = f"expected {row.expected_columns}, got {row.actual_columns}"
            number = row.number - 1  # the header is row 1 for the parser
            skipped.append(Problem(number, "wrong number of fields", detail, row.text[:RAW_CHARACTERS]))
            return "skip"

        types = {name: pa.string() for name in columns or []}
        with open_text(self.source) as stream:
            try:
                with pa_csv.open_csv(
                    _Utf8(stream, sink),
                    read_options=pa_csv.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES),
                    parse_options=pa_csv.ParseOptions(
                        delimiter=self._delimiter, newlines_in_values=True, invalid_row_handler=skip
                    ),
                    convert_options=pa_csv.ConvertOptions(
                        column_types=types, include_columns=columns, null_values=[""], strings_can_be_null=True,
                        quoted_strings_can_be_null=False,
                    ),
                ) as reader:  # fmt: skip
                    yield reader
            except pa.ArrowException as error:
                raise RecordsError(
                    f"{self.source.name} cannot be read as {self.format}: {first_line(error)}; "
                    "check its quotes and separators, or save it as JSONL or Parquet"
                ) from error
