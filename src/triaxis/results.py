"""What a run leaves behind: typed, frozen, and able to say how every number was made.

The one idea: a result is a set of *tables* with fixed columns (`TABLES`), each row carrying its gate, beside a
`Manifest` that says what was read, what was not measured and why. `report` turns these into pages without seeing
a model, a text file or a metric.
"""

import html
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict

from triaxis.errors import InputError, near

SCHEMA_VERSION = 1

_MODEL = {"gate": pl.String, "model": pl.String, "domain": pl.String}
_PAIR = {"gate": pl.String, "model_a": pl.String, "model_b": pl.String, "domain": pl.String}
_INTERVAL = {"value": pl.Float64, "low": pl.Float64, "high": pl.Float64}

TABLES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "usable_diversity": {
            **_MODEL, "floor": pl.Float64, "budget": pl.Int64, **_INTERVAL, "usable_share": pl.Float64, "prompts": pl.Int64,
        },
        "given_usable": {
            **_MODEL, "floor": pl.Float64, "equal_count": pl.Int64, **_INTERVAL, "prompts": pl.Int64, "prompts_left": pl.Int64,
        },
        "given_usable_pairs": {
            **_PAIR, "floor": pl.Float64, "equal_count": pl.Int64, "value_a": pl.Float64, "value_b": pl.Float64,
            "difference": pl.Float64, "low": pl.Float64, "high": pl.Float64, "prompts": pl.Int64, "prompts_left": pl.Int64,
        },
        "pairwise": {
            **_MODEL, "floor": pl.Float64, "form": pl.String, **_INTERVAL, "prompts": pl.Int64, "prompts_left": pl.Int64,
        },
        "utility": {**_MODEL, "k": pl.Int64, **_INTERVAL, "prompts": pl.Int64},
        "richness": {
            **_MODEL, "floor": pl.Float64, "observed": pl.Float64, "chao1": pl.Float64, "coverage": pl.Float64,
            "prompts": pl.Int64, "prompts_left": pl.Int64,
        },
        "comparisons": {
            **_PAIR, "floor": pl.Float64, "budget": pl.Int64, "difference": pl.Float64, "low": pl.Float64, "high": pl.Float64,
            "verdict": pl.String, "delta": pl.Float64, "prompts": pl.Int64, "prompts_to_decide": pl.Int64,
        },
        "flips": {
            **_PAIR, "budget": pl.Int64, "crossing": pl.Int64, "last_floor_below": pl.Float64, "floor": pl.Float64,
            "low": pl.Float64, "high": pl.Float64, "leader_below": pl.String, "leader_above": pl.String,
            "verdict": pl.String, "prompts": pl.Int64,
        },
        "winner_map": {
            "gate": pl.String, "domain": pl.String, "floor": pl.Float64, "budget": pl.Int64, "winner": pl.String,
            "leader": pl.String, "runner_up": pl.String, "difference": pl.Float64, "low": pl.Float64, "high": pl.Float64,
            "verdict": pl.String, "prompts": pl.Int64,
        },
        "cells": {
            **_MODEL, "prompts": pl.Int64, "samples": pl.Int64, "measured": pl.Int64, "smallest_cell": pl.Int64,
            "largest_cell": pl.Int64, "largest_budget": pl.Int64, "prompts_left": pl.Int64,
        },
        "unmeasured": {**_MODEL, "reason": pl.String, "samples": pl.Int64},
    }
)
"""Columns of every table, in order. `domain` null is all domains; `floor` null is ungated; `low` and `high` are 95 %."""


class Unmeasured(BaseModel):
    """A measurement that has no value, and why. Never a number."""

    model_config = ConfigDict(frozen=True)
    reason: str


class NotRun(BaseModel):
    """An analysis that could not run: what it was and what it needs."""

    model_config = ConfigDict(frozen=True)
    analysis: str
    reason: str


