"""Series from counts alone: usable diversity, usable share, pass@k, classes, shares of the tail, the capacity that is left."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from triaxis.errors import InputError, Undefined
from triaxis.measure import usable
from triaxis.measure.axes import UNGATED, Axes
from triaxis.measure.cells import Cells
from triaxis.measure.options import Options, Progress
from triaxis.measure.outcome import Outcome
from triaxis.measure.series.capacity import capacity_left, split_budget
from triaxis.measure.series.changes import UNGUARDED, Asked, change_rows
from triaxis.measure.series.difficulty import tail_figures
from triaxis.measure.series.runs import Run, runs_of, shown
from triaxis.measure.series.steps import Ordered, parse_series, steps_of
from triaxis.measure.store import RunStore
from triaxis.measure.tables import Resampling, with_twin
from triaxis.results import NotRun
from triaxis.stats.change_points import WOBBLE_STEPS
from triaxis.stats.hypergeometric import hit_probability

MOST_TOLD = 5
"""Quality floors at which changes are looked for."""

MOST_STEPS = 12
"""Runs of more steps are shown at the floors at which changes are looked for, and not at all interval floors."""

ANALYSIS = "series over checkpoints"


def series_of_counts(store: RunStore, axes: Axes, options: Options, *, progress: Progress | None = None) -> Outcome:
    """Tables `series` and `change_points` of the runs that `options.answers.series` orders; empty without it."""
    if options.answers.series is None:
        return Outcome()
    if store.header.unit == "set":
        return Outcome(not_run=(NotRun(analysis=ANALYSIS, reason="needs several answers a prompt; leave --unit set out"),))
    ordered, reason = ordered_runs(store.models, options, store.header.by)
    if reason is not None:
        return Outcome(not_run=(reason,))
    tables: dict[str, list[pl.DataFrame]] = {"series": [], "change_points": []}
    not_run: list[NotRun] = []
    notes = list(told_orders(ordered, options))
    for done, run in enumerate(runs_of(store, ordered.runs), start=1):
        found = _Counted(store, run, axes, options)
        tables["series"] += with_twin(found.frames(), run.twin)
        rows, reasons = change_rows(run, found.asked, found.resampling)
        tables["change_points"] += with_twin(rows, run.twin)
        not_run += [*found.not_run, *reasons]
        notes += run_notes(run)
        if progress is not None:
            progress("series", done)
    return Outcome(tables, tuple(dict.fromkeys(not_run)), tuple(dict.fromkeys(notes)))


def ordered_runs(models: tuple[str, ...], options: Options, by: str) -> tuple[Ordered, NotRun | None]:
    """Runs among `models`; or the reason why there is none."""
    try:
        ordered = steps_of(models, parse_series(str(options.answers.series)), by=by)
    except InputError as error:
        return Ordered({}), NotRun(analysis=ANALYSIS, reason=str(error))
    if not ordered.runs:
        few = "; ".join(ordered.left_out[:3])
        return ordered, NotRun(analysis=ANALYSIS, reason=f"needs two steps of a run, got none: {few or 'no model'}")
    return ordered, None


def told_orders(ordered: Ordered, options: Options) -> Iterator[str]:
    """What the steps of each run are where they do not say it themselves, and which models are in no run."""
    if parse_series(str(options.answers.series)).kind != "column":
        for name, found in ordered.runs.items():
            yield f"series {name}: " + ", ".join(f"step {c.step} is {c.model}" for c in found)
    if ordered.left_out:
        more = f" and {len(ordered.left_out) - 3} more" if len(ordered.left_out) > 3 else ""
        yield f"models in no series: {'; '.join(ordered.left_out[:3])}{more}"


def run_notes(run: Run) -> Iterator[str]:
    """What a reader of this run's series has to know."""
    where = run.name if run.domain is None else f"{run.name} in {run.domain}"
    if not run.is_shared:
        yield f"series {where}: its steps share too few prompts, so each step rests on its own; changes are seen within prompts"
    if len(run.steps) < WOBBLE_STEPS:
        yield UNGUARDED


def told_floors(store: RunStore, axes: Axes, options: Options) -> np.ndarray:
    """Floors at which changes are looked for, ungated first: those asked for, else every quality but the lowest, or quartiles."""
    if options.floors:
        return np.unique([UNGATED, *(f for f in options.floors if f in axes.floors)])
    if store.header.quality is None:
        return np.array([UNGATED])
    values, counts = store.qualities()
    if values.size - 1 > MOST_TOLD:
        below = np.cumsum(counts) / counts.sum()
        return np.unique([UNGATED, *values[np.searchsorted(below, [0.25, 0.5, 0.75])]])
    return np.unique([UNGATED, *values[1:]])


