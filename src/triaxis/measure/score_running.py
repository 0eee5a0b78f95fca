"""What `triaxis score` keeps while samples stream by: sums per prompt, counts, and a seeded sample of values for quartiles."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import nan

import numpy as np
import polars as pl

from triaxis.complexity.difficulty import PassTally, difficulty_table
from triaxis.measure.complexity import AGAINST_LENGTH, AGAINST_PASSES, GIVEN_LENGTH, ComplexityTally
from triaxis.measure.sampling import seeded_rank
from triaxis.measure.score_choice import NO_QUALITY, described
from triaxis.measure.scoring import PREFIX, MeasureSummary, Rho, ScoreOptions, Scores
from triaxis.measure.tables import Resampling
from triaxis.protocols import Complexity
from triaxis.records import RecordStream

QUARTILE_ROWS = 65_536
"""Up to so many samples the quartiles are exact; beyond, they are those of a seeded sample of as many."""

NO_FLOOR = "needs qualities of 0 and 1, or a floor: type --floor NUMBER"


def many_sources(names: Collection[str]) -> str:
    """Why qualities of several sources are not counted together."""
    return f"{len(names)} quality sources are as many scales; type --quality-source NAME"


def of_source(batch: pl.DataFrame, source: str | None) -> pl.DataFrame:
    """`batch` with the qualities of one source only, all of them for None."""
    if source is None:
        return batch
    return batch.with_columns(pl.when(pl.col("quality_source") == source).then(pl.col("quality")).alias("quality"))


@dataclass
class Running:
    """What has been scored so far: sums, a sample of values, and what the qualities turned out to be."""

    texts: tuple[Complexity, ...]
    cells: tuple[str, ...]
    options: ScoreOptions
    samples: int = 0
    sources: Counter[str] = field(default_factory=Counter)
    is_binary: bool = True
    has_quality: bool = False

    def __post_init__(self) -> None:
        floor = self.options.floor
        self.floor = 1.0 if floor is None else floor
        self.tally = ComplexityTally(self.texts, (self.floor,))
        self.reasons: dict[str, Counter[str]] = {name: Counter() for name in self._names()}
        self.totals = dict.fromkeys(self._names(), 0.0)
        self.counts = dict.fromkeys(self._names(), 0)
        self.kept = np.empty((0, len(self._names())))
        self.ranks = np.empty(0, dtype=np.uint64)
        self.passes = PassTally(self.floor)

    def _names(self) -> list[str]:
        return [*(m.name for m in self.texts), *self.cells]

    def take(self, batch: pl.DataFrame, cells: pl.DataFrame | None) -> pl.DataFrame:
        """`batch` with a column for each measure."""
        rows = of_source(batch, self.options.quality_source)
        self._look_at(rows)
        scored = self.tally.score(rows)
        self.tally.add(rows.with_columns(pl.lit("all").alias("model"), pl.lit("all").alias("domain")), scored)
        found = {m.name: scored[m.name].values for m in self.texts}
        for m in self.texts:
            self.reasons[m.name].update(filter(None, scored[m.name].reasons))
        if cells is not None:
            found |= self._of_cells(rows, cells)
        self._add(batch["row"].to_numpy(), found)
        self.samples += batch.height
        columns = (pl.Series(f"{PREFIX}{name}", values, dtype=pl.Float64, nan_to_null=True) for name, values in found.items())
        return batch.drop("row").with_columns(columns)

    def _look_at(self, rows: pl.DataFrame) -> None:
        """Remembers what the qualities are."""
        known = rows["quality"].drop_nulls().drop_nans()
        self.has_quality |= known.len() > 0
        self.is_binary &= bool(known.is_in([0.0, 1.0]).all())
        named = rows.filter(pl.col("quality").is_not_null())["quality_source"].fill_null("(not stated)")
        self.sources.update(dict(named.value_counts().iter_rows()))
        if self._why_no_passes() is None:
            self.passes.add(rows)

    def _of_cells(self, rows: pl.DataFrame, cells: pl.DataFrame) -> dict[str, np.ndarray]:
        joined = rows.select("model", "prompt_id").join(
            cells, on=["model", "prompt_id"], how="left", nulls_equal=True, maintain_order="left"
        )
        found = {name: joined[name].to_numpy().astype(np.float64) for name in self.cells}
        for name, values in found.items():
            few = "fewer than 2 samples with a quality" if name == "learnability" else "no sample of the prompt has a quality"
            self.reasons[name].update({few: int(np.isnan(values).sum())} if np.isnan(values).any() else {})
        return found

    def _add(self, rows: np.ndarray, found: Mapping[str, np.ndarray]) -> None:
        for name, values in found.items():
            self.totals[name] += float(np.nansum(values))
            self.counts[name] += int((~np.isnan(values)).sum())
        ranks = np.concatenate([self.ranks, seeded_rank(rows, self.options.seed)])
        values = np.concatenate([self.kept, np.column_stack([found[name] for name in self._names()])])
        if len(ranks) > QUARTILE_ROWS:
            first = np.argpartition(ranks, QUARTILE_ROWS)[:QUARTILE_ROWS]
            ranks, values = ranks[first], values[first]
        self.ranks, self.kept = ranks, values

    def _why_no_passes(self) -> str | None:
        if not self.has_quality:
            return NO_QUALITY
        if self.options.floor is None and not self.is_binary:
            return NO_FLOOR
        if len(self.sources) > 1 and self.options.quality_source is None:
            return many_sources(self.sources)
        return None

    def summary(self, stream: RecordStream, notes: Sequence[str]) -> Scores:
        """Everything once the stream has ended."""
        options, no_passes = self.options, self._why_no_passes()
        found = self.tally.correlations(Resampling(options.draws, options.seed))
        rho = {(row["measure"], row["floor"], row["against"]): Rho(*list(row.values())[5:]) for row in found.to_dicts()}
        bands: dict[str, int] = {}
        if no_passes is None:
            bands = dict(difficulty_table(self.passes.counts())["band"].drop_nulls().value_counts(sort=True).iter_rows())
        more = (f"quartiles are those of a seeded sample of {QUARTILE_ROWS:,} samples",) if self.samples > QUARTILE_ROWS else ()
        measures = tuple(self._summary(place, name, rho, no_passes) for place, name in enumerate(self._names()))
        return Scores(
            self.samples, stream.rejects.count, dict(stream.rejects.by_reason), measures, bands,
            None if no_passes else self.floor, (*notes, *more), str(options.out) if options.out else None,
        )  # fmt: skip

    def _summary(
        self, place: int, name: str, rho: Mapping[tuple[str, float | None, str], Rho], no_passes: str | None
    ) -> MeasureSummary:
        values = self.kept[:, place]
        values = values[~np.isnan(values)]
        low, middle, high = map(float, np.quantile(values, (0.25, 0.5, 0.75))) if values.size else (nan, nan, nan)
        told = described(name, self.texts)
        none = Rho(None, None, None, None, no_passes or "it is made of pass rates")
        length = rho.get((name, None, AGAINST_LENGTH), Rho(None, None, None, None, "it is no measure of texts"))
        passes, given = (
            none if no_passes else rho.get((name, self.floor, against), none) for against in (AGAINST_PASSES, GIVEN_LENGTH)
        )
        count = self.counts[name]
        return MeasureSummary(
            name, f"{PREFIX}{name}", *told, self.samples, self.samples - count, dict(self.reasons[name].most_common()),
            self.totals[name] / count if count else None, (low, middle, high) if count else None, length, passes, given,
        )  # fmt: skip
