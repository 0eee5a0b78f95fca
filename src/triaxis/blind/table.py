"""The user's own table, row by row as it came: what an evaluation is given, damaged or not, in the format it knows.

The one idea: a damaged row is the old row with some columns taken from a donor row, so that whatever an evaluation reads beside
the text (labels, token counts, identifiers) stays a value that was really there.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars as pl

from triaxis.records import RecordStream

_COLUMN = re.compile(r"column `([^`]+)`")
SUFFIXES = {"Parquet": ".parquet", "JSONL": ".jsonl", "CSV": ".csv"}
AS_CANONICAL = "the evaluation is given JSONL with canonical column names, since {why}"


@dataclass(frozen=True)
class Table:
    """Rows as they came. `rows` is a frame, or the objects of JSON lines; `names` is {canonical column: the user's column}.

    `suffix` is that of the files written. `note` says why they do not look like the input, where they do not.
    """

    rows: pl.DataFrame | tuple[dict[str, Any], ...]
    names: dict[str, str]
    suffix: str
    note: str | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """All columns, in order of appearance."""
        if isinstance(self.rows, pl.DataFrame):
            return tuple(self.rows.columns)
        return tuple(dict.fromkeys(name for row in self.rows for name in row))

    def own(self, name: str) -> str:
        """The user's name of canonical column `name`; any other name stays."""
        return self.names.get(name, name)

    def column(self, name: str) -> list[Any] | None:
        """The values of the user's column `name` (canonical names are understood), None where there is no such column."""
        own = self.own(name)
        if own not in self.columns:
            return None
        return self.rows[own].to_list() if isinstance(self.rows, pl.DataFrame) else [row.get(own) for row in self.rows]

    def at(self, places: np.ndarray) -> "Table":
        """The rows at `places`, (m,) int, in that order."""
        rows = self.rows[places] if isinstance(self.rows, pl.DataFrame) else tuple(self.rows[int(p)] for p in places)
        return Table(rows, self.names, self.suffix, self.note)

    def with_donors(self, origin: np.ndarray, columns: Sequence[str], texts: dict[int, str]) -> "Table":
        """Row i with `columns` taken from row `origin[i]`, and the response `texts[i]` where it has a new text of its own."""
        changed = np.flatnonzero(origin != np.arange(len(self)))
        there = [name for name in columns if name in self.columns]
        if isinstance(self.rows, pl.DataFrame):
            rows: pl.DataFrame | tuple[dict[str, Any], ...] = _frame_with(
                self.rows, origin, there, self.own("response"), texts
            )
        else:
            rows = _objects_with(self.rows, origin, changed, there, self.own("response"), texts)
        return Table(rows, self.names, self.suffix, self.note)

    def write(self, path: Path) -> None:
        """Writes the rows to `path` in the format of its suffix."""
        if not isinstance(self.rows, pl.DataFrame):
            path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in self.rows))
        elif path.suffix == ".parquet":
            self.rows.write_parquet(path, compression="lz4")
        elif path.suffix == ".csv":
            self.rows.write_csv(path)
        else:
            self.rows.write_ndjson(path)


def _frame_with(
    rows: pl.DataFrame, origin: np.ndarray, columns: Sequence[str], response: str, texts: dict[int, str]
) -> pl.DataFrame:
    taken = rows.with_columns(rows[name].gather(origin.tolist()).alias(name) for name in columns)
    if not texts:
        return taken
    said = pl.Series(list(texts.values()), dtype=pl.String)
    return taken.with_columns(taken[response].scatter(list(texts), said).alias(response))


def _objects_with(
    rows: tuple[dict[str, Any], ...], origin: np.ndarray, changed: np.ndarray, columns: Sequence[str], response: str,
    texts: dict[int, str],
) -> tuple[dict[str, Any], ...]:  # fmt: skip
    made = list(rows)
    for place in changed:
        donor = rows[int(origin[place])]
        made[int(place)] = rows[int(place)] | {name: donor[name] for name in columns if name in donor}
    for place, text in texts.items():
        made[place] = made[place] | {response: text}
    return tuple(made)


def open_table(paths: Sequence[str | Path], stream: RecordStream, canonical: pl.DataFrame) -> Table:
    """The table behind `canonical`, all rows of `stream`: as it came where rows are samples one to one, else canonical JSONL."""
    names, why = _own_names(stream)
    if why is None:
        rows, why = _raw(Path(str(paths[0])), stream, canonical, names["response"])
        if why is None:
            return Table(rows, names, SUFFIXES[stream.inputs[0].format])
    full = [name for name in canonical.columns if name != "row" and canonical[name].null_count() < canonical.height]
    return Table(canonical.select(full), {}, ".jsonl", AS_CANONICAL.format(why=why))


def _own_names(stream: RecordStream) -> tuple[dict[str, str], str | None]:
    """{canonical: own column}, and why rows cannot be written back as they came (None where they can)."""
    if len(stream.inputs) != 1:
        return {}, "there are several input files"
    read = stream.inputs[0]
    found = {name: _COLUMN.match(words) for name, words in read.columns.items()}
    if found.get("response") is None:
        return {}, f"the response is {read.columns.get('response', 'not a column')}"
    if read.format not in SUFFIXES:
        return {}, f"{read.format} is not written"
    if read.rejected:
        return {}, f"{read.rejected} rows were rejected"
    return {name: match.group(1) for name, match in found.items() if match}, None


def _raw(path: Path, stream: RecordStream, canonical: pl.DataFrame, response: str) -> tuple[Any, str | None]:
    form = stream.inputs[0].format
    if not path.is_file():
        return None, "the input is not one plain file"
    if path.suffix in {".gz", ".zst", ".bz2", ".xz"}:
        return None, "the input is compressed"
    try:
        rows = _READ[form](path)
    except (pl.exceptions.PolarsError, orjson.JSONDecodeError) as error:
        return None, f"its rows could not be taken as they are ({str(error).splitlines()[0][:100]})"
    if len(rows) != canonical.height:
        return None, f"its {len(rows)} rows are {canonical.height} samples"
    if isinstance(rows, pl.DataFrame) and rows[response].dtype != pl.String:
        return None, f"the response is {rows[response].dtype} and no text"
    return rows, None


def _csv(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema=False, separator=_separator(path))


def _objects(path: Path) -> tuple[dict[str, Any], ...]:
    with path.open("rb") as lines:
        return tuple(orjson.loads(line) for line in lines if line.strip())


def _separator(path: Path) -> str:
    with path.open(encoding="utf-8-sig") as lines:
        head = lines.readline()
    return max("\t,;|", key=head.count)


_READ: dict[str, Callable[[Path], Any]] = {"Parquet": pl.read_parquet, "CSV": _csv, "JSONL": _objects}
