"""Random numbers that depend on nothing but the seed, what they are for and the step: a run that resumes needs no saved state."""

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


class Use(IntEnum):
    """What random numbers are drawn for. Models share them: all arms see the same prompts in the same order."""

    POOL = 1
    DEMONSTRATIONS = 2
    WEIGHTS = 3
    PROMPTS = 4
    ROLLOUTS = 5
    CURVE = 6
    SAMPLES = 7


def numpy_rng(seed: int, use: Use, step: int = 0) -> np.random.Generator:
    """A numpy generator of its own."""
    return np.random.default_rng([seed, use, step])


def torch_seed(seed: int, use: Use, step: int = 0) -> int:
    """A seed for torch, 63 bits."""
    return int(np.random.SeedSequence([seed, use, step]).generate_state(1, np.uint64)[0] >> np.uint64(1))


def torch_rng(seed: int, use: Use, step: int = 0) -> "torch.Generator":
    """A torch generator of its own."""
    import torch

    return torch.Generator().manual_seed(torch_seed(seed, use, step))
