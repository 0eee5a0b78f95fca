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
from typing import Any

import polars as pl

from triaxis.errors import InputError, near
from triaxis.results.manifest import SCHEMA_VERSION, Manifest, PromptExample
from triaxis.results.schema import TABLES, empty_table

JSON_ROWS = 5000
"""Tables above this many rows are in `tables/*.parquet` only."""


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
            manifest = Manifest.model_validate(whole)
            tables = {name: _table(folder, name, manifest.schema_version) for name in TABLES}
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
            .encode(x="floor:Q", y=altair.Y("value:Q", title=_title(chosen, self._unit(gate))), color="model:N")
            .properties(title=self.manifest.title)
        )

    def _curves(self, domain: str | None, gate: str | None) -> pl.DataFrame:
        """U in one domain under one gate: rows of `usable_diversity`, or of `set_diversity` where the unit is a set."""
        labels = [summary.gate.label for summary in self.manifest.gates]
        chosen = gate if gate is not None else (labels[0] if labels else "")
        if gate is not None and gate not in labels:
            raise InputError(f"no gate {gate!r} in these results{near(gate, labels)}; there are: {', '.join(labels)}")
        here = pl.col("domain").eq_missing(pl.lit(domain, dtype=pl.String))
        name = "set_diversity" if self._unit(gate) == "set" else "usable_diversity"
        return self.tables[name].filter(here, pl.col("gate") == chosen)

    def _unit(self, gate: str | None) -> str:
        """The unit of the gate called `gate`, else of the first."""
        units = {summary.gate.label: summary.gate.unit for summary in self.manifest.gates}
        return units.get(gate, "prompt") if gate is not None else next(iter(units.values()), "prompt")

    def _repr_html_(self) -> str:
        """What a notebook shows, escaped: the title, the first gate, and U at the largest budget that every model reaches."""
        frame = self._curves(None, None)
        shown = frame.filter(pl.col("budget") == _joint_budget(frame)).select(
            "model", "floor", "budget", "value", "low", "high", "prompts"
        )
        heading = "; ".join(summary.gate.label for summary in self.manifest.gates[:1])
        return f"<h3>{html.escape(self.manifest.title)}</h3><p>{html.escape(heading)}</p>" + str(shown._repr_html_())


def _title(budget: int, unit: str) -> str:
    """What U is called for cells of `unit`."""
    return f"different usable answers in {budget} {'samples of the set' if unit == 'set' else 'draws'}"


def _table(folder: Path, name: str, version: int) -> pl.DataFrame:
    """Table `name` as it was saved; results of an earlier version lack tables that came later, which are empty then."""
    file = folder / "tables" / f"{name}.parquet"
    return empty_table(name) if version < SCHEMA_VERSION and not file.exists() else pl.read_parquet(file)


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
