"""One gate from its run store: all tables, what was shown, and what could not run."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from triaxis.errors import Undefined
from triaxis.measure import tables
from triaxis.measure.answers import answers_of_counts
from triaxis.measure.axes import (
    UNGATED,
    Axes,
    compared_models,
    curve_length,
    interval_budgets,
    interval_floors,
    shown_budgets,
    shown_floors,
)
from triaxis.measure.costs import Costs, cost_table, costs_of
from triaxis.measure.distances import cosine_distance_table
from triaxis.measure.gate import summary_of
from triaxis.measure.ladder import base_to_tuned, shared_by, size_curves, tunings
from triaxis.measure.money import cost_map
from triaxis.measure.options import Options, Progress
from triaxis.measure.outcome import Outcome
from triaxis.measure.pairs import Key, Paired, conditional_pairs, pair_tables, paired, why_no_bands
from triaxis.measure.remarks import Missed, lost_counts, notes_of, nothing_measured
from triaxis.measure.store import RunStore
from triaxis.measure.tables import Resampling
from triaxis.results import TABLES, GateSummary, ModelInfo, NotRun

NO_PAIRS = "needs 2 samples per prompt, most prompts have 1; --unit set measures all answers of a domain together"


@dataclass(frozen=True)
class Gated:
    """Tables of one gate, with the summary, the analyses that did not run, and what is shown."""

    summary: GateSummary
    tables: dict[str, pl.DataFrame]
    not_run: tuple[NotRun, ...]
    axes: Axes


def measure_gate(
    store: RunStore, options: Options, *, progress: Progress | None = None, elsewhere: Collection[str] = ()
) -> Gated:
    """Everything that `store` can tell, under its one gate; `elsewhere` are the models of the run's other gates."""
    sizes, classes = store.sizes(), store.classes()
    models, left_out, shared = compared_models(
        _keys_by_model(store, sizes), options.compare, classes=classes, elsewhere=elsewhere
    )
    infos = {info.model: info for info in options.models}
    axes = _axes(store, sizes, models, options)
    job = _Job(store, options, axes, progress or (lambda *_: None), infos, costs_of(store, infos))
    job.each_model()
    job.models_together(models, shared)
    job.bases_and_tuned()
    job.frames["unmeasured"].append(store.lost)
    notes = (*left_out, *notes_of(store), *_unreached(axes, options), *job.costs.notes)
    summary = summary_of(store, axes, models, notes=notes, options=options)
    whole = {name: tables.assemble(name, summary.gate.label, frames) for name, frames in job.frames.items()}
    gate = Gated(summary, whole, (*nothing_measured(store), *job.missed.lines()), axes)
    return with_outcomes(gate, answers_of_counts(store, axes, options, elsewhere=elsewhere, progress=progress))


def with_outcomes(gate: Gated, outcomes: Iterable[Outcome]) -> Gated:
    """`gate` with the rows, the reasons and the notes of `outcomes`."""
    found = list(outcomes)
    rows: dict[str, list[pl.DataFrame]] = {}
    for name, frames in (item for outcome in found for item in outcome.tables.items()):
        rows.setdefault(name, []).extend(frames)
    label, summary = gate.summary.gate.label, gate.summary
    added = {name: pl.concat([gate.tables[name], tables.assemble(name, label, frames)]) for name, frames in rows.items()}
    notes = tuple(dict.fromkeys([*summary.notes, *(note for outcome in found for note in outcome.notes)]))
    not_run = (*gate.not_run, *(reason for outcome in found for reason in outcome.not_run))
    return replace(gate, summary=summary.model_copy(update={"notes": notes}), tables=gate.tables | added, not_run=not_run)


