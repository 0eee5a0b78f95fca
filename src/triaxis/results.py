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
JSON_ROWS = 5000
"""Tables above this many rows are in `tables/*.parquet` only."""

_MODEL = {"gate": pl.String, "model": pl.String, "domain": pl.String}
_PAIR = {"gate": pl.String, "model_a": pl.String, "model_b": pl.String, "domain": pl.String}
_INTERVAL = {"value": pl.Float64, "low": pl.Float64, "high": pl.Float64}

TABLES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "usable_diversity": {
            **_MODEL,
            "floor": pl.Float64,
            "budget": pl.Int64,
            **_INTERVAL,
            "usable_share": pl.Float64,
            "prompts": pl.Int64,
        },
        "given_usable": {
            **_MODEL,
            "floor": pl.Float64,
            "equal_count": pl.Int64,
            **_INTERVAL,
            "prompts": pl.Int64,
            "prompts_left": pl.Int64,
        },
        "given_usable_pairs": {
            **_PAIR,
            "floor": pl.Float64,
            "equal_count": pl.Int64,
            "value_a": pl.Float64,
            "value_b": pl.Float64,
            "difference": pl.Float64,
            "low": pl.Float64,
            "high": pl.Float64,
            "prompts": pl.Int64,
            "prompts_left": pl.Int64,
        },
        "pairwise": {
            **_MODEL,
            "floor": pl.Float64,
            "form": pl.String,
            **_INTERVAL,
            "prompts": pl.Int64,
            "prompts_left": pl.Int64,
        },
        "utility": {**_MODEL, "k": pl.Int64, **_INTERVAL, "prompts": pl.Int64},
        "richness": {
            **_MODEL,
            "floor": pl.Float64,
            "observed": pl.Float64,
            "chao1": pl.Float64,
            "coverage": pl.Float64,
            "prompts": pl.Int64,
            "prompts_left": pl.Int64,
        },
        "comparisons": {
            **_PAIR,
            "floor": pl.Float64,
            "budget": pl.Int64,
            "difference": pl.Float64,
            "low": pl.Float64,
            "high": pl.Float64,
            "verdict": pl.String,
            "delta": pl.Float64,
            "prompts": pl.Int64,
            "prompts_to_decide": pl.Int64,
        },
        "flips": {
            **_PAIR,
            "budget": pl.Int64,
            "crossing": pl.Int64,
            "last_floor_below": pl.Float64,
            "floor": pl.Float64,
            "low": pl.Float64,
            "high": pl.Float64,
            "leader_below": pl.String,
            "leader_above": pl.String,
            "verdict": pl.String,
            "prompts": pl.Int64,
        },
        "winner_map": {
            "gate": pl.String,
            "domain": pl.String,
            "floor": pl.Float64,
            "budget": pl.Int64,
            "winner": pl.String,
            "leader": pl.String,
            "runner_up": pl.String,
            "difference": pl.Float64,
            "low": pl.Float64,
            "high": pl.Float64,
            "verdict": pl.String,
            "prompts": pl.Int64,
        },
        "cells": {
            **_MODEL,
            "prompts": pl.Int64,
            "samples": pl.Int64,
            "measured": pl.Int64,
            "smallest_cell": pl.Int64,
            "largest_cell": pl.Int64,
            "largest_budget": pl.Int64,
            "prompts_left": pl.Int64,
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
    scope: Literal["cell", "prompt", "set"]
    rule: str
    common_n: int | None = None


class Caution(BaseModel):
    """A reason to distrust some figures: a sentence, and the models it stands by."""

    model_config = ConfigDict(frozen=True)
    kind: str
    sentence: str
    models: tuple[str, ...] = ()


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
    warnings: tuple[Caution, ...] = ()


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
            raise InputError(
                f"no table {table!r} in these results{near(table, self.tables)}; there are: {', '.join(self.tables)}"
            )
        return self.tables[table]

    def to_json(self) -> dict[str, Any]:
        """JSON-ready values: the manifest, and the rows of every table of up to 5,000 rows; `tables_left_out` counts the others'.

        `results.json` is this, and `json_schema` describes it.
        """
        small = {name: frame for name, frame in self.tables.items() if frame.height <= JSON_ROWS}
        return {
            **self.manifest.model_dump(mode="json"),
            "tables": {name: frame.to_dicts() for name, frame in small.items()},
            "tables_left_out": {name: frame.height for name, frame in self.tables.items() if name not in small},
        }

    def save(self, folder: Path) -> None:
        """Writes `results.json`, `tables/*.parquet` (all rows) and `examples.json` into `folder`, which is made."""
        (folder / "tables").mkdir(parents=True, exist_ok=True)
        for name, frame in self.tables.items():
            frame.write_parquet(folder / "tables" / f"{name}.parquet", compression="zstd")
        _write_json(folder / "results.json", self.to_json())
        _write_json(folder / "examples.json", [example.model_dump(mode="json") for example in self.examples])

    @staticmethod
    def load(folder: Path) -> "Results":
        """The results saved in `folder`; `InputError` when there are none."""
        try:
            whole = json.loads((folder / "results.json").read_text(encoding="utf-8"))
            told = json.loads((folder / "examples.json").read_text(encoding="utf-8"))
            tables = {name: pl.read_parquet(folder / "tables" / f"{name}.parquet") for name in TABLES}
            manifest = Manifest.model_validate(whole)
            examples = tuple(PromptExample.model_validate(example) for example in told)
        except (OSError, TypeError, ValueError, pl.exceptions.PolarsError) as error:
            raise InputError(f"expected a folder that `triaxis measure --out` wrote, got {folder}: {error}") from error
        return Results(manifest, tables, examples)

    def plot(self, *, domain: str | None = None, budget: int | None = None, gate: str | None = None) -> Any:
        """U over the floor, one line per model, as an altair chart.

        `budget` is the largest that every model reaches unless given; `gate` (its label) is the first, since two are two scales.
        """
        import altair  # heavy, and only wanted here

        frame = self._curves(domain, gate).filter(pl.col("floor").is_not_null())
        chosen = _joint_budget(frame) if budget is None else budget
        rows = frame.filter(pl.col("budget") == chosen)
        if not rows.height:
            budgets = sorted(frame["budget"].unique().to_list())
            raise InputError(f"nothing to plot for domain {domain!r} and budget {chosen}; shown budgets: {budgets}")
        return (
            altair.Chart({"values": rows.select("model", "floor", "value", "low", "high").to_dicts()})
            .mark_line(point=True)
            .encode(x="floor:Q", y=altair.Y("value:Q", title=f"different usable answers in {chosen} draws"), color="model:N")
            .properties(title=self.manifest.title)
        )

    def _curves(self, domain: str | None, gate: str | None) -> pl.DataFrame:
        """Rows of `usable_diversity` in one domain under one gate."""
        labels = [summary.gate.label for summary in self.manifest.gates]
        chosen = gate if gate is not None else (labels[0] if labels else "")
        if gate is not None and gate not in labels:
            raise InputError(f"no gate {gate!r} in these results{near(gate, labels)}; there are: {', '.join(labels)}")
        here = pl.col("domain").eq_missing(pl.lit(domain, dtype=pl.String))
        return self.tables["usable_diversity"].filter(here, pl.col("gate") == chosen)

    def _repr_html_(self) -> str:
        """What a notebook shows, escaped: the title, the first gate, and U at the largest budget that every model reaches."""
        frame = self._curves(None, None)
        shown = frame.filter(pl.col("budget") == _joint_budget(frame)).select(
            "model", "floor", "budget", "value", "low", "high", "prompts"
        )
        heading = "; ".join(summary.gate.label for summary in self.manifest.gates[:1])
        return f"<h3>{html.escape(self.manifest.title)}</h3><p>{html.escape(heading)}</p>" + str(shown._repr_html_())


def _joint_budget(frame: pl.DataFrame) -> int:
    """The largest budget that every model of `frame` reaches, 0 when there is none."""
    reached = frame.group_by("model").agg(pl.col("budget").max())["budget"].min()
    return int(str(reached)) if reached is not None else 0


def json_schema() -> dict[str, Any]:
    """JSON Schema of `results.json`, made from the types here so that the two cannot drift."""
    schema = Manifest.model_json_schema(mode="serialization")
    rows = {name: {"type": "array", "items": _row_schema(columns)} for name, columns in TABLES.items()}
    schema["properties"]["tables"] = {"type": "object", "properties": rows, "additionalProperties": False}
    schema["properties"]["tables_left_out"] = {"type": "object", "additionalProperties": {"type": "integer"}}
    schema["required"] = sorted({*schema.get("required", ()), "tables", "tables_left_out"})
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "triaxis results.json"}


def _row_schema(columns: Mapping[str, Any]) -> dict[str, Any]:
    kinds = {pl.String: "string", pl.Int64: "integer", pl.Float64: "number"}
    fields = {name: {"type": [kinds[kind], "null"]} for name, kind in columns.items()}
    return {"type": "object", "properties": fields, "required": list(columns), "additionalProperties": False}


def _write_json(path: Path, value: Any) -> None:
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")
