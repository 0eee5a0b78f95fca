"""The levels of one gate, put beside its other tables."""

from dataclasses import replace

import polars as pl

from triaxis.measure.exemplars import Labelled
from triaxis.measure.gated import Gated
from triaxis.measure.levels.choice import Chosen, LevelOptions
from triaxis.measure.levels.complexities import measure_complexity
from triaxis.measure.levels.run import Sampled, measure_levels
from triaxis.measure.options import Options, Progress
from triaxis.measure.store import RunStore
from triaxis.measure.tables import Resampling, assemble
from triaxis.protocols import Embedder
from triaxis.results import NotRun

WITHOUT_TEXTS = NotRun(analysis="levels of diversity", reason="needs the texts; counts of an earlier run hold none")


def with_levels(
    gate: Gated, sampled: Labelled, store: RunStore, chosen: Chosen, options: Options, *, embedder: Embedder | None = None,
    progress: Progress | None = None,
) -> Gated:  # fmt: skip
    """`gate` with the table `diversity_levels`, measured on the rows of `sampled`; what could not run is added to its reasons."""
    rows = _rows(sampled)
    if options.levels.is_off or rows is None:
        return gate
    bars = tuple(bar for bar in store.header.bars.values() if bar is not None)
    is_gated = store.header.quality is not None
    floors = (*options.floors, *bars) if is_gated else ()
    seen = Sampled(rows, store.header.unit, is_gated, floors)
    levels = measure_levels(
        seen, chosen, options.levels, Resampling(options.draws, options.seed), embedder=embedder, progress=progress
    )
    resampling, label = Resampling(options.draws, options.seed), gate.summary.gate.label
    scored, unscored = measure_complexity(seen, options.levels.complexity, resampling)
    found = {"diversity_levels": [levels.rows] if levels.rows.height else [], "complexity": scored}
    tables = gate.tables | {name: assemble(name, label, frames) for name, frames in found.items()}
    summary = gate.summary.model_copy(update={"notes": (*gate.summary.notes, *_sampled_note(rows, store, options.levels))})
    not_run = (*gate.not_run, *chosen.not_run, *levels.not_run, *unscored)
    return replace(gate, summary=summary, tables=tables, not_run=not_run)


def _rows(sampled: Labelled) -> pl.DataFrame | None:
    return pl.concat(sampled.frames) if sampled.frames else None


def _sampled_note(rows: pl.DataFrame, store: RunStore, options: LevelOptions) -> tuple[str, ...]:
    seen, known = rows["prompt_id"].n_unique(), len(store.prompts)
    if seen >= known:
        return ()
    return (f"the levels of diversity are measured on {seen:,} of {known:,} prompts, chosen by seed; --level-prompts takes more",)