class _Counted:
    """The figures of one run: frames of `series`, and the series in which changes are looked for."""

    def __init__(self, store: RunStore, run: Run, axes: Axes, options: Options) -> None:
        self.store, self.run, self.axes = store, run, axes
        self.resampling = Resampling(options.draws, options.seed)
        self.told = told_floors(store, axes, options)
        is_short = len(run.steps) <= MOST_STEPS
        self.floors = np.unique(np.r_[axes.floors[axes.interval_floors], self.told]) if is_short else self.told
        self.asked: list[Asked] = []
        self.not_run: list[NotRun] = []

    def frames(self) -> Iterator[pl.DataFrame]:
        """All frames of `series`."""
        yield from self._diversity()
        yield from self._shares()
        yield from self._passes()
        yield from self._classes()
        for floor in self.told[1:]:
            yield from self._tails(float(floor))
        yield from self._capacity()

    def _each(
        self, measure: str, figures: list[np.ndarray], budget: int | None, limits: tuple[float, float]
    ) -> Iterator[pl.DataFrame]:
        """A frame a floor of (cells, floors) `figures` at the shown floors."""
        floors = self.floors
        values = self.run.matrix(figures)
        for at, floor in enumerate(floors):
            yield shown(self.run, measure, values[..., at], floor, self.resampling, budget=budget, limits=limits)

    def _ask(self, measure: str, figures: list[np.ndarray], floors: np.ndarray, budget: int | None) -> None:
        values = self.run.matrix(figures)
        self.asked += [Asked(measure, float(f), values[..., at], budget=budget) for at, f in enumerate(floors)]

    def _diversity(self) -> Iterator[pl.DataFrame]:
        floors, length = self.floors, self.run.length
        for n in sorted({*(b for b in self.axes.interval_budgets if b <= length), length}):
            figures = [usable.usable_diversity(c, floors, n) for c in self.run.cells]
            yield from self._each("usable diversity", figures, n, (0.0, float(n)))
        if length > 1:
            told = [usable.usable_diversity(c, self.told, length) for c in self.run.cells]
            self._ask("usable diversity", told, self.told, length)

    def _shares(self) -> Iterator[pl.DataFrame]:
        if self.store.header.quality is None:
            return
        floors = self.floors
        yield from self._each("usable share", [usable.usable_share(c, floors) for c in self.run.cells], None, (0.0, 1.0))
        self._ask("usable share", [usable.usable_share(c, self.told[1:]) for c in self.run.cells], self.told[1:], None)

    def _passes(self) -> Iterator[pl.DataFrame]:
        """pass@k: the probability of a usable answer in k draws, for k = 1, 2, 4, ... and the common N."""
        if self.store.header.quality is None:
            return
        floors, length = self.floors, self.run.length
        powers = [2**i for i in range(int(np.log2(length)) + 1)]
        for k in sorted({*powers, length}):
            yield from self._each("pass@k", [pass_at(c, floors, k) for c in self.run.cells], k, (0.0, 1.0))
        if length > 1:
            self._ask("pass@k", [pass_at(c, self.told[1:], length) for c in self.run.cells], self.told[1:], length)

    def _classes(self) -> Iterator[pl.DataFrame]:
        """Usable classes seen, which grow with N: only where all cells have one N."""
        if len({int(n) for cells in self.run.cells for n in cells.size}) > 1:
            return
        floors = self.floors
        yield from self._each("classes", [usable.class_counts(c, floors)[0] for c in self.run.cells], None, (0.0, np.inf))

    def _tails(self, floor: float) -> Iterator[pl.DataFrame]:
        try:
            found = tail_figures(self.run, self.store.prompts, floor, seed=self.resampling.seed)
        except Undefined as reason:
            self.not_run.append(NotRun(analysis=f"tail shares of {self.run.name}", reason=str(reason)))
            return
        for figure in found:
            yield shown(
                self.run, figure.measure, figure.values, floor, self.resampling, label=figure.label, budget=figure.budget,
                limits=figure.limits,
            )  # fmt: skip
            if figure.compared is not None:
                self.asked.append(Asked(figure.measure, floor, figure.compared, figure.label, figure.budget))

    def _capacity(self) -> Iterator[pl.DataFrame]:
        try:
            values = capacity_left(self.store, self.run, self.told)
        except Undefined as reason:
            self.not_run.append(NotRun(analysis=f"capacity left of {self.run.name}", reason=str(reason)))
            return
        budget = split_budget(self.run)[1]
        for at, floor in enumerate(self.told):
            yield shown(self.run, "capacity left", values[..., at], floor, self.resampling, budget=budget, limits=(0.0, 1.0))
            self.asked.append(Asked("capacity left", float(floor), values[..., at], budget=budget))


def pass_at(cells: Cells, floors: np.ndarray, k: int) -> np.ndarray:
    """(cells, floors) probability that k draws without replacement hold a usable sample."""
    passed = np.rint(usable.usable_share(cells, floors) * cells.size[:, None]).astype(np.int64)
    out = np.full(passed.shape, np.nan)
    for size in np.unique(cells.size):
        mine = cells.size == size
        if size >= k:
            out[mine] = hit_probability(int(size), [k])[passed[mine], 0]
    return out
