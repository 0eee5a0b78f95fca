"""Pairs of models, and each model among the others: tables `population_pairs` and `population_models`."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy.special import stdtrit

from triaxis.measure.population.blocks import Block
from triaxis.measure.population.curves import Population, frame, kept_of, mean_of_some, ratio_of_means
from triaxis.measure.population.kernel import Entries, entries_of
from triaxis.measure.population.likeness import likeness
from triaxis.measure.population.split import MissTable, pooled
from triaxis.stats.bands import MIN_NONZERO
from triaxis.stats.bootstrap import MIN_PROMPTS


class _Moments(NamedTuple):
    """Sums over the prompts where a pair of models has a value, (models, models) each: number, how many are not 0, value,
    square, and null."""

    prompts: np.ndarray
    nonzero: np.ndarray
    total: np.ndarray
    square: np.ndarray
    null: np.ndarray


def pair_rows(population: Population, few: np.ndarray) -> Iterator[pl.DataFrame]:
    """Probability that two usable samples of models a and b are of one class, a row for each pair; a with itself is repetition.

    The mean over the prompts that have such a pair; intervals are Student's t from its moments, null under 10
    prompts or where fewer than 5 of them ever have the same answer: so few say nothing of the spread.
    """
    block = population.block
    first, second = np.triu_indices(len(block.models))
    names = np.array(block.models, dtype=object)
    null = likeness(block, few).pooled
    for place, floor in enumerate(few.tolist()):
        moments = _moments(block.above(floor), null[:, place])
        kept, nonzero, total, square, expected = (array[first, second] for array in moments)
        mean = np.divide(total, kept, out=np.full(kept.size, np.nan), where=kept > 0)
        wide = np.where(nonzero >= MIN_NONZERO, _half_width(mean, square, kept), np.nan)
        yield frame(
            block, [floor] * kept.size, measure="same", model_a=names[first], model_b=names[second], value=mean, low=mean - wide,
            high=mean + wide, null=np.divide(expected, kept, out=np.full(kept.size, np.nan), where=kept > 0),
            prompts=kept.astype(np.int64),
        )  # fmt: skip


def _half_width(mean: np.ndarray, square: np.ndarray, kept: np.ndarray) -> np.ndarray:
    freedom = np.maximum(kept - 1, 1)
    variance = np.maximum(square - kept * mean**2, 0.0) / freedom
    variance = np.where(variance > 1e-12, variance, 0.0)
    return np.where(kept >= MIN_PROMPTS, stdtrit(freedom, 0.975) * np.sqrt(variance / np.maximum(kept, 1)), np.nan)


def _moments(block: Block, null: np.ndarray) -> _Moments:
    """Sums over prompts; one prompt at a time, so that nothing is held for all prompts and pairs at once."""
    entries, models = entries_of(block), len(block.models)
    sums = _Moments(*np.zeros((5, models, models)))
    starts = np.searchsorted(entries.prompt, np.arange(block.prompts + 1))
    for prompt in np.flatnonzero(np.diff(starts)):
        here = slice(int(starts[prompt]), int(starts[prompt + 1]))
        known, same, has = _same_in_prompt(Entries(*(column[here] for column in entries)))
        at = np.ix_(known, known)
        sums.prompts[at] += has
        sums.nonzero[at] += same > 0
        sums.total[at] += same
        sums.square[at] += same * same
        sums.null[at] += np.where(has, null[prompt], 0.0)
    return sums


def _same_in_prompt(entries: Entries) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which models have usable samples, how often two of them are the same (0 where undefined), and where that is defined."""
    known, row = np.unique(entries.model, return_inverse=True)
    column = np.unique(entries.klass, return_inverse=True)[1]
    counts = np.zeros((known.size, int(column.max()) + 1))
    counts[row, column] = entries.samples
    usable = counts.sum(axis=1)
    pairs = np.outer(usable, usable)
    same = counts @ counts.T
    place = np.arange(known.size)
    pairs[place, place], same[place, place] = usable * (usable - 1), same[place, place] - usable
    has = pairs > 0
    return known, np.divide(same, pairs, out=np.zeros_like(same), where=has), has


