"""Batches of records -> run stores, one per quality source: streaming, spilling, and blind to the order of rows.

A row is encoded to integers at once (names, class label, quality), buffered by prompt, then counted bucket by bucket. Only
pairwise equivalences and examples carry texts along. What cannot be measured leaves with a reason and is counted.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

import numpy as np
import polars as pl

from triaxis.diversity.equivalence.naming import across_models
from triaxis.errors import RecordsError, near
from triaxis.measure.across import one_of_each_prompt, within_prompts
from triaxis.measure.bucket import BucketJob, Gating, lost, split
from triaxis.measure.buffer import RowBuffer
from triaxis.measure.counting import SUMMED
from triaxis.measure.domains.classify import named_by_rules
from triaxis.measure.exemplars import Exemplars, Labelled
from triaxis.measure.gates_file import OTHERS
from triaxis.measure.names import Names, sorted_codes
from triaxis.measure.options import Progress
from triaxis.measure.pairwise_labels import SET_CELL, given, read_columns
from triaxis.measure.population_vectors.rows import VectorBuffer, VectorRows
from triaxis.measure.prefetch import mapped, prefetched
from triaxis.measure.remarks import MOST_NAMED
from triaxis.measure.sampling import common_set_size, common_size, prompt_rank, reached_size
from triaxis.measure.store import CELL, LOST_SCHEMA, SPREAD_SCHEMA, TOTALS_SCHEMA, RunStore, StoreHeader
from triaxis.protocols import CellsEquivalence, Equivalence, Quality, VectorEquivalence

CODED = ("model", "prompt", "domain", "source", "quality", "index", "row")
"""What a row with a vector carries beside it: enough to know whether a gate measures it."""

NO_DOMAIN = "(none)"
NO_MODEL = "(unnamed)"
NOT_STATED = "(not stated)"
WORKERS = min(4, os.cpu_count() or 1)
"""Threads that count buckets; the result does not depend on their number."""



@dataclass(frozen=True)
class IngestOptions:
    """How to count: `quality` names what was read as quality (None: nothing is gated); `memory` in bytes bounds the buffer.

    `scorer` scores the samples instead of a column. `costs` keeps sums of tokens and money. `bars` restricts the count to the
    domains it names, and says their floors; with `*` among them, to all domains but those of `left_out`. `level_prompts` is how
    many prompts keep their whole texts, for the levels of diversity, and `second` a further column of qualities that is kept
    with them. `classify` gives prompts without a domain one by rules. `vectors` names a column of vectors, kept for later.
    """

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
    unit: Literal["prompt", "set"] = "prompt"
    scorer: Quality | None = None
    costs: bool = False
    bars: Mapping[str, float | None] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()
    level_prompts: int = 0
    second: str | None = None
    classify: bool = False
    vectors: str | None = None

    @property
    def is_cut(self) -> bool:
        """Whether cells are cut to one N."""
        return self.equivalence.is_pairwise


@dataclass(frozen=True)
class Ingested:
    """The run stores, one per quality source, each with its labelled examples and rows for its levels; and how many rows came.

    `domains` are the domains counted and `others` the samples of each domain that another gate is for, where gates differ.
    `per_prompt` is how many samples most prompts of some model have, known where the unit is a set. `vectors` are the rows of
    each store with their vectors, where a column of them was kept; `close` forgets them.
    """

    stores: tuple[RunStore, ...]
    labelled: tuple[Labelled, ...]
    rows: int
    is_ungated: bool
    sources: dict[str, int] = field(default_factory=dict)
    domains: frozenset[str] = frozenset()
    others: Mapping[str, int] = field(default_factory=dict)
    per_prompt: int = 0
    sampled: tuple[Labelled, ...] = ()
    vectors: tuple[VectorRows, ...] = ()

    def close(self) -> None:
        """Removes what was kept of vectors, in memory and on disk."""
        for rows in self.vectors:
            rows.buffer.close()


def ingest(batches: Iterable[pl.DataFrame], options: IngestOptions, *, progress: Progress | None = None) -> Ingested:
    """Counts all `batches` of canonical records; see `Ingested`.

    Raises `RecordsError` when nothing can be counted, saying which column is missing and what to type.
    """
    counter = _Counter(options, progress or (lambda *_: None))
    try:
        for batch in prefetched(batches):
            counter.read(batch)
        found = counter.finish()
        counter.vectors = None  # they are those of `found` now
        return found
    finally:
        counter.close()


class _Counted(NamedTuple):
    """One run store, its examples, the rows for its levels, its samples."""

    store: RunStore
    labelled: Labelled
    sampled: Labelled
    samples: int
    vectors: tuple[VectorRows, ...]


class _Counter:
    """State of one ingest: names, buffered rows, examples."""

    def __init__(self, options: IngestOptions, progress: Progress) -> None:
        self.options = options
        self.progress = progress
        by_set = options.unit == "set" and options.is_cut
        self.buffer = RowBuffer(memory=options.memory, whole=SET_CELL if by_set else ("prompt",))
        self.vectors = None if options.vectors is None else VectorBuffer(options.vectors, memory=options.memory)
        self.rule = options.equivalence
        self.exemplars = Exemplars(options.examples, show=options.show_prompts, seed=options.seed)
        self.level_texts = Exemplars(options.level_prompts, seed=options.seed, text_limit=None, second=options.second)
        self.models, self.prompts, self.domains, self.sources = Names(), Names(), Names(), Names()
        self.stray: list[pl.DataFrame] = []
        self.rows = 0
        self.gating: set[int] = set()
        self.scored: Counter[int] = Counter()
        self.steps: dict[str, set[int]] = {}
        self.seen: set[str] = set()
        self.others: dict[str, int] = {}

    def close(self) -> None:
        self.buffer.close()
        if self.vectors is not None:
            self.vectors.close()

    def read(self, batch: pl.DataFrame) -> None:
        self.rows += batch.height
        placed = _with_domains(batch) if self.options.classify else batch
        whole, stray = split(self._mine(_named(placed)), pl.col("prompt_id").is_not_null())
        if stray.height:
            self.stray.append(lost(stray, "no prompt or prompt_id, so no cell to belong to"))
        if not whole.height:
            return
        self._note_steps(whole)
        self.exemplars.offer(whole)
        self.level_texts.offer(whole)
        encoded = self._encode(whole)
        self.buffer.append(encoded)
        if self.vectors is not None:
            self.vectors.append(encoded.select(CODED), whole[self.vectors.column])
        self.progress("reading", self.rows)

    def _mine(self, batch: pl.DataFrame) -> pl.DataFrame:
        """The rows of the domains that this gate is for; the others are noted."""
        bars, left_out = self.options.bars, self.options.left_out
        if not bars:
            return batch
        is_mine = ~pl.col("domain").is_in(list(left_out)) if OTHERS in bars else pl.col("domain").is_in(list(bars))
        mine, others = split(batch, is_mine)
        self.seen.update(mine["domain"].unique())
        for domain, rows in others.group_by("domain").len().iter_rows():
            self.others[domain] = self.others.get(domain, 0) + rows
        return mine

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
        quality, source = self._scored(batch)
        scored = source.filter(quality.is_not_null())
        self.gating |= set(scored.unique().to_list())
        self.scored.update(scored.to_list() if self.options.source is not None else ())
        columns = [
            self.models.encode(batch["model"]).alias("model"),
            self.prompts.encode(batch["prompt_id"]).alias("prompt"),
            self.domains.encode(batch["domain"]).alias("domain"),
            source.alias("source"),
            quality.alias("quality"),
            batch["sample_index"].fill_null(-1).alias("index"),
            batch["row"],
            *(batch[name] for name in (SUMMED if self.options.costs else ())),
            *self._classes(batch),
        ]
        return pl.DataFrame(columns)

    def _scored(self, batch: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
        """Quality (null where there is none), and the code of its source."""
        scorer = self.options.scorer
        given = batch["quality"].to_numpy() if scorer is None else np.asarray(scorer.scores(batch), dtype=np.float64)
        stated = batch["quality_source"].fill_null(NOT_STATED)
        named = stated if scorer is None else pl.Series(values=[scorer.source] * batch.height, dtype=pl.String)
        quality = pl.Series("quality", given + 0.0, nan_to_null=True)  # which makes -0.0 a 0.0, too
        return quality, self.sources.encode(named).cast(pl.Int32)

    def _classes(self, batch: pl.DataFrame) -> list[pl.Series]:
        """The class of each sample; for a pairwise rule, which is asked later, the texts that it reads."""
        rule = self.options.equivalence
        if self.options.is_cut:
            return [batch[column].alias(given(column)) for column in self._read_columns()]
        labels = rule.labels(batch)
        if self.options.unit == "set" and rule.scope != "set":
            labels = within_prompts(labels, batch["prompt_id"])
        return [pl.Series("class", labels, dtype=pl.Int64)]

    def _read_columns(self) -> list[str]:
        """Columns that a pairwise rule reads; in a set the samples of a cell have different prompts, so it is not told any."""
        return [c for c in read_columns(self.options.equivalence) if c != "prompt" or self.options.unit == "prompt"]

    def finish(self) -> Ingested:
        if not len(self.models):
            if self.others:
                return Ingested((), (), self.rows, is_ungated=False, others=self.others)
            raise RecordsError(self._nothing())
        is_ungated = self.options.quality is None or not self.gating
        if isinstance(self.rule, CellsEquivalence):
            self.rule = self._scoped(self.rule.reporting(self.progress))
        if isinstance(self.rule, VectorEquivalence):
            prompts = pl.Series(self.prompts.decode(), dtype=pl.String)
            samples = one_of_each_prompt(self.buffer.buckets(), prompts, seed=self.options.seed)
            self.rule = self._scoped(self.rule.calibrated(samples, progress=self.progress))
        sources = [(None, None)] if is_ungated else self._gated_sources()
        found = [self._count(code, name) for code, name in sources]
        counts = {name: one.samples for (_, name), one in zip(sources, found, strict=True) if name}
        seen, per_prompt = frozenset(self.seen), self._per_prompt() if self.options.unit == "set" else 0
        return Ingested(
            tuple(one.store for one in found), tuple(one.labelled for one in found), self.rows, is_ungated, counts, seen,
            self.others, per_prompt, tuple(one.sampled for one in found), tuple(rows for one in found for rows in one.vectors),
        )  # fmt: skip

    def _scoped(self, rule: Equivalence) -> Equivalence:
        """`rule`, a copy of this one, asked of all models' answers at once where this one is."""
        return across_models(rule) if self.options.equivalence.scope == "prompt" else rule

    def _per_prompt(self) -> int:
        """Samples that 9 in 10 prompts of some model have."""
        cells = pl.concat([rows.group_by(CELL).len() for rows in self.buffer.buckets()])
        sizes = [mine["len"].to_numpy() for _, mine in cells.group_by("model")]
        return max((reached_size(found) for found in sizes), default=0)

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
            typed = "source in the gates file, or --quality-source," if self.options.bars else "--quality-source"
            raise RecordsError(_no_such_source(str(self.options.source), sorted(names), typed))
        return found

    def _count(self, source: int | None, name: str | None) -> "_Counted":
        """The rows scored by `source`, or all rows ungated when it is None."""
        job = self._job(source)
        frames, labelled, sampled, losses, done = [], Labelled([]), Labelled([]), list(self.stray), 0
        beside: dict[str, list[pl.DataFrame]] = {"totals": [], "spread": []}
        workers = 1 if isinstance(self.rule, VectorEquivalence | CellsEquivalence) else WORKERS  # a model has threads of its own
        for bucket in mapped(job, self.buffer.buckets(), workers=workers):
            frames.append(bucket.counts)
            losses += bucket.lost
            beside["totals"].append(bucket.totals)
            beside["spread"].append(bucket.spread)
            done += bucket.samples
            if bucket.labelled is not None:
                labelled.frames.append(bucket.labelled)
            if bucket.sampled is not None:
                sampled.frames.append(bucket.sampled)
            self.progress("counting", done, self.rows)
        rows = () if self.vectors is None else (VectorRows(self.vectors, job.measured, job.names),)
        return _Counted(self._store(frames, losses, name, job, beside), labelled, sampled, done, rows)

    def _job(self, source: int | None) -> BucketJob:
        names = {c: found.decode() for c, found in self._names().items()}
        job = BucketJob(
            self.rule,
            Gating(source, tuple(sorted(self.gating - {source}))),
            {c: pl.Series(found, dtype=pl.String) for c, found in names.items()},
            {c: sorted_codes(found, range(len(found)))[1] for c, found in names.items()},
            np.array([prompt_rank(name, 0) >> 1 for name in names["prompt"]], dtype=np.int64),
            self.exemplars.frame(),
            None,
            self.options.seed,
            self.options.strict,
            CELL if self.options.unit == "prompt" else SET_CELL,
            self.level_texts.frame(),
        )
        return replace(job, common=self._common(job)) if self.options.is_cut else job

    def _common(self, job: BucketJob) -> np.ndarray:
        """The N that cells are cut to, for each domain code: one for all prompts, or one for the sets of each domain."""
        cells = pl.concat([job.sizes(rows) for rows in self.buffer.buckets()])
        sizes = cells["len"].to_numpy()
        if self.options.unit == "prompt":
            return np.full(len(self.domains), common_size(cells["model"].to_numpy(), sizes))
        domains = cells["domain"].to_numpy()
        return np.array([common_set_size(sizes[domains == code]) for code in range(len(self.domains))])

    def _names(self) -> dict[str, Names]:
        return dict(zip(CELL, (self.models, self.prompts, self.domains), strict=True))

    def _other_sources(self, source: int | None) -> Iterator[str]:
        """What the choice of one source leaves out."""
        names = self.sources.decode()
        left = {names[code]: samples for code, samples in self.scored.items() if code != source}
        if left:
            told = ", ".join(f"{name!r} ({samples})" for name, samples in sorted(left.items())[:MOST_NAMED])
            yield f"{sum(left.values())} samples are scored by other sources and left out: {told}"

    def _store(
        self,
        frames: list[pl.DataFrame],
        losses: list[pl.DataFrame],
        source: str | None,
        job: BucketJob,
        beside: Mapping[str, list[pl.DataFrame]],
    ) -> RunStore:
        names = {c: sorted(found.decode()) for c, found in self._names().items()}
        used = {c: np.unique([v for f in frames for v in f[c].unique()]).astype(np.int64) for c in CELL}
        parts = tuple(_closed_up(f, used) for f in frames if f.height)
        unmeasured = pl.concat([pl.DataFrame(schema=LOST_SCHEMA), *losses]).group_by("model", "domain", "reason")
        models, prompts, domains = (tuple(names[c][code] for code in used[c]) for c in CELL)
        tally = unmeasured.agg(pl.col("samples").sum()).sort("model", "domain", "reason")
        totals, spread = (
            _closed_up(pl.concat([pl.DataFrame(schema=schema), *beside[name]]), used).sort(*CELL, maintain_order=True)
            for name, schema in (("totals", TOTALS_SCHEMA), ("spread", SPREAD_SCHEMA))
        )
        return RunStore(self._header(source, job), models, prompts, domains, parts, tally, totals, spread)

    def _header(self, source: str | None, job: BucketJob) -> StoreHeader:
        """What the counts mean."""
        rule, options = self.rule, self.options
        by_domain = {}
        if job.common is not None and options.unit == "set":
            by_domain = {name: int(job.common[code]) for code, name in enumerate(self.domains.decode())}
        return StoreHeader(
            quality=None if job.gating.source is None else options.quality,
            quality_source=None if source == NOT_STATED else source,
            equivalence=rule.name,
            scope=rule.scope,
            rule=rule.rule,
            is_pairwise=rule.is_pairwise,
            common_n=None if job.common is None or options.unit == "set" else int(job.common.max(initial=0)),
            seed=options.seed,
            by=options.by,
            title=options.title,
            unit=options.unit,
            common_by_domain=dict(sorted(by_domain.items())),
            calibration=getattr(rule, "calibration", None),
            bars=dict(options.bars),
            notes=(*getattr(rule, "notes", ()), *self._other_sources(job.gating.source)),
        )


def _no_such_source(asked: str, known: list[str], typed: str) -> str:
    if known == [NOT_STATED]:
        return f"this input names no quality_source; leave {typed} out"
    there = ", ".join(map(repr, known))
    return f"no quality_source {asked!r}{near(asked, known)}; there are: {there}; leave {typed} out for all of them"


def _with_domains(batch: pl.DataFrame) -> pl.DataFrame:
    """`batch` whose prompts all have a domain: where none was given, by rules."""
    return batch.with_columns(pl.col("domain").fill_null(named_by_rules(batch["prompt"])))


def _named(batch: pl.DataFrame) -> pl.DataFrame:
    return batch.with_columns(pl.col("model").fill_null(NO_MODEL), pl.col("domain").fill_null(NO_DOMAIN))


def _closed_up(counts: pl.DataFrame, used: dict[str, np.ndarray]) -> pl.DataFrame:
    """`counts` with codes into the names that are used; the order of codes, and so of rows, stays."""
    return counts.with_columns(
        pl.Series(c, np.searchsorted(codes, counts[c].to_numpy()).astype(np.uint32)) for c, codes in used.items()
    )
