"""All chosen metrics of one gate's sampled answers, as the table `diversity_levels`."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from triaxis.measure.axes import UNGATED
from triaxis.measure.levels.cells import LevelCell, level_cells
from triaxis.measure.levels.choice import FEWEST_IN_SET, Chosen, LevelOptions
from triaxis.measure.levels.sets import FEWEST, answer_sets, set_rows
from triaxis.measure.levels.table import level_floors, metric_rows
from triaxis.measure.options import Progress
from triaxis.measure.tables import Resampling
from triaxis.protocols import Embedder, PreparedDiversity
from triaxis.results import NotRun
from triaxis.stats.bootstrap import MIN_PROMPTS


class Sampled(NamedTuple):
    """What a gate's levels are measured on: `rows` of the sampled prompts with their texts, classes and quality."""

    rows: pl.DataFrame
    unit: str
    is_gated: bool
    floors: Sequence[float]


class Levels(NamedTuple):
    """Rows of `diversity_levels` without the gate, the cells that they rest on, the size of sets, what could not run; floors."""

    rows: pl.DataFrame
    cells: list[LevelCell]
    size: int
    not_run: tuple[NotRun, ...]
    floors: np.ndarray


def measure_levels(
    sampled: Sampled, chosen: Chosen, options: LevelOptions, resampling: Resampling, *, embedder: Embedder | None = None,
    progress: Progress | None = None,
) -> Levels:  # fmt: skip
    """Every chosen metric on `sampled`; vectors come from `embedder` if some metric needs them."""
    wants_vectors = any("vectors" in metric.traits.needs for metric in chosen.metrics)
    used = embedder if wants_vectors else None
    cells = level_cells(sampled.rows, seed=resampling.seed, embedder=used, progress=progress)
    if not cells:
        unread = NotRun(analysis="levels of diversity", reason="needs a column response")
        return Levels(pl.DataFrame(), [], 0, (unread,), np.array([UNGATED]))
    frames, missing = [], []
    size = options.size_of_sets(np.array([len(cell.responses) for cell in cells]))
    floors = level_floors(sampled.rows["quality"].to_numpy(), sampled.floors, is_gated=sampled.is_gated)
    sets = answer_sets(cells, seed=resampling.seed) if sampled.unit == "set" else []
    for number, metric in enumerate(chosen.metrics, start=1):
        if isinstance(metric, PreparedDiversity):
            metric.prepare([cell.responses for cell in cells], progress=progress)
        if sampled.unit == "set":
            rows = set_rows(metric, sets, floors, seed=resampling.seed)
        else:
            rows = metric_rows(metric, cells, floors, size=size, resampling=resampling)
        found = rows.with_columns(pl.col("value").fill_nan(None))
        if found["value"].is_null().all():
            missing.append(NotRun(analysis=f"diversity metric {metric.name}", reason=_why(found, sampled, size)))
        else:
            frames.append(found)
        if progress is not None:
            progress("measuring levels", number, len(chosen.metrics))
    return Levels(pl.concat(frames, how="diagonal_relaxed") if frames else pl.DataFrame(), cells, size, tuple(missing), floors)


def _why(rows: pl.DataFrame, sampled: Sampled, size: int) -> str:
    reason = rows["reason"].drop_nulls()
    if reason.len():
        return str(reason[0])
    if sampled.unit == "set":
        return f"needs {FEWEST} usable answers in a set"
    most = int(str(rows["prompts_left"].max() or 0))
    if most:
        enough = str(rows["size"].max() or "enough")
        return f"needs {MIN_PROMPTS} prompts of a model with {enough} usable answers each, got {most} at most"
    fewer = "--set-size takes fewer, " if size > FEWEST_IN_SET else ""
    return f"needs {size} usable answers to a prompt; {fewer}--unit set measures all answers together"
