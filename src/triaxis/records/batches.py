"""From rows of one file to canonical batches.

The one idea: both kinds of input, frames and dicts, are seen through one function, *values of column X*; everything after
it is column-wise and the same for both.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple, Protocol

import polars as pl

from triaxis.records.chat import PassedOver, Unusable, text_of
from triaxis.records.columns import CANONICAL, Cast, Values, cast, json_text
from triaxis.records.formats import Chunk, Row
from triaxis.records.names import Lookup
from triaxis.records.plan import Plan, Wishes
from triaxis.records.rejects import RAW_CHARACTERS, Problem
from triaxis.records.vectors import vector_lists

NO_MODEL = "(none)"
"""What a missing value of a `by` column is called."""

_RESPONSE_MISSING = "no response"


class BatchSink(Protocol):
    """Where rows go that were parsed and cannot be used, and what was done to the others."""

    def reject(self, problem: Problem) -> None:
        """One row cannot be used."""
        ...

    def note(self, text: str) -> None:
        """Values were read in an unusual way."""
        ...


class _Rows(NamedTuple):
    """Flat rows: their values by column, their numbers in the file, their position in a list of generations if any."""

    values: Callable[[str], Values | None]
    row: Callable[[int], Row]
    numbers: Sequence[int]
    samples: Sequence[int] | None


class Batcher:
    """Makes canonical frames of one file's chunks by its plan."""

    def __init__(self, plan: Plan, wishes: Wishes, kept: Mapping[str, pl.DataType], sink: BatchSink) -> None:
        """`kept` are the types of the kept columns, one for all files."""
        self._plan = plan
        self._wishes = wishes
        self._kept = kept
        self._sink = sink

    def frames(self, chunk: Chunk, batch_rows: int) -> Iterator[pl.DataFrame]:
        """Canonical frames (without `row`) of the usable rows; the others go to the sink."""
        if self._plan.is_columnar and isinstance(chunk.rows, pl.DataFrame):
            yield self._frame(_rows_of_frame(chunk.rows, chunk.numbers))
            return
        rows = chunk.rows.to_dicts() if isinstance(chunk.rows, pl.DataFrame) else chunk.rows
        for part in self._taken_apart(rows, chunk.numbers, batch_rows):
            yield self._frame(part)

    def _taken_apart(self, rows: list[Row], numbers: Sequence[int], batch_rows: int) -> Iterator[_Rows]:
        records = self._plan.bound.records
        if records is None:
            yield _rows_of_dicts(rows, numbers, None)
            return
        flat: list[Row] = []
        origins: list[int] = []
        positions: list[int] = []
        for row, number in zip(rows, numbers, strict=True):
            try:
                found = records(row)
            except Unusable as error:
                self._sink.reject(Problem(number, error.reason, error.detail, _excerpt(row)))
                continue
            except PassedOver as why:
                self._sink.note(str(why))
                continue
            flat += found
            origins += [number] * len(found)
            positions += range(len(found))
            if len(flat) >= batch_rows:
                yield _rows_of_dicts(flat, origins, positions)
                flat, origins, positions = [], [], []
        if flat:
            yield _rows_of_dicts(flat, origins, positions)

    def _frame(self, rows: _Rows) -> pl.DataFrame:
        casts = {name: self._canonical(name, rows) for name in CANONICAL if self._wishes.wants(name)}
        if self._wishes.by and self._wishes.wants("model"):
            casts["model"] = Cast(self._by(rows))
        casts |= {name: self._looked_up(name, self._plan.keep[name], rows, dtype) for name, dtype in self._kept.items()}
        usable = self._usable(casts, rows)
        height = len(rows.numbers)
        columns = [self._column(name, dtype, casts, height) for name, dtype in {**CANONICAL, **self._kept}.items()]
        frame = pl.DataFrame(columns)
        return frame if usable is None else frame.filter(usable)

    def _column(self, name: str, dtype: pl.DataType, casts: Mapping[str, Cast], height: int) -> pl.Series:
        if name in casts:
            return casts[name].values.alias(name)
        return pl.Series(name, [None], dtype=dtype).new_from_index(0, height)

    def _canonical(self, name: str, rows: _Rows) -> Cast:
        if name in self._plan.constants:
            return Cast(pl.repeat(self._plan.constants[name], len(rows.numbers), dtype=pl.String, eager=True))
        result = self._looked_up(name, self._plan.found.get(name), rows, CANONICAL[name])
        if name != "prompt_id" or not self._plan.hashes_prompt or not result.values.has_nulls():
            return result
        prompts = self._looked_up("prompt", self._plan.found["prompt"], rows, pl.String()).values
        return result._replace(values=result.values.zip_with(result.values.is_not_null(), _hashed(prompts)))

    def _looked_up(self, name: str, lookup: Lookup | None, rows: _Rows, dtype: pl.DataType) -> Cast:
        values = None if lookup is None else rows.values(lookup.column)
        if lookup is None or values is None:
            return Cast(pl.Series([None], dtype=dtype).new_from_index(0, len(rows.numbers)))
        if name == self._wishes.vectors:
            return Cast(vector_lists(values if lookup.key is None else _under_key(values, lookup.key)))
        if lookup.key is not None:
            found = _under_key(values, lookup.key)
            return cast(name, found if dtype == pl.String else _true_and_false_as_numbers(found), dtype)._replace(notes=())
        if name in ("prompt", "response") and isinstance(values, list):
            values = [v if v is None or isinstance(v, str) else text_of(v) for v in values]
        result = cast(name, values, dtype, allow_nested=name == "meta" or name in self._kept)
        if name in CANONICAL and name not in self._plan.words and result.values.null_count() < len(result.values):
            self._sink.note(f"`{name}` holds something only far down the file")
        for note in result.notes:
            self._sink.note(note)
        return result

    def _by(self, rows: _Rows) -> pl.Series:
        """The values that take the place of `model`, joined by ' | '."""
        named = zip(self._wishes.by, self._plan.by, strict=True)
        texts = [self._by_text(name, lookup, rows).fill_null(NO_MODEL) for name, lookup in named]
        return pl.select(pl.concat_str(texts, separator=" | ")).to_series()

    def _by_text(self, name: str, lookup: Lookup | None, rows: _Rows) -> pl.Series:
        if name in CANONICAL:
            return cast(name, self._canonical(name, rows).values, pl.String()).values
        values = None if lookup is None else rows.values(lookup.column)
        if lookup is None or values is None:
            return pl.Series([None], dtype=pl.String).new_from_index(0, len(rows.numbers))
        if lookup.key is not None:
            return _under_key(values, lookup.key)
        return cast("by", values, pl.String(), allow_nested=True).values

    def _usable(self, casts: Mapping[str, Cast], rows: _Rows) -> pl.Series | None:
        """Mask of the usable rows, None when all are; the others are reported with the first reason found."""
        problems = [(name, reason, bad) for name, result in casts.items() for reason, bad in result.problems]
        if "response" in casts and casts["response"].values.has_nulls():
            problems.append(("response", _RESPONSE_MISSING, casts["response"].values.is_null()))
        if not problems:
            return None
        usable = pl.repeat(True, len(rows.numbers), dtype=pl.Boolean, eager=True)
        for name, reason, bad in problems:
            for index in (bad & usable).arg_true().to_list():
                self._report(name, reason, index, rows)
            usable &= ~bad
        return usable

    def _report(self, name: str, reason: str, index: int, rows: _Rows) -> None:
        lookup = self._plan.found.get(name) or self._plan.keep.get(name)
        row = rows.row(index)
        value = None if lookup is None else row.get(lookup.column)
        detail = "" if value is None or reason == _RESPONSE_MISSING else f"got {_short(value)!r}"
        sample = None if rows.samples is None else rows.samples[index]
        self._sink.reject(Problem(rows.numbers[index], reason, detail, _excerpt(row), sample))


