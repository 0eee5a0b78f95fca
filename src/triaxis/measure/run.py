"""The main job: samples in, `Results` out. One call joins reading, counting, measuring and comparing."""

import platform
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from importlib.metadata import version

import polars as pl

from triaxis.errors import InputError
from triaxis.measure.examples import counted_examples, prompt_examples
from triaxis.measure.gated import Gated, measure_gate
from triaxis.measure.ingest import Ingested, IngestOptions, ingest
from triaxis.measure.options import Options, Progress
from triaxis.measure.sampling import prompt_rank
from triaxis.measure.store import RunStore
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


def measure_batches(
    batches: Iterable[pl.DataFrame], counting: IngestOptions, options: Options, provenance: Callable[[], Provenance],
    *, progress: Progress | None = None,
) -> tuple[Results, tuple[RunStore, ...]]:  # fmt: skip
    """Results and run stores of canonical `batches`; `provenance` is asked for once they have been read."""
    counted = ingest(batches, counting, progress=progress)
    gates = [measure_gate(store, options, progress=progress) for store in counted.stores]
    examples = [
        prompt_examples(labelled, gate.summary.gate.label, _shown_models(gate), is_gated=not counted.is_ungated)
        for labelled, gate in zip(counted.labelled, gates, strict=True)
    ]
    told = provenance()
    reasons = (*told.not_run, *_ungated(counted, counting))
    results = _results(gates, [e for found in examples for e in found], counted.stores, options, told, reasons)
    return results, counted.stores


def measure_stores(
    stores: Sequence[RunStore], options: Options, provenance: Provenance, *, progress: Progress | None = None
) -> Results:
    """Results of run stores, without the texts they were made from; each store is one gate."""
    if not stores:
        raise InputError("expected at least one run store, got none")
    gates = [measure_gate(store, options, progress=progress) for store in stores]
    examples = [
        example
        for store, gate in zip(stores, gates, strict=True)
        for example in counted_examples(store, gate.summary.gate.label, _shown_models(gate), _sampled(store, options))
    ]
    return _results(gates, examples, stores, options, provenance, provenance.not_run)


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


def _results(
    gates: Sequence[Gated], examples: Sequence[PromptExample], stores: Sequence[RunStore], options: Options, told: Provenance,
    not_run: Sequence[NotRun],
) -> Results:  # fmt: skip
    every = dict.fromkeys([*not_run, *(reason for gate in gates for reason in gate.not_run)])
    manifest = Manifest(
        title=told.title, command=told.command, inputs=told.inputs, by=told.by, gates=tuple(g.summary for g in gates),
        not_run=tuple(every), notes=told.notes, delta=str(options.delta), draws=options.draws, seed=options.seed,
        data_hash=_data_hash(stores), versions=_versions(),
    )  # fmt: skip
    stacked = {name: pl.concat([g.tables[name] for g in gates]) for name in gates[0].tables}
    return Results(manifest, stacked, tuple(examples))


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
