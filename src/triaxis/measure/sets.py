"""One gate whose cell is a whole set: all samples of one model in one domain, with its own tables under their own names.

With one sample per prompt there is no diversity inside a prompt to speak of; the question is how many different usable answers n
samples of the *set* hold. That is another number than U of a prompt, so nothing here is ever put into `usable_diversity`.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from triaxis.measure import tables
from triaxis.measure.answers import answers_of_counts
from triaxis.measure.axes import UNGATED, Axes, interval_budgets, interval_floors, shown_budgets, shown_floors
from triaxis.measure.gate import summary_of
from triaxis.measure.gated import Gated, with_outcomes
from triaxis.measure.options import Options, Progress
from triaxis.measure.remarks import Missed, lost_counts, notes_of, nothing_measured
from triaxis.measure.set_cells import SampleSet, prompt_keys, sets_of_model
from triaxis.measure.set_curves import SetCurve, curve_table, mean_curve, set_curve, set_size_table
from triaxis.measure.set_pairs import ComparedSets, compared_sets, set_pair_tables
from triaxis.measure.store import RunStore
from triaxis.measure.tables import Resampling
from triaxis.results import TABLES
from triaxis.stats.jackknife import MIN_SET_PROMPTS

WANTED_BUDGETS = (10, 100, 1000, 1, 50, 500, 20, 200)
"""Budgets that get intervals first, after the ones asked for: a set shows its repeats at large ones."""


def measure_set(
    store: RunStore, options: Options, *, progress: Progress | None = None, elsewhere: Collection[str] = ()
) -> Gated:
    """Everything that `store`, of unit `set`, can tell under its one gate; the tables of other units are empty.

    `elsewhere` are the models of the run's other gates.
    """
    shapes = _shapes(store)
    compared = compared_sets(_prompts(store, shapes), options.compare, elsewhere=elsewhere)
    axes = _axes(store, shapes, compared, options)
    job = _SetJob(store, options, axes, compared, progress or (lambda *_: None))
    job.each_model()
    job.models_together()
    notes = (*compared.left_out, *notes_of(store), *_unreached(axes, options), *_uneven(shapes))
    summary = summary_of(store, axes, compared.models, notes=notes, options=options)
    whole = {name: tables.assemble(name, summary.gate.label, frames) for name, frames in job.frames.items()}
    gate = Gated(summary, whole, (*nothing_measured(store), *job.missed.lines()), axes)
    return with_outcomes(gate, answers_of_counts(store, axes, options, elsewhere=elsewhere, progress=progress))


@dataclass
class _SetJob:
    """Tables of one gate while they fill up, the curves that are still to be compared, and what is missing for which models."""

    store: RunStore
    options: Options
    axes: Axes
    compared: ComparedSets
    progress: Progress
    frames: dict[str, list[pl.DataFrame]] = field(default_factory=lambda: {name: [] for name in TABLES})
    kept: dict[tuple[str, int], SetCurve] = field(default_factory=dict)
    missed: Missed = field(init=False)

    def __post_init__(self) -> None:
        self.missed = Missed(len(self.store.models))

    def each_model(self) -> None:
        """Fills the tables that look at one model at a time."""
        lost = lost_counts(self.store)
        keys = prompt_keys(self.store, self.options.seed)
        for done, model in enumerate(self.store.models, start=1):
            sets = sets_of_model(self.store, model)
            curves = {domain: self._curve(model, domain, found, keys) for domain, found in sets.items()}
            only = next(iter(curves.values())).domain if len(curves) == 1 else None
            self._put(mean_curve(list(curves.values())), lost, twin=only)
            for each in () if only is not None else curves.values():
                self._put(each, lost)
            self.kept |= {(model, d): c for d, c in curves.items() if d in self.compared.domains.get(model, ())}
            self.progress("measuring sets of models", done, len(self.store.models))
        self.frames["unmeasured"].append(self.store.lost)

    def _curve(self, model: str, domain: int, found: SampleSet, keys: np.ndarray) -> SetCurve:
        name, prompts = self.store.domains[domain], found.prompts.size
        if prompts < MIN_SET_PROMPTS:
            reason = f"needs {MIN_SET_PROMPTS} prompts, got {prompts}"
            self.missed.add(f"intervals of sets in domain {name}", reason, model)
        return set_curve(model, name, found, self.axes, keys)

    def _put(self, curve: SetCurve, lost: dict[tuple[str, str | None], int], *, twin: str | None = None) -> None:
        missed = lost.get((curve.model, curve.domain), 0)
        self._add("cells", [set_size_table(curve, self.axes, missed)], twin)
        self._add("set_diversity", [curve_table(curve, self.axes)], twin)

    def _add(self, table: str, frames: Iterable[pl.DataFrame], twin: str | None) -> None:
        self.frames[table] += tables.with_twin(frames, twin)

    def models_together(self) -> None:
        """Fills the tables that compare the sets of models."""
        if len(self.compared.models) < 2:
            self.missed.add("comparisons of sets", f"needs at least two models, got {len(self.compared.models)}")
        for model, domain in self.compared.small:
            analysis = f"comparisons of sets in domain {self.store.domains[domain]}"
            self.missed.add(analysis, f"needs {MIN_SET_PROMPTS} prompts in each set", model)
        groups, only = list(self.compared.groups()), self.compared.only_domain
        for number, (where, models) in enumerate(groups, start=1):
            twin = self.store.domains[only] if where is None and only is not None else None
            self._compare([self._kept(model, where) for model in models], twin)
            self.progress("comparing sets, domain", number, len(groups))

    def _kept(self, model: str, domain: int | None) -> SetCurve:
        """The curve of a compared model; over all the domains that are shared for None."""
        if domain is not None:
            return self.kept[model, domain]
        return mean_curve([self.kept[model, shared] for shared in sorted(self.compared.shared)])

    def _compare(self, curves: list[SetCurve], twin: str | None) -> None:
        resampling = Resampling(self.options.draws, self.options.seed)
        for name, frame in set_pair_tables(curves, self.axes, delta=self.options.delta, resampling=resampling):
            self._add(name, [frame], twin)
        least = min(curve.least for curve in curves)
        if least < MIN_SET_PROMPTS:
            where = "all domains" if curves[0].domain is None else f"domain {curves[0].domain}"
            self.missed.add(f"verdicts between sets in {where}", f"needs {MIN_SET_PROMPTS} prompts in each set, got {least}")


def _shapes(store: RunStore) -> pl.DataFrame:
    """One row per set: codes `model` and `domain`, `prompts`, `size` and `reach`, the samples without the largest prompt."""
    size, prompts = pl.col("size"), pl.len()
    columns = {"prompts": prompts.cast(pl.Int64), "samples": size.sum(), "reach": size.sum() - size.max()}
    return store.sizes().group_by("model", "domain").agg(**columns).sort("model", "domain")


def _prompts(store: RunStore, shapes: pl.DataFrame) -> dict[str, dict[int, int]]:
    """Prompts of every set, by model and code of the domain."""
    counts: dict[str, dict[int, int]] = {model: {} for model in store.models}
    for model, domain, prompts in shapes.select("model", "domain", "prompts").iter_rows():
        counts[store.models[model]][domain] = prompts
    return counts


def _axes(store: RunStore, shapes: pl.DataFrame, compared: ComparedSets, options: Options) -> Axes:
    """Floors as under any gate; budgets up to the largest set, with intervals first at the ones that all compared sets reach."""
    is_gated = store.header.quality is not None
    floors = shown_floors(*store.qualities(), options.floors) if is_gated else np.array([UNGATED])
    together = {(store.models.index(model), domain) for model in compared.models for domain in compared.domains[model]}
    among = [row for row in shapes.iter_rows(named=True) if (row["model"], row["domain"]) in together]
    common, reach = (min((row[side] for row in among), default=0) for side in ("samples", "reach"))
    budgets = shown_budgets(_largest(shapes, "samples"), (*options.budgets, common))
    reached = [n for n in budgets if n <= _largest(shapes, "reach")]
    jointly = [n for n in budgets if n <= reach]
    wanted = (*options.budgets, *jointly[-1:], *(n for n in WANTED_BUDGETS if n in jointly), *reversed(jointly))
    positions = interval_floors(floors, options.floors if is_gated else ())
    return Axes(floors, positions, budgets, interval_budgets(reached, wanted))


def _largest(shapes: pl.DataFrame, column: str) -> int:
    return int(shapes[column].to_numpy().max(initial=0))


def _unreached(axes: Axes, options: Options) -> Iterator[str]:
    for budget in options.budgets:
        if budget not in axes.budgets:
            yield f"budget {budget} is not shown: no set has so many samples, the most are {max(axes.budgets, default=0)}"
        elif budget not in axes.interval_budgets:
            yield f"budget {budget} has no interval: a set must hold so many samples without its largest prompt"


def _uneven(shapes: pl.DataFrame) -> Iterator[str]:
    """A note where sets differ in samples per prompt: draws from a set that repeat a prompt are then not equally likely."""
    each = np.unique((shapes["samples"] / shapes["prompts"]).to_numpy().round(1))
    if each.size and each[-1] > 1.2 * each[0]:
        yield (
            f"sets hold {each[0]:g} to {each[-1]:g} samples per prompt: draws from one with more of them repeat a prompt"
            " more often, so its U is not quite comparable; see docs/method.md, A set instead of prompts"
        )
