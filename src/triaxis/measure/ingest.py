"""Batches of records -> run stores, one per quality source: streaming, spilling, and blind to the order of rows.

A row is encoded to integers at once (names, class label, quality), buffered by prompt, then counted bucket by bucket. Only
pairwise equivalences and examples carry texts along. What cannot be measured leaves with a reason and is counted.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from triaxis.errors import RecordsError, near
from triaxis.measure.bucket import BucketJob, Gating, lost, split
from triaxis.measure.buffer import RowBuffer
from triaxis.measure.exemplars import Exemplars, Labelled
from triaxis.measure.names import Names, sorted_codes
from triaxis.measure.options import Progress
from triaxis.measure.pairwise_labels import given, read_columns
from triaxis.measure.prefetch import mapped, prefetched
from triaxis.measure.sampling import common_size, prompt_rank
from triaxis.measure.store import CELL, LOST_SCHEMA, RunStore, StoreHeader
from triaxis.protocols import Equivalence

NO_DOMAIN = "(none)"
NO_MODEL = "(unnamed)"
NOT_STATED = "(not stated)"
WORKERS = min(4, os.cpu_count() or 1)
"""Threads that count buckets; the result does not depend on their number."""



@dataclass(frozen=True)
class IngestOptions:
    """How to count: `quality` names what was read as quality (None: nothing is gated); `memory` in bytes bounds the buffer."""

    equivalence: Equivalence
    quality: str | None
    source: str | None = None
    by: str = "model"
    title: str = ""
    seed: int = 0
    examples: int = 40
    show_prompts: tuple[str, ...] = ()
    strict: bool = False
    memory: int = 640 * 2**20


@dataclass(frozen=True)
class Ingested:
    """The run stores, one per quality source, each with its labelled examples; and how many rows came."""

    stores: tuple[RunStore, ...]
    labelled: tuple[Labelled, ...]
    rows: int
    is_ungated: bool
    sources: dict[str, int] = field(default_factory=dict)


def ingest(batches: Iterable[pl.DataFrame], options: IngestOptions, *, progress: Progress | None = None) -> Ingested:
    """Counts all `batches` of canonical records; see `Ingested`.

    Raises `RecordsError` when nothing can be counted, saying which column is missing and what to type.
    """
    counter = _Counter(options, progress or (lambda *_: None))
    try:
        for batch in prefetched(batches):
            counter.read(batch)
        return counter.finish()
    finally:
        counter.close()


class _Counter:
    """State of one ingest: names, buffered rows, examples."""

    def __init__(self, options: IngestOptions, progress: Progress) -> None:
        self.options = options
        self.progress = progress
        self.buffer = RowBuffer(memory=options.memory)
        self.exemplars = Exemplars(options.examples, show=options.show_prompts, seed=options.seed)
        self.models, self.prompts, self.domains, self.sources = Names(), Names(), Names(), Names()
        self.stray: list[pl.DataFrame] = []
        self.rows = 0
        self.gating: set[int] = set()
        self.steps: dict[str, set[int]] = {}

    def close(self) -> None:
        self.buffer.close()

    def read(self, batch: pl.DataFrame) -> None:
        self.rows += batch.height
        whole, stray = split(_named(batch), pl.col("prompt_id").is_not_null())
        if stray.height:
            self.stray.append(lost(stray, "no prompt or prompt_id, so no cell to belong to"))
        if not whole.height:
            return
        self._note_steps(whole)
        self.exemplars.offer(whole)
        self.buffer.append(self._encode(whole))
        self.progress("reading", self.rows)

    def _note_steps(self, batch: pl.DataFrame) -> None:
        """Refuses a model with several steps unless they are compared: a cell would mix checkpoints."""
        if "step" in self.options.by.split(",") or batch["step"].null_count() == batch.height:
            return
        for model, step in batch.select("model", "step").drop_nulls().unique().iter_rows():
            seen = self.steps.setdefault(model, set())
            seen.add(step)
            if len(seen) > 1:
                few = ", ".join(map(str, sorted(seen)))
                raise RecordsError(
                    f"expected one step per model, got steps {few} of {model!r}: a cell would mix checkpoints;"
                    " type --by model,step to compare them, or --map step= to pool them"
                )

    def _encode(self, batch: pl.DataFrame) -> pl.DataFrame:
        rule = self.options.equivalence
        quality = pl.Series("quality", batch["quality"].to_numpy() + 0.0, nan_to_null=True)  # which makes -0.0 a 0.0, too
        source = self.sources.encode(batch["quality_source"].fill_null(NOT_STATED)).cast(pl.Int32)
        self.gating |= set(source.filter(quality.is_not_null()).unique().to_list())
        columns = [
            self.models.encode(batch["model"]).alias("model"),
            self.prompts.encode(batch["prompt_id"]).alias("prompt"),
            self.domains.encode(batch["domain"]).alias("domain"),
            source.alias("source"),
            quality.alias("quality"),
            batch["sample_index"].fill_null(-1).alias("index"),
            batch["row"],
        ]
        if rule.is_pairwise:
            columns += [batch[column].alias(given(column)) for column in read_columns(rule)]
        else:
            columns.append(pl.Series("class", rule.labels(batch), dtype=pl.Int64))
        return pl.DataFrame(columns)

    def finish(self) -> Ingested:
        if not len(self.models):
            raise RecordsError(self._nothing())
        is_ungated = self.options.quality is None or not self.gating
        sources = [(None, None)] if is_ungated else self._gated_sources()
        found = [self._count(code, name) for code, name in sources]
        stores, labelled = tuple(store for store, _, _ in found), tuple(labels for _, labels, _ in found)
        counts = {name: samples for (_, name), (_, _, samples) in zip(sources, found, strict=True) if name}
        return Ingested(stores, labelled, self.rows, is_ungated, counts)

    def _nothing(self) -> str:
        if not self.rows:
            return "expected at least one sample, got none; see the rejects file for what was wrong with the rows"
        return (f"expected a column prompt or prompt_id, got {self.rows} rows without either, so no two samples share a prompt;"
                " type --map prompt=COLUMN or --map prompt_id=COLUMN")  # fmt: skip

    def _gated_sources(self) -> Sequence[tuple[int | None, str | None]]:
        names = self.sources.decode()
        found = sorted(((code, names[code]) for code in self.gating), key=lambda pair: pair[1])
        if self.options.source is not None:
            found = [pair for pair in found if pair[1] == self.options.source]
        if not found:
            raise RecordsError(_no_such_source(str(self.options.source), sorted(names)))
        return found

    def _count(self, source: int | None, name: str | None) -> tuple[RunStore, Labelled, int]:
        """One run store: the rows scored by `source`, or all rows ungated when it is None; its examples; its samples."""
        job = self._job(source)
        frames, labelled, losses, done = [], Labelled([]), list(self.stray), 0
        for bucket in mapped(job, self.buffer.buckets(), workers=WORKERS):
            frames.append(bucket.counts)
            losses += bucket.lost
            done += bucket.samples
            if bucket.labelled is not None:
                labelled.frames.append(bucket.labelled)
            self.progress("counting", done, self.rows)
        return self._store(frames, losses, name, job), labelled, done

    def _job(self, source: int | None) -> BucketJob:
        names = {c: found.decode() for c, found in self._names().items()}
        job = BucketJob(
            self.options.equivalence,
            Gating(source, tuple(sorted(self.gating - {source}))),
            {c: pl.Series(found, dtype=pl.String) for c, found in names.items()},
            {c: sorted_codes(found, range(len(found)))[1] for c, found in names.items()},
            np.array([prompt_rank(name, 0) >> 1 for name in names["prompt"]], dtype=np.int64),
            self.exemplars.frame(),
            None,
            self.options.seed,
            self.options.strict,
        )
        return replace(job, common_n=self._common_n(job)) if job.equivalence.is_pairwise else job

    def _common_n(self, job: BucketJob) -> int:
        cells = pl.concat([job.sizes(rows) for rows in self.buffer.buckets()])
        return common_size(cells["model"].to_numpy(), cells["len"].to_numpy())

    def _names(self) -> dict[str, Names]:
        return dict(zip(CELL, (self.models, self.prompts, self.domains), strict=True))

    def _store(self, frames: list[pl.DataFrame], losses: list[pl.DataFrame], source: str | None, job: BucketJob) -> RunStore:
        names = {c: sorted(found.decode()) for c, found in self._names().items()}
        used = {c: np.unique([v for f in frames for v in f[c].unique()]).astype(np.int64) for c in CELL}
        parts = tuple(_closed_up(f, used) for f in frames if f.height)
        unmeasured = pl.concat([pl.DataFrame(schema=LOST_SCHEMA), *losses]).group_by("model", "domain", "reason")
        rule = self.options.equivalence
        header = StoreHeader(
            quality=None if job.gating.source is None else self.options.quality,
            quality_source=None if source == NOT_STATED else source,
            equivalence=rule.name,
            scope=rule.scope,
            rule=rule.rule,
            is_pairwise=rule.is_pairwise,
            common_n=job.common_n,
            seed=self.options.seed,
            by=self.options.by,
            title=self.options.title,
        )
        models, prompts, domains = (tuple(names[c][code] for code in used[c]) for c in CELL)
        tally = unmeasured.agg(pl.col("samples").sum()).sort("model", "domain", "reason")
        return RunStore(header, models, prompts, domains, parts, tally)


def _no_such_source(asked: str, known: list[str]) -> str:
    if known == [NOT_STATED]:
        return "this input names no quality_source; leave --quality-source out"
    there = ", ".join(map(repr, known))
    return f"no quality_source {asked!r}{near(asked, known)}; there are: {there}; leave --quality-source out for all of them"


def _named(batch: pl.DataFrame) -> pl.DataFrame:
    return batch.with_columns(pl.col("model").fill_null(NO_MODEL), pl.col("domain").fill_null(NO_DOMAIN))


def _closed_up(counts: pl.DataFrame, used: dict[str, np.ndarray]) -> pl.DataFrame:
    """`counts` with codes into the names that are used; the order of codes, and so of rows, stays."""
    return counts.with_columns(
        pl.Series(c, np.searchsorted(codes, counts[c].to_numpy()).astype(np.uint32)) for c, codes in used.items()
    )
