"""JSON lines and JSON documents as rows: one dict each, with whatever cannot be parsed reported and passed over.

The one idea: orjson reads what is valid; only a line it refuses gets a second, lenient look (NaN and Infinity, lone
surrogates, bytes that are not UTF-8), so strictness costs nothing and leniency costs only where it is needed.
"""

import json
from collections.abc import Collection, Iterator
from typing import IO, Any

import orjson

from triaxis.errors import RecordsError
from triaxis.records import inspect_logs
from triaxis.records.chat import is_messages, is_turns
from triaxis.records.files import Source, open_text
from triaxis.records.formats import CHUNK_BYTES, HEAD_BYTES, HEAD_ROWS, NOT_UTF8, Chunk, Head, Row, Sink
from triaxis.records.rejects import RAW_CHARACTERS, Problem

LONGEST_LINE = 1 << 28
"""Bytes; a longer line is taken as a sign that the file is no JSONL."""

_COLUMNS_BYTES = 1 << 24
_LENIENT_SIGNS = (b"NaN", b"Infinity", b"\\u")


class _Look:
    """What the first lines show: a few rows, and of many more the keys and which of them ever hold something."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.columns: dict[str, None] = {}
        self.filled: set[str] = set()
        self.size = self.objects = 0

    def take(self, line: bytes) -> None:
        self.size += len(line)
        row = _parsed_or_none(line)
        if row is None:
            return
        self.objects += 1
        if not row.keys() <= self.columns.keys():
            self.columns.update(dict.fromkeys(row))
        self.filled |= {c for c in self.columns.keys() - self.filled if row.get(c) is not None}
        if not self.rows or (len(self.rows) < HEAD_ROWS and self.size <= HEAD_BYTES):
            self.rows.append(row)


class JsonLinesReader:
    """One JSON object a line; lines are read in chunks, so the file may be larger than memory."""

    unit = "line"
    rows: int | None = None

    def __init__(self, source: Source, *, compressed: str | None) -> None:
        """Nothing is read yet."""
        self.source = source
        self.format = f"JSONL, {compressed}" if compressed else "JSONL"
        self._hollow: set[str] = set()

    def head(self) -> Head:
        """The first rows that can be parsed; the columns of the first 16 MiB."""
        look = _Look()
        with open_text(self.source) as stream:
            for _, line in _lines(stream, self.source):
                look.take(line)
                if look.size > _COLUMNS_BYTES:
                    break
            at_end = not stream.read(1)
        self._hollow = set(look.columns) - look.filled if at_end else set()
        return Head(look.rows, tuple(look.columns), {}, at_end and len(look.rows) == look.objects)

    def has_nulls(self, column: str) -> bool:
        """Always possible."""
        return True

    def is_hollow(self, column: str) -> bool:
        """Known only where the first look went to the end of the file."""
        return column in self._hollow

    def chunks(self, columns: Collection[str], batch_rows: int, sink: Sink) -> Iterator[Chunk]:
        """Rows as dicts; `columns` saves nothing here, since a line is parsed as a whole."""
        rows: list[Row] = []
        numbers: list[int] = []
        size = 0
        with open_text(self.source) as stream:
            for number, line in _lines(stream, self.source):
                row = _row_or_problem(line, number, sink)
                if row is None:
                    continue
                rows.append(row)
                numbers.append(number)
                size += len(line)
                if len(rows) == batch_rows or size > CHUNK_BYTES:
                    yield Chunk(rows, numbers)
                    rows, numbers, size = [], [], 0
        if rows:
            yield Chunk(rows, numbers)


class JsonReader:
    """A JSON document: an array of objects, an object that holds one such array, an object of columns, or an Inspect log."""

    unit = "row"

    def __init__(self, source: Source, *, compressed: str | None) -> None:
        """Reads the whole document; `RecordsError` when it is not valid JSON or holds no rows."""
        self.source = source
        self.format = f"JSON, {compressed}" if compressed else "JSON"
        self._items, self._notes = _items_of(source)

    @property
    def rows(self) -> int | None:
        """Items in the array."""
        return len(self._items)

    def head(self) -> Head:
        """The first rows."""
        rows = [item for item in self._items[:HEAD_ROWS] if isinstance(item, dict)]
        columns = dict.fromkeys(key for item in self._items if isinstance(item, dict) for key in item)
        return Head(rows, tuple(columns), {}, len(self._items) <= HEAD_ROWS)

    def has_nulls(self, column: str) -> bool:
        """Always possible."""
        return True

    def is_hollow(self, column: str) -> bool:
        """By a look at all items."""
        return all(not isinstance(item, dict) or item.get(column) is None for item in self._items)

    def chunks(self, columns: Collection[str], batch_rows: int, sink: Sink) -> Iterator[Chunk]:
        """Rows as dicts; items that are no objects go to the sink."""
        for note in self._notes:
            sink.note(note)
        for start in range(0, len(self._items), batch_rows):
            items = list(enumerate(self._items[start : start + batch_rows], start + 1))
            for number, item in items:
                if not isinstance(item, dict):
                    sink.problem(_not_an_object(number, item, json.dumps(item)))
            good = [(number, item) for number, item in items if isinstance(item, dict)]
            yield Chunk([item for _, item in good], [number for number, _ in good])


def parse(data: bytes) -> tuple[Any, bool]:
    """(value, whether bytes that are not UTF-8 were replaced); ValueError with the reason when it is not JSON.

    Integers beyond 64 bits come as floats, as orjson reads them.
    """
    try:
        return orjson.loads(data), False
    except orjson.JSONDecodeError as error:
        return _parse_leniently(data, error)


def _parse_leniently(data: bytes, error: ValueError) -> tuple[Any, bool]:
    text = data.decode("utf-8", "replace")
    is_mended = text.encode() != data
    if not is_mended and not any(sign in data for sign in _LENIENT_SIGNS):
        raise error
    try:
        value = json.loads(text)
        return _without_surrogates(value) if b"\\u" in data else value, is_mended
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except ValueError:
        raise error from None


def _without_surrogates(value: Any) -> Any:
    """`value` with lone surrogates replaced: they have no UTF-8 form."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_surrogates(v) for v in value]
    if isinstance(value, dict):
        return {_without_surrogates(k): _without_surrogates(v) for k, v in value.items()}
    return value


