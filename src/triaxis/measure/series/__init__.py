"""Series over checkpoints or rounds: how every figure moves from step to step, and where it changes."""

from triaxis.measure.series.counts import series_of_counts
from triaxis.measure.series.steps import Checkpoint, Ordered, SeriesSpec, columns_of, parse_series, steps_of
from triaxis.measure.series.texts import series_of_texts

__all__ = ["Checkpoint", "Ordered", "SeriesSpec", "columns_of", "parse_series", "series_of_counts", "series_of_texts", "steps_of"]
