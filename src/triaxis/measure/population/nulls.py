"""What indistinguishable models would show: labels of models dealt out anew among the samples of each prompt.

Every model keeps its number of samples, and classes and qualities stay with the samples. Expectations are exact where a figure
has one; what is drawn here is the spread around them, and the figures without a formula.
"""

from collections.abc import Callable, Iterator

import numpy as np

from triaxis.measure.population.blocks import Block, order_of

MOST_PERMUTATIONS, FEWEST_PERMUTATIONS = 199, 19
MOST_SAMPLES = 2**21
"""Samples that are dealt out in all, for each kind of figure."""

NORMAL = 1.959964


def permutations_of(samples: int, *, repeated: int = 1) -> int:
    """How many permutations are drawn: 199, fewer where there are so many `samples` (times `repeated`), never under 19."""
    return int(np.clip(MOST_SAMPLES // max(1, samples * repeated), FEWEST_PERMUTATIONS, MOST_PERMUTATIONS))


def permuted(block: Block, rng: np.random.Generator) -> Block:
    """`block` with the labels of models dealt out anew within each prompt; one row for each sample."""
    prompt, klass = block.prompt.repeat(block.count), block.klass.repeat(block.count)
    quality = block.quality.repeat(block.count)
    label = np.tile(np.arange(len(block.models)), block.prompts).repeat(block.sizes.T.ravel())
    dealt = label[np.argsort(prompt + rng.random(prompt.size))]  # samples and labels are both sorted by prompt
    order = order_of(klass * len(block.models) + dealt)
    one = np.ones(prompt.size, dtype=np.int64)
    return Block(
        block.models, block.domain, prompt[order], dealt[order], klass[order], quality[order], one, block.sizes,
        block.length, block.shared, block.twin,
    )  # fmt: skip


def permutations(block: Block, count: int, *, seed: int) -> Iterator[Block]:
    """`count` times `permuted`, each from a generator of its own."""
    for number in range(count):
        yield permuted(block, np.random.default_rng([seed, number]))


def some_prompts(block: Block, *, seed: int) -> Block:
    """`block`, or a seeded draw of its prompts where 19 permutations of all would be too many samples."""
    samples = int(block.sizes.sum())
    most = max(1, int(block.prompts * MOST_SAMPLES / FEWEST_PERMUTATIONS / max(1, samples)))
    if block.prompts <= most:
        return block
    return block.on(np.sort(np.random.default_rng(seed).choice(block.prompts, most, replace=False)))


class Spread:
    """Standard error of a mean over prompts of a figure whose expectation under permuted labels is known.

    Prompts are permuted apart from each other, so the variance of their mean is the sum of their own ones over the square of
    their number: few permutations of many prompts tell it well. Where only some of the prompts were permuted, they stand
    for the others.
    """

    def __init__(self) -> None:
        self._squares: np.ndarray | float = 0.0
        self._known: np.ndarray | float = 0.0

    def add(self, strayed: np.ndarray) -> None:
        """One permutation's figures less their expectation, (prompts, columns); NaN is no value."""
        has = ~np.isnan(strayed)
        self._squares = self._squares + np.where(has, strayed, 0.0) ** 2
        self._known = self._known + has

    def error(self, prompts: np.ndarray | int) -> np.ndarray:
        """(columns,) standard error of the mean over `prompts` of them."""
        known = np.asarray(self._known)
        each = np.divide(self._squares, known, out=np.full(known.shape, np.nan), where=known > 0)
        has = ~np.isnan(each)
        mean = np.where(has, each, 0.0).sum(axis=0) / np.maximum(has.sum(axis=0), 1)
        found = np.sqrt(mean / np.maximum(prompts, 1))
        return np.where(has.any(axis=0), found, np.nan)


def spreads(
    block: Block, figures: Callable[[Block], list[np.ndarray]], *, count: int, seed: int
) -> list[Spread]:
    """A `Spread` for each of `figures`, which gives (prompts, columns) arrays less their expectation."""
    found: list[Spread] = []
    for one in permutations(block, count, seed=seed):
        values = figures(one)
        found = found or [Spread() for _ in values]
        for spread, value in zip(found, values, strict=True):
            spread.add(value)
    return found
