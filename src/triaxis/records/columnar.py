"""Parquet and Arrow files, streamed batch by batch with only the asked columns.

The one idea: pyarrow decodes, polars takes over without a copy; texts are checked to be UTF-8 in between, because polars
trusts them and crashes the process when they are not.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, cast

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from triaxis.errors import RecordsError
from triaxis.records.files import Source
from triaxis.records.formats import (
    CHUNK_BYTES,
    HEAD_ROWS,
    NOT_UTF8,
    Chunk,
    Head,
    Reader,
    Silent,
    Sink,
    check_names,
    columnar_head,
    first_line,
)  # fmt: skip

READ_BUFFER = 2**20
"""Bytes read at a time from Parquet. Without it pyarrow keeps every column chunk it has read until the file is closed."""


class ParquetReader:
    """A Parquet file, row group by row group, asked columns only."""

    format = "Parquet"
    unit = "row"

    def __init__(self, source: Source) -> None:
        """Reads the metadata at the file's end; `RecordsError` when they are not there."""
        self.source = source
        with self._file() as file:
            self._metadata = file.metadata
            self._schema = file.schema_arrow
        self._names = _names(source, self._schema)

    @property
    def rows(self) -> int | None:
        """Rows according to the metadata."""
        return int(self._metadata.num_rows)

    def head(self) -> Head:
        """The first rows."""
        with self._file() as file:
            batch = next(file.iter_batches(HEAD_ROWS), None)
        frame = pl.from_arrow(self._schema.empty_table()) if batch is None else _to_polars(batch, self.source, Silent())
        frame = cast(pl.DataFrame, frame)
        return columnar_head(frame, is_whole=frame.height == self._metadata.num_rows)

    def has_nulls(self, column: str) -> bool:
        """False only when the statistics of every row group say so."""
        return self._nulls(column) != 0

    def is_hollow(self, column: str) -> bool:
        """By the statistics, else by a look at the column up to its first value."""
        nulls = self._nulls(column)
        return _is_hollow(self, column) if nulls is None else nulls == self._metadata.num_rows

    def chunks(self, columns: Collection[str], batch_rows: int, sink: Sink) -> Iterator[Chunk]:
        """Frames of `columns`."""
        asked = [name for name in self._names if name in columns] or self._names[:1]
        size = min(batch_rows, max(1, CHUNK_BYTES // max(1, self._row_bytes(asked))))
        at = 0
        with self._file() as file:
            for batch in file.iter_batches(size, columns=asked):
                yield Chunk(_to_polars(batch, self.source, sink), range(at + 1, at + batch.num_rows + 1))
                at += batch.num_rows

    @contextmanager
    def _file(self) -> Iterator[pq.ParquetFile]:
        with ExitStack() as stack:
            handle = stack.enter_context(self.source.open()) if self.source.local is None else str(self.source.local)
            try:
                yield stack.enter_context(pq.ParquetFile(handle, pre_buffer=False, buffer_size=READ_BUFFER))
            except (pa.ArrowException, OSError) as error:
                raise RecordsError(
                    f"{self.source.name} starts like a Parquet file but cannot be read: {first_line(error)}; "
                    "it is cut short or damaged: copy or download it again"
                ) from error

    def _column_chunks(self, name: str) -> Iterator[Any]:
        for group in range(self._metadata.num_row_groups):
            row_group = self._metadata.row_group(group)
            for index in range(row_group.num_columns):
                chunk = row_group.column(index)
                if chunk.path_in_schema == name or chunk.path_in_schema.startswith(name + "."):
                    yield chunk

    def _nulls(self, name: str) -> int | None:
        if name not in self._names or pa.types.is_nested(self._schema.field(name).type):
            return None
        counts = [
            c.statistics.null_count if c.statistics and c.statistics.has_null_count else None for c in self._column_chunks(name)
        ]
        return None if None in counts else sum(cast(list[int], counts))

    def _row_bytes(self, names: Sequence[str]) -> int:
        size = sum(int(c.total_uncompressed_size) for name in names for c in self._column_chunks(name))
        return size // max(1, int(self._metadata.num_rows))


class ArrowReader:
    """An Arrow IPC file or stream (also `.feather` version 2 and the files of a Hugging Face `datasets` folder)."""

    unit = "row"

    def __init__(self, source: Source, *, is_stream: bool) -> None:
        """Reads the schema; `RecordsError` when it is damaged."""
        self.source = source
        self.format = "Arrow stream" if is_stream else "Arrow file"
        self._is_stream = is_stream
        with self._opened(None) as reader:
            self._schema = reader.schema
        self._names = _names(source, self._schema)

    @property
    def rows(self) -> int | None:
        """Unknown before reading."""
        return None

    def head(self) -> Head:
        """The first rows."""
        frames: list[pl.DataFrame] = []
        with self._opened(None) as reader:
            batches = self._batches(reader)
            while sum(f.height for f in frames) < HEAD_ROWS and (batch := next(batches, None)) is not None:
                frames.append(_to_polars(batch.slice(0, HEAD_ROWS), self.source, Silent()))
            is_whole = next(batches, None) is None and all(f.height < HEAD_ROWS for f in frames)
        empty = cast(pl.DataFrame, pl.from_arrow(self._schema.empty_table()))
        return columnar_head(pl.concat([empty, *frames]), is_whole=is_whole)

    def has_nulls(self, column: str) -> bool:
        """Always possible: the format keeps no statistics."""
        return True

    def is_hollow(self, column: str) -> bool:
        """By a look at the column up to its first value."""
        return _is_hollow(self, column)

    def chunks(self, columns: Collection[str], batch_rows: int, sink: Sink) -> Iterator[Chunk]:
        """Frames of `columns`."""
        asked = [i for i, name in enumerate(self._names) if name in columns] or [0]
        at = 0
        with self._opened(asked) as reader:
            for whole in self._batches(reader):
                size = min(batch_rows, max(1, CHUNK_BYTES * max(1, whole.num_rows) // max(1, whole.nbytes)))
                for start in range(0, whole.num_rows, size):
                    batch = whole.slice(start, size)
                    yield Chunk(_to_polars(batch, self.source, sink), range(at + 1, at + batch.num_rows + 1))
                    at += batch.num_rows

    @contextmanager
    def _opened(self, fields: list[int] | None) -> Iterator[Any]:
        options = pa.ipc.IpcReadOptions(included_fields=fields)
        with ExitStack() as stack:
            local = self.source.local
            handle = stack.enter_context(self.source.open() if local is None else pa.memory_map(str(local)))
            try:
                opened = (
                    pa.ipc.open_stream(handle, options=options) if self._is_stream else pa.ipc.open_file(handle, options=options)
                )
                yield stack.enter_context(opened)
            except (pa.ArrowException, OSError) as error:
                raise RecordsError(
                    f"{self.source.name} starts like an {self.format} but cannot be read: {first_line(error)}; "
                    "it is cut short or damaged: copy or download it again"
                ) from error

    def _batches(self, reader: Any) -> Iterator[pa.RecordBatch]:
        if self._is_stream:
            yield from reader
        else:
            yield from (reader.get_batch(i) for i in range(reader.num_record_batches))


def _is_hollow(reader: Reader, column: str) -> bool:
    chunks = reader.chunks([column], 1 << 17, Silent())
    return all(cast(pl.DataFrame, chunk.rows)[column].null_count() == len(chunk.rows) for chunk in chunks)


def _names(source: Source, schema: pa.Schema) -> list[str]:
    try:
        names: list[str] = schema.names
    except UnicodeDecodeError as error:
        raise RecordsError(_damaged(source, error)) from error
    check_names(source, names)
    return names


def _to_polars(batch: pa.RecordBatch, source: Source, sink: Sink) -> pl.DataFrame:
    """`batch` as a frame. Polars trusts texts to be UTF-8 and crashes the process when they are not, hence the check."""
    try:
        batch.validate(full=True)
    except pa.ArrowInvalid:
        sink.note(NOT_UTF8)
        batch = pa.RecordBatch.from_arrays([_mended(column, source) for column in batch.columns], names=batch.schema.names)
    return cast(pl.DataFrame, pl.from_arrow(batch))


def _mended(column: pa.Array, source: Source) -> pa.Array:
    """`column`, its texts made UTF-8; `RecordsError` when more than that is wrong with it."""
    try:
        column.validate(full=True)
        return column
    except pa.ArrowInvalid as error:
        kind = {pa.string(): pa.binary(), pa.large_string(): pa.large_binary()}.get(column.type)
        if kind is None:
            raise RecordsError(_damaged(source, error)) from error
        return _decoded(column.view(kind), source)


def _decoded(column: pa.Array, source: Source) -> pa.Array:
    try:
        column.validate(full=True)
    except pa.ArrowInvalid as error:
        raise RecordsError(_damaged(source, error)) from error
    texts = (None if raw is None else raw.decode("utf-8", "replace") for raw in column.to_pylist())
    return pa.array(texts, pa.large_string())


def _damaged(source: Source, error: Exception) -> str:
    return f"{source.name} holds damaged values ({first_line(error)}); write it again, or copy or download it again"
