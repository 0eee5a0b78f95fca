"""The validity table as data that ships with the package, and as tables in the words of the docs."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from triaxis.lab.validity.run import Validity
from triaxis.lab.validity.values import PUBLISHED

SHIPPED_ROUNDING = 4



def as_json(found: Validity, *, command: str, data: str, data_sha256: str, encoder: str | None) -> str:
    """The table with what it was made from, one row a line; numbers with 4 decimals."""
    head: dict[str, Any] = {
        "command": command, "data": data, "data_sha256": data_sha256, "encoder": encoder, "draws": found.draws,
        "seed": found.seed, "sets": found.sets, "not_run": found.not_run, "columns": found.table.columns,
    }  # fmt: skip
    rows = ",\n".join(json.dumps([_rounded(value) for value in row], allow_nan=False) for row in found.table.iter_rows())
    return f'{json.dumps(head, allow_nan=False)[:-1]}, "rows": [\n{rows}\n]}}\n'


def data_sha256(path: Path) -> str:
    """SHA-256 of the file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _rounded(value: Any) -> Any:
    return round(value, SHIPPED_ROUNDING) if isinstance(value, float) else value


def markdown(found: Validity) -> str:
    """One table for each test: a line for each metric, best first, a column for each task and target; published in italics."""
    tests = found.table["test"].unique(maintain_order=True).to_list()
    return "\n".join(line for test in tests for line in _one_test(found.table.filter(pl.col("test") == test), test))


def _one_test(rows: pl.DataFrame, test: str) -> Iterator[str]:
    columns = rows.select("task", "target").unique().sort("task", "target").rows()
    order = rows.group_by("metric", "level", "reading").agg(pl.col("rho").mean())
    order = order.sort([pl.col("rho").round(9), "metric", "reading"], descending=[True, False, False])
    cells = {(r["metric"], r["reading"], r["task"], r["target"]): r for r in rows.iter_rows(named=True)}
    yield f"### {test}\n"
    yield f"| metric | level | given | {' | '.join(f'{task}, {_target(target)}' for task, target in columns)} |"
    yield f"|---|---|---|{'---|' * len(columns)}"
    for metric, level, reading, _ in order.iter_rows():
        figures = [_figure(cells.get((metric, reading, task, target))) for task, target in columns]
        name = f"*{metric}*" if level == PUBLISHED else f"`{metric}`"
        yield f"| {name} | {level} | {reading if level != PUBLISHED else ''} | {' | '.join(figures)} |"
    yield ""


def _target(target: str) -> str:
    return "people" if target == "human" else target


def _figure(row: dict[str, Any] | None) -> str:
    if row is None:
        return "–"
    ends = "" if row["low"] is None else f" [{row['low']:.2f}, {row['high']:.2f}]"
    return f"{row['rho']:.2f}{ends}".replace("-", "−")