def _rows_of_frame(frame: pl.DataFrame, numbers: Sequence[int]) -> _Rows:
    def values(column: str) -> Values | None:
        return frame[column] if column in frame.columns else None

    return _Rows(values, lambda index: frame.row(index, named=True), numbers, None)


def _rows_of_dicts(rows: list[Row], numbers: Sequence[int], samples: Sequence[int] | None) -> _Rows:
    return _Rows(lambda column: [row.get(column) for row in rows], lambda index: rows[index], numbers, samples)


def _excerpt(row: Row) -> str:
    return (json_text({key: _short(value) for key, value in row.items()}) or "")[:RAW_CHARACTERS]


def _short(value: Any) -> Any:
    return value[:RAW_CHARACTERS] if isinstance(value, str | bytes) else value


def _under_key(values: Values, key: str) -> pl.Series:
    """The value under `key` of each JSON object as text, null where there is none; `a.b` is key `a.b`, else b inside a."""
    texts = pl.lit(cast("meta", values, pl.String(), allow_nested=True).values)
    paths = [f"$[{_quoted(key)}]", "$" + "".join(f"[{_quoted(part)}]" for part in key.split("."))]
    return pl.select(pl.coalesce([texts.str.json_path_match(path) for path in dict.fromkeys(paths)])).to_series()


def _quoted(key: str) -> str:
    return f'"{key}"' if "'" in key else f"'{key}'"


def _true_and_false_as_numbers(texts: pl.Series) -> pl.Series:
    return texts.replace({"true": "1", "false": "0"})


def _hashed(prompts: pl.Series) -> pl.Series:
    """16 hex digits of BLAKE2b of each prompt, null for null; each distinct prompt is hashed once."""
    distinct = prompts.drop_nulls().unique()
    digests = pl.Series(values=[_digest(p) for p in distinct], dtype=pl.String)
    return prompts.replace_strict(distinct, digests, default=None, return_dtype=pl.String)


@lru_cache(maxsize=1 << 14)
def _digest(prompt: str) -> str:
    return blake2b(prompt.encode(), digest_size=8).hexdigest()
