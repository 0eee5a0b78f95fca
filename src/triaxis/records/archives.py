"""Inspect's `.eval` logs: a zip archive with one JSON file for each sample.

The one idea: nothing is ever unpacked to disk and no name in the archive is used as a path; one sample at a time is unpacked
in memory, and what an archive says of its sizes is believed only as far as it is harmless.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import IO, Any, NamedTuple, cast

import pyarrow as pa

from triaxis.errors import RecordsError
from triaxis.records import inspect_logs
from triaxis.records.files import Source
from triaxis.records.formats import CHUNK_BYTES, HEAD_BYTES, HEAD_ROWS, NOT_UTF8, Chunk, Head, Row, Silent, Sink
from triaxis.records.jsonrows import parse
from triaxis.records.rejects import Problem

MAGIC = b"PK\x03\x04"

LARGEST_SAMPLE = 1 << 28
"""Bytes of one sample, unpacked."""

LARGEST_RATIO = 1000
"""Unpacked bytes for each one of the file, beyond `LARGEST_SAMPLE`; deflate reaches 1032 only where all bytes are equal."""

_HEADERS = ("header.json", "_journal/start.json")
"""The second is there from the beginning, the first when the evaluation has ended; after inspect_ai 0.3, `EvalRecorder`."""

_SAMPLE = re.compile(r"samples/.*_epoch_\d+\.json", re.DOTALL)
_IN_PIECES = re.compile(r"samples/.*_epoch_\d+/sample\.json", re.DOTALL)
_ZSTD = 93
"""What newer versions of Inspect write; `zipfile` reads it from Python 3.14 on."""

_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, _ZSTD}
"""Not LZMA, which can ask for gigabytes of memory before the first byte."""

_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, struct.error, pa.ArrowException, ValueError)


class _Archive(NamedTuple):
    """An open archive; `handle` gives the bytes that `directory` speaks of."""

    handle: IO[bytes]
    directory: zipfile.ZipFile

    def unpacked(self, member: zipfile.ZipInfo) -> bytes:
        """The bytes of `member`, which are as many as it says; one of `_DAMAGE` when it cannot be unpacked."""
        if member.file_size > LARGEST_SAMPLE:
            raise ValueError(f"it is larger than {LARGEST_SAMPLE >> 20} MiB")
        if member.compress_type == _ZSTD:
            return self._from_zstd(member)
        with self.directory.open(member) as stream:
            return stream.read(member.file_size + 1)

    def _from_zstd(self, member: zipfile.ZipInfo) -> bytes:
        """As `zipfile` does it, with its two checks: the local header is one, and the checksum is right."""
        self.handle.seek(member.header_offset)
        header = self.handle.read(30)
        if header[:4] != MAGIC or member.flag_bits & 1:
            raise zipfile.BadZipFile("its header is damaged, or it is encrypted")
        self.handle.seek(sum(struct.unpack("<HH", header[26:30])), io.SEEK_CUR)
        packed = io.BytesIO(self.handle.read(member.compress_size))
        data = bytes(pa.CompressedInputStream(packed, "zstd").read(member.file_size))
        if zlib.crc32(data) != member.CRC:
            raise zipfile.BadZipFile("its checksum is wrong")
        return data


def is_inspect(source: Source) -> bool:
    """Whether a zip archive is an Inspect log: by the end of its name, else by what it holds."""
    if source.suffix == ".eval":
        return True
    try:
        with source.open() as handle, zipfile.ZipFile(handle) as index:
            return any(name in index.NameToInfo for name in _HEADERS)
    except _DAMAGE:
        return False


class InspectReader:
    """The samples of an `.eval` log, one row each."""

    format = "Inspect .eval"
    unit = "row"

    def __init__(self, source: Source) -> None:
        """Reads the index of the archive and its header; `RecordsError` when they are not those of an Inspect log."""
        self.source = source
        with self._opened() as archive:
            self._members = [member for member in archive.directory.infolist() if _SAMPLE.fullmatch(member.filename)]
            self._check(archive)
            header = self._header(archive)
        self._told = inspect_logs.evaluation(header)
        self._notes = inspect_logs.notes_of(header)

    @property
    def rows(self) -> int | None:
        """Samples in the archive."""
        return len(self._members)

    def head(self) -> Head:
        """The first samples."""
        rows: list[Row] = []
        size = seen = 0
        with self._opened() as archive:
            for number, member in enumerate(self._members[:HEAD_ROWS], 1):
                row = self._row(archive, member, number, Silent())
                seen, size = number, size + member.file_size
                rows += [] if row is None else [row]
                if rows and size > HEAD_BYTES:
                    break
        return Head(rows, tuple(dict.fromkeys(key for row in rows for key in row)), {}, seen == len(self._members))

    def has_nulls(self, column: str) -> bool:
        """Always possible."""
        return True

    def is_hollow(self, column: str) -> bool:
        """Unknown: it would take unpacking all samples."""
        return False

    def chunks(self, columns: Collection[str], batch_rows: int, sink: Sink) -> Iterator[Chunk]:
        """Rows as dicts; `columns` saves nothing here, since a sample is unpacked as a whole."""
        for note in self._notes:
            sink.note(note)
        rows: list[Row] = []
        numbers: list[int] = []
        size = 0
        with self._opened() as archive:
            for number, member in enumerate(self._members, 1):
                row = self._row(archive, member, number, sink)
                if row is None:
                    continue
                rows.append(row)
                numbers.append(number)
                size += member.file_size
                if len(rows) == batch_rows or size > CHUNK_BYTES:
                    yield Chunk(rows, numbers)
                    rows, numbers, size = [], [], 0
        if rows:
            yield Chunk(rows, numbers)

    def _row(self, archive: _Archive, member: zipfile.ZipInfo, number: int, sink: Sink) -> Row | None:
        try:
            value, is_mended = parse(archive.unpacked(member))
        except _DAMAGE as error:
            sink.problem(Problem(number, "the sample cannot be unpacked and read", f"{member.filename}: {error}"))
            return None
        if is_mended:
            sink.note(NOT_UTF8)
        if not isinstance(value, dict):
            sink.problem(Problem(number, "not a JSON object", f"{member.filename}: {type(value).__name__}"))
            return None
        return cast(Row, inspect_logs.with_evaluation(value, self._told))

    @contextmanager
    def _opened(self) -> Iterator[_Archive]:
        with self.source.open() as handle:
            try:
                directory = zipfile.ZipFile(handle)
            except _DAMAGE as error:
                raise RecordsError(
                    f"{self.source.name} starts like an Inspect .eval log but its end is missing or damaged ({error}): it was "
                    "cut short, or the evaluation still writes it; copy it again when that has ended"
                ) from error
            with directory:
                yield _Archive(handle, directory)

    def _header(self, archive: _Archive) -> Row:
        member = next((found for name in _HEADERS if (found := archive.directory.NameToInfo.get(name)) is not None), None)
        try:
            value: Any = None if member is None else parse(archive.unpacked(member))[0]
        except _DAMAGE as error:
            raise RecordsError(f"{self.source.name} has a damaged header: {error}; copy the Inspect log again") from error
        if not inspect_logs.is_header(value):
            raise RecordsError(
                f"{self.source.name} is a zip archive and no Inspect .eval log, for no header.json in it tells task and model: "
                "unpack it, and give the files that were in it"
            )
        return cast(Row, value)

    def _check(self, archive: _Archive) -> None:
        """`RecordsError` for what could be read in part only, and for sizes that no log has."""
        members = archive.directory.infolist()
        methods = {member.compress_type for member in members if _is_read(member.filename)} - _METHODS
        if methods or any(_IN_PIECES.fullmatch(member.filename) for member in members):
            why = f"compressed by method {min(methods)}" if methods else "stored in pieces (version 3 of the format)"
            raise RecordsError(
                f"{self.source.name} holds samples that are {why}, which triaxis does not read; "
                f"type: inspect log convert {self.source.name} --to json --output-dir FOLDER"
            )
        packed = min(sum(member.compress_size for member in members), archive.handle.seek(0, io.SEEK_END))
        unpacked = sum(member.file_size for member in self._members)
        if unpacked > LARGEST_SAMPLE + LARGEST_RATIO * packed:
            raise RecordsError(
                f"{self.source.name} would unpack to {unpacked >> 20:,} MiB, more than {LARGEST_RATIO} times its size; "
                "no log does, so it is not read"
            )


def _is_read(name: str) -> bool:
    return name in _HEADERS or _SAMPLE.fullmatch(name) is not None
