"""How often two usable samples say the same: of one model, and of two different ones.

For a prompt, draw a model (or two different ones) at random, and two samples; "same" is the probability that they are of one
class *given that both are usable*. Both are a ratio of two sums of pairs, which are swept over all floors at once. A sample is
never paired with itself. If labels of models mean nothing, both have the expectation of a pair of the pooled samples.
"""

from typing import NamedTuple

import numpy as np

from triaxis.measure.population.blocks import Block, running, sweep


class Likeness(NamedTuple):
    """Probabilities of the same class given both are usable, (prompts, floors) each in 0-1; NaN where there is no such pair."""

    within: np.ndarray
    between: np.ndarray
    pooled: np.ndarray


def likeness(block: Block, floors: np.ndarray) -> Likeness:
    """`Likeness` of every prompt at every floor; `within` is NaN where no model has two usable samples."""
    at, weight = block.at(floors), 1 / block.size
    pool = np.ones(block.count.size)

    def pairs(group: np.ndarray, scale: np.ndarray) -> np.ndarray:
        """Pairs of two different samples of one group, by the weights of their cells."""
        upto = running(group, at, block.count)
        return sweep(
            block.prompt, at, (upto * (upto - 1.0) - (upto - block.count) * (upto - block.count - 1.0)) * scale,
            prompts=block.prompts, floors=floors.size,
        )  # fmt: skip

    def squares(group: np.ndarray) -> np.ndarray:
        """Squares of the summed weights of each group; their differences hold the pairs of different models."""
        upto = running(group, at, block.count * weight)
        gain = upto * upto - (upto - block.count * weight) ** 2
        return sweep(block.prompt, at, gain, prompts=block.prompts, floors=floors.size)

    own = np.divide(1.0, block.size * (block.size - 1.0), out=np.zeros(block.size.size), where=block.size > 1)
    within = ratio(pairs(block.entry, own), pairs(block.cell, own))
    between = ratio(squares(block.klass) - squares(block.entry), squares(block.prompt) - squares(block.cell))
    return Likeness(within, between, ratio(pairs(block.klass, pool), pairs(block.prompt, pool)))


def ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """`above` / `below`, in 0-1; NaN where there is nothing below but the rounding of sums."""
    scale = 1e-9 * below.max(initial=0.0)
    found = np.divide(above, below, out=np.full(below.shape, np.nan), where=below > scale)
    return np.asarray(np.clip(found, 0, 1))