@dataclass
class _Job:
    """Tables of one gate while they fill up, and which models lack what for which reason."""

    store: RunStore
    options: Options
    axes: Axes
    progress: Progress
    infos: Mapping[str, ModelInfo]
    costs: Costs
    frames: dict[str, list[pl.DataFrame]] = field(default_factory=lambda: {name: [] for name in TABLES})
    missed: Missed = field(init=False)

    def __post_init__(self) -> None:
        self.missed = Missed(len(self.store.models))

    @property
    def resampling(self) -> Resampling:
        return Resampling(self.options.draws, self.options.seed)

    def each_model(self) -> None:
        """Fills the tables that look at one model at a time."""
        lost = lost_counts(self.store)
        for done, model in enumerate(self.store.models, start=1):
            for curve in tables.curves(self.store, model, self.options.budgets):
                self._put("cells", curve, [tables.cells_table(curve, lost.get((model, curve.domain), 0))])
                self._measure(curve)
            self.progress("measuring models", done, len(self.store.models))
        self.frames["size_curves"] += size_curves(self.frames["usable_diversity"], self.infos, self.axes)
        for missing in self.costs.missing:
            self.missed.add(*missing)

    def _measure(self, curve: tables.Curve) -> None:
        self._put("usable_diversity", curve, tables.usable_diversity_table(curve, self.axes, self.resampling))
        self._put("given_usable", curve, tables.given_usable_table(curve, self.axes, self.resampling))
        self._put("pairwise", curve, tables.pairwise_table(curve, self.axes, self.resampling))
        self._put("richness", curve, [tables.richness_table(curve, self.axes)])
        spread = self.store.spread.filter(pl.col("model") == self.store.models.index(curve.model))
        self._put("cosine_distance", curve, cosine_distance_table(spread, curve, self.axes, self.resampling))
        self._put("cost", curve, cost_table(curve, self.costs, self.axes, self.resampling))
        if curve.length < 2:
            self.missed.add("diversity inside a prompt", NO_PAIRS, curve.model)
        if self.store.header.quality is not None:
            self._utility(curve)

    def _put(self, table: str, curve: tables.Curve | Paired, frames: Iterable[pl.DataFrame]) -> None:
        self.frames[table] += tables.with_twin(frames, curve.twin)

    def _utility(self, curve: tables.Curve) -> None:
        try:
            self._put("utility", curve, [tables.utility_table(curve, self.resampling)])
        except Undefined as reason:
            self.missed.add("utility_k", str(reason), curve.model)

    def models_together(self, models: tuple[str, ...], shared: set[Key]) -> None:
        """Fills the tables that compare `models` on the (prompt, domain) keys they share."""
        reason = _why_no_comparison(models, shared, len(self.store.models))
        if reason:
            self.missed.add("comparisons, flips, winner map", reason)
            return
        domains = len({domain for _, domain in shared})
        groups = domains + 1 if domains > 1 else 1
        for number, pairs in enumerate(paired(self.store, models, shared, self.options.budgets), start=1):
            for name, frame in pair_tables(pairs, self.axes, delta=self.options.delta, resampling=self.resampling):
                self._put(name, pairs, [frame])
            self._put("given_usable_pairs", pairs, conditional_pairs(pairs, self.axes, resampling=self.resampling))
            money = cost_map(pairs, self.costs, self.axes, delta=self.options.delta, resampling=self.resampling)
            self._put("cost_map", pairs, money)
            short = why_no_bands(pairs)
            if short:
                self.missed.add(short.analysis, short.reason)
            self.progress("comparing models, domain", number, groups)

    def bases_and_tuned(self) -> None:
        """Fills the table of base models and what was made of them, whichever models are compared."""
        found, missing = tunings(self.store.models, self.infos)
        for reason in missing:
            self.missed.add(reason.analysis, reason.reason)
        for tuning in found:
            groups = list(shared_by(self.store, tuning, self.options.budgets))
            if not groups:
                self.missed.add("base-to-tuned pairs", f"{tuning.tuned} shares no prompt with its base {tuning.base}")
            for pairs in groups:
                change = base_to_tuned(pairs, tuning, self.axes, delta=self.options.delta, resampling=self.resampling)
                self._put("base_to_tuned", pairs, change)


def _why_no_comparison(models: tuple[str, ...], shared: set[Key], every: int) -> str | None:
    if len(models) < 2:
        others = "; no other model shares half of its prompts, --compare insists" if every > 1 else ""
        return f"needs at least two models on the same prompts, got {len(models)}{others}"
    if not shared:
        return f"no prompt is shared by {', '.join(models)}; choose others with --compare, or check that prompt_id is shared"
    return None


def _keys_by_model(store: RunStore, sizes: pl.DataFrame) -> dict[str, set[Key]]:
    keys: dict[str, set[Key]] = {model: set() for model in store.models}
    for model, prompt, domain in sizes.select("model", "prompt", "domain").iter_rows():
        keys[store.models[model]].add((prompt, domain))
    return keys


def _axes(store: RunStore, sizes: pl.DataFrame, models: tuple[str, ...], options: Options) -> Axes:
    """Floors and budgets: those of the whole input, the same for every model."""
    is_gated = store.header.quality is not None
    floors = shown_floors(*store.qualities(), options.floors) if is_gated else np.array([UNGATED])
    lengths = {store.models[key[0]]: length for key, length in _lengths(sizes, ("model",), options).items()}
    longest = max([*lengths.values(), *_lengths(sizes, ("model", "domain"), options).values()], default=0)
    budgets = shown_budgets(longest, options.budgets)
    common = min((lengths[m] for m in models), default=0)
    with_intervals = interval_budgets(budgets, (*options.budgets, common, *budgets[-1:]))
    return Axes(floors, interval_floors(floors, options.floors if is_gated else ()), budgets, with_intervals)


def _lengths(sizes: pl.DataFrame, by: tuple[str, ...], options: Options) -> dict[tuple[int, ...], int]:
    """How far the curve of each group of cells goes, by its codes."""
    groups = sizes.group_by(by)
    return {tuple(map(int, map(str, codes))): curve_length(found["size"].to_numpy(), options.budgets) for codes, found in groups}


def _unreached(axes: Axes, options: Options) -> Iterator[str]:
    for budget in options.budgets:
        if budget not in axes.budgets:
            yield f"budget {budget} is not shown: no prompt has so many samples, the most are {max(axes.budgets, default=0)}"
