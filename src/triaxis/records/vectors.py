"""A column of vectors: lists or arrays of numbers of any type, or their JSON text, as lists of float32."""

from collections.abc import Sequence
from typing import Any

import orjson
import polars as pl

from triaxis.records.columns import Values

VECTORS = pl.List(pl.Float32())


def vector_lists(values: Values) -> pl.Series:
    """(rows,) lists of float32; null for what is no list of numbers.

    A null inside a list makes it null, and so does a number that is none; infinite and NaN entries stay, for whoever measures
    to count.

    >>> vector_lists([[1, 2.5], "[3, 4]", "none", [1, "x"]]).to_list()
    [[1.0, 2.5], [3.0, 4.0], None, None]
    """
    if isinstance(values, pl.Series) and _is_of_numbers(values.dtype):
        lists = values.cast(VECTORS, strict=False) if isinstance(values.dtype, pl.List) else values.arr.to_list().cast(VECTORS)
        return _without_gaps(lists)
    return pl.Series(values=[_vector(value) for value in values], dtype=VECTORS)


def _is_of_numbers(kind: pl.DataType) -> bool:
    return isinstance(kind, pl.List | pl.Array) and kind.inner.is_numeric()


def _without_gaps(lists: pl.Series) -> pl.Series:
    """Lists with a null inside become null; one look at all entries tells that nearly always there is none."""
    if not lists.explode(empty_as_null=False, keep_nulls=False).null_count():
        return lists
    has_gap = pl.element().is_null().any()
    return pl.select(pl.when(~lists.list.eval(has_gap).list.first().fill_null(value=False)).then(lists)).to_series()


def _vector(value: Any) -> list[float] | None:
    """One vector of Python objects or of JSON text."""
    if isinstance(value, str | bytes):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return None
    if not isinstance(value, Sequence | pl.Series) or isinstance(value, str | bytes):
        return None
    numbers = list(value)
    if not all(type(number) in (int, float) for number in numbers):
        return None
    try:
        return [float(number) for number in numbers]
    except OverflowError:
        return None
