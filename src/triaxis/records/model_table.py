"""The model table: what a user knows of the models and no sample says: family, stage, base model, size, prices.

One row a model, in any format that samples may have. The one idea: it is short, typed by hand and read once, so that anything odd
in it is an error with its row, never a row passed over.
"""

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from triaxis.errors import RecordsError, near
from triaxis.records.formats import Row
from triaxis.records.tables import read_rows
from triaxis.results import ModelInfo

COLUMNS = ("model", "family", "stage", "base", "parameters", "price_in", "price_out")
MOST_NAMED = 5

_ALIASES = {"base_model": "base"}
_PRICES = ("price_in", "price_out")
_SIZE = re.compile(r"((?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)|(\d+(?:\.\d*)?|\.\d+)\s*([kmbt])", re.IGNORECASE)
_SCALE = {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}
_LEAST_PARAMETERS = 1000
"""A smaller number is refused: 7 is hardly ever meant as seven parameters, and taking it for 7 billion would be a guess."""


def read_models(path: str | Path) -> tuple[ModelInfo, ...]:
    """The rows of the model table in `path`, in file order; `RecordsError` with the row for anything that cannot be meant.

    Column names are matched in any case; `base_model` is `base`. Empty cells are not said. A base need not be a row of its own.
    """
    table = str(path)
    rows = read_rows(table, check=lambda columns: _check_columns(columns, table))
    models = tuple(_model(_renamed(row, table), f"{table}, row {number}") for number, row in enumerate(rows, start=1))
    if not models:
        raise RecordsError(f"{table} has no rows; expected one row for each model, with the column model")
    _refuse_duplicates(models, table)
    _refuse_circles(models, table)
    return models


def parse_parameters(value: object) -> float:
    """Number of parameters from a count or a text such as 7B, 500M, 0.5b, 1.5e9; `RecordsError` for a bare number below 1000.

    >>> parse_parameters("1.5B")
    1500000000.0
    """
    text = str(value).strip().replace("_", "")
    match = _SIZE.fullmatch(text)
    if isinstance(value, bool) or not match:
        raise RecordsError(f"expected a number of parameters such as 7B, 500M or 1.5e9 (in all, not 8x7B), got {text!r}")
    plain, number, letter = match.groups()
    count = float(plain) if plain else float(number) * _SCALE[letter.lower()]
    if not count < math.inf:
        raise RecordsError(f"expected a number of parameters such as 7B, 500M or 1.5e9, got {text[:40]!r}, which is too large")
    if count < _LEAST_PARAMETERS:
        raise RecordsError(f"expected a number of parameters, got {text}; type {text}B for billions, {text}M for millions")
    return count


def unmatched(models: Sequence[ModelInfo], measured: Collection[str]) -> Iterator[str]:
    """Sentences on names that are in the table and not among the `measured` models, and the other way round."""
    rows = [info.model for info in models]
    absent, unlisted = [m for m in rows if m not in measured], [m for m in sorted(measured) if m not in rows]
    if absent:
        yield f"in the model table and without samples: {_listed(absent, unlisted or measured)}"
    if unlisted:
        yield f"not in the model table: {_listed(unlisted, absent)}"
    strangers = [info for info in models if info.base is not None and info.base not in {*rows, *measured}]
    for info in strangers:
        yield f"{info.model}: its base {info.base!r} is neither measured nor in the model table{near(info.base or '', measured)}"


def _listed(names: list[str], others: Collection[str]) -> str:
    more = f", and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(name + _hint(name, others) for name in names[:MOST_NAMED]) + more


def _hint(name: str, others: Collection[str]) -> str:
    hint = near(name, others)
    return f" ({hint.removeprefix('; ')})" if hint else ""


def _check_columns(columns: Sequence[str], table: str) -> None:
    """Refuses columns that mean nothing here, two of one meaning, and a table without `model`."""
    meant: dict[str, str] = {}
    for column in columns:
        name = _meaning(column)
        if name not in COLUMNS:
            known = f"a model table has {', '.join(COLUMNS)}"
            raise RecordsError(f"{table}: unknown column {column!r}{near(name, COLUMNS)}; {known}; rename or drop it")
        if name in meant:
            raise RecordsError(f"{table}: the columns {meant[name]!r} and {column!r} both mean {name}; drop one")
        meant[name] = column
    if "model" not in meant:
        raise RecordsError(f"{table} has no column model; expected the name of each model as the samples have it")


def _meaning(column: str) -> str:
    name = column.strip().lower()
    return _ALIASES.get(name, name)


def _renamed(row: Row, table: str) -> Row:
    """`row` under the names of `ModelInfo`, without what is empty; keys that only this row of a JSON file has are checked too."""
    _check_columns([*row, *([] if any(_meaning(key) == "model" for key in row) else ["model"])], table)
    return {_meaning(key): value for key, value in row.items() if value is not None and str(value).strip()}


def _model(row: Row, place: str) -> ModelInfo:
    if "model" not in row:
        raise RecordsError(f"{place}: expected the name of a model, got none; fill it in or drop the row")
    texts = {name: _text(row[name], name, place) for name in ("model", "family", "stage", "base") if name in row}
    prices = {name: _price(row[name], name, place) for name in _PRICES if name in row}
    return ModelInfo.model_validate({**texts, **prices, "parameters": _parameters(row, place)})


def _text(value: Any, name: str, place: str) -> str:
    if isinstance(value, list | dict | bool):
        raise RecordsError(f"{place}: expected a text in {name}, got {value!r}")
    return str(value).strip()


def _parameters(row: Row, place: str) -> float | None:
    try:
        return parse_parameters(row["parameters"]) if "parameters" in row else None
    except RecordsError as error:
        raise RecordsError(f"{place}, {row['model']}: {error}") from error


def _price(value: Any, name: str, place: str) -> float:
    """A price that is a number of at least 0: money for a million tokens."""
    try:
        price = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        price = math.nan
    if not 0 <= price < math.inf:
        raise RecordsError(f"{place}: expected in {name} the price of a million tokens, such as 0.15, got {value!r}")
    return price


def _refuse_duplicates(models: Sequence[ModelInfo], table: str) -> None:
    first: dict[str, int] = {}
    for number, info in enumerate(models, start=1):
        if info.model in first:
            raise RecordsError(f"{table} has {info.model!r} twice, in rows {first[info.model]} and {number}; drop one")
        first[info.model] = number


def _refuse_circles(models: Sequence[ModelInfo], table: str) -> None:
    """A model cannot descend from itself."""
    base: Mapping[str, str | None] = {info.model: info.base for info in models}
    for start in base:
        chain, above = [start], base[start]
        while above is not None and above not in chain:
            chain, above = [*chain, above], base.get(above)
        if above == start:
            raise RecordsError(
                f"{table}: bases go in a circle, {' -> '.join([*chain, above])}; each model needs one that came before"
            )
