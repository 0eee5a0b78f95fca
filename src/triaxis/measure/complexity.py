"""Complexity of samples beside quality: means above a floor, and what each measure has to do with length and with passing.

Samples are added up to cells (model, domain, prompt), so that memory grows with cells and texts can go. The one idea: a prompt
counts once, whatever its number of samples; a figure of a prompt is the mean over its samples, and prompts are what is resampled.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from triaxis.complexity import Scored, TextMeasure, parse_measure
from triaxis.errors import Undefined
from triaxis.measure.ingest import NO_DOMAIN, NO_MODEL
from triaxis.measure.tables import Resampling
from triaxis.protocols import Complexity
from triaxis.stats.rank_correlation import Correlation, spearman

CELL = ("model", "domain", "prompt_id")
LENGTH = "words"
NO_SCORE = "no value"

AGAINST_LENGTH, AGAINST_PASSES, GIVEN_LENGTH = "length", "pass rate", "pass rate given length"
"""What a measure is correlated with."""

NO_FLOOR, IS_LENGTH = "no floor, so nothing passes or fails", "it is length itself"

COMPLEXITY_TABLE: dict[str, pl.DataType] = {
    "model": pl.String(), "domain": pl.String(), "measure": pl.String(), "floor": pl.Float64(), "value": pl.Float64(),
    "low": pl.Float64(), "high": pl.Float64(), "prompts": pl.Int64(), "samples": pl.Int64(), "unmeasured": pl.Int64(),
    "rho_length": pl.Float64(), "rho_pass": pl.Float64(), "partial": pl.Float64(),
}  # fmt: skip
"""Columns of `complexity_table`; `domain` null is all domains, `floor` null is ungated."""

CORRELATION_TABLE: dict[str, pl.DataType] = {
    "model": pl.String(), "domain": pl.String(), "measure": pl.String(), "floor": pl.Float64(), "against": pl.String(),
    "rho": pl.Float64(), "low": pl.Float64(), "high": pl.Float64(), "prompts": pl.Int64(), "reason": pl.String(),
}  # fmt: skip
"""Columns of `correlations`; `reason` says why there is no `rho`."""

_MOST_PARTS = 64


class Figures(NamedTuple):
    """One model in one domain (None is all) at one floor (None is ungated).

    `means` are (prompts, measures) means over the samples at the floor, `whole` those over all samples, NaN where there is none;
    `pass_rate` (prompts,) the share of samples that reach the floor, None without one. `samples` are those at the floor,
    `counted` (measures,) how many of them have a value.
    """

    model: str
    domain: str | None
    floor: float | None
    means: np.ndarray
    whole: np.ndarray
    pass_rate: np.ndarray | None
    samples: int
    counted: np.ndarray

    @property
    def prompts(self) -> np.ndarray:
        """(measures,) prompts that have a mean."""
        return np.asarray((~np.isnan(self.means)).sum(axis=0))


def score_rows(rows: pl.DataFrame, measures: Sequence[Complexity]) -> dict[str, Scored]:
    """The values of every measure for `rows`, by its name; a measure that tells no reasons gets one for all its NaN."""
    return {measure.name: _scored(rows, measure) for measure in measures}


def _scored(rows: pl.DataFrame, measure: Complexity) -> Scored:
    if isinstance(measure, TextMeasure):
        return measure.scored(rows)
    values = np.asarray(measure.scores(rows), dtype=np.float64)
    values = np.where(np.isfinite(values), values, np.nan)
    return Scored(values, [NO_SCORE if np.isnan(value) else None for value in values])


@dataclass
class ComplexityTally:
    """Sums of complexity per cell, at each floor and ungated; `add` takes batches in any order."""

    measures: Sequence[Complexity]
    floors: Sequence[float] = ()
    _parts: dict[float | None, list[pl.DataFrame]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lengths = {name: parse_measure(name) for name in sorted({length_of(m) for m in self.measures})}
        self._columns = [m.name for m in self.measures]
        self._hidden = [name for name in self._lengths if name not in self._columns]
        self._parts = {floor: [] for floor in (None, *sorted(set(self.floors)))}

    def score(self, rows: pl.DataFrame) -> dict[str, Scored]:
        """Values of all measures and of the lengths that they are held against."""
        return score_rows(rows, [*self.measures, *(self._lengths[name] for name in self._hidden)])

    def add(self, rows: pl.DataFrame, scored: Mapping[str, Scored] | None = None) -> None:
        """Takes in a batch with model, domain, prompt_id, quality, prompt and response; `scored` are its values where known."""
        values = scored or self.score(rows)
        names = [*self._columns, *self._hidden]
        frame = _keyed(rows).with_columns(
            pl.Series(f"value:{name}", values[name].values, dtype=pl.Float64, nan_to_null=True) for name in names
        )
        for floor in self._parts:
            some = frame if floor is None else frame.filter(pl.col("quality") >= floor)
            self._parts[floor].append(_summed(some, names))
            if len(self._parts[floor]) > _MOST_PARTS:
                self._parts[floor] = [_together(self._parts[floor])]

    def table(self, resampling: Resampling) -> pl.DataFrame:
        """See `complexity_table`."""
        rows = [row for figures in self._figures() for row in self._rows(figures, resampling)]
        return pl.DataFrame(rows, schema=COMPLEXITY_TABLE, orient="row")

    def correlations(self, resampling: Resampling) -> pl.DataFrame:
        """See `correlations`."""
        rows = [
            (figures.model, figures.domain, measure.name, figures.floor, against, *_told(found))
            for figures in self._figures()
            for measure in self.measures
            for against, found in self._against(figures, measure, draws=resampling.draws, seed=resampling.seed)
        ]
        return pl.DataFrame(rows, schema=CORRELATION_TABLE, orient="row")

    def _figures(self) -> Iterator[Figures]:
        """Each model, in all domains (None) and in each if there are several, at each floor."""
        sums = {floor: _together(parts) for floor, parts in self._parts.items() if parts}
        if not sums:
            return
        for (model,), mine in sums[None].group_by("model", maintain_order=True):
            domains = mine["domain"].unique().sort().to_list()
            for domain in (None, *(domains if len(domains) > 1 else ())):
                cells = mine if domain is None else mine.filter(pl.col("domain") == domain)
                whole, _ = self._means(cells)
                for floor, gated in sums.items():
                    chosen = cells if floor is None else _at(cells, gated)
                    means, counted = self._means(chosen)
                    rate = None if floor is None else _pass_rate(cells, chosen)
                    yield Figures(str(model), domain, floor, means, whole, rate, int(chosen["samples"].sum()), counted)

    def _means(self, cells: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """(cells, measures) means over samples, NaN without any, and (measures,) samples that have a value."""
        names = [*self._columns, *self._hidden]
        sums, counts = (
            cells.select(pl.col([f"{kind}:{name}" for name in names]).fill_null(0)).to_numpy().astype(np.float64)
            for kind in ("sum", "count")
        )
        return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan), counts.sum(axis=0).astype(np.int64)

    def _rows(self, figures: Figures, resampling: Resampling) -> Iterator[tuple[Any, ...]]:
        value, low, high = resampling.interval(figures.means)
        for place, measure in enumerate(self.measures):
            rho = [_rho(found) for _, found in self._against(figures, measure, draws=0, seed=0)]
            lost = figures.samples - int(figures.counted[place])
            interval = (_number(value[place]), _number(low[place]), _number(high[place]))
            key = (figures.model, figures.domain, measure.name, figures.floor)
            yield (*key, *interval, int(figures.prompts[place]), figures.samples, lost, *rho)

    def _against(
        self, figures: Figures, measure: Complexity, *, draws: int, seed: int
    ) -> Iterator[tuple[str, Correlation | str]]:
        """(against what, correlation or the reason why there is none) for one measure."""
        names = [*self._columns, *self._hidden]
        mine, length = names.index(measure.name), names.index(length_of(measure))
        means, whole, rate = figures.means, figures.whole, figures.pass_rate

        def found(x: np.ndarray, y: np.ndarray, given: np.ndarray | None = None) -> Correlation | str:
            try:
                return spearman(x, y, given=given, draws=draws, seed=seed)
            except Undefined as error:
                return str(error)

        yield AGAINST_LENGTH, IS_LENGTH if mine == length else found(means[:, mine], means[:, length])
        if rate is None:
            yield from ((against, NO_FLOOR) for against in (AGAINST_PASSES, GIVEN_LENGTH))
            return
        yield AGAINST_PASSES, found(whole[:, mine], rate)
        yield GIVEN_LENGTH, IS_LENGTH if mine == length else found(whole[:, mine], rate, whole[:, length])


def complexity_table(
    rows: pl.DataFrame | Iterable[pl.DataFrame], measures: Sequence[Complexity], *, floors: Sequence[float] = (),
    resampling: Resampling | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Mean complexity of each model and domain, ungated and above each floor: the columns of `COMPLEXITY_TABLE`.

    `value` is the mean over prompts of the mean over their samples at the floor, with its interval by resampling prompts (null
    under 10). `unmeasured` of the `samples` at the floor have no value. `rho_length` is Spearman's correlation over prompts with
    the words of the text that the measure reads, over samples at the floor. `rho_pass` is that of the mean over *all* samples of
    a prompt with the share of them that reach the floor (those at the floor are of prompts that are passed only), `partial` the
    same given length. Null where undefined, with the reason in `correlations`. Samples without a quality reach no
    floor and are left out of pass rates.

    Args:
        rows: Samples with model, domain, prompt_id, quality, prompt and response, as one frame or as batches.
        measures: What to measure; see `triaxis.complexity.parse_measure`.
        floors: Quality floors, besides none.
        resampling: Draws and seed of the intervals.
    """
    return _tallied(rows, measures, floors).table(resampling or Resampling())