class Gate(BaseModel):
    """(quality measure and its source, equivalence): what every figure under it was measured with.

    `label` is the text in the `gate` column of every table. `quality` is None when nothing is gated. `scope` says
    whether class labels are comparable inside one `cell` or across the models of one `prompt`. `common_n` is the
    number of samples that pairwise equivalences cut every cell to, None where a sample's class does not depend on others.
    """

    model_config = ConfigDict(frozen=True)
    label: str
    quality: str | None
    quality_source: str | None
    equivalence: str
    scope: Literal["cell", "prompt"]
    rule: str
    common_n: int | None = None


class GateSummary(BaseModel):
    """What was measured under one gate: models in order of samples, prompts, floors and budgets shown."""

    model_config = ConfigDict(frozen=True)
    gate: Gate
    models: tuple[str, ...]
    compared: tuple[str, ...]
    domains: tuple[str, ...]
    floors: tuple[float, ...]
    budgets: tuple[int, ...]
    interval_floors: tuple[float, ...]
    interval_budgets: tuple[int, ...]
    samples: int
    measured: int
    notes: tuple[str, ...] = ()
    warnings: tuple["Warning_", ...] = ()


class Warning_(BaseModel):
    """A reason to distrust some figures: a sentence, and the models it stands by."""

    model_config = ConfigDict(frozen=True)
    kind: str
    sentence: str
    models: tuple[str, ...] = ()


class InputSummary(BaseModel):
    """One input file: what shape was recognised, what became what, how many rows were read and rejected."""

    model_config = ConfigDict(frozen=True)
    path: str
    format: str
    shape: str
    columns: dict[str, str]
    rows: int | None
    rejected: int = 0
    notes: tuple[str, ...] = ()


class Manifest(BaseModel):
    """How every number was made: inputs, gates, settings, seed, versions; and what was not measured."""

    model_config = ConfigDict(frozen=True)
    schema_version: int = SCHEMA_VERSION
    title: str
    command: str | None = None
    inputs: tuple[InputSummary, ...]
    by: str = "model"
    gates: tuple[GateSummary, ...]
    not_run: tuple[NotRun, ...] = ()
    notes: tuple[str, ...] = ()
    delta: str
    draws: int
    confidence: float = 0.95
    seed: int
    data_hash: str
    versions: dict[str, str]


class ClassExample(BaseModel):
    """One class of one cell: how many samples, the qualities seen, one text (None when the input held none)."""

    model_config = ConfigDict(frozen=True)
    count: int
    lowest_quality: float | None
    highest_quality: float | None
    text: str | None


class ModelExample(BaseModel):
    """The classes of one model's answers to one prompt, largest first; `classes_left_out` more are not shown."""

    model_config = ConfigDict(frozen=True)
    model: str
    samples: int
    classes: tuple[ClassExample, ...]
    classes_left_out: int = 0


class PromptExample(BaseModel):
    """One prompt with the classes that each model's answers fell into, under one gate."""

    model_config = ConfigDict(frozen=True)
    gate: str
    prompt_id: str
    prompt: str | None
    domain: str
    models: tuple[ModelExample, ...]


def empty_table(name: str) -> pl.DataFrame:
    """Table `name` with its columns and no rows."""
    return pl.DataFrame(schema=dict(TABLES[name]))


@dataclass(frozen=True)
class Results:
    """All tables of one run, its manifest, and examples; `save` and `load` round-trip without the texts it came from."""

    manifest: Manifest
    tables: Mapping[str, pl.DataFrame]
    examples: tuple[PromptExample, ...] = field(default=())

    def to_frame(self, table: str = "usable_diversity") -> pl.DataFrame:
        """The table called `table` as a polars frame; `InputError` names near ones when there is none."""
        if table not in self.tables:
            raise InputError(f"no table {table!r} in these results{near(table, self.tables)}; there are: {', '.join(self.tables)}")
        return self.tables[table]

    def to_json(self) -> dict[str, Any]:
        """The whole result as JSON-ready values; `results.json` is this, except for tables above 2,000 rows (see `save`)."""
        tables = {name: frame.to_dicts() for name, frame in self.tables.items()}
        return {**self.manifest.model_dump(mode="json"), "tables": tables, "examples": [e.model_dump(mode="json") for e in self.examples]}
