"""Pairs of answers of which people said whether they are the same: read from a file, and what the rule says of the same pairs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from triaxis.errors import InputError, RecordsError, near
from triaxis.protocols import CellsEquivalence, Equivalence, VectorEquivalence
from triaxis.records import read_rows
from triaxis.results import Calibration

COLUMNS = ("first", "second", "human_same", "prompt", "prompt_id", "model", "rule_same", "quality_first", "quality_second")
TRUE, FALSE = {"1", "true", "yes", "same"}, {"0", "false", "no", "different"}


@dataclass(frozen=True)
class LabelledPairs:
    """`texts` has columns first, second, prompt; the rest is one value a pair.

    `is_different` (pairs,) float64, 1 where people say different. `said_different` what the rule said, where the file tells;
    else None. `prompts` names the prompt of each pair (its text without an id; each pair its own without either), `models` who
    gave both answers, None where not said. `quality` (pairs,) float64 is the lower of the two answers', NaN where not said.
    """

    texts: pl.DataFrame
    is_different: np.ndarray
    said_different: np.ndarray | None
    prompts: np.ndarray
    models: np.ndarray
    quality: np.ndarray

    def __len__(self) -> int:
        return int(self.is_different.size)


def read_labelled_pairs(path: str) -> LabelledPairs:
    """The pairs in a file of any known format. Raises `RecordsError` for a column that is missing or a verdict that is none."""
    rows = list(read_rows(path, check=lambda columns: _check_columns(path, columns)))
    if not rows:
        raise RecordsError(f"expected labelled pairs in {path}, got no rows")
    text = {name: [_text(row.get(name)) for row in rows] for name in ("first", "second", "prompt")}
    human = np.array([_verdict(row, "human_same", path, place) for place, row in enumerate(rows, start=1)])
    rule = None
    if "rule_same" in rows[0]:
        rule = 1.0 - np.array([_verdict(row, "rule_same", path, place) for place, row in enumerate(rows, start=1)])
    elif None in text["first"] or None in text["second"]:
        raise RecordsError(f"expected two texts in each row of {path}, or what the rule said in a column rule_same")
    prompts = [_text(row.get("prompt_id")) or _text(row.get("prompt")) or f"pair {place}" for place, row in enumerate(rows)]
    quality = np.array([[_number(row.get(name)) for name in ("quality_first", "quality_second")] for row in rows])
    models = np.array([_text(row.get("model")) for row in rows], dtype=object)
    frame = pl.DataFrame(text, schema=dict.fromkeys(text, pl.String))
    return LabelledPairs(frame, 1.0 - human, rule, np.array(prompts, dtype=object), models, quality.min(axis=1))


def said_different(pairs: LabelledPairs, rule: Equivalence, calibration: Calibration | None) -> np.ndarray:
    """(pairs,) float64: 1 where `rule`, given the two answers and nothing else, makes two classes of them.

    NaN where it cannot tell. What the file says of the rule comes first. Raises `InputError` for a rule that reads a column.
    """
    if pairs.said_different is not None:
        return pairs.said_different
    if getattr(rule, "column", None) is not None:
        raise InputError(f"{rule.name} reads a column, which pairs do not have; say what it says in a column rule_same")
    labels = np.array(_labels([_cell(row) for row in pairs.texts.iter_rows(named=True)], rule, calibration))
    return np.where((labels < 0).any(axis=1), np.nan, (labels[:, 0] != labels[:, 1]).astype(np.float64))


def _labels(cells: Sequence[pl.DataFrame], rule: Equivalence, calibration: Calibration | None) -> list[np.ndarray]:
    if isinstance(rule, CellsEquivalence):
        return rule.labels_of_cells(cells)
    if isinstance(rule, VectorEquivalence):
        if calibration is not None:
            rule.calibration = calibration
        vectors = rule.vectors(pl.concat(cells))
        return [rule.labels_of(both) for both in np.split(vectors, len(cells))]
    return [rule.labels(cell) for cell in cells]


def _cell(row: Mapping[str, Any]) -> pl.DataFrame:
    texts = {"response": [row["first"], row["second"]], "prompt": [row["prompt"]] * 2}
    return pl.DataFrame(texts, schema={"response": pl.String, "prompt": pl.String})


def _check_columns(path: str, columns: Sequence[str]) -> None:
    if "human_same" not in columns:
        hint = near("human_same", columns)
        raise RecordsError(f"expected a column human_same in {path}{hint}, got {', '.join(columns)}; known: {', '.join(COLUMNS)}")
    if "rule_same" not in columns and not {"first", "second"} <= set(columns):
        raise RecordsError(f"expected columns first and second with the two answers in {path}, got {', '.join(columns)}")


def _verdict(row: Mapping[str, Any], column: str, path: str, place: int) -> float:
    told = str(row.get(column)).strip().casefold().removesuffix(".0")
    if told not in TRUE | FALSE:
        raise RecordsError(f"expected 1 or 0 as {column} in {path}, row {place}, got {row.get(column)!r}")
    return float(told in TRUE)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _number(value: object) -> float:
    try:
        return float("nan") if value is None else float(str(value))
    except ValueError:
        return float("nan")