def model_rows(population: Population, floors: np.ndarray) -> Iterator[pl.DataFrame]:
    """Each model's repetition, how often it says what others say, and the share of its classes that no other has."""
    block = population.block
    null = likeness(block, floors).pooled
    budget = population.budgets[-1] if population.budgets else None
    shared = None if budget is None else _unique_null(block, floors, budget)
    for place, floor in enumerate(floors.tolist()):
        usable = block.above(floor)
        own, others = _likeness_of_models(usable)
        yield from _likeness_rows(population, floor, "repetition", own, null[:, place])
        yield from _likeness_rows(population, floor, "same as others", others, null[:, place])
        if budget is not None and shared is not None:
            yield _unique_rows(population, usable, floor, budget, float(shared[place]))


def _likeness_rows(
    population: Population, floor: float, measure: str, values: np.ndarray, null: np.ndarray
) -> Iterator[pl.DataFrame]:
    expected = mean_of_some(np.where(np.isnan(values), np.nan, null[:, None]))
    mean, low, high = population.resampling.interval(values)
    yield frame(
        population.block, [floor] * mean.size, model=list(population.block.models), measure=measure, budget=None, value=mean,
        low=low, high=high, null=expected, prompts=population.block.prompts, prompts_left=kept_of(values),
    )  # fmt: skip


def _likeness_of_models(usable: Block) -> tuple[np.ndarray, np.ndarray]:
    """(prompts, models) each: same class for two usable samples of the model; and for one of it and one of another model.

    The other model is drawn at random among the others, and both samples are usable. NaN where there is no such pair.
    """
    entries, shape = entries_of(usable), (usable.prompts, len(usable.models))
    cell = entries.prompt * shape[1] + entries.model

    def per_cell(weights: np.ndarray) -> np.ndarray:
        return np.bincount(cell, weights=weights, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)

    share = entries.samples / usable.sizes[entries.model, entries.prompt]
    of_class = np.bincount(entries.klass, weights=share)
    count, usable_share = per_cell(entries.samples), per_cell(share)
    same = per_cell(entries.samples * (entries.samples - 1.0))
    met = per_cell(share * (of_class[entries.klass] - share) if share.size else share)
    others = usable_share.sum(axis=1, keepdims=True) - usable_share
    return _divided(same, count * (count - 1)), _divided(met, usable_share * np.where(others > 1e-12, others, 0.0))


def _divided(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.divide(above, below, out=np.full(below.shape, np.nan), where=below > 0)
    return found


def _unique_rows(population: Population, usable: Block, floor: float, budget: int, null: float) -> pl.DataFrame:
    """Share of the classes in j draws of a model that are not among j draws of each of the other models."""
    alone, every = unique_classes(usable, budget)
    share, strayed = ratio_of_means(alone, every)
    found = figure_of(population, strayed)
    return frame(
        population.block, [floor] * share.size, model=list(population.block.models), measure="unique share", budget=budget,
        value=share, low=share + found[0], high=share + found[1], null=np.where(np.isnan(share), np.nan, null),
        prompts=population.block.prompts, prompts_left=(every > 0).sum(axis=0),
    )  # fmt: skip


def figure_of(population: Population, strayed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the interval of the column means of `strayed`, which has no gaps or no values at all in a column."""
    _, low, high = population.resampling.interval(strayed)
    return low, high


def unique_classes(usable: Block, budget: int) -> tuple[np.ndarray, np.ndarray]:
    """(prompts, models) each: expected usable classes in `budget` draws of a model that `budget` draws of each other model miss,
    and expected usable classes in its draws. Exact; does not depend on how many samples there are, but on how many models."""
    entries, models = entries_of(usable), len(usable.models)
    miss = MissTable(usable.sizes, budget)(entries.model, entries.prompt, entries.samples)
    sure = miss <= 0
    log = np.log(np.where(sure, 1.0, miss))
    total, sures = np.bincount(entries.klass, weights=log), np.bincount(entries.klass, weights=sure)
    if entries.klass.size:
        total, sures = total[entries.klass] - log, sures[entries.klass] - sure
    cell = entries.prompt * models + entries.model
    alone, every = (
        np.bincount(cell, weights=w, minlength=usable.prompts * models).reshape(usable.prompts, models).astype(np.float64)
        for w in ((1 - miss) * np.where(sures > 0, 0.0, np.exp(total)), 1 - miss)
    )
    return alone, every


def _unique_null(block: Block, floors: np.ndarray, budget: int) -> np.ndarray:
    """(floors,) the same share for indistinguishable models: what j draws of the pool add to (M - 1) j others."""
    models = len(block.models)
    every, others, own = pooled(block, floors, [models * budget, (models - 1) * budget, budget])
    return ratio_of_means(every - others, own)[0]


