"""The levels of one gate, put beside its other tables."""

from collections.abc import Collection
from dataclasses import replace

import polars as pl

from triaxis.measure.answers import answers_of_texts
from triaxis.measure.exemplars import Labelled
from triaxis.measure.gated import Gated, with_outcomes
from triaxis.measure.levels.choice import Chosen, LevelOptions
from triaxis.measure.levels.complexities import measure_complexity
from triaxis.measure.levels.run import Levels, Sampled, measure_levels
from triaxis.measure.levels.sets import grouped_cells
from triaxis.measure.options import Options, Progress
from triaxis.measure.outcome import Seen
from triaxis.measure.store import RunStore
from triaxis.measure.tables import Resampling, assemble
from triaxis.measure.trust import trust_report
from triaxis.protocols import Embedder
from triaxis.results import NotRun

UNREAD = NotRun(analysis="levels of diversity", reason="needs texts, and none were read; leave --examples 0 out")
WITHOUT_TEXTS = NotRun(analysis="levels of diversity", reason="needs the texts; counts of an earlier run hold none")


def with_levels(
    gate: Gated, sampled: Labelled, store: RunStore, chosen: Chosen, options: Options, *, embedder: Embedder | None = None,
    progress: Progress | None = None, elsewhere: Collection[str] = (),
) -> Gated:  # fmt: skip
    """`gate` with the table `diversity_levels`, measured on the rows of `sampled`, and with what else their texts say.

    What could not run is added to its reasons. `elsewhere` are the models of the run's other gates.
    """
    rows = _rows(sampled)
    if options.levels.is_off and not options.answers.reads_texts:
        return gate
    if rows is None:
        return replace(gate, not_run=(*gate.not_run, UNREAD))
    bars = tuple(bar for bar in store.header.bars.values() if bar is not None)
    is_gated = store.header.quality is not None
    floors = (*options.floors, *bars) if is_gated else ()
    seen = Sampled(rows, store.header.unit, is_gated, floors)
    levels = measure_levels(
        seen, chosen, options.levels, Resampling(options.draws, options.seed), embedder=embedder, progress=progress
    )
    resampling, label = Resampling(options.draws, options.seed), gate.summary.gate.label
    scored, unscored = measure_complexity(seen, options.levels.complexity, resampling)
    trust = _trust(levels, seen, chosen, options, progress) if options.levels.trust else []
    measured = {"diversity_levels": [levels.rows] if levels.rows.height else [], "complexity": scored, "trust": trust}
    tables = gate.tables | {name: assemble(name, label, frames) for name, frames in measured.items()}
    summary = gate.summary.model_copy(update={"notes": (*gate.summary.notes, *_sampled_note(rows, store, options.levels))})
    not_run = (*gate.not_run, *chosen.not_run, *levels.not_run, *unscored)
    found = replace(gate, summary=summary, tables=tables, not_run=not_run)
    looked = Seen(levels.cells, seen.unit, is_gated, levels.floors, chosen.metrics, levels.size, embedder)
    return with_outcomes(
        found, answers_of_texts(looked, store, gate.axes, tables, options, elsewhere=elsewhere, progress=progress)
    )


def _trust(
    levels: Levels, seen: Sampled, chosen: Chosen, options: Options, progress: Progress | None
) -> list[pl.DataFrame]:
    """Rows of `trust` for the metrics that have a value here; of a set, groups of answers to several prompts stand for cells."""
    known = set(levels.rows["metric"]) if levels.rows.height else set()
    metrics = [metric for metric in chosen.metrics if metric.name in known]
    size, seed = levels.size, options.seed
    cells = grouped_cells(levels.cells, size=size, seed=seed) if seen.unit == "set" else levels.cells
    found = trust_report(cells, metrics, seed, size=size, progress=progress)
    return [found.with_columns(pl.lit(None, dtype=pl.String).alias("domain"))]


def _rows(sampled: Labelled) -> pl.DataFrame | None:
    return pl.concat(sampled.frames) if sampled.frames else None


def _sampled_note(rows: pl.DataFrame, store: RunStore, options: LevelOptions) -> tuple[str, ...]:
    seen, known = rows["prompt_id"].n_unique(), len(store.prompts)
    if seen >= known:
        return ()
    return (f"the levels of diversity are measured on {seen:,} of {known:,} prompts, chosen by seed; --level-prompts takes more",)
