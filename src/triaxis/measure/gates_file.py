"""A gates file: each domain its own bar, that is its quality column, its source, its floor and its equivalence.

The one idea: domains that share quality, source and equivalence are one gate with several floors, so the file becomes as many
passes over the data as there are such gates, and every figure says which it was made with.
"""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from triaxis.diversity.equivalence import parse_equivalence
from triaxis.errors import InputError, near
from triaxis.records import read_rows

OTHERS = "*"
"""The domain name that stands for all domains which no other line names."""

COLUMNS = ("domain", "quality", "source", "floor", "equivalence")


class GateLine(BaseModel):
    """One domain's bar. None takes what the command says."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, allow_inf_nan=False)
    domain: str
    quality: str | None = None
    source: str | None = None
    floor: float | None = None
    equivalence: str | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_not_said(cls, value: object) -> object:
        return None if isinstance(value, str) and not value.strip() else value


class GateGroup(NamedTuple):
    """One pass: its quality column, source and equivalence, and the floor of each of its domains."""

    quality: str | None
    source: str | None
    equivalence: str | None
    bars: Mapping[str, float | None]
    left_out: frozenset[str]


def read_gates(path: str | Path) -> tuple[GateGroup, ...]:
    """The gates of `path`, in order of their first line; `InputError` that says what was expected, what came and where.

    TOML with a `[[gate]]` for each line, or a table in any format that samples may have, with the columns domain, quality,
    source, floor, equivalence. A line may name several `domains` in a list; the domain `*` is every other.
    """
    rows = _toml(path) if Path(path).suffix.lower() == ".toml" else read_rows(path)
    lines = [line for number, row in enumerate(rows, start=1) for line in _lines(row, f"{path}, gate {number}")]
    if not lines:
        raise InputError(f"expected at least one gate in {path}, got none; type for example a line with domain and floor")
    _refuse_twice(lines, path)
    return _grouped(lines)


def _toml(path: str | Path) -> list[Mapping[str, Any]]:
    try:
        found = tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except RecursionError as error:
        raise InputError(f"expected a gates file in TOML, got {path}: values are nested too deeply") from error
    except (OSError, ValueError) as error:  # a bad byte, a number of thousands of digits and bad TOML are all ValueErrors
        raise InputError(f"expected a gates file in TOML, got {path}: {error}") from error
    gates = found.get("gate")
    if not isinstance(gates, list) or set(found) != {"gate"}:
        raise InputError(f"expected [[gate]] tables in {path}, got {', '.join(found) or 'nothing'}; type [[gate]] above each")
    return gates


def _lines(row: Mapping[str, Any], place: str) -> list[GateLine]:
    given = {str(key).strip().lower(): value for key, value in row.items()}
    if given.get("domain") and given.get("domains"):
        raise InputError(f"{place}: expected domain or domains, got both; put all names into domains")
    domains = given.pop("domains", None) or [given.pop("domain", None)]
    unknown = sorted(set(given) - set(COLUMNS))
    if unknown:
        raise InputError(f"{place}: unknown column {unknown[0]!r}{near(unknown[0], COLUMNS)}; there are: {', '.join(COLUMNS)}")
    if not isinstance(domains, list) or not all(isinstance(domain, str) and domain for domain in domains):
        raise InputError(f"{place}: expected the name of a domain, or * for all others, got {domains!r}; type domain = \"*\"")
    try:
        lines = [GateLine.model_validate({**given, "domain": domain}) for domain in domains]
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise InputError(f"{place}: {where}: {first['msg']}, got {first['input']!r}") from error
    if lines[0].equivalence:
        parse_equivalence(lines[0].equivalence)
    return lines


def _refuse_twice(lines: Sequence[GateLine], path: str | Path) -> None:
    counts = pl.Series([line.domain for line in lines]).value_counts(sort=True)
    domain, count = counts.row(0)
    if count > 1:
        raise InputError(f"expected one gate for each domain in {path}, got {count} for {domain!r}; leave all but one out")


def _grouped(lines: Sequence[GateLine]) -> tuple[GateGroup, ...]:
    groups: dict[tuple[str | None, str | None, str | None], dict[str, float | None]] = {}
    for line in lines:
        groups.setdefault((line.quality, line.source, line.equivalence), {})[line.domain] = line.floor
    named = {line.domain for line in lines}
    return tuple(GateGroup(*key, bars, frozenset(named - set(bars))) for key, bars in groups.items())
