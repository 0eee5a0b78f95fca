"""How many different models the population is worth: the Vendi score of the cosines of what models say.

A model's profile is the share of its samples in each usable class, over all prompts in a row; the kernel is the cosine of two
profiles, which is positive semi-definite with ones on its diagonal. The kernel is a sum over prompts, so prompts are left out
without counting anew. A cosine of few samples is smaller than that of what they are drawn from, so models that are all alike
score above 1: the score under permuted labels, with the same number of samples, says how far above. The corrected score, of
order 2 only, takes a sample's likeness with itself out of the length of a profile: models which are all alike are then worth 1.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy.special import stdtrit

from triaxis.diversity.semantic.effective import effective_number
from triaxis.measure.population import nulls
from triaxis.measure.population.blocks import Block
from triaxis.measure.population.curves import NOTHING, Population, frame
from triaxis.stats.bootstrap import MIN_PROMPTS

MOST_GROUPS = 40
"""Groups of prompts that are left out in turn."""

MOST_ENTRIES = 2**22
SHARES_LEFT = (0.5, 0.2, 0.8)
FEW = 3
"""Floors above the ungated end at which pairs and clusters of models are shown."""

NO_REPEAT = "no model ever repeats a usable answer, so its likeness with itself is not known"


class Entries(NamedTuple):
    """Usable samples of each (class, model): all (entries,), by class then model."""

    klass: np.ndarray
    model: np.ndarray
    prompt: np.ndarray
    samples: np.ndarray


def entries_of(block: Block) -> Entries:
    """The counts of `block` without their qualities."""
    if not block.entry.size:
        none = np.zeros(0, dtype=np.int64)
        return Entries(none, none, none, none)
    first = np.flatnonzero(np.r_[True, np.diff(block.entry) != 0])
    return Entries(block.klass[first], block.model[first], block.prompt[first], np.add.reduceat(block.count, first))


class Grams(NamedTuple):
    """Sums over prompts: `products` (..., models, models) of profiles, and `repeats` (..., models), their squared lengths without
    the pairs of a sample with itself, which is unbiased for those of the probabilities; NaN for a model with single samples."""

    products: np.ndarray
    repeats: np.ndarray

    def sum(self) -> "Grams":
        """Summed over the first axis."""
        return Grams(self.products.sum(axis=0), self.repeats.sum(axis=0))

    def without_each(self) -> "list[Grams]":
        """What is left without each part of the first axis in turn."""
        whole = self.sum()
        return [Grams(whole.products - p, whole.repeats - r) for p, r in zip(self.products, self.repeats, strict=True)]


def grams(block: Block, groups: np.ndarray) -> Grams:
    """`Grams` of usable samples in `block`, (groups, ...) each, summed over the prompts of each group.

    `groups` (prompts,) number each prompt's group from 0.
    """
    models, entries = len(block.models), entries_of(block)
    out = np.zeros((int(groups.max(initial=0)) + 1, models, models))
    size = block.sizes[entries.model, entries.prompt]
    share, group = entries.samples / size, groups[entries.prompt]
    shared = np.bincount(entries.klass)[entries.klass] > 1 if entries.klass.size else np.zeros(0, dtype=bool)
    for place, product in _products(entries.klass[shared], entries.model[shared], share[shared], group[shared], models):
        out[place] += product

    def per_model(weights: np.ndarray) -> np.ndarray:
        found = np.bincount(group * models + entries.model, weights=weights, minlength=len(out) * models)
        return found.reshape(len(out), models).astype(np.float64)

    out[:, np.arange(models), np.arange(models)] = per_model(share * share)
    pairs = np.divide(entries.samples - 1.0, size - 1.0, out=np.zeros(size.size), where=size > 1)
    repeats = per_model(share * pairs)
    return Grams(out, np.where((block.sizes > 1).all(axis=1), repeats, np.nan))


def gram_of(block: Block) -> Grams:
    """`Grams` over all prompts."""
    return grams(block, np.zeros(block.prompts, dtype=np.int64)).sum()


def _products(
    klass: np.ndarray, model: np.ndarray, share: np.ndarray, group: np.ndarray, models: int
) -> Iterator[tuple[int, np.ndarray]]:
    """Products of (models, classes) matrices with themselves, some classes of one group at a time."""
    if not klass.size:
        return
    order = np.argsort(group, kind="stable")
    klass, model, share, group = klass[order], model[order], share[order], group[order]
    column = np.cumsum(np.r_[True, np.diff(klass) != 0]) - 1
    part = column // max(1, MOST_ENTRIES // models)
    start = np.flatnonzero(np.r_[True, (np.diff(group) != 0) | (np.diff(part) != 0)])
    for first, last in zip(start, [*start[1:], klass.size], strict=True):
        here = slice(int(first), int(last))
        matrix = np.zeros((models, int(column[last - 1] - column[first]) + 1))
        matrix[model[here], column[here] - column[first]] = share[here]
        yield int(group[first]), matrix @ matrix.T


class Kernel(NamedTuple):
    """Cosines of the models that have a usable answer, (known, known), and which these are, (known,) positions."""

    cosines: np.ndarray
    known: np.ndarray


def kernel_of(gram: np.ndarray) -> Kernel:
    """`Kernel` of summed products of profiles, (models, models)."""
    known = np.flatnonzero(np.diag(gram) > 0)
    length = np.sqrt(np.diag(gram)[known])
    cosines = np.clip(gram[np.ix_(known, known)] / np.outer(length, length), 0, 1)
    np.fill_diagonal(cosines, 1.0)
    return Kernel(cosines, known)


def effective_models(gram: Grams, order: float = 1) -> float:
    """Vendi score of `kernel_of` the products, 1 to the number of models with a usable answer; NaN when there is none."""
    cosines, known = kernel_of(gram.products)
    if not known.size:
        return np.nan
    if order == 2:
        return float(max(1.0, known.size**2 / np.square(cosines).sum()))
    shares = np.linalg.eigvalsh(cosines) / known.size
    return effective_number(np.where(shares > 1e-12, shares, 0.0), order)


def corrected_models(gram: Grams) -> float:
    """Order 2 with lengths from pairs of different samples: 1 for models that are all alike, however few their samples.

    Models that never repeat a usable answer have no such length and are left out; NaN when none is left.
    """
    known = np.flatnonzero(gram.repeats > 1e-12)
    if not known.size:
        return np.nan
    length = np.sqrt(gram.repeats[known])
    cosines = np.clip(gram.products[np.ix_(known, known)] / np.outer(length, length), 0, 1)
    np.fill_diagonal(cosines, 1.0)
    return float(known.size**2 / np.square(cosines).sum())


SCORES: dict[str, Callable[[Grams], float]] = {
    "effective models": effective_models,
    "effective models (order 2)": partial(effective_models, order=2),
    "effective models (order 2, corrected)": corrected_models,
}


def prompt_groups(prompts: int, seed: int) -> np.ndarray:
    """(prompts,) at most 40 groups of nearly equal size, dealt out by `seed`."""
    groups: np.ndarray = np.random.default_rng(seed).permutation(prompts) % min(prompts, MOST_GROUPS)
    return groups


def half_width(left_out: np.ndarray, prompts: int) -> float:
    """Half of a 95 % interval from figures without each group in turn (jackknife, Student's t); NaN under 10 prompts."""
    groups = left_out.size
    if prompts < MIN_PROMPTS or np.isnan(left_out).any():
        return np.nan
    error = np.sqrt((groups - 1) / groups * np.square(left_out - left_out.mean()).sum())
    return float(error * stdtrit(groups - 1, 0.975))


def few_floors(population: Population, asked: tuple[float, ...] = ()) -> np.ndarray:
    """Ungated and at most three interval floors: `asked` ones, then the highest that leave 50, 20 and 80 % of the samples."""
    block, tested = population.block, population.tested
    wanted = [float(f) for f in asked if f in tested]
    for share in SHARES_LEFT:
        left = np.array([block.count[block.quality >= f].sum() for f in tested]) / max(1, block.count.sum())
        wanted += [float(f) for f in tested[left >= share][-1:] if np.isfinite(f)]
    return np.array([-np.inf, *sorted(list(dict.fromkeys(wanted))[:FEW])])


def permuted_grams(population: Population, few: np.ndarray) -> dict[float, list[Grams]]:
    """Products of profiles when labels of models are dealt out anew: at `few` floors often, at all interval floors 19 times.

    With very many samples at the `few` floors only.
    """
    block = population.block
    samples = int(block.sizes.sum())
    count = nulls.permutations_of(samples, repeated=len(few))
    found: dict[float, list[Grams]] = {}
    for number, one in enumerate(nulls.permutations(block, count, seed=population.resampling.seed)):
        floors = kernel_floors(population, few) if number < nulls.FEWEST_PERMUTATIONS else few
        for floor in floors.tolist():
            found.setdefault(floor, []).append(gram_of(one.above(floor)))
    return found


def kernel_floors(population: Population, few: np.ndarray) -> np.ndarray:
    """All interval floors, or the `few` where there are very many samples."""
    is_large = population.block.sizes.sum() * population.tested.size > nulls.MOST_SAMPLES
    return np.asarray(np.unique(few) if is_large else np.unique(np.r_[population.tested, few]))


def effective_rows(
    population: Population, few: np.ndarray, permuted: Mapping[float, Sequence[Grams]]
) -> Iterator[pl.DataFrame]:
    """Effective models by every score: a row for each floor, with the score of permuted labels and the number of models."""
    block = population.block
    groups = prompt_groups(block.prompts, population.resampling.seed)
    for floor in kernel_floors(population, few).tolist():
        usable = block.above(floor)
        parts = grams(usable, groups)
        known = int((np.diag(parts.sum().products) > 0).sum())
        left = int((np.bincount(usable.prompt) > 0).sum())
        for name, score in SCORES.items():
            value = score(parts.sum())
            wide = half_width(np.array([score(gram) for gram in parts.without_each()]), block.prompts)
            null, low, high = _null([score(gram) for gram in permuted[floor]], len(block.models))
            yield frame(
                block, [floor], measure=name, budget=None, value=value, low=value - wide, high=value + wide, null=null,
                null_low=low, null_high=high, ceiling=float(known) if known else None, models=known, prompts=block.prompts,
                prompts_left=left, reason=None if not np.isnan(value) else NO_REPEAT if known else NOTHING,
            )  # fmt: skip


def _null(scores: list[float], most: int) -> tuple[float, float, float]:
    """Mean of the scores of permuted labels, and where 95 of 100 further ones would lie; NaN where one of them has none.

    Student's t for one more draw: quantiles of as few as 19 would leave out one in eight. Ends stay within 1 and `most`,
    all models: dealt out anew, the usable answers may be those of more models than they are now.
    """
    if np.isnan(scores).any():
        return np.nan, np.nan, np.nan
    mean, count = float(np.mean(scores)), len(scores)
    wide = float(stdtrit(count - 1, 0.975) * np.std(scores, ddof=1) * np.sqrt(1 + 1 / count))
    return mean, max(1.0, mean - wide), min(float(most), mean + wide)
