"""The recount itself: every gate's flips under every alternative, one pass over the samples for each."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import polars as pl

from triaxis.diversity.equivalence import parse_equivalence
from triaxis.errors import InputError, TriaxisError
from triaxis.measure.axes import MOST_COMPARED
from triaxis.measure.gated import Gated
from triaxis.measure.ingest import Ingested, IngestOptions
from triaxis.measure.options import Options, Progress
from triaxis.measure.robust.choice import GATE, Alternative, alternatives
from triaxis.measure.robust.corrected import pairs_ppi
from triaxis.measure.robust.labelled import LabelledPairs, read_labelled_pairs, said_different
from triaxis.measure.robust.match import Recount, crossings, robust_flips, robust_runs
from triaxis.measure.robust.recount import Wanted, flips_of, recounted
from triaxis.measure.store import RunStore
from triaxis.measure.tables import assemble
from triaxis.results import NotRun

ANALYSIS = "flips under other rules"


class Group(NamedTuple):
    """The gates of one count (one for each quality source), with what they were counted from."""

    gates: list[Gated]
    counted: Ingested
    counting: IngestOptions
    batches: Iterable[pl.DataFrame]


def robustly(groups: Sequence[Group], options: Options, progress: Progress | None = None) -> list[Gated]:
    """All gates of `groups` in order, with tables `robust_flips` and `robust_flip_runs` of their crossings where that is asked
    for, and with `pairs_ppi` where there are labelled pairs.

    Every alternative reads and classes the samples once more; what fails or is not tried is a row that says why. The flips of
    the run's other gates (other quality sources) are alternatives that cost nothing.
    """
    mended = [gate for group in groups for gate in _mended(group, options)]
    if not options.robust.is_on:
        return mended
    parts = iter(mended)
    again = [group._replace(gates=[next(parts) for _ in group.gates]) for group in groups]
    return [gate for group in again for gate in _group(group, mended, options, progress or (lambda *_: None))]


def _mended(group: Group, options: Options) -> list[Gated]:
    """The gates of `group`, with table `pairs_ppi` where people's labels of pairs are at hand."""
    if options.robust.labelled_pairs is None:
        return group.gates
    pairs = read_labelled_pairs(options.robust.labelled_pairs)
    return [
        _with_labels(gate, store, pairs, group.counting, options)
        for gate, store in zip(group.gates, group.counted.stores, strict=True)
    ]


def _with_labels(
    gate: Gated, store: RunStore, pairs: LabelledPairs, counting: IngestOptions, options: Options
) -> Gated:
    if store.header.unit == "set":
        return _unmended(gate, "are pairs of answers to one prompt, and a set has many prompts")
    try:
        said = said_different(pairs, counting.equivalence, store.header.calibration)
    except InputError as error:
        return _unmended(gate, str(error))
    models = gate.summary.compared or store.models[:MOST_COMPARED]
    found = pairs_ppi(store, pairs, said, models=models, floors=options.floors)
    table = assemble("pairs_ppi", gate.summary.gate.label, [found])
    unmeasured = int(np.isnan(said).sum())
    note = f"{len(pairs)} labelled pairs" + (f", {unmeasured} of them without a verdict of the rule" if unmeasured else "")
    assumed = f"{note}, taken to be a random sample of the pairs measured here; the rule saw each pair without other answers"
    summary = gate.summary.model_copy(update={"notes": (*gate.summary.notes, assumed)})
    return replace(gate, tables=gate.tables | {"pairs_ppi": table}, summary=summary)


def _unmended(gate: Gated, reason: str) -> Gated:
    return replace(gate, not_run=(*gate.not_run, NotRun(analysis="labelled pairs", reason=reason)))


def cannot_recount(options: Options) -> Iterator[NotRun]:
    """What a run from counts of earlier runs says to `--robust` and `--labelled-pairs`."""
    reason = "needs the samples, these are counts of earlier runs; measure the samples again"
    if options.robust.is_on:
        yield NotRun(analysis=ANALYSIS, reason=reason)
    if options.robust.labelled_pairs is not None:
        yield NotRun(analysis="labelled pairs", reason=reason)


def _group(group: Group, every: Sequence[Gated], options: Options, progress: Progress) -> Iterator[Gated]:
    bases = [crossings(_flips_table(gate)) for gate in group.gates]
    tried = _alternatives(group, options) if any(base.height for base in bases) else ()
    found: list[list[Recount]] = [[] for _ in group.gates]
    for done, alternative in enumerate(tried):
        progress(f"recounting under {alternative.spec}", done, len(tried))
        for recounts, recount in zip(found, _recounts(group, bases, alternative, options, progress), strict=True):
            recounts.append(recount)
    for gate, base, recounts in zip(group.gates, bases, found, strict=True):
        yield _with_tables(gate, base, [*recounts, *_other_gates(gate, every)])


def _flips_table(gate: Gated) -> pl.DataFrame:
    return gate.tables["set_flips" if gate.summary.gate.unit == "set" else "flips"]


def _alternatives(group: Group, options: Options) -> tuple[Alternative, ...]:
    header = group.counted.stores[0].header
    return alternatives(
        group.counting.equivalence, calibration=header.calibration, samples=group.counted.rows, rules=options.robust.rules
    )


def _recounts(
    group: Group, bases: Sequence[pl.DataFrame], alternative: Alternative, options: Options, progress: Progress
) -> Iterator[Recount]:
    """The flips of each gate of the group under `alternative`."""
    stores: dict[str | None, RunStore] = {}
    told = alternative
    if alternative.reason is None:
        try:
            stores = recounted(group.batches, group.counting, parse_equivalence(alternative.spec), progress=progress)
        except TriaxisError as error:
            told = alternative._replace(reason=str(error))
    for gate, store, base in zip(group.gates, group.counted.stores, bases, strict=True):
        again = stores.get(store.header.quality_source)
        yield Recount(told, None if again is None else flips_of(again, _wanted(gate, base), options))


def _wanted(gate: Gated, base: pl.DataFrame) -> Wanted:
    return Wanted(gate.summary.compared, frozenset(base["domain"]), tuple(sorted(set(base["budget"]))))


def _other_gates(gate: Gated, every: Sequence[Gated]) -> Iterator[Recount]:
    """Flips of the run's other gates that compare models: another quality source, the same models."""
    mine = gate.summary.gate
    for other in every:
        its = other.summary.gate
        if its.label != mine.label and its.unit == mine.unit and set(its.bars) == set(mine.bars) and other.summary.compared:
            yield Recount(Alternative(its.label, GATE), _flips_table(other))


def _with_tables(gate: Gated, base: pl.DataFrame, recounts: Sequence[Recount]) -> Gated:
    runs = robust_runs(base, recounts)
    tables = gate.tables | {"robust_flips": robust_flips(base, runs), "robust_flip_runs": runs}
    if not base.height:
        nothing = NotRun(analysis=ANALYSIS, reason="no pair of models changes its leader along the floors: there is no flip")
        return replace(gate, tables=tables, not_run=(*gate.not_run, nothing))
    passes = sum(recount.flips is not None and recount.alternative.kind != GATE for recount in recounts)
    note = f"flips were counted again under {passes} other rules, each one more pass over the samples"
    summary = gate.summary.model_copy(update={"notes": (*gate.summary.notes, note)})
    return replace(gate, tables=tables, summary=summary)
