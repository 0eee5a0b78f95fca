"""A file of scored samples, written batch by batch and moved into place at the end, so that it is whole or not there."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Protocol

import polars as pl
import pyarrow.parquet as pq

from triaxis.errors import InputError

FORMATS = ("parquet", "jsonl")


class Writer(Protocol):
    """Takes batches, one after the other."""

    def write(self, batch: pl.DataFrame) -> None:
        """Adds the rows of `batch`, whose columns are those of the file."""
        ...


@contextmanager
def scored_file(out: Path | None, form: str, schema: Mapping[str, pl.DataType]) -> Iterator[Writer]:
    """A writer of `form` that leaves `out` as it was unless the block ends well; one that writes nothing for None.

    Raises `InputError` when `out` cannot be written.
    """
    if out is None:
        yield _Nothing()
        return
    check_file(out)
    with _told(out):
        handle, name = tempfile.mkstemp(prefix=".triaxis-partial-", suffix=out.suffix, dir=out.absolute().parent)
    try:
        writer = _opened(handle, form, schema)
        try:
            yield _Told(writer, out)
        finally:
            with _told(out):
                writer.close()
        with _told(out):
            _as_usual(name)
            os.replace(name, out)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name)


def _opened(handle: int, form: str, schema: Mapping[str, pl.DataType]) -> "_Parquet | _JsonLines":
    file = os.fdopen(handle, "wb")
    return _Parquet(file, schema) if form == "parquet" else _JsonLines(file)


@contextmanager
def _told(out: Path) -> Iterator[None]:
    """A failure to write becomes a message that names the file; one to read what is written passes."""
    try:
        yield
    except OSError as error:
        what = error.strerror or str(error)
        raise InputError(f"cannot write {out}: {what}; choose another file with --out, or make room") from error


class _Told:
    def __init__(self, writer: Writer, out: Path) -> None:
        self._writer, self._out = writer, out

    def write(self, batch: pl.DataFrame) -> None:
        """Writes, or says which file cannot be written."""
        with _told(self._out):
            self._writer.write(batch)


def check_file(out: Path) -> None:
    """Nothing; `InputError` when `out` cannot become a file. Asked before the long work."""
    if str(out) == "-":
        raise InputError("expected a file for --out, got '-'; type for example --out scored.jsonl, or --out ./-")
    if out.is_dir():
        raise InputError(f"expected a file for --out, got the folder {out}; type for example --out {out / 'scored.parquet'}")
    if not out.absolute().parent.is_dir():
        raise InputError(f"expected a folder that is there for --out, got {out}; make {out.parent} first")


def _as_usual(name: str) -> None:
    """The permissions that a new file has, which a temporary one has not."""
    mask = os.umask(0)
    os.umask(mask)
    os.chmod(name, 0o666 & ~mask)


class _Nothing:
    def write(self, batch: pl.DataFrame) -> None:
        """Writes nothing."""


class _Parquet:
    def __init__(self, file: IO[bytes], schema: Mapping[str, pl.DataType]) -> None:
        self._file = file
        self._schema = pl.DataFrame(schema=dict(schema)).to_arrow().schema
        self._writer = pq.ParquetWriter(file, self._schema, compression="zstd")

    def write(self, batch: pl.DataFrame) -> None:
        """A row group."""
        self._writer.write_table(batch.to_arrow().cast(self._schema))

    def close(self) -> None:
        """Ends the file."""
        self._writer.close()
        self._file.close()


class _JsonLines:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, batch: pl.DataFrame) -> None:
        """A line a row."""
        batch.write_ndjson(self._file)

    def close(self) -> None:
        """Ends the file."""
        self._file.close()
