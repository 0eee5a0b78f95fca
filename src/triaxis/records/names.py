"""What a column name typed by the user means, and whether the input knows it.

The one idea: a wrong name is an error and worth one more pass over the file, because JSON may show a key only far down; a
right name rarely costs it.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

import orjson
import polars as pl

from triaxis.errors import RecordsError, near
from triaxis.records.formats import Head, Reader, Row, Silent

Opened = tuple[Reader, Head]


class Lookup(NamedTuple):
    """Where a value is: in `column`, or under `key` of the JSON object in it."""

    column: str
    key: str | None = None


def lookup(name: str, columns: Collection[str]) -> Lookup:
    """What `name` means: a column as a whole (even one called `meta.x`), else KEY inside the objects of COLUMN.

    >>> lookup("meta.temperature", ["meta", "response"])
    Lookup(column='meta', key='temperature')
    """
    return Lookup(name) if name in columns or "." not in name else Lookup(*name.split(".", 1))


def is_known(name: str, columns: Collection[str]) -> bool:
    """Whether `name` is among `columns`, or a key inside one of them."""
    return lookup(name, columns).column in columns


def with_late_columns(opened: Iterable[Opened], names: Collection[str]) -> list[Opened]:
    """`opened`, with those of `names` added to the columns of JSON files that show them only far down."""
    files = list(opened)
    known = {c for _, head in files for c in head.columns}
    missing = {lookup(name, known).column for name in names} - known - {""}
    return [(reader, _extended(reader, head, missing)) for reader, head in files]


def _extended(reader: Reader, head: Head, missing: set[str]) -> Head:
    if not missing or head.types or head.is_whole:
        return head
    found: set[str] = set()
    for row in _rows(reader, ""):
        found |= missing & row.keys()
        if found == missing:
            break
    return head._replace(columns=(*head.columns, *sorted(found)))


def require_key(name: str, column: str, key: str, opened: Iterable[Opened]) -> None:
    """Nothing when some object in `column` has `key` (or the path a.b that it may be); else `RecordsError` with near names."""
    files = list(opened)
    if any(_has(value, key) for _, head in files for value in head.values(column)):
        return
    if any(_has(row.get(column), key) for reader, head in files if not head.is_whole for row in _rows(reader, column)):
        return
    keys = sorted({k for _, head in files for value in head.values(column) for k in _object(value)})
    there = f"; keys of `{column}`: {', '.join(keys[:40])}" if keys else f"; `{column}` holds no JSON objects"
    raise RecordsError(f"unknown key {name!r}{near(key, keys)}{there}")


def _rows(reader: Reader, column: str) -> Iterator[Row]:
    for chunk in reader.chunks([column], 1 << 14, Silent()):
        yield from chunk.rows.to_dicts() if isinstance(chunk.rows, pl.DataFrame) else chunk.rows


def _has(value: Any, key: str) -> bool:
    found = _object(value)
    if key in found:
        return True
    first, _, rest = key.partition(".")
    return bool(rest) and _has(found.get(first), rest)


def _object(value: Any) -> Row:
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return {}
    return value if isinstance(value, dict) else {}
