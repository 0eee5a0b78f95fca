"""What a measurement would do, without doing it: columns recognised, what there is of what, which analyses can run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from pydantic import BaseModel, ConfigDict

from triaxis.measure.ingest import NO_DOMAIN, NO_MODEL
from triaxis.records import RecordStream
from triaxis.results import InputSummary, NotRun


class ModelPlan(BaseModel):
    """One model: its samples, prompts, samples per prompt (smallest, median, largest) and samples that have a quality."""

    model_config = ConfigDict(frozen=True)
    model: str
    samples: int
    prompts: int
    smallest_cell: int
    median_cell: float
    largest_cell: int
    with_quality: int


class Plan(BaseModel):
    """What was found in the input and what it allows; `runs` names analyses, `not_run` the others with what they need."""

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


@dataclass
class _Tally:
    """Counts per (model, prompt, domain, source), added up batch by batch."""

    frames: list[pl.DataFrame]
    rows: int = 0
    without_prompt: int = 0
    numbered: int = 0

    def take(self, batch: pl.DataFrame) -> None:
        self.rows += batch.height
        self.without_prompt += batch["prompt_id"].null_count()
        self.numbered += batch.height - batch["sample_index"].null_count()
        has = pl.col("quality").is_not_null() & pl.col("quality").is_not_nan()
        keyed = batch.select(
            pl.col("model").fill_null(NO_MODEL), "prompt_id", pl.col("domain").fill_null(NO_DOMAIN),
            pl.when(has).then(pl.col("quality_source").fill_null("(not stated)")).alias("source"), has.alias("has_quality"),
        )  # fmt: skip
        counted = keyed.group_by("model", "prompt_id", "domain", "source").agg(
            pl.len().alias("samples"), pl.col("has_quality").sum()
        )
        self.frames.append(counted)


def plan(stream: RecordStream) -> Plan:
    """Reads `stream` once and says what there is and what can run."""
    tally = _Tally([])
    for batch in stream:
        tally.take(batch)
    counts = pl.concat(tally.frames) if tally.frames else None
    found: Mapping[str, Any] = _found(counts) if counts is not None and counts.height else _nothing()
    runs, not_run = _analyses(tally, found)
    return Plan(
        inputs=stream.inputs, rows=tally.rows, rejected=stream.rejects.count, reject_reasons=dict(stream.rejects.by_reason),
        **found, runs=tuple(runs), not_run=tuple(not_run),
    )  # fmt: skip


def _nothing() -> dict[str, Any]:
    return {"models": (), "domains": {}, "prompts": 0, "shared_prompts": 0, "quality_sources": {}}


def _found(counts: pl.DataFrame) -> dict[str, Any]:
    cells = (
        counts.filter(pl.col("prompt_id").is_not_null())
        .group_by("model", "prompt_id")
        .agg(pl.col("samples", "has_quality").sum())
    )
    summary = cells.group_by("model").agg(
        pl.col("samples").sum(), pl.len().alias("prompts"), pl.col("samples").min().alias("smallest_cell"),
        pl.col("samples").median().alias("median_cell"), pl.col("samples").max().alias("largest_cell"),
        pl.col("has_quality").sum().alias("with_quality"),
    ).sort("samples", "model", descending=[True, False])  # fmt: skip
    domains = counts.group_by("domain").agg(pl.col("samples").sum()).sort("domain")
    sources = counts.filter(pl.col("source").is_not_null()).group_by("source").agg(pl.col("samples").sum()).sort("source")
    models = cells["model"].n_unique()
    shared = cells.group_by("prompt_id").len().filter(pl.col("len") == models).height
    return {
        "models": tuple(ModelPlan(**row) for row in summary.to_dicts()), "domains": dict(domains.iter_rows()),
        "prompts": cells["prompt_id"].n_unique(), "shared_prompts": shared, "quality_sources": dict(sources.iter_rows()),
    }  # fmt: skip


def _analyses(tally: _Tally, found: Mapping[str, Any]) -> tuple[list[str], list[NotRun]]:
    checks = list(_checks(tally, found))
    return [what for what, reason in checks if reason is None], [
        NotRun(analysis=what, reason=reason) for what, reason in checks if reason
    ]


def _checks(tally: _Tally, found: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """Each analysis with the reason why it cannot run, None when it can."""
    models: tuple[ModelPlan, ...] = found["models"]
    no_cells = None if found["prompts"] else "needs column prompt or prompt_id; type --map prompt=COLUMN"
    largest = max((m.largest_cell for m in models), default=0)
    single = no_cells or (None if largest > 1 else "needs 2 samples per prompt, got 1 everywhere")
    no_quality = None if found["quality_sources"] else "needs a quality column; type --quality COLUMN"
    lonely = None if len(models) > 1 else "needs at least two models; name the column with --map model=COLUMN or --by COLUMN"
    apart = (
        None if found["shared_prompts"] or len(models) < 2 else "no prompt is shared by all models; some of them may still share"
    )
    unordered = None if tally.numbered else "needs column sample_index for the order of draws"
    few = None if found["prompts"] >= 10 else f"needs 10 prompts, got {found['prompts']}"
    yield "usable diversity U(tau, n)", no_cells
    yield "figures above a quality floor", no_quality
    yield "diversity inside a prompt (given usable, pairwise, richness)", single
    yield "intervals", no_cells or few
    yield "comparisons, flips, winner map", no_cells or lonely or apart
    yield "utility_k", no_quality or unordered
