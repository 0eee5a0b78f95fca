"""Everything that one prompt tells, at every floor: a pure job, so that several threads give what one would."""

from typing import NamedTuple

import numpy as np

from triaxis.measure.population_vectors.answers import PromptAnswers, bins_of
from triaxis.measure.population_vectors.cosines import CellMeans, Cosines, cell_means, cosines_of, kernels, label_means
from triaxis.measure.population_vectors.mixing import expected_mixing, mixing

PUBLISHED_LIMIT = 0.8
"""Of Jiang et al. 2025 (arXiv 2510.22954), for their encoder: 79 % of *cells* have a mean pairwise cosine above it."""

OWN, ABOVE_LIMIT, ABOVE_PUBLISHED, BETWEEN, POOLED, MIXING, MIXING_NULL = range(7)
"""Rows of `PromptFigures.values`."""


class Design(NamedTuple):
    """What is asked of each prompt.

    floors: (floors,) ascending, minus infinity first. `at` are the positions in it of those that matrices are kept for. `limit`
    is a mean cosine from which a cell counts as repeating itself, NaN where the encoder's ceiling is not known. `draws` is how
    often labels of models are permuted.
    """

    floors: np.ndarray
    at: np.ndarray
    limit: float
    neighbours: int
    draws: int


class PromptFigures(NamedTuple):
    """Figures of one prompt. values: (7, floors), see `OWN` and those after it; models: (m,) codes; own, others: (floors, m).

    kernel: (matrix floors, m, m) mean cosines, self pairs included on the diagonal, NaN where a model has no usable answer;
    permuted: (draws, matrix floors, m, m) the same under permuted labels, between: (draws, matrix floors) their means over
    pairs of models. counts: (floors, m) usable answers. sample: (d,) one answer, None without any.
    """

    prompt: str
    domain: str
    values: np.ndarray
    models: np.ndarray
    counts: np.ndarray
    cosines: Cosines
    kernel: np.ndarray
    permuted: np.ndarray
    between: np.ndarray
    sample: np.ndarray


def prompt_figures(answers: PromptAnswers, design: Design) -> PromptFigures:
    """All figures of one prompt that has at least one answer with a direction."""
    models, vectors, bins = answers.models, answers.vectors, bins_of(answers.quality, design.floors)
    cells = cell_means(models, bins, vectors, np.arange(design.floors.size))
    cosines = cosines_of(cells)
    near = mixing(models, bins, vectors, design.floors.size, design.neighbours)
    by_chance = expected_mixing(models, bins, design.floors.size, design.neighbours)
    values = np.stack([
        _mean(cosines.own), _share_above(cosines.own, design.limit), _share_above(cosines.own, PUBLISHED_LIMIT),
        cosines.between, np.where(np.isnan(cosines.between), np.nan, cosines.pooled), near, by_chance,
    ])  # fmt: skip
    permuted, between = _permuted(answers, bins, cells, design)
    at = design.at
    kernel = _known(kernels(cells._replace(mean=cells.mean[at])), cells.usable[at])
    return PromptFigures(
        answers.prompt, answers.domain, values, cells.models, cells.usable, cosines, kernel, permuted, between,
        vectors[0].copy(),  # a view would keep all vectors of the prompt
    )  # fmt: skip


def _permuted(answers: PromptAnswers, bins: np.ndarray, cells: CellMeans, design: Design) -> tuple[np.ndarray, np.ndarray]:
    """Kernels and mean cosines between models, with labels of models permuted among the usable answers of each floor."""
    rng = np.random.default_rng([answers.seed, 1])
    models = cells.models.size
    local = np.searchsorted(cells.models, answers.models)
    found = np.full((design.draws, design.at.size, models, models), np.nan, dtype=np.float32)
    means = np.full((design.draws, design.at.size), np.nan)
    for place, floor in enumerate(design.at):
        usable = np.flatnonzero(bins > floor)
        there = cells.usable[floor] > 0
        if np.count_nonzero(there) < 2:
            continue
        for draw in range(design.draws):
            mean = label_means(local[usable], answers.vectors[rng.permutation(usable)], models)
            kernel = mean @ mean.T
            found[draw, place] = _known(kernel[None], there[None])[0]
            means[draw, place] = _off_diagonal(kernel[np.ix_(there, there)])
    return found, means


def _off_diagonal(kernel: np.ndarray) -> float:
    exact = kernel.astype(np.float64)
    return float((exact.sum() - np.trace(exact)) / (len(exact) * (len(exact) - 1)))


def _known(kernel: np.ndarray, count: np.ndarray) -> np.ndarray:
    there = count > 0
    return np.where(there[:, :, None] & there[:, None, :], kernel, np.float32(np.nan))


def _mean(values: np.ndarray) -> np.ndarray:
    """(floors,) mean over the cells that have a value."""
    has = ~np.isnan(values)
    count = has.sum(axis=1)
    return np.where(count > 0, np.where(has, values, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)


def _share_above(values: np.ndarray, limit: float) -> np.ndarray:
    """(floors,) share of the cells that have a value whose value is above `limit`; NaN without a limit."""
    if np.isnan(limit):
        return np.full(len(values), np.nan)
    return _mean(np.where(np.isnan(values), np.nan, (values > limit).astype(np.float64)))
