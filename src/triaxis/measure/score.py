"""Complexity as columns: every sample of any file scored, written beside what was there, and a summary of each measure.

The stream is read in batches and nothing keeps its texts. The one idea: the file is whole or it is not there, and a row that
cannot be read or scored never sinks the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from triaxis.complexity.difficulty import PassTally, difficulty_table
from triaxis.errors import InputError
from triaxis.measure.api import Reading, scorer_of
from triaxis.measure.options import Progress
from triaxis.measure.score_choice import Listed, chosen_measures, listed
from triaxis.measure.score_file import scored_file
from triaxis.measure.score_running import Running, many_sources, of_source
from triaxis.measure.scoring import PREFIX, MeasureSummary, Rho, ScoreOptions, Scores
from triaxis.protocols import Quality
from triaxis.records import RecordStream, read

__all__ = ["score_paths", "ScoreOptions", "Scores", "MeasureSummary", "Rho", "listed", "Listed"]

BATCH_ROWS = 8192


def score_paths(
    paths: Sequence[str | Path], reading: Reading, options: ScoreOptions, *, progress: Progress | None = None
) -> Scores:
    """Scores the samples in `paths` and writes them to `options.out` with a column for each measure.

    Columns: the canonical ones, those of `options.keep`, and `complexity.NAME` (Float64, null where unmeasured). Raises
    `InputError` for a measure, column or format that is not known; nothing is written then.
    """
    told = progress or (lambda *_: None)
    scorer = scorer_of(paths, reading)
    job = _Job(reading, options, scorer, tuple(map(str, paths)))
    stream = job.open()
    chosen, left_out = chosen_measures(options.measures, stream, has_quality=job.has_quality(stream))
    cells = job.difficulty(told) if chosen.of_cells else None
    scored = Running(chosen.of_texts, chosen.of_cells, options)
    schema = {**_kept_schema(stream), **{f"{PREFIX}{name}": pl.Float64() for name in chosen.names}}
    with scored_file(options.out, options.file_format, schema) as file:
        for batch in stream:
            file.write(scored.take(job.judged(batch), cells))
            told("scoring", scored.samples)
    return scored.summary(stream, left_out)


@dataclass(frozen=True)
class _Job:
    """How the input is read, and what passes."""

    reading: Reading
    options: ScoreOptions
    scorer: Quality | None
    paths: tuple[str, ...]

    def open(self, *, texts: bool = True) -> RecordStream:
        """The samples; with `texts` all columns, else what pass rates need."""
        need = None if texts or self.scorer else {"prompt_id", "prompt", "model", "quality", "quality_source"}
        reading = self.reading
        return read(
            self.paths, mapping=reading.mapping or {}, keep=self.options.keep if texts else (), by=reading.by, need=need,
            quality=None if self.scorer else reading.quality, strict=reading.strict, batch_rows=BATCH_ROWS,
        )  # fmt: skip

    def has_quality(self, stream: RecordStream) -> bool:
        """Whether samples can have a quality."""
        return self.scorer is not None or "quality" in stream.available

    def judged(self, batch: pl.DataFrame) -> pl.DataFrame:
        """`batch` with the scores of the checker, if one was asked for."""
        if self.scorer is None:
            return batch
        scores = pl.Series("quality", self.scorer.scores(batch), dtype=pl.Float64, nan_to_null=True)
        source = pl.when(scores.is_not_null()).then(pl.lit(self.scorer.source)).alias("quality_source")
        return batch.with_columns(scores).with_columns(source)

    def difficulty(self, told: Progress) -> pl.DataFrame:
        """Difficulty and learnability of each (model, prompt), from a pass of its own."""
        tally, done, sources = PassTally(self.options.floor), 0, set[str]()
        for batch in self.open(texts=False):
            rows = of_source(self.judged(batch), self.options.quality_source)
            tally.add(rows)
            sources |= set(rows.filter(pl.col("quality").is_not_null())["quality_source"].unique().fill_null("(not stated)"))
            done += batch.height
            told("counting passes", done)
        if len(sources) > 1 and self.options.quality_source is None:
            raise InputError(f"difficulty: {many_sources(sources)}; there are: {', '.join(sorted(sources))}")
        return difficulty_table(tally.counts())


def _kept_schema(stream: RecordStream) -> dict[str, pl.DataType]:
    """Columns of every batch but its running number."""
    return {name: dtype for name, dtype in stream.schema.items() if name != "row"}
