"""One bucket of whole prompts -> its counts: a pure job, so that several threads give what one would.

What cannot be measured leaves with a reason and is counted: no quality, no class, a repeated sample, or cut away.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from triaxis.errors import RecordsError
from triaxis.measure.counting import SUMMED, counted, has_repeats, recoded, totals
from triaxis.measure.pairwise_labels import cut_and_label, given
from triaxis.measure.store import CELL, LOST_SCHEMA, SPREAD_SCHEMA
from triaxis.protocols import Equivalence

REPEATED = "repeats a sample_index of its cell"
REPEATS_REMEDY = (
    "if several settings share a model name type --by model,COLUMN; "
    "if the numbers mean nothing type --map sample_index= to ignore them"
)


@dataclass(frozen=True)
class Gating:
    """Which rows count: those scored by `source`, all of them when it is None; `others` are the sources of other gates."""

    source: int | None
    others: tuple[int, ...] = ()


@dataclass(frozen=True)
class BucketJob:
    """How to count a bucket. `names` are those of codes, `tables` turn codes into alphabetical ones, `texts` are example rows.

    `level_texts` are rows of the prompts that levels of diversity are measured on. `common` is the N that a pairwise rule cuts
    the cells of each domain code to, and `cell` what a cell is.
    """

    equivalence: Equivalence
    gating: Gating
    names: Mapping[str, pl.Series]
    tables: Mapping[str, np.ndarray]
    salts: np.ndarray
    texts: pl.DataFrame
    common: np.ndarray | None
    seed: int
    strict: bool
    cell: tuple[str, ...] = CELL
    level_texts: pl.DataFrame = field(default_factory=pl.DataFrame)

    def sizes(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Samples per cell that would be counted: the codes of `cell`, and `len`."""
        return self.measured(rows).group_by(self.cell).len()

    def measured(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows of this gate, each sample once."""
        return self._measured(rows, _Losses(self.names))

    def __call__(self, rows: pl.DataFrame) -> "Bucket":
        """Counts `rows`."""
        losses = _Losses(self.names)
        classed, spread = self._classed(self._measured(rows, losses), losses)
        labelled, sampled = (_joined(classed, texts) for texts in (self.texts, self.level_texts))
        counts, sums = counted(classed, self.tables), totals(classed, self.tables)
        return Bucket(counts, losses.frames, labelled, sampled, classed.height, sums, recoded(spread, self.tables))

    def _measured(self, rows: pl.DataFrame, losses: "_Losses") -> pl.DataFrame:
        """Rows that this gate measures, each sample once.

        A sample without a quality is missing from its own source, or from every source when none that scores anything is stated.
        """
        if self.gating.source is None:
            return self._without_repeats(rows.with_columns(pl.lit(0.0).alias("quality")), losses)
        has_quality = pl.col("quality").is_not_null()
        mine, rest = split(rows, has_quality & (pl.col("source") == self.gating.source))
        losses.add(rest.filter(~has_quality & ~pl.col("source").is_in(self.gating.others)), "no quality")
        return self._without_repeats(mine, losses)

    def _without_repeats(self, rows: pl.DataFrame, losses: "_Losses") -> pl.DataFrame:
        """`rows` with one row for each (model, prompt, sample_index); which one is kept depends on content, not on row order."""
        numbered, unnumbered = split(rows, pl.col("index") >= 0)
        if not has_repeats(numbered):
            return rows
        order = [c for c in ("class", given("response"), "quality", *SUMMED) if c in rows.columns]
        kept = numbered.sort(order, descending=True).unique([*CELL, "index"], keep="first", maintain_order=True)
        if self.strict:
            repeats = numbered.height - kept.height
            raise RecordsError(f"expected one row per sample, got {repeats} rows that repeat a sample_index; {REPEATS_REMEDY}")
        losses.add(numbered.join(kept.select("row"), on="row", how="anti"), REPEATED)
        return pl.concat([kept, unnumbered])

    def _classed(self, rows: pl.DataFrame, losses: "_Losses") -> tuple[pl.DataFrame, pl.DataFrame]:
        """`rows` that have a class, and the spread of their vectors; pairwise rules are asked now, after cutting."""
        labelled, spread = rows, pl.DataFrame(schema=SPREAD_SCHEMA)
        if self.common is not None:
            labelled, left_out, spread = cut_and_label(
                rows, self.equivalence, sizes=self.common, seed=self.seed, salts=self.salts, cell=self.cell,
                ranks=self.tables["model"],
            )  # fmt: skip
            for reason, out in left_out:
                losses.add(out, reason)
        classed, without = split(labelled, pl.col("class") >= 0)
        losses.add(without, f"no class under {self.equivalence.name}")
        return classed, spread


@dataclass(frozen=True)
class Bucket:
    """Counts of one bucket, its losses, the rows of examples and of levels with their labels (None without), and the samples.

    `totals` and `spread` are those of a run store, with alphabetical codes.
    """

    counts: pl.DataFrame
    lost: list[pl.DataFrame]
    labelled: pl.DataFrame | None
    sampled: pl.DataFrame | None
    samples: int
    totals: pl.DataFrame
    spread: pl.DataFrame


def _joined(classed: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame | None:
    """`texts` with what was measured of them, None where there are none."""
    return classed.select("row", "class", "quality", "index").join(texts, on="row") if texts.height else None


@dataclass
class _Losses:
    """Unmeasured samples of one bucket, counted by model, domain and reason."""

    names: Mapping[str, pl.Series]
    frames: list[pl.DataFrame] = field(default_factory=list)

    def add(self, rows: pl.DataFrame, reason: str) -> None:
        if rows.height:
            named = rows.select(self.names[c].gather(rows[c]).alias(c) for c in ("model", "domain"))
            self.frames.append(lost(named, reason))


def lost(rows: pl.DataFrame, reason: str) -> pl.DataFrame:
    """`rows`, which hold names of models and domains, as a frame of `LOST_SCHEMA`."""
    tally = rows.group_by("model", "domain").agg(pl.len().cast(pl.Int64).alias("samples"))
    return tally.with_columns(pl.lit(reason).alias("reason")).select(list(LOST_SCHEMA))


def split(rows: pl.DataFrame, condition: pl.Expr) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows that meet `condition` and rows that do not; nothing is copied when all of them do."""
    meets = rows.select(condition).to_series()
    return (rows, rows.clear()) if meets.all() else (rows.filter(meets), rows.filter(~meets))
