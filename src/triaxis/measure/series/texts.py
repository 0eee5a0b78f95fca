"""Series of formats: which layouts answers have by step, how evenly they spread, which takes over, how right they are."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl

from triaxis.diversity.formats.detectors import primary_formats
from triaxis.measure.axes import UNGATED
from triaxis.measure.levels.cells import LevelCell
from triaxis.measure.options import Options, Progress
from triaxis.measure.outcome import Outcome, Seen
from triaxis.measure.series.changes import Asked, change_rows
from triaxis.measure.series.counts import ordered_runs, run_notes, told_orders
from triaxis.measure.series.runs import Run, kept_prompts, shown
from triaxis.measure.series.steps import Checkpoint
from triaxis.measure.series.times import TIME_SHARE, time_row
from triaxis.measure.tables import Resampling, with_twin
from triaxis.results import NotRun
from triaxis.stats.pseudo_values import pseudo_values, ratio_values

MOST_ASKED = 6
"""Formats whose shares are searched for changes, the commonest first."""

LEAST_SHARE = 0.05
"""A format that no step gives more often than this is shown and not searched for changes."""

ENTROPY_NOTE = (
    "format entropy is corrected for its bias by leaving out one prompt at a time (jackknife), which allows for answers to a "
    "prompt being alike; Miller and Madow's correction does not"
)


def series_of_texts(seen: Seen, options: Options, *, by: str = "", progress: Progress | None = None) -> Outcome:
    """Tables `series`, `change_points` and `series_times` of formats; empty without `options.answers.series`.

    `by` is the `--by` of the run, as the header of its store has it.
    """
    if options.answers.series is None or seen.unit == "set":
        return Outcome()
    ordered, reason = ordered_runs(tuple({cell.model for cell in seen.cells}), options, by)
    if reason is not None:
        return Outcome(not_run=(reason,))
    tables: dict[str, list[pl.DataFrame]] = {"series": [], "change_points": [], "series_times": []}
    not_run: list[NotRun] = []
    notes = [ENTROPY_NOTE, *told_orders(ordered, options)]
    resampling = Resampling(options.draws, options.seed)
    for done, (run, cells) in enumerate(_runs(seen.cells, ordered.runs), start=1):
        found = _Formats(run, cells, seen, resampling)
        tables["series"] += with_twin(found.frames(), run.twin)
        rows, reasons = change_rows(run, found.asked, resampling)
        tables["change_points"] += with_twin(rows, run.twin)
        tables["series_times"] += with_twin(found.times, run.twin)
        not_run += reasons
        notes += run_notes(run)
        if progress is not None:
            progress("formats over steps", done)
    return Outcome(tables, tuple(dict.fromkeys(not_run)), tuple(dict.fromkeys(notes)))


Steps = tuple[tuple[LevelCell, ...], ...]


def _runs(cells: Sequence[LevelCell], runs: Mapping[str, Sequence[Checkpoint]]) -> Iterator[tuple[Run, Steps]]:
    """Every run over all domains, then in each where there are several, with the cells of every step."""
    for name, checkpoints in runs.items():
        models = {found.model for found in checkpoints}
        mine = [cell for cell in cells if cell.model in models]
        domains = sorted({cell.domain for cell in mine})
        twin = domains[0] if len(domains) == 1 else None
        for domain in (None, *(domains if twin is None else ())):
            here = [[c for c in mine if c.model == f.model and domain in (None, c.domain)] for f in checkpoints]
            run, steps = _run(name, domain, checkpoints, here, twin)
            if len(run.steps) > 1:
                yield run, steps


def _run(
    name: str, domain: str | None, checkpoints: Sequence[Checkpoint], own: Sequence[Sequence[LevelCell]], twin: str | None
) -> tuple[Run, Steps]:
    """As for counts: on the prompts that all steps share, if these are at least 10 and half of all, else each on its own."""
    here = [(found, cells) for found, cells in zip(checkpoints, own, strict=True) if cells]
    keys = [{(c.prompt, c.domain) for c in cells} for _, cells in here]
    wanted, known, is_shared = kept_prompts(keys)
    place = {key: at for at, key in enumerate(sorted(wanted))}
    kept = tuple(tuple(c for c in cells if (c.prompt, c.domain) in place) for _, cells in here)
    rows = tuple(np.array([place[c.prompt, c.domain] for c in cells], dtype=np.int64) for cells in kept)
    steps, models = tuple(f.step for f, _ in here), tuple(f.model for f, _ in here)
    return Run(name, domain, steps, models, (), rows, len(place), known, 1, is_shared, twin), kept


class _Formats:
    """The formats of one run: frames of `series` and `series_times`, and the series in which changes are looked for."""

    def __init__(self, run: Run, cells: Steps, seen: Seen, resampling: Resampling) -> None:
        self.run, self.cells, self.resampling = run, cells, resampling
        self.floors = seen.floors if seen.is_gated else np.array([UNGATED])
        labels = [[cell.responses.view("formats", primary_formats) for cell in step] for step in cells]
        self.names = sorted({name for step in labels for cell in step for name in cell})
        number = {name: at for at, name in enumerate(self.names)}
        self.codes = [[np.array([number[name] for name in cell], dtype=np.int64) for cell in step] for step in labels]
        self.asked: list[Asked] = []
        self.times: list[pl.DataFrame] = []

    def frames(self) -> Iterator[pl.DataFrame]:
        """All frames of `series`."""
        every = self._counts(UNGATED)
        for floor in self.floors:
            counts = every if floor == UNGATED else self._counts(float(floor))
            yield from self._spread(counts, float(floor))
            if floor != UNGATED:
                yield from self._accuracy(counts, every, float(floor))

    def _counts(self, floor: float) -> np.ndarray:
        """(prompts, steps, formats) usable answers in each format; NaN where a step lacks the prompt."""
        per_step = []
        for cells, codes in zip(self.cells, self.codes, strict=True):
            usable = [code[cell.quality >= floor] for cell, code in zip(cells, codes, strict=True)]
            per_step.append(np.array([np.bincount(u, minlength=len(self.names)) for u in usable], dtype=np.float64))
        return self.run.matrix(per_step)

    def _spread(self, counts: np.ndarray, floor: float) -> Iterator[pl.DataFrame]:
        total = counts.sum(axis=2, keepdims=True)
        shares = np.divide(counts, total, out=np.full(counts.shape, np.nan), where=total > 0)
        commonest = np.nan_to_num(_means(shares)).max(axis=0)
        asked = [at for at in np.argsort(-commonest, kind="stable")[:MOST_ASKED].tolist() if commonest[at] > LEAST_SHARE]
        for at, name in enumerate(self.names):
            yield shown(self.run, "format share", shares[..., at], floor, self.resampling, label=name, limits=(0.0, 1.0))
            if at in asked and len(self.names) > 1:
                self.asked.append(Asked("format share", floor, shares[..., at], name))
        yield from self._evenness(shares, floor)
        yield from self._mixing(counts, floor)
        self.times.append(time_row(self.run, shares, self.names, floor, self.resampling))

    def _evenness(self, shares: np.ndarray, floor: float) -> Iterator[pl.DataFrame]:
        """Entropy of the mean shares in bits, and the share of the commonest format, which `label` names."""
        bits, largest = pseudo_values(_entropy, (shares,)), pseudo_values(_largest, (shares,))
        most = float(np.log2(max(1, len(self.names))))
        yield shown(self.run, "format entropy", bits, floor, self.resampling, limits=(0.0, most))
        top = [None if np.isnan(mean).all() else self.names[int(np.nanargmax(mean))] for mean in _means(shares)]
        frame = shown(self.run, "dominant share", largest, floor, self.resampling, limits=(0.0, 1.0))
        yield frame.with_columns(pl.Series("label", top, dtype=pl.String))

    def _mixing(self, counts: np.ndarray, floor: float) -> Iterator[pl.DataFrame]:
        """Share of pairs of answers to a prompt that differ in format: free of bias at any number of answers, and a plain mean.

        An entropy of all prompts is neither, so changes of the spread are looked for here.
        """
        total = counts.sum(axis=2)
        same = (counts * (counts - 1)).sum(axis=2)
        pairs = total * (total - 1)
        mixed = np.divide(pairs - same, pairs, out=np.full(total.shape, np.nan), where=pairs > 0)
        yield shown(self.run, "formats differ", mixed, floor, self.resampling, limits=(0.0, 1.0))
        if len(self.names) > 1:
            self.asked.append(Asked("formats differ", floor, mixed))

    def _accuracy(self, good: np.ndarray, every: np.ndarray, floor: float) -> Iterator[pl.DataFrame]:
        """Of the answers in each format, the share that is usable: all answers of all prompts together, so no prompt has none."""
        for at, name in enumerate(self.names):
            tried = np.where(every[..., at] > 0, every[..., at], np.nan)
            values = ratio_values(np.where(np.isnan(tried), np.nan, good[..., at]), tried)
            yield shown(self.run, "accuracy", values, floor, self.resampling, label=name, limits=(0.0, 1.0))


def _means(shares: np.ndarray) -> np.ndarray:
    """(steps, formats) means over the prompts that have a value; NaN where none has."""
    has = ~np.isnan(shares)
    total, count = np.where(has, shares, 0.0).sum(axis=0), has.sum(axis=0)
    return np.asarray(np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0))


def _entropy(sums: tuple[np.ndarray, ...]) -> np.ndarray:
    share = _normed(sums[0])
    logs = np.log2(np.where(share > 0, share, 1.0))
    return np.asarray(-(share * logs).sum(axis=-1))


def _largest(sums: tuple[np.ndarray, ...]) -> np.ndarray:
    return np.asarray(_normed(sums[0]).max(axis=-1))


def _normed(sums: np.ndarray) -> np.ndarray:
    """Shares from sums of shares; what is left after rounding below 0 is none."""
    whole = sums.sum(axis=-1, keepdims=True)
    share = np.divide(sums, whole, out=np.zeros_like(sums), where=whole > 1e-9)
    return np.where(share > 1e-12, share, 0.0)


__all__ = ["TIME_SHARE", "series_of_texts"]
