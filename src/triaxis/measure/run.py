"""The main job: samples in, `Results` out. One call joins reading, counting, measuring and comparing."""

import platform
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from hashlib import blake2b
from importlib.metadata import version
from typing import NamedTuple

import polars as pl

from triaxis.errors import InputError, RecordsError, near
from triaxis.measure.answers_check import check_answers, check_reference
from triaxis.measure.examples import counted_examples, prompt_examples
from triaxis.measure.gated import Gated, measure_gate, with_outcomes
from triaxis.measure.gates_file import OTHERS
from triaxis.measure.ingest import Ingested, IngestOptions, ingest
from triaxis.measure.levels.check import check_levels
from triaxis.measure.levels.choice import chosen_metrics
from triaxis.measure.levels.gate import WITHOUT_TEXTS, with_levels
from triaxis.measure.options import Options, Progress
from triaxis.measure.own_floors import own_floor_table, without_mean
from triaxis.measure.population_vectors import population_of_vectors
from triaxis.measure.robust.job import Group, cannot_recount, robustly
from triaxis.measure.sampling import prompt_rank
from triaxis.measure.sets import measure_set
from triaxis.measure.store import RunStore
from triaxis.measure.tables import Resampling
from triaxis.protocols import Embedder
from triaxis.records import unmatched
from triaxis.registry import create
from triaxis.results import InputSummary, Manifest, NotRun, PromptExample, Results


@dataclass(frozen=True)
class Provenance:
    """Where counts came from, for the manifest: `inputs` read, the command typed, notes to show."""

    title: str
    inputs: tuple[InputSummary, ...] = ()
    command: str | None = None
    by: str = "model"
    notes: tuple[str, ...] = ()
    not_run: tuple[NotRun, ...] = ()


class Pass(NamedTuple):
    """One count of the samples: all of them under one rule, or those of some domains under theirs."""

    batches: Iterable[pl.DataFrame]
    counting: IngestOptions


def measure_batches(
    batches: Iterable[pl.DataFrame], counting: IngestOptions, options: Options, provenance: Callable[[], Provenance],
    *, progress: Progress | None = None,
) -> tuple[Results, tuple[RunStore, ...]]:  # fmt: skip
    """Results and run stores of canonical `batches`; `provenance` is asked for once they have been read."""
    return measure_passes([Pass(batches, counting)], options, provenance, progress=progress)


def measure_passes(
    passes: Iterable[Pass], options: Options, provenance: Callable[[], Provenance], *, progress: Progress | None = None
) -> tuple[Results, tuple[RunStore, ...]]:
    """Results and run stores of several counts, their gates beside each other in the same tables."""
    check_answers(options.answers)
    levels = _LevelJob(options, progress)
    with ExitStack() as kept:
        counts = []
        for one in _ingested(passes, progress):
            kept.callback(one[0].close)
            counts.append(one)
        return _measured_counts(counts, levels, options, provenance, progress)


def _measured_counts(
    every: Sequence[tuple[Ingested, IngestOptions, Iterable[pl.DataFrame]]], levels: "_LevelJob", options: Options,
    provenance: Callable[[], Provenance], progress: Progress | None,
) -> tuple[Results, tuple[RunStore, ...]]:  # fmt: skip
    examples: list[PromptExample] = []
    stores: list[RunStore] = []
    counts: list[Ingested] = []
    reasons: list[NotRun] = []
    named: set[str] = set()
    groups: list[Group] = []
    known = {model for counted, _, _ in every for store in counted.stores for model in store.models}
    check_reference(options.answers.reference, known)
    for counted, counting, batches in every:
        measured = levels.beside(_measured(counted.stores, options, progress, known), counted, counting, known)
        measured = _with_vectors(measured, counted, options, progress)
        for labelled, gate in zip(counted.labelled, measured, strict=True):
            shown = _shown_models(gate)
            examples += prompt_examples(labelled, gate.summary.gate.label, shown, is_gated=not counted.is_ungated)
        groups.append(Group(measured, counted, counting, batches))
        stores += counted.stores
        reasons += [*_ungated(counted, counting), *_inside_prompts(counted, counting)]
        counts.append(counted)
        named |= set(counting.bars) - {OTHERS}
    gates = robustly(groups, options, progress)
    if not gates:
        raise RecordsError("expected at least one domain of the gates file among the samples, got none; see --dry-run for them")
    told = provenance()
    results = _results(gates, examples, stores, options, told, (*told.not_run, *reasons, *_without_gate(counts, named)))
    return results, tuple(stores)