def correlations(
    rows: pl.DataFrame | Iterable[pl.DataFrame], measures: Sequence[Complexity], *, floors: Sequence[float] = (),
    resampling: Resampling | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Spearman's rho of each measure with length, with pass rate and with pass rate given length, over prompts, with intervals.

    The columns of `CORRELATION_TABLE`, a row for each model, domain, floor and what the measure is held against; arguments as of
    `complexity_table`. With several samples to a prompt its figure is their mean.
    """
    return _tallied(rows, measures, floors).correlations(resampling or Resampling())


def length_of(measure: Complexity) -> str:
    """The measure of length that `measure` is held against: words of the text that it reads."""
    return f"{LENGTH}@prompt" if getattr(measure, "reads", "response") == "prompt" else LENGTH


def _tallied(
    rows: pl.DataFrame | Iterable[pl.DataFrame], measures: Sequence[Complexity], floors: Sequence[float]
) -> ComplexityTally:
    tally = ComplexityTally(measures, floors)
    for batch in [rows] if isinstance(rows, pl.DataFrame) else rows:
        tally.add(batch)
    return tally


def _keyed(rows: pl.DataFrame) -> pl.DataFrame:
    """Cells and quality of each sample; one without a prompt is a prompt of its own."""
    numbered = rows if "row" in rows.columns else rows.with_row_index("row")
    alone = pl.concat_str(pl.lit("(row "), "row", pl.lit(")"))
    return numbered.select(
        pl.col("model").fill_null(NO_MODEL), pl.col("domain").fill_null(NO_DOMAIN),
        pl.coalesce("prompt_id", alone).alias("prompt_id"), pl.col("quality").cast(pl.Float64).fill_nan(None),
    )  # fmt: skip


def _at(cells: pl.DataFrame, gated: pl.DataFrame) -> pl.DataFrame:
    """The sums `gated` of `cells`, in their order; null where none of a cell's samples reaches the floor."""
    return cells.select(*CELL).join(gated, on=CELL, how="left", maintain_order="left")


def _pass_rate(cells: pl.DataFrame, gated: pl.DataFrame) -> np.ndarray:
    """(cells,) share of the samples with a quality that reach the floor, NaN without any; `gated` are the cells at the floor."""
    with_quality = cells["with_quality"].to_numpy()
    passed = gated["samples"].fill_null(0).to_numpy()
    return np.asarray(np.where(with_quality > 0, passed / np.maximum(with_quality, 1), np.nan))


def _summed(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Sums and counts of each cell; values are added in ascending order, so that the order of rows cannot show."""
    values = [pl.col(f"value:{name}") for name in names]
    return frame.group_by(*CELL).agg(
        pl.len().cast(pl.Int64).alias("samples"), pl.col("quality").count().cast(pl.Int64).alias("with_quality"),
        *(v.sort().sum().alias(f"sum:{name}") for v, name in zip(values, names, strict=True)),
        *(v.count().cast(pl.Int64).alias(f"count:{name}") for v, name in zip(values, names, strict=True)),
    )  # fmt: skip


def _together(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Sums of parts added up, cells in order."""
    return pl.concat(parts).group_by(*CELL).agg(pl.exclude(*CELL).sum()).sort(*CELL)


def _told(found: Correlation | str) -> tuple[Any, ...]:
    if isinstance(found, str):
        return None, None, None, None, found
    return found.rho, _number(found.low), _number(found.high), found.n, None


def _rho(found: Correlation | str) -> float | None:
    return None if isinstance(found, str) else found.rho


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