def _lines(stream: IO[bytes], source: Source) -> Iterator[tuple[int, bytes]]:
    """(line number from 1, line with its end) of every line that is not blank."""
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            raise RecordsError(
                f"{source.name}, line {number} is longer than {LONGEST_LINE >> 20} MiB; expected one JSON object a line"
            )
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if line.strip():
            yield number, line


def _parsed_or_none(line: bytes) -> Row | None:
    try:
        value, _ = parse(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _row_or_problem(line: bytes, number: int, sink: Sink) -> Row | None:
    try:
        value, is_mended = parse(line)
    except ValueError as error:
        reason = "not valid JSON" if line.endswith(b"\n") else "the last line is cut short (not valid JSON)"
        sink.problem(Problem(number, reason, str(error), _excerpt(line)))
        return None
    if is_mended:
        sink.note(NOT_UTF8)
    if not isinstance(value, dict):
        sink.problem(_not_an_object(number, value, _excerpt(line)))
        return None
    return value


def _not_an_object(number: int, value: Any, raw: str) -> Problem:
    return Problem(number, "not a JSON object", f"got {type(value).__name__}", raw)


def _excerpt(line: bytes) -> str:
    return line[: 4 * RAW_CHARACTERS].decode("utf-8", "replace").strip()


def _items_of(source: Source) -> tuple[list[Any], list[str]]:
    with open_text(source) as stream:
        data = stream.read().removeprefix(b"\xef\xbb\xbf")
    try:
        value, is_mended = parse(data)
    except ValueError as error:
        raise RecordsError(
            f"{source.name} is not valid JSON: {error}; expected an array of objects. One object a line? Name it .jsonl"
        ) from error
    notes = [NOT_UTF8] if is_mended else []
    if inspect_logs.is_log(value):
        return inspect_logs.rows_of(value), [*notes, *inspect_logs.notes_of(value)]
    return _rows_in(source, value), notes


def _rows_in(source: Source, value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        raise RecordsError(f"{source.name} holds one JSON {type(value).__name__}; expected an array of objects")
    arrays = {key: v for key, v in value.items() if isinstance(v, list) and v and isinstance(v[0], dict)}
    rows = [v for v in arrays.values() if not _is_conversation(v)]
    if len(rows) == 1:
        return rows[0]
    if len(rows) > 1:
        raise RecordsError(
            f"{source.name} holds several arrays of objects ({', '.join(arrays)}); expected one: save it in a file of its own"
        )
    return _from_columns(source, value)


def _is_conversation(items: list[Any]) -> bool:
    return is_messages(items[:1]) or is_turns(items[:1])


def _from_columns(source: Source, value: Row) -> list[Row]:
    """Rows of an object of columns (lists of one length, or pandas' {index: value}); any other object is one row."""
    columns = list(value.values())
    if columns and all(isinstance(c, dict) for c in columns) and len({tuple(c) for c in columns}) == 1:
        value = {key: list(c.values()) for key, c in value.items()}
    elif not columns or not all(isinstance(c, list) for c in columns):
        return [value]
    lengths = {key: len(c) for key, c in value.items()}
    if len(set(lengths.values())) > 1:
        raise RecordsError(
            f"{source.name} holds columns of different lengths ({lengths}); expected one length, or an array of objects"
        )
    return [dict(zip(value, row, strict=True)) for row in zip(*value.values(), strict=True)]