def _with_vectors(gates: Sequence[Gated], counted: Ingested, options: Options, progress: Progress | None) -> list[Gated]:
    """`gates` with what the vectors that came with the samples say of the models, if any came; they are forgotten after it."""
    told = [
        population_of_vectors(rows, store, gate.axes, options, progress=progress)
        for gate, rows, store in zip(gates, counted.vectors, counted.stores, strict=False)
    ]
    counted.close()
    return [with_outcomes(gate, [found]) for gate, found in zip(gates, told, strict=True)] if told else list(gates)


class _LevelJob:
    """The levels of diversity of every gate: metrics and encoder are found once, before the samples are read."""

    def __init__(self, options: Options, progress: Progress | None) -> None:
        check_levels(options.levels)
        self.options, self.progress = options, progress
        named = options.levels.embedder
        self.embedder: Embedder | None = None if named is None else create("embedder", named)

    def beside(
        self, gates: Sequence[Gated], counted: Ingested, counting: IngestOptions, known: Collection[str]
    ) -> list[Gated]:
        """`gates` with their levels; a rule that has an encoder lends it. `known` are the models of all gates of the run."""
        embedder = self.embedder or getattr(counting.equivalence, "embedder", None)
        chosen = chosen_metrics(self.options.levels, has_vectors=embedder is not None)
        return [
            with_levels(gate, rows, store, chosen, self.options, embedder=embedder, progress=self.progress, elsewhere=known)
            for gate, rows, store in zip(gates, counted.sampled, counted.stores, strict=True)
        ]


def _ingested(
    passes: Iterable[Pass], progress: Progress | None
) -> Iterator[tuple[Ingested, IngestOptions, Iterable[pl.DataFrame]]]:
    """Each count; after one of sets whose prompts have several samples the count of its prompts, too: two numbers, two gates."""
    for batches, counting in passes:
        counted = ingest(batches, counting, progress=progress)
        yield counted, counting, batches
        if counting.unit == "set" and counted.per_prompt > 1:
            of_prompts = replace(counting, unit="prompt")
            yield ingest(batches, of_prompts, progress=progress), of_prompts, batches


def _measured(stores: Sequence[RunStore], options: Options, progress: Progress | None, known: Collection[str]) -> list[Gated]:
    """Each store under its gate, at the floors of a gates file, too; `known` are the models of all gates of the run."""
    gates = []
    for store in stores:
        bars = tuple(sorted({bar for bar in store.header.bars.values() if bar is not None}))
        measure = measure_set if store.header.unit == "set" else measure_gate
        gates.append(measure(store, replace(options, floors=(*options.floors, *bars)), progress=progress, elsewhere=known))
    return gates


def _without_gate(counts: Sequence[Ingested], named: set[str]) -> Iterator[NotRun]:
    """Domains that no pass counted, with their samples; and those that a gates file names for nothing."""
    seen = {domain for counted in counts for domain in counted.domains}
    for domain in sorted(named - seen):
        yield NotRun(analysis=f"gate of domain {domain}", reason=f"no sample has this domain{near(domain, seen)}")
    for domain, samples in sorted({d: n for counted in counts for d, n in counted.others.items() if d not in seen}.items()):
        reason = f"{samples} samples and no gate for them; add a line with this domain, or with domain *, to the gates file"
        yield NotRun(analysis=f"domain {domain}", reason=reason)


