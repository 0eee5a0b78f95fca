"""`validity`: rank correlation of every metric with people and with what is known, per test and task, in one table.

The one idea: sets that answer the same prompt are no independent evidence, so prompts are resampled with all their sets, and
every metric is compared with the reference on the same sets and the same draws.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from triaxis import diversity
from triaxis.errors import InputError, MissingDependency, Undefined, near
from triaxis.lab.validity.judged import JudgedSet, judged_sets
from triaxis.lab.validity.reading import readings
from triaxis.lab.validity.values import PUBLISHED, Column, columns, published
from triaxis.protocols import Diversity, Embedder, Equivalence, Progress
from triaxis.registry import create, names
from triaxis.stats.ranks import correlations

REFERENCE = "sent_bert"
"""The published metric that others are compared with: the best of those that came with the sets (Tevet & Berant 2021)."""

DRAWS = 1000

LEAST_SHARE = 0.5
"""A metric that is defined for fewer of the sets has no row: those sets are no sample of all."""

SCHEMA = {
    "metric": pl.String, "level": pl.String, "reading": pl.String, "test": pl.String, "task": pl.String, "target": pl.String,
    "rho": pl.Float64, "low": pl.Float64, "high": pl.Float64, "sets": pl.Int64, "undefined": pl.Int64, "prompts": pl.Int64,
    "minus_reference": pl.Float64, "minus_low": pl.Float64, "minus_high": pl.Float64, "length_rho": pl.Float64,
}  # fmt: skip
"""Columns of the table.

`rho` is Spearman's, of the metric turned so that higher is more diverse, with a 95 % percentile interval; `minus_reference` is
rho less that of `sent_bert` on the same sets; `length_rho` is the metric's own correlation with the mean length of responses.
"""


@dataclass(frozen=True)
class Validity:
    """The table, one row for each metric, reading, test, task and target; metrics that could not run, with the reason."""

    table: pl.DataFrame
    not_run: dict[str, str]
    sets: int
    draws: int
    seed: int


def validity(
    path: Path, *, metrics: Sequence[str] = (), embedder: Embedder | None = None, rules: Sequence[Equivalence] = (),
    draws: int = DRAWS, seed: int = 0, progress: Progress | None = None,
) -> Validity:  # fmt: skip
    """How well `metrics` (all that are registered, unless some are named) rank the sets of the file at `path`.

    Metrics on vectors need `embedder`, those on classes at least one of `rules`; without, they are in `not_run`. Raises
    `RecordsError` where nothing is known about the sets, `InputError` for a metric that is unknown.
    """
    chosen, not_run = _metrics(metrics)
    texts, sets = judged_sets(path)
    given = readings(texts, sets, embedder=embedder, rules=rules, progress=progress)
    not_run |= {metric.name: _lacks(metric) for metric in chosen if not given.of(metric)}
    found = [*columns(chosen, sets, given, progress=progress), *published(sets)]
    lengths = np.array([np.mean([len(texts[place]) for place in one.places]) for one in sets])
    rows = [row for part in _parts(sets) for row in _rows(found, part, lengths, draws, seed)]
    table = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    seen = set(table["metric"])
    not_run |= {one.metric: "constant, or undefined for most sets" for one in found if one.metric not in seen}
    return Validity(table, not_run, len(sets), draws, seed)


def _metrics(asked: Sequence[str]) -> tuple[list[Diversity], dict[str, str]]:
    diversity.register_all()
    known, made, missing = names("diversity"), list[Diversity](), dict[str, str]()
    for name in asked or known:
        if name.partition(":")[0] not in known:
            raise InputError(f"unknown metric {name!r}{near(name, known)}; there are: {', '.join(known)}")
        try:
            made.append(create("diversity", name))
        except MissingDependency as error:
            missing[name] = str(error)
    return made, missing


def _lacks(metric: Diversity) -> str:
    lacking = [need for need in ("outcomes", "labels", "vectors", "encoder") if need in metric.traits.needs]
    return f"needs {' and '.join(lacking)}, which these sets were not given"


@dataclass(frozen=True)
class _Part:
    """Sets of one test and task with one target: `places` among all sets, `target` and `prompt` (sets,)."""

    test: str
    task: str
    target_name: str
    places: np.ndarray
    target: np.ndarray
    prompt: np.ndarray


def _parts(sets: Sequence[JudgedSet]) -> Iterator[_Part]:
    keys = sorted({(one.test, one.task) for one in sets})
    for test, task in keys:
        for name in ("human", "label"):
            known = [i for i, one in enumerate(sets) if (one.test, one.task) == (test, task) and getattr(one, name) is not None]
            if known:
                target = np.array([getattr(sets[i], name) for i in known], dtype=np.float64)
                prompts = {prompt: place for place, prompt in enumerate(dict.fromkeys(sets[i].prompt for i in known))}
                yield _Part(test, task, name, np.array(known), target, np.array([prompts[sets[i].prompt] for i in known]))


def _rows(found: Sequence[Column], part: _Part, lengths: np.ndarray, draws: int, seed: int) -> Iterator[tuple[object, ...]]:
    """Rows of one part; none where it has too few prompts, and none of a metric that is constant or undefined for most sets."""
    values = np.stack([column.values[part.places] for column in found], axis=1)
    at = next((place for place, one in enumerate(found) if (one.metric, one.level) == (REFERENCE, PUBLISHED)), None)
    reference = None if at is None else values[:, at]
    try:
        result = correlations(values, part.target, reference=reference, clusters=part.prompt, draws=draws, seed=seed)
        with_length = correlations(values, lengths[part.places], clusters=part.prompt, draws=1, seed=seed).rho
    except Undefined:
        return
    ends = zip(*result.interval(), *result.difference(), result.items, with_length, strict=True)
    for column, (rho, low, high, minus, minus_low, minus_high, items, length) in zip(found, ends, strict=True):
        if not np.isnan(rho) and items >= LEAST_SHARE * len(part.target):
            key = (column.metric, column.level, column.reading, part.test, part.task, part.target_name)
            counts = (int(items), len(part.target) - int(items), int(part.prompt.max()) + 1)
            yield (*key, *_numbers(rho, low, high), *counts, *_numbers(minus, minus_low, minus_high, length))


def _numbers(*values: float) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]
