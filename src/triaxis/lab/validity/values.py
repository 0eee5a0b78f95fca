"""Every metric's value of every set; NaN where it is undefined, and never a number in its place."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from triaxis.errors import Undefined
from triaxis.lab.validity.judged import JudgedSet
from triaxis.lab.validity.reading import Readings
from triaxis.protocols import Diversity, PreparedDiversity, Progress
from triaxis.responses import Responses

PUBLISHED = "published"


class Column(NamedTuple):
    """One metric with what it was given: `values` (sets,) float64, turned so that higher is more diverse, NaN where undefined."""

    metric: str
    level: str
    reading: str
    values: np.ndarray


def columns(
    metrics: Sequence[Diversity], sets: Sequence[JudgedSet], given: Readings, *, progress: Progress | None = None
) -> list[Column]:
    """A column for each metric and each reading that it takes."""
    pairs = [(metric, reading) for metric in metrics for reading in given.of(metric)]
    found = []
    shared: dict[str, list[Responses]] = {}
    for done, (metric, reading) in enumerate(pairs):
        if reading not in shared:
            shared[reading] = list(given.sets(sets, reading))
        if isinstance(metric, PreparedDiversity):
            metric.prepare(shared[reading], progress=progress)
        found.append(_column(metric, reading, shared[reading]))
        if progress:
            progress("metrics", done + 1, len(pairs))
    return found


def published(sets: Sequence[JudgedSet]) -> list[Column]:
    """A column for each metric whose values came with the sets."""
    names = sorted({name for one in sets for name in one.published})
    return [Column(name, PUBLISHED, PUBLISHED, np.array([one.published.get(name, np.nan) for one in sets])) for name in names]


def _column(metric: Diversity, reading: str, responses: Sequence[Responses]) -> Column:
    sign = 1 if metric.traits.higher_is == "more diverse" else -1
    values = np.array([sign * _value(metric, one) for one in responses])
    return Column(metric.name, metric.traits.level, reading, values)


def _value(metric: Diversity, responses: Responses) -> float:
    try:
        return metric.value(responses)
    except Undefined:
        return float("nan")
