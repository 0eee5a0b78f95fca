"""Complexity of one gate's sampled answers, as the table `complexity`."""

from collections.abc import Iterator

import polars as pl

from triaxis.complexity import parse_measure
from triaxis.errors import MissingDependency
from triaxis.measure.axes import UNGATED
from triaxis.measure.complexity import complexity_table
from triaxis.measure.levels.run import Sampled
from triaxis.measure.levels.table import level_floors
from triaxis.measure.tables import Resampling
from triaxis.protocols import Complexity
from triaxis.results import NotRun


def measure_complexity(
    sampled: Sampled, names: tuple[str, ...], resampling: Resampling
) -> tuple[list[pl.DataFrame], tuple[NotRun, ...]]:
    """Rows of `complexity` without the gate, at the floors of the levels; and the measures that cannot run here."""
    missing: list[NotRun] = []
    measures = list(_measures(names, missing))
    if not measures:
        return [], tuple(missing)
    floors = level_floors(sampled.rows["quality"].to_numpy(), sampled.floors, is_gated=sampled.is_gated)
    table = complexity_table(sampled.rows, measures, floors=floors[floors > UNGATED].tolist(), resampling=resampling)
    return [table, *_twins(table, sampled.rows)], tuple(missing)


def _measures(names: tuple[str, ...], missing: list[NotRun]) -> Iterator[Complexity]:
    for name in dict.fromkeys(names):
        try:
            yield parse_measure(name)
        except MissingDependency as error:
            missing.append(NotRun(analysis=f"complexity measure {name}", reason=str(error)))


def _twins(table: pl.DataFrame, rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The rows of all domains under the name of the only one, for models that have just one."""
    domains = rows.group_by("model").agg(pl.col("domain").unique()).sort("model")
    for model, found in domains.iter_rows():
        if len(found) == 1:
            mine = table.filter(pl.col("domain").is_null(), pl.col("model") == model)
            yield mine.with_columns(pl.lit(found[0]).alias("domain"))
