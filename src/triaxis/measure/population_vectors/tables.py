"""Sums of a population -> rows of `population`, `population_pairs` and `population_models`."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from triaxis.measure.population_vectors.kernel import spread_of
from triaxis.measure.population_vectors.prompt import (
    ABOVE_LIMIT,
    ABOVE_PUBLISHED,
    BETWEEN,
    MIXING,
    MIXING_NULL,
    OWN,
    POOLED,
    PUBLISHED_LIMIT,
)
from triaxis.measure.population_vectors.tally import Group, Population, evenly, null_cells
from triaxis.measure.tables import Resampling
from triaxis.results.answer_tables import ANSWER_TABLES
from triaxis.stats.bootstrap import MIN_PROMPTS

INTRA, INTER, ACROSS = "intra-model cosine", "inter-model cosine", "cosine across prompts"
LIMIT, PUBLISHED = "cells above limit", f"cells above {PUBLISHED_LIMIT:g}"
NEIGHBOURS, EFFECTIVE, OTHERS, PAIR = "neighbour mixing", "effective models (cosine)", "cosine to others", "cosine"

MOST_PAIR_ROWS = 60_000
"""Rows of `population_pairs`: with many models the matrix is shown at fewer floors."""

NO_CEILING = "needs the encoder's ceiling: vectors of a column come without paraphrases; --embedder has them"
FEW_ANSWERS = "fewer than 2 usable answers of a model to a prompt"
FEW_MODELS = "fewer than 2 models with a usable answer to a prompt"
FEW_NEIGHBOURS = "not more usable answers to a prompt than neighbours asked for"
FEW_PROMPTS = "fewer than 10 prompts are left at this floor"
ONE_PROMPT = "fewer than 2 prompts have a usable answer"
NO_SHARED = "fewer than 2 models share a prompt"


class Context(NamedTuple):
    """What rows need beside sums: the ceiling of paraphrases (NaN without), the usual size of a cell, how to resample."""

    ceiling: float
    cell_size: int
    resampling: Resampling


def population_rows(population: Population, context: Context) -> list[pl.DataFrame]:
    """Rows of `population` of all domains, then of each domain where there are several."""
    return [frame for domain in population.groups for frame in _measures(population, domain, context)]


def _measures(population: Population, domain: str | None, context: Context) -> Iterator[pl.DataFrame]:
    group, values = population.groups[domain], population.values(domain)
    if not len(values):
        return
    design, floors = population.design, population.design.floors
    models = np.count_nonzero(group.seen)
    zero = group.zero.interval(least=MIN_PROMPTS)
    null = dict(zip(("null", "null_low", "null_high"), zero, strict=True))
    cells = null_cells(population.samples(), context.cell_size)
    fixed = {"domain": domain, "models": models, "prompts": len(values)}

    ranges = {ABOVE_LIMIT: (0.0, 1.0), ABOVE_PUBLISHED: (0.0, 1.0), MIXING: (1.0, float(design.neighbours))}

    def rows(measure: str, row: int, reason: str, **more: Any) -> pl.DataFrame:
        told = figure(values[:, row], context.resampling, reason, within=ranges.get(row, (-1.0, 1.0)))
        return frame(floors, {**told, **fixed, "measure": measure, **more})

    yield rows(INTRA, OWN, FEW_ANSWERS, ceiling=context.ceiling, **null)
    limit = {"null": float((cells > design.limit).mean()) if cells.size and not np.isnan(design.limit) else np.nan}
    yield rows(LIMIT, ABOVE_LIMIT, NO_CEILING if np.isnan(design.limit) else FEW_ANSWERS, **limit)
    yield rows(PUBLISHED, ABOVE_PUBLISHED, FEW_ANSWERS, null=float((cells > PUBLISHED_LIMIT).mean()) if cells.size else np.nan)
    yield rows(INTER, BETWEEN, FEW_MODELS, ceiling=context.ceiling, **_pooled(values, group, design.at))
    mixing_null = figure(values[:, MIXING_NULL], context.resampling, "", within=ranges[MIXING])["value"]
    yield rows(NEIGHBOURS, MIXING, FEW_NEIGHBOURS, null=mixing_null, budget=design.neighbours)
    left = np.sum([block.count for block in group.zero.squares], axis=0)
    yield frame(floors, {
        **fixed, "measure": ACROSS, **dict(zip(("value", "low", "high"), zero, strict=True)), "prompts_left": left,
        "reason": _reasons(zero[0], ONE_PROMPT),
    })  # fmt: skip
    yield from _effective(group, population, values, fixed)


def figure(
    values: np.ndarray, resampling: Resampling, reason: str, *, within: tuple[float, float] = (-1.0, 1.0)
) -> dict[str, Any]:
    """Mean over prompts of `values` (prompts, floors) with its interval; null where too few of the prompts are left.

    Ends stay inside `within`, the range of the measure.
    """
    mean, low, high = resampling.interval(values)
    low, high = np.clip(low, *within), np.clip(high, *within)
    left = np.count_nonzero(~np.isnan(values), axis=0)
    few = (left > 0) & (left < min(MIN_PROMPTS, int(left[0])))
    shown = np.where(few, np.nan, mean)
    reasons = [FEW_PROMPTS if is_few else why for is_few, why in zip(few, _reasons(mean, reason), strict=True)]
    return {"value": shown, "low": low, "high": high, "prompts_left": left, "reason": reasons}


def _reasons(values: np.ndarray, reason: str) -> list[str | None]:
    return [reason if np.isnan(value) else None for value in values]


def _pooled(values: np.ndarray, group: Group, at: np.ndarray) -> dict[str, np.ndarray]:
    """The null of the cosine between models: its exact expectation under permuted labels, and the range of permutations."""
    pooled = values[:, POOLED]
    has = ~np.isnan(pooled)
    null = np.where(has.any(axis=0), np.where(has, pooled, 0.0).sum(axis=0) / np.maximum(has.sum(axis=0), 1), np.nan)
    low, high = np.full((2, null.size), np.nan)
    drawn = group.permuted.mean()
    for place, floor in enumerate(at):
        mean, lowest, highest = spread_of(drawn[:, place])
        low[floor], high[floor] = null[floor] + lowest - mean, null[floor] + highest - mean
    return {"null": null, "null_low": low, "null_high": high}


def _effective(
    group: Group, population: Population, values: np.ndarray, fixed: Mapping[str, Any]
) -> Iterator[pl.DataFrame]:
    """Effective number of models at the matrix floors."""
    if group.kernels is None:
        return
    at = population.design.at
    found = [group.kernels.effective(place) for place in range(at.size)]
    columns = {name: np.array([getattr(one, name) for one in found]) for name in ("value", "null", "null_low", "null_high")}
    left = np.count_nonzero(~np.isnan(values[:, BETWEEN]), axis=0)[at]
    enough = left >= MIN_PROMPTS
    ends = {name: np.where(enough, [getattr(one, name) for one in found], np.nan) for name in ("low", "high")}
    models = np.array([one.models for one in found])
    yield frame(population.design.floors[at], {
        **fixed, **columns, **ends, "measure": EFFECTIVE, "models": models, "ceiling": models.astype(np.float64),
        "prompts_left": left, "reason": _reasons(columns["value"], NO_SHARED),
    })  # fmt: skip


def pair_rows(population: Population) -> Iterator[pl.DataFrame]:
    """Rows of `population_pairs`, a <= b, of pairs that share a prompt; the diagonal is over pairs of different answers."""
    models, design = population.shape.models, population.design
    first, second = np.triu_indices(len(models))
    places = evenly(np.arange(design.at.size), max(1, MOST_PAIR_ROWS // first.size))
    names = np.array(models, dtype=object)
    for domain, group in population.groups.items():
        if group.pairs is None or group.pairs_null is None:
            continue
        mean, low, high = group.pairs.interval(least=MIN_PROMPTS)
        null, count = group.pairs_null.mean(), group.pairs.terms.count
        for place in places:
            at = (place, first, second)
            rows = frame(np.full(first.size, design.floors[design.at[place]]), {
                "domain": domain, "measure": PAIR, "model_a": names[first], "model_b": names[second], "value": mean[at],
                "low": low[at], "high": high[at], "null": null[at], "prompts": count[at],
            }, table="population_pairs")  # fmt: skip
            yield rows.filter(pl.col("prompts") > 0)


def model_rows(population: Population) -> Iterator[pl.DataFrame]:
    """Rows of `population_models`: how alike the answers of each model are, and how alike to those of the others."""
    floors, names = population.design.floors, population.shape.models
    for domain, group in population.groups.items():
        zero = np.broadcast_to(group.zero.interval(least=MIN_PROMPTS)[0][:, None], (floors.size, len(names)))
        for measure, moments, null in ((INTRA, group.own, zero), (OTHERS, group.others, group.others_null.mean())):
            mean, low, high = moments.interval(least=MIN_PROMPTS)
            for place, name in enumerate(names):
                if group.seen[place]:
                    yield frame(floors, {
                        "domain": domain, "model": name, "measure": measure, "value": mean[:, place], "low": low[:, place],
                        "high": high[:, place], "null": null[:, place], "prompts": int(group.seen[place]),
                        "prompts_left": moments.terms.count[:, place],
                    }, table="population_models")  # fmt: skip


def frame(floors: np.ndarray, columns: Mapping[str, Any], *, table: str = "population") -> pl.DataFrame:
    """One row for each of `floors` with all columns of `table` but the gate; what is not in `columns` is null."""
    kinds = {name: kind for name, kind in ANSWER_TABLES[table].items() if name != "gate"}
    given = {"floor": floors, **columns}
    found = {name: _column(name, given.get(name), kind, floors.size) for name, kind in kinds.items()}
    ungated = pl.when(pl.col("floor") > -np.inf).then("floor").alias("floor")
    return pl.DataFrame(found).with_columns(ungated).with_columns(pl.col(pl.Float64).fill_nan(None))


def _column(name: str, given: Any, kind: Any, height: int) -> pl.Series:
    """A column of `kind` from an array, a list, or one value for all rows."""
    if isinstance(given, np.ndarray) and given.dtype != object:
        return pl.Series(name, given).cast(kind)
    values = list(given) if isinstance(given, np.ndarray | list) else [given] * height
    return pl.Series(name, values, dtype=kind)
