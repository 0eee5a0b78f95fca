"""Seeded choices that depend on what is chosen and never on the order in which it came: which prompts, which samples, which N."""

from hashlib import blake2b

import numpy as np

REACH = 0.9
"""A curve goes as far as this share of its prompts do; shorter ones are left out and counted."""

FEW_SAMPLES = 20
MOST_IN_SET = 2000


def reached_size(sizes: np.ndarray, *, share: float = REACH) -> int:
    """The largest n such that at least `share` of the cells hold n samples; 0 when there are no cells."""
    if not sizes.size:
        return 0
    descending = np.sort(sizes)[::-1]
    return int(descending[int(np.ceil(share * sizes.size)) - 1])


def common_size(models: np.ndarray, sizes: np.ndarray) -> int:
    """One N for all cells, given each one's model and size: the smallest `reached_size` of two or more among the models."""
    reached = [reached_size(sizes[models == model]) for model in np.unique(models)]
    return min((n for n in reached if n >= 2), default=max(reached, default=0))


def common_set_size(sizes: np.ndarray) -> int:
    """One N for the sets of one domain: the smallest of at least 20 samples, at most 2,000, so that pairs stay affordable.

    A set under 20 samples does not drag the others down; where all are, the smallest of two or more counts.
    """
    large = sizes[sizes >= FEW_SAMPLES]
    smallest = large.min() if large.size else min((int(n) for n in sizes if n >= 2), default=int(sizes.max(initial=0)))
    return min(int(smallest), MOST_IN_SET)


def seeded_rank(keys: np.ndarray, seed: int) -> np.ndarray:
    """(keys,) uint64 pseudo-random numbers, a pure function of each int64 key and `seed` (splitmix64, Steele et al. 2014)."""
    state = keys.astype(np.uint64) + np.uint64((seed * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15) % 2**64)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


def prompt_rank(prompt_id: str, seed: int) -> int:
    """A pseudo-random number for `prompt_id`: the prompts with the smallest ones are a seeded sample, whatever came first."""
    return int.from_bytes(blake2b(f"{seed}|{prompt_id}".encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