def measure_stores(
    stores: Sequence[RunStore], options: Options, provenance: Provenance, *, progress: Progress | None = None
) -> Results:
    """Results of run stores, without the texts they were made from; each store is one gate."""
    if not stores:
        raise InputError("expected at least one run store, got none")
    known = {model for store in stores for model in store.models}
    check_reference(options.answers.reference, known)
    gates = _measured(stores, options, progress, known)
    examples = [
        example
        for store, gate in zip(stores, gates, strict=True)
        for example in counted_examples(store, gate.summary.gate.label, _shown_models(gate), _sampled(store, options))
    ]
    of_texts = () if options.levels.is_off else (WITHOUT_TEXTS,)
    return _results(gates, examples, stores, options, provenance, (*provenance.not_run, *cannot_recount(options), *of_texts))


def _shown_models(gate: Gated) -> tuple[str, ...]:
    """Compared models first, the others after them."""
    return tuple(dict.fromkeys((*gate.summary.compared, *gate.summary.models)))


def _sampled(store: RunStore, options: Options) -> list[str]:
    chosen = sorted(store.prompts, key=lambda prompt: prompt_rank(prompt, options.seed))[: options.examples]
    return [*chosen, *(p for p in options.show_prompts if p not in chosen)]


def _ungated(counted: Ingested, counting: IngestOptions) -> list[NotRun]:
    """Why nothing was gated, when nothing was."""
    if not counted.is_ungated:
        return []
    what = "figures above a quality floor"
    if counting.quality is None:
        return [NotRun(analysis=what, reason="needs a quality column; name it with --quality COLUMN")]
    return [NotRun(analysis=what, reason=f"column {counting.quality!r} holds no value; name another with --quality COLUMN")]


def _inside_prompts(counted: Ingested, counting: IngestOptions) -> Iterator[NotRun]:
    """What a set does not tell: the inside of prompts with one sample, and own floors, which are figures of prompts."""
    if counting.unit == "prompt":
        return
    if counted.per_prompt <= 1:
        yield NotRun(analysis="diversity inside a prompt", reason="needs 2 samples per prompt, most prompts have 1")
    if counting.bars:
        yield NotRun(analysis="own floors of sets", reason="are rows of set_diversity, each domain at its floor")


def _results(
    gates: Sequence[Gated], examples: Sequence[PromptExample], stores: Sequence[RunStore], options: Options, told: Provenance,
    not_run: Sequence[NotRun],
) -> Results:  # fmt: skip
    every = dict.fromkeys([*not_run, *(reason for gate in gates for reason in gate.not_run), *without_mean(stores)])
    manifest = Manifest(
        title=told.title, command=told.command, inputs=told.inputs, by=told.by, gates=tuple(g.summary for g in gates),
        models=options.models, not_run=tuple(every), notes=(*told.notes, *_unmatched(gates, options)),
        delta=str(options.delta), draws=options.draws, seed=options.seed,
        data_hash=_data_hash(stores), versions=_versions(),
    )  # fmt: skip
    stacked = {name: pl.concat([g.tables[name] for g in gates]) for name in gates[0].tables}
    labelled = [(gate.summary.gate.label, store) for gate, store in zip(gates, stores, strict=True)]
    stacked["own_floor"] = own_floor_table(labelled, options.budgets, Resampling(options.draws, options.seed))
    return Results(manifest, stacked, tuple(examples))


def _unmatched(gates: Sequence[Gated], options: Options) -> tuple[str, ...]:
    """Models that only the model table knows, or only the samples."""
    measured = {model for gate in gates for model in gate.summary.models}
    return tuple(unmatched(options.models, measured)) if options.models else ()


def _data_hash(stores: Sequence[RunStore]) -> str:
    """32 hex digits over all names and counts, whatever order the rows came in."""
    digest = blake2b(digest_size=16)
    for store in stores:
        digest.update("\0".join((*store.models, *store.prompts, *store.domains)).encode("utf-8", "surrogatepass"))
        for model in store.models:
            cells = store.cells_of_model(model)
            for array in (cells.prompt, cells.domain, cells.klass, cells.quality, cells.count):
                digest.update(array.tobytes())
    return digest.hexdigest()


def _versions() -> dict[str, str]:
    names = ("triaxis", "numpy", "polars", "scipy")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}
