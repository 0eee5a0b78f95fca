"""Small series of samples with known answers."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl

from tests.measure.samples import batch, cell_rows, store_of
from triaxis.measure.gated import _axes
from triaxis.measure.levels.cells import LevelCell
from triaxis.measure.options import Options
from triaxis.measure.outcome import AnswerOptions, Outcome, Seen
from triaxis.measure.series import series_of_counts
from triaxis.measure.store import RunStore
from triaxis.responses import Responses

Sample = tuple[str, float]
OPTIONS = Options(draws=200, answers=AnswerOptions(series="step"))


def rows(cell: Callable[[int, int], Sequence[Sample]], *, prompts: int, steps: Sequence[int]) -> list[dict[str, Any]]:
    """Rows of `cell(prompt, step)`, as `--by model,step` names their models."""
    return [
        {**row, "model": f"m | {step}"}
        for p in range(prompts)
        for step in steps
        for row in cell_rows(cell(p, step), prompt=f"p{p:02}")
    ]


def store(cell: Callable[[int, int], Sequence[Sample]], *, prompts: int = 12, steps: Sequence[int] = (0, 1, 2, 3)) -> RunStore:
    """Their run store, classes shared by all steps."""
    return store_of(batch(rows(cell, prompts=prompts, steps=steps)), "column:label@prompt", by="model,step")


def of_counts(found: RunStore, options: Options = OPTIONS) -> Outcome:
    """`series_of_counts` at the axes of the store."""
    return series_of_counts(found, _axes(found, found.sizes(), found.models, options), options)


def table(outcome: Outcome, name: str = "series", **where: object) -> pl.DataFrame:
    """Rows of a table over all domains; `floor=None` is ungated."""
    frame = pl.concat(outcome.tables[name]).filter(pl.col("domain").is_null())
    for column, wanted in where.items():
        frame = frame.filter(pl.col(column).eq_missing(pl.lit(wanted)))
    return frame


def seen(texts: Callable[[int, int], Sequence[Sample]], *, prompts: int = 12, steps: Sequence[int] = (0, 1, 2, 3)) -> Seen:
    """Level cells of (text, quality) samples, gated at 1."""
    cells = []
    for step in steps:
        for p in range(prompts):
            found = texts(p, step)
            if found:
                quality = np.array([q for _, q in found])
                texts_of = Responses([text for text, _ in found])
                cells.append(LevelCell(f"m | {step}", "x", f"p{p:02}", texts_of, quality, np.arange(len(found))))
    return Seen(cells, "prompt", is_gated=True, floors=np.array([-np.inf, 1.0]), metrics=(), size=5)
