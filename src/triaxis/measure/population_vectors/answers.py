"""The answers of all models to one prompt, as unit vectors in an order that depends on content and seed alone."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from triaxis.measure.sampling import prompt_rank, seeded_rank


class PromptAnswers(NamedTuple):
    """All measured answers to one prompt.

    models: (n,) int64 codes. quality: (n,) float64, 0 where nothing is gated. vectors: (n, d) float32 unit rows. Rows are in a
    seeded order that has nothing to do with models, so that the first of equally near neighbours is nobody's favourite.
    """

    prompt: str
    domain: str
    models: np.ndarray
    quality: np.ndarray
    vectors: np.ndarray
    seed: int


class RawAnswers(NamedTuple):
    """Answers to one prompt as they came: `vectors` (n, d) of any length, `number` (n,) their sample index or -1."""

    prompt: str
    domain: str
    models: np.ndarray
    quality: np.ndarray
    number: np.ndarray
    vectors: np.ndarray


def prompt_answers(raw: RawAnswers, *, seed: int) -> PromptAnswers:
    """`raw` without the answers that have no direction (NaN, infinite or zero vectors), in seeded order.

    The order rests on model, number, quality and vector, so it is the same whatever order the rows came in.
    """
    units, kept = unit_vectors(raw.vectors)
    models, quality, index = raw.models[kept], raw.quality[kept], raw.number[kept]
    canonical = np.lexsort((_digests(units), quality, index, models))
    rank = prompt_rank(f"{raw.domain}\0{raw.prompt}", seed)
    order = canonical[np.random.default_rng(rank).permutation(canonical.size)]
    return PromptAnswers(raw.prompt, raw.domain, models[order], quality[order], units[order], rank)


def unit_vectors(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(kept, d) float32 rows of length 1, and (n,) bool which rows of `vectors` have a direction."""
    rows = np.asarray(vectors, dtype=np.float32)
    with np.errstate(invalid="ignore", over="ignore"):
        largest = np.abs(rows).max(axis=1, initial=0.0)  # scaled first: squares of very small or large numbers do not fit
    kept = np.isfinite(largest) & (largest > 0)
    scaled = rows[kept] / largest[kept, None]
    return scaled / np.sqrt(np.einsum("ij,ij->i", scaled, scaled))[:, None], kept


def bins_of(quality: np.ndarray, floors: np.ndarray) -> np.ndarray:
    """(n,) how many of the ascending `floors` each quality reaches: an answer is usable at floor f when its bin is above f."""
    return np.searchsorted(floors, quality, side="right")


def first_vectors(groups: Iterable[PromptAnswers]) -> Iterator[np.ndarray]:
    """(d,) one seeded answer to each prompt that has any."""
    for answers in groups:
        if len(answers.models):
            yield answers.vectors[0]


def _digests(units: np.ndarray) -> np.ndarray:
    """(n,) uint64 that is equal for equal rows, and for others practically never."""
    words = np.ascontiguousarray(units + 0.0, dtype=np.float32).view(np.uint32).astype(np.uint64)
    factors = seeded_rank(np.arange(units.shape[1], dtype=np.int64), 1) | np.uint64(1)
    with np.errstate(over="ignore"):
        return np.asarray((words * factors).sum(axis=1, dtype=np.uint64))
