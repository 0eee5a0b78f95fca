"""Batches of records -> run stores, one per quality source: streaming, spilling, and blind to the order of rows.

A row is encoded to integers at once (names, class label, quality), buffered by prompt, then counted bucket by bucket. Only
pairwise equivalences and examples carry texts along. What cannot be measured leaves with a reason and is counted.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from triaxis.errors import RecordsError
from triaxis.measure.buffer import RowBuffer
from triaxis.measure.counting import CELL, counted, has_repeats
from triaxis.measure.exemplars import Exemplars, Labelled
from triaxis.measure.names import Names, sorted_codes
from triaxis.measure.pairwise_labels import cut_and_label
from triaxis.measure.prefetch import prefetched
from triaxis.measure.sampling import common_size, prompt_rank
from triaxis.measure.store import LOST_SCHEMA, RunStore, StoreHeader
from triaxis.protocols import Equivalence

NO_DOMAIN = "(none)"
NO_MODEL = "(unnamed)"
NOT_STATED = "(not stated)"

Progress = Callable[[str, int], None]


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
    memory: int = 256 * 2**20


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
    counter = _Counter(options, progress or (lambda stage, rows: None))
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
        self.lost: list[pl.DataFrame] = []
        self.rows = 0
        self.gating: set[int] = set()
        self.steps: dict[str, set[int]] = {}

    def close(self) -> None:
        self.buffer.close()

    def read(self, batch: pl.DataFrame) -> None:
        self.rows += batch.height
        whole, stray = _split(_named(batch), pl.col("prompt_id").is_not_null())
        self._lose(stray, "no prompt or prompt_id, so no cell to belong to")
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
        quality = batch["quality"].fill_nan(None)
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
            columns += [batch["response"], *(batch[c] for c in _extra(rule) if c != "response")]
        else:
            columns.append(pl.Series("class", rule.labels(batch), dtype=pl.Int64))
        return pl.DataFrame(columns)

    def _lose(self, rows: pl.DataFrame, reason: str) -> None:
        """Counts `rows`, which hold names of models and domains, as unmeasured."""
        if rows.height:
            counted = rows.group_by("model", "domain").agg(pl.len().cast(pl.Int64).alias("samples"))
            self.lost.append(counted.with_columns(pl.lit(reason).alias("reason")).select(list(LOST_SCHEMA)))

    def _lose_codes(self, rows: pl.DataFrame, reason: str) -> None:
        if rows.height:
            names = pl.Series(self.models.decode()), pl.Series(self.domains.decode())
            self._lose(
                rows.select(names[0].gather(rows["model"]).alias("model"), names[1].gather(rows["domain"]).alias("domain")),
                reason,
            )

    def finish(self) -> Ingested:
        if not len(self.models):
            raise RecordsError(self._nothing())
        is_ungated = self.options.quality is None or not self.gating
        slices = [(-1, None)] if is_ungated else self._gated_sources()
        measured = [self._measure(code, name, is_ungated=is_ungated) for code, name in slices]
        counts = {name: store_rows for (_, name), (_, _, store_rows) in zip(slices, measured, strict=True) if name}
        return Ingested(tuple(m[0] for m in measured), tuple(m[1] for m in measured), self.rows, is_ungated, counts)

    def _nothing(self) -> str:
        if not self.rows:
            return "expected at least one sample, got none; see the rejects file for what was wrong with the rows"
        return (f"expected a column prompt or prompt_id, got {self.rows} rows without either, so no two samples share a prompt;"
                " type --map prompt=COLUMN or --map prompt_id=COLUMN")  # fmt: skip

    def _gated_sources(self) -> list[tuple[int, str]]:
        names = self.sources.decode()
        found = sorted(((code, names[code]) for code in self.gating), key=lambda pair: pair[1])
        if self.options.source is not None:
            found = [pair for pair in found if pair[1] == self.options.source]
        if not found:
            known = ", ".join(repr(n) for n in sorted(names))
            raise RecordsError(f"expected a quality_source among {known}, got {self.options.source!r}; type one of them")
        return found

    def _measure(self, source: int, name: str | None, *, is_ungated: bool) -> tuple[RunStore, Labelled, int]:
        """One run store: the rows whose quality comes from `source`, and the count of those that nobody else scored either."""
        self.lost, kept_lost = list(self.lost), self.lost
        rule, labelled, frames = self.options.equivalence, Labelled([]), []
        common_n = self._common_n(source, is_ungated) if rule.is_pairwise else None
        tables = {c: sorted_codes(names.decode(), range(len(names)))[1] for c, names in self._names().items()}
        done = 0
        for found in self._slices(source, is_ungated=is_ungated):
            rows = self._classed(found, common_n)
            labelled.take(rows, self.exemplars)
            frames.append(counted(rows, tables))
            done += rows.height
            self.progress("counting", done)
        store = self._store(frames, name, common_n, is_ungated)
        self.lost = kept_lost
        return store, labelled, done

    def _classed(self, rows: pl.DataFrame, common_n: int | None) -> pl.DataFrame:
        """`rows` that have a class; pairwise rules are asked now, after cutting, and what falls out is counted."""
        rule, labelled = self.options.equivalence, rows
        if common_n is not None:
            labelled, left_out = cut_and_label(rows, rule, size=common_n, seed=self.options.seed, salts=self._salts())
            for reason, out in left_out:
                self._lose_codes(out, reason)
        classed, without = _split(labelled, pl.col("class") >= 0)
        self._lose_codes(without, f"no class under {rule.name}")
        return classed

    def _salts(self) -> np.ndarray:
        """(prompts,) int64 by prompt code, a function of the prompt's name alone."""
        return np.array([prompt_rank(name, 0) >> 1 for name in self.prompts.decode()], dtype=np.int64)

    def _slices(self, source: int, *, is_ungated: bool) -> Iterator[pl.DataFrame]:
        """Measured rows of one source, bucket by bucket, with repeated samples and missing qualities counted out.

        A sample without a quality is missing from its own source, or from every source when none that scores anything is stated.
        """
        has_quality, elsewhere = pl.col("quality").is_not_null(), pl.col("source").is_in(sorted(self.gating - {source}))
        for rows in self.buffer.buckets():
            if is_ungated:
                yield self._without_repeats(rows.with_columns(pl.lit(0.0).alias("quality")))
                continue
            mine, others = _split(rows, has_quality & (pl.col("source") == source))
            self._lose_codes(others.filter(~has_quality & ~elsewhere), "no quality")
            yield self._without_repeats(mine)

    def _without_repeats(self, rows: pl.DataFrame) -> pl.DataFrame:
        """`rows` with one row for each (model, prompt, sample_index); which one is kept does not depend on row order."""
        numbered, unnumbered = _split(rows, pl.col("index") >= 0)
        if not has_repeats(numbered):
            return rows
        order = [c for c in ("class", "response", "quality") if c in rows.columns]
        kept = numbered.sort(order, descending=True).unique([*CELL, "index"], keep="first", maintain_order=True)
        repeats = numbered.height - kept.height
        if self.options.strict:
            raise RecordsError(f"expected one row per sample, got {repeats} rows that repeat a sample_index; {REPEATS_REMEDY}")
        self._lose_codes(numbered.join(kept.select("row"), on="row", how="anti"), REPEATED)
        return pl.concat([kept, unnumbered])

    def _common_n(self, source: int, is_ungated: bool) -> int:
        before = list(self.lost)
        sizes = [rows.group_by(CELL).len() for rows in self._slices(source, is_ungated=is_ungated)]
        self.lost = before
        cells = pl.concat(sizes)
        return common_size(cells["model"].to_numpy(), cells["len"].to_numpy())

    def _names(self) -> dict[str, Names]:
        return dict(zip(CELL, (self.models, self.prompts, self.domains), strict=True))

    def _store(self, frames: list[pl.DataFrame], source: str | None, common_n: int | None, is_ungated: bool) -> RunStore:
        names = {c: sorted(found.decode()) for c, found in self._names().items()}
        used = {c: np.unique([v for f in frames for v in f[c].unique()]).astype(np.int64) for c in CELL}
        parts = tuple(_closed_up(f, used) for f in frames if f.height)
        lost = pl.concat(self.lost) if self.lost else pl.DataFrame(schema=LOST_SCHEMA)
        lost = lost.group_by("model", "domain", "reason").agg(pl.col("samples").sum()).sort("model", "domain", "reason")
        rule = self.options.equivalence
        header = StoreHeader(
            quality=None if is_ungated else self.options.quality, quality_source=None if source == NOT_STATED else source,
            equivalence=rule.name, scope=rule.scope, rule=rule.rule, is_pairwise=rule.is_pairwise, common_n=common_n,
            seed=self.options.seed, by=self.options.by, title=self.options.title,
        )  # fmt: skip
        models, prompts, domains = (tuple(names[c][code] for code in used[c]) for c in CELL)
        return RunStore(header, models, prompts, domains, parts, lost)


REPEATED = "repeats a sample_index of its cell"
REPEATS_REMEDY = (
    "if several settings share a model name type --by model,COLUMN; "
    "if the numbers mean nothing type --map sample_index= to ignore them"
)


def _split(rows: pl.DataFrame, condition: pl.Expr) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows that meet `condition` and rows that do not; nothing is copied when all of them do."""
    meets = rows.select(condition).to_series()
    return (rows, rows.clear()) if meets.all() else (rows.filter(meets), rows.filter(~meets))


def _named(batch: pl.DataFrame) -> pl.DataFrame:
    return batch.with_columns(pl.col("model").fill_null(NO_MODEL), pl.col("domain").fill_null(NO_DOMAIN))


def _extra(rule: Equivalence) -> tuple[str, ...]:
    """Columns beside `response` that a pairwise rule declares it reads."""
    return tuple(getattr(rule, "columns", ()))


def _closed_up(counts: pl.DataFrame, used: dict[str, np.ndarray]) -> pl.DataFrame:
    """`counts` with codes into the names that are used; the order of codes, and so of rows, stays."""
    return counts.with_columns(
        pl.Series(c, np.searchsorted(codes, counts[c].to_numpy()).astype(np.uint32)) for c, codes in used.items()
    )
