"""What a measurement would do, without doing it: columns recognised, what there is of what, which analyses can run.

The one idea: a cell is (model, prompt, domain) here as in the measurement, and models are compared by the same rule, so that
the two tell one story.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel, ConfigDict

from triaxis.errors import RecordsError, near
from triaxis.measure.answers_check import check_answers, check_reference
from triaxis.measure.axes import compared_models
from triaxis.measure.costs import COST_FIGURES, NO_COST
from triaxis.measure.counting import SUMMED
from triaxis.measure.gate import gate_of
from triaxis.measure.gates_file import OTHERS, GateGroup
from triaxis.measure.ingest import NO_DOMAIN, NO_MODEL, NOT_STATED
from triaxis.measure.levels.check import check_levels
from triaxis.measure.options import Options
from triaxis.measure.store import RunStore
from triaxis.records import RecordStream
from triaxis.results import InputSummary, NotRun
from triaxis.stats.bootstrap import MIN_PROMPTS
from triaxis.stats.jackknife import MIN_SET_PROMPTS

CELL = ("model", "prompt_id", "domain")


class ModelPlan(BaseModel):
    """One model: its samples, prompts, samples per cell (smallest, median, largest) and samples that have a quality."""

    model_config = ConfigDict(frozen=True)
    model: str
    samples: int
    prompts: int
    smallest_cell: int
    median_cell: float
    largest_cell: int
    with_quality: int


class Plan(BaseModel):
    """What was found in the input and what it allows; `runs` names analyses, `not_run` the others with what they need.

    `rows` counts samples, of which one row of a file may hold several.
    """

    model_config = ConfigDict(frozen=True)
    inputs: tuple[InputSummary, ...]
    rows: int
    rejected: int
    reject_reasons: dict[str, int]
    models: tuple[ModelPlan, ...]
    domains: dict[str, int]
    prompts: int
    shared_prompts: int
    quality_sources: dict[str, int]
    runs: tuple[str, ...]
    not_run: tuple[NotRun, ...]
    unit: str = "prompt"
    gates: tuple[str, ...] = ()


class RunPlan(BaseModel):
    """What one run store of an earlier run holds."""

    model_config = ConfigDict(frozen=True)
    path: str
    title: str
    gate: str
    by: str
    models: tuple[str, ...]
    prompts: int
    domains: tuple[str, ...]
    samples: int
    measured: int


@dataclass
class _Tally:
    """Counts per (model, prompt, domain, source), added up batch by batch."""

    frames: list[pl.DataFrame]
    rows: int = 0
    numbered: int = 0
    lowest: float | None = None

    def take(self, batch: pl.DataFrame) -> None:
        self.rows += batch.height
        self.numbered += batch.height - batch["sample_index"].null_count()
        quality = batch["quality"].fill_nan(None)
        self.lowest = min((float(str(v)) for v in (self.lowest, quality.min()) if v is not None), default=None)
        has = quality.is_not_null()
        keyed = batch.select(
            pl.col("model").fill_null(NO_MODEL), "prompt_id", pl.col("domain").fill_null(NO_DOMAIN),
            pl.when(has).then(pl.col("quality_source").fill_null(NOT_STATED)).alias("source"), has.alias("has_quality"),
        )  # fmt: skip
        self.frames.append(keyed.group_by(*CELL, "source").agg(pl.len().alias("samples"), pl.col("has_quality").sum()))

    def counts(self) -> pl.DataFrame:
        """Samples, and those with a quality, of every (model, prompt, domain, source)."""
        whole = pl.concat(self.frames) if self.frames else pl.DataFrame(schema=_COUNTS)
        return whole.group_by(*CELL, "source").agg(pl.col("samples", "has_quality").sum())


_COUNTS = {
    **dict.fromkeys((*CELL, "source"), pl.String), "samples": pl.UInt32, "has_quality": pl.UInt32,
}  # fmt: skip


def plan(
    stream: RecordStream, options: Options | None = None, *, unit: str = "prompt", gates: Sequence[GateGroup] = ()
) -> Plan:
    """Reads `stream` once and says what there is and what can run under `options`, with cells of `unit` and under `gates`.

    Raises `InputError` for a model to compare, a quality source, a metric or a complexity measure that is not there.
    """
    chosen = options or Options()
    check_levels(chosen.levels)
    check_answers(chosen.answers)
    tally = _Tally([])
    for batch in stream:
        tally.take(batch)
    counts = tally.counts()
    found = _found(counts)
    _check_source(found["quality_sources"], chosen.quality_source)
    check_reference(chosen.answers.reference, [model.model for model in found["models"]])
    apart = _why_apart(counts, found["models"], chosen) if unit == "prompt" else _why_sets_apart(counts)
    costs = bool(stream.available & set(SUMMED)) or bool(chosen.models)
    whole = [*_set_checks(found)] if unit == "set" else []
    gated = any(gate.quality for gate in gates)
    checks = [*whole, *_checks(tally, found, apart, gated=gated), (COST_FIGURES, None if costs else NO_COST)]
    return Plan(
        inputs=stream.inputs, rows=tally.rows, rejected=stream.rejects.count, reject_reasons=dict(stream.rejects.by_reason),
        **found, runs=tuple(what for what, reason in checks if reason is None),
        not_run=tuple(NotRun(analysis=what, reason=reason) for what, reason in checks if reason), unit=unit,
        gates=tuple(_gate_lines(gates, found["domains"])),
    )  # fmt: skip


def _gate_lines(gates: Sequence[GateGroup], domains: Mapping[str, int]) -> Iterator[str]:
    """Each gate of a gates file with its domains, floors and samples."""
    named = {domain for gate in gates for domain in gate.bars}
    for gate in gates:
        told = [("quality", gate.quality), ("source", gate.source), ("equivalence", gate.equivalence)]
        what = ", ".join(f"{name} {value}" for name, value in told if value) or "as the command says"
        for domain, floor in gate.bars.items():
            others = sum(n for name, n in domains.items() if name not in named)
            samples = others if domain == OTHERS else domains.get(domain, 0)
            where = "all other domains" if domain == OTHERS else f"domain {domain}"
            yield f"{where}: floor {'none' if floor is None else f'{floor:g}'}, {what}; {samples:,} samples"
    for domain in [name for name in domains if gates and OTHERS not in named and name not in named]:
        yield f"domain {domain}: no gate; {domains[domain]:,} samples are left out"


def plan_runs(folders: Sequence[Path]) -> tuple[RunPlan, ...]:
    """What the run stores in `folders` hold; `StoreError` when one is none."""
    return tuple(_run(folder, RunStore.load(folder)) for folder in folders)


def _run(folder: Path, store: RunStore) -> RunPlan:
    measured = int(store.sizes()["size"].sum())
    return RunPlan(
        path=str(folder), title=store.header.title, gate=gate_of(store).label, by=store.header.by, models=store.models,
        prompts=len(store.prompts), domains=store.domains, samples=measured + int(store.lost["samples"].sum()), measured=measured,
    )  # fmt: skip


def _found(counts: pl.DataFrame) -> dict[str, Any]:
    cells = counts.filter(pl.col("prompt_id").is_not_null()).group_by(CELL).agg(pl.col("samples", "has_quality").sum())
    summary = cells.group_by("model").agg(
        pl.col("samples").sum(), pl.col("prompt_id").n_unique().alias("prompts"), pl.col("samples").min().alias("smallest_cell"),
        pl.col("samples").median().alias("median_cell"), pl.col("samples").max().alias("largest_cell"),
        pl.col("has_quality").sum().alias("with_quality"),
    ).sort("samples", "model", descending=[True, False])  # fmt: skip
    domains = counts.group_by("domain").agg(pl.col("samples").sum()).sort("domain")
    sources = counts.filter(pl.col("source").is_not_null()).group_by("source").agg(pl.col("samples").sum()).sort("source")
    models_of = cells.group_by("prompt_id").agg(pl.col("model").n_unique())
    return {
        "models": tuple(ModelPlan(**row) for row in summary.to_dicts()), "domains": dict(domains.iter_rows()),
        "prompts": models_of.height, "shared_prompts": models_of.filter(pl.col("model") == summary.height).height,
        "quality_sources": dict(sources.iter_rows()),
    }  # fmt: skip


def _check_source(sources: Mapping[str, int], asked: str | None) -> None:
    if asked is not None and sources and asked not in sources:
        raise RecordsError(
            f"no quality_source {asked!r}{near(asked, sources)}; there are: {', '.join(sources)}; leave --quality-source out to "
            "measure each of them apart"
        )


def _why_apart(counts: pl.DataFrame, models: Sequence[ModelPlan], options: Options) -> str | None:
    """Why no two models can be compared, None when two can under at least one source (each source is measured apart)."""
    if len(models) < 2:
        return "needs at least two models; name the column with --map model=COLUMN or --by COLUMN"
    if any(len(chosen) > 1 and shared for chosen, shared in _compared(counts, options)):
        return None
    if not _any_prompt_shared(counts):
        return "no prompt is shared by any two models; check that prompt_id is the same for all models"
    return "no other model shares half of the prompts of the model with most of them; name models with --compare"


def _why_sets_apart(counts: pl.DataFrame) -> str | None:
    """Why no two sets can be compared; sets of different prompts can, if they are of one domain."""
    models_of = counts.filter(pl.col("prompt_id").is_not_null()).group_by("domain").agg(pl.col("model").n_unique())
    return None if (models_of["model"] > 1).any() else "needs at least two models in one domain; type --by COLUMN to name them"


def _set_checks(found: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """What a set can tell, with the reason why it cannot."""
    most = max((m.prompts for m in found["models"]), default=0)
    few = None if most >= MIN_SET_PROMPTS else f"needs {MIN_SET_PROMPTS} prompts in a set, got {most}"
    yield "different usable answers in n samples of a set", None if most else "needs column prompt or prompt_id"
    yield "intervals of sets", few


def _compared(counts: pl.DataFrame, options: Options) -> Iterator[tuple[tuple[str, ...], set[tuple[int, int]]]]:
    """(models compared, keys they share) under each source that is measured; under one when nothing has a quality."""
    whole = counts.filter(pl.col("prompt_id").is_not_null())
    sources = [options.quality_source] if options.quality_source else whole["source"].drop_nulls().unique().sort().to_list()
    for rows in [whole.filter(pl.col("source") == source) for source in sources] or [whole]:
        coded = rows.select("model", pl.col("prompt_id").rank("dense"), pl.col("domain").rank("dense"))
        keys: dict[str, set[tuple[int, int]]] = {}
        for model, prompt, domain in coded.unique().iter_rows():
            keys.setdefault(model, set()).add((prompt, domain))
        chosen, _, shared = compared_models(keys, options.compare, elsewhere=whole["model"].unique().to_list())
        yield chosen, shared


def _any_prompt_shared(counts: pl.DataFrame) -> bool:
    pairs = counts.filter(pl.col("prompt_id").is_not_null()).select("model", "prompt_id", "domain").unique()
    return bool(pairs.select("prompt_id", "domain").is_duplicated().any())


def _checks(
    tally: _Tally, found: Mapping[str, Any], apart: str | None, *, gated: bool
) -> Iterator[tuple[str, str | None]]:
    """Each analysis with the reason why it cannot run, None when it can; `gated` when a gates file names a quality."""
    models: tuple[ModelPlan, ...] = found["models"]
    no_cells = None if models else "needs column prompt or prompt_id; type --map prompt=COLUMN"
    largest = max((m.largest_cell for m in models), default=0)
    single = None if largest > 1 else "needs 2 samples per prompt, got 1 everywhere"
    no_quality = None if found["quality_sources"] or gated else "needs a quality column; type --quality COLUMN"
    most = max((m.prompts for m in models), default=0)
    few = None if most >= MIN_PROMPTS else f"needs {MIN_PROMPTS} prompts, got {most}"
    unordered = None if tally.numbered else "needs column sample_index for the order of draws"
    negative = f"needs qualities of at least 0, got {tally.lowest:g}" if tally.lowest is not None and tally.lowest < 0 else None
    yield "usable diversity U(tau, n)", no_cells
    yield "figures above a quality floor", no_cells or no_quality
    yield "diversity inside a prompt (given usable, pairwise, richness)", no_cells or single
    yield "intervals", no_cells or few
    yield "comparisons, flips, winner map", no_cells or apart
    yield "utility_k", no_cells or no_quality or unordered or negative
