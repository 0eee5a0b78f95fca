"""The canonical columns, and how any value becomes one of them or a reason why it cannot.

The one idea: a column of mixed values is split into *parts* of one type each (integers, floats, texts, ...), every part
is cast by the same column-wise expression, and the results are joined. So a value means the same whether it came from
Parquet, CSV or JSON, and whatever rows happened to share its batch.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson
import polars as pl

CANONICAL: Mapping[str, pl.DataType] = MappingProxyType(
    {
        "prompt_id": pl.String(), "prompt": pl.String(), "response": pl.String(), "model": pl.String(), "domain": pl.String(),
        "step": pl.Int64(), "sample_index": pl.Int64(), "quality": pl.Float64(), "quality_source": pl.String(),
        "complexity": pl.Float64(), "prompt_tokens": pl.Int64(), "tokens": pl.Int64(), "cost": pl.Float64(), "meta": pl.String(),
    }
)  # fmt: skip
"""Columns of every batch, in order (before the kept columns and `row`)."""

MISSING_WORDS = ("", "na", "n/a", "nan", "none", "null", "-")
"""Texts that mean "no value" where a number is expected (compared in lower case)."""

Values = pl.Series | list[Any]


class Cast(NamedTuple):
    """A column in its target type (null where missing or bad), the bad rows by reason, and what to tell the reader."""

    values: pl.Series
    problems: tuple[tuple[str, pl.Series], ...] = ()
    notes: tuple[str, ...] = ()


class _Part(NamedTuple):
    values: pl.Series
    is_nested: bool = False


def cast(name: str, values: Values, target: pl.DataType, *, allow_nested: bool = False) -> Cast:
    """Column `name` as `target` (String, Int64, Float64 or Boolean); lists and objects become JSON text if allowed."""
    casts = [_cast_part(name, part, target, allow_nested) for part in _parts(values)]
    if len(casts) == 1:
        return casts[0]
    joined = pl.select(pl.coalesce([c.values for c in casts])).to_series()
    return Cast(joined, tuple(p for c in casts for p in c.problems), tuple(n for c in casts for n in c.notes))


def kept_type(values: Values, *, declared: bool = False) -> pl.DataType | None:
    """Type that holds every value of a kept column: Boolean, Int64, Float64, else String; None when there is no value.

    With `declared` the type of an empty series counts, as it does in formats that have a schema.
    """
    present = [part for part in _parts(values) if declared or part.values.null_count() < len(part.values)]
    kinds = {_kind(part) for part in present}
    if not kinds:
        return None
    if len(kinds) == 1:
        return kinds.pop()
    return pl.Float64() if kinds == {pl.Int64(), pl.Float64()} else pl.String()


def json_text(value: Any) -> str | None:
    """`value` as JSON text; None stays None and a text stays itself."""
    if value is None or isinstance(value, str):
        return value
    try:
        return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # integers beyond 64 bits, lone surrogates, nesting deeper than orjson follows
        return repr(value)


def _kind(part: _Part) -> pl.DataType:
    dtype = part.values.dtype
    if part.is_nested or dtype in (pl.UInt64, pl.Int128):
        return pl.String()
    if dtype == pl.Boolean:
        return pl.Boolean()
    if dtype.is_integer():
        return pl.Int64()
    return pl.Float64() if dtype.is_float() or dtype.is_decimal() else pl.String()


def _parts(values: Values) -> list[_Part]:
    if isinstance(values, list):
        return _parts_of_list(values)
    if values.dtype.is_nested() or values.dtype == pl.Object:
        return [_Part(_texts([json_text(v) for v in values.to_list()]), is_nested=True)]
    if values.dtype == pl.Binary:
        return [_Part(_texts([v if v is None else v.decode("utf-8", "replace") for v in values.to_list()]))]
    return [_Part(values)]


def _parts_of_list(values: list[Any]) -> list[_Part]:
    kinds = set(map(type, values)) - {type(None)}
    if kinds <= {str}:
        return [_Part(_texts(values))]
    parts = [_only(values, kind) for kind in (str, bool, float) if kind in kinds]
    if int in kinds:
        parts += _integers(values)
    if not kinds <= {str, bool, float, int}:
        nested = [None if isinstance(v, str | bool | float | int) else json_text(v) for v in values]
        parts.append(_Part(_texts(nested), is_nested=True))
    return parts


def _only(values: list[Any], kind: type) -> _Part:
    dtype = {str: pl.String, bool: pl.Boolean, float: pl.Float64}[kind]
    return _Part(pl.Series(values=[v if type(v) is kind else None for v in values], dtype=dtype))


def _integers(values: list[Any]) -> list[_Part]:
    """Integers of at most 64 bits; larger ones as texts, so that long ids stay whole."""
    integers = [v if type(v) is int else None for v in values]
    fits = [v is None or -(2**63) <= v < 2**63 for v in integers]
    small = _Part(pl.Series(values=[v if ok else None for v, ok in zip(integers, fits, strict=True)], dtype=pl.Int64))
    if all(fits):
        return [small]
    return [small, _Part(_texts([None if ok else str(v) for v, ok in zip(integers, fits, strict=True)]))]


def _texts(values: Sequence[str | None]) -> pl.Series:
    return pl.Series(values=values, dtype=pl.String)


def _cast_part(name: str, part: _Part, target: pl.DataType, allow_nested: bool) -> Cast:
    if part.is_nested and not (allow_nested and target == pl.String):
        return _all_bad(f"`{name}` is a list or an object", part.values, target)
    if target == pl.String:
        return Cast(_to_text(part.values))
    if target == pl.Boolean:
        bad = f"`{name}` is not true or false"
        return Cast(part.values) if part.values.dtype == pl.Boolean else _all_bad(bad, part.values, target)
    return _to_float(name, part.values) if target == pl.Float64 else _to_integer(name, part.values)


def _all_bad(reason: str, values: pl.Series, target: pl.DataType) -> Cast:
    nothing = pl.Series(values=[None], dtype=target).new_from_index(0, len(values)) if len(values) else pl.Series(dtype=target)
    return Cast(nothing, _problem(reason, values.is_not_null()))


def _problem(reason: str, bad: pl.Series) -> tuple[tuple[str, pl.Series], ...]:
    return ((reason, bad),) if bad.any() else ()


def _to_text(values: pl.Series) -> pl.Series:
    """Texts; whole floats without their `.0`, because a missing value elsewhere turns integer ids into floats."""
    if not values.dtype.is_float():
        return values.cast(pl.String)
    column = pl.lit(values)
    is_whole = (column == column.floor()) & (column.abs() < 2.0**53)
    text = pl.when(is_whole).then(column.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(column.cast(pl.String))
    return pl.select(pl.when(column.is_not_nan()).then(text)).to_series()


def _to_float(name: str, values: pl.Series) -> Cast:
    notes: tuple[str, ...] = ()
    if values.dtype == pl.Boolean:
        notes = (f"`{name}`: true and false are read as 1 and 0",)
    numbers, unreadable = _numbers(values)
    if values.dtype == pl.String and numbers.null_count() < len(numbers):
        notes = (f"`{name}`: numbers written as text are read as numbers",)
    infinite = numbers.is_infinite().fill_null(value=False)
    problems = _problem(f"`{name}` is not a number", unreadable) + _problem(f"`{name}` is infinite", infinite)
    if infinite.any():
        numbers = pl.select(pl.when(~infinite).then(numbers)).to_series()
    return Cast(numbers, problems, notes)


def _to_integer(name: str, values: pl.Series) -> Cast:
    if values.dtype.is_integer():
        integers = values.cast(pl.Int64, strict=False)
        return Cast(integers, _problem(f"`{name}` is larger than 64 bits", integers.is_null() & values.is_not_null()))
    if values.dtype == pl.Boolean:
        return _all_bad(f"`{name}` is not a whole number", values, pl.Int64())
    numbers, unreadable = _numbers(values)
    integers = _exact_integers(values, numbers)
    bad = unreadable | (integers.is_null() & numbers.is_not_null())
    return Cast(integers, _problem(f"`{name}` is not a whole number", bad))


def _exact_integers(values: pl.Series, numbers: pl.Series) -> pl.Series:
    """Whole numbers of `numbers`; integers written as text keep all their digits."""
    number = pl.lit(numbers)
    whole: pl.Expr = pl.when((number == number.floor()) & (number.abs() < 2.0**63)).then(number.cast(pl.Int64, strict=False))
    if values.dtype == pl.String:
        whole = pl.coalesce(pl.lit(values).str.strip_chars().cast(pl.Int64, strict=False), whole)
    return pl.select(whole).to_series()


def _numbers(values: pl.Series) -> tuple[pl.Series, pl.Series]:
    """(values as Float64 with null for missing and NaN, mask of values that are no number)."""
    if values.dtype == pl.String:
        column = pl.lit(values).str.strip_chars()
        is_missing = column.str.to_lowercase().is_in(MISSING_WORDS)
        texts = pl.select(pl.when(~is_missing).then(column)).to_series()
        numbers = texts.cast(pl.Float64, strict=False)
        return numbers.fill_nan(None), texts.is_not_null() & numbers.is_null()
    if values.dtype == pl.Null or values.dtype.is_numeric() or values.dtype == pl.Boolean:
        numbers = values.cast(pl.Float64).fill_nan(None)
        return numbers, pl.repeat(False, len(values), dtype=pl.Boolean, eager=True)
    return pl.Series(values=[None] * len(values), dtype=pl.Float64), values.is_not_null()
