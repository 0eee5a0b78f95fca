"""Demonstrations for the base models: right answers, a stated share of them spoilt.

The one idea: base models of the real world learn from text of mixed quality, and their mistakes are varied too. So a share
`NOISE` of the demonstrations is spoilt in one of three ways, each as likely as the others: another target's answer, an answer
to the target without the digit, and an answer in which one character was dropped, doubled or replaced.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from triaxis.expressions import numbers, parse, value
from triaxis.lab.zoo.randomness import Use, numpy_rng
from triaxis.lab.zoo.task import DIGITS, TARGETS
from triaxis.quality.expression import Task

NOISE = 0.5
DIGITS_USED = (2, 3, 4)
"""How many digits a random expression has; there are more different ones with more digits, so that most answers have four."""

OPERATORS = "+-*"
POOL = 60_000
"""Random expressions that the demonstrations are picked from, before repetitions and other values are taken out."""


class Pool(NamedTuple):
    """Distinct random expressions: by the target they reach, by target and digit in it, by target and digit missing."""

    reaching: Mapping[int, list[str]]
    right: Mapping[Task, list[str]]
    lacking: Mapping[Task, list[str]]


@lru_cache(maxsize=2)
def pool_of(seed: int) -> Pool:
    """The pool of `seed`, expressions in order of their text; those that reach no target of the zoo are left out."""
    rng = numpy_rng(seed, Use.POOL)
    pool = Pool(defaultdict(list), defaultdict(list), defaultdict(list))
    for text in sorted({_expression(rng) for _ in range(POOL)}):
        expression = parse(text)
        reached = value(expression)
        if reached in TARGETS:
            _put(pool, int(reached), text, set(numbers(expression)))
    return pool


class Demonstrations:
    """Draws demonstrations from a pool; the same for equal seeds and equal generators."""

    def __init__(self, seed: int, *, noise: float = NOISE) -> None:
        self.noise = noise
        self.pool = pool_of(seed)

    def draw(self, tasks: Sequence[Task], rng: np.random.Generator) -> list[str]:
        """One answer for each task, spoilt with probability `noise`."""
        return [self._one(task, rng) for task in tasks]

    def _one(self, task: Task, rng: np.random.Generator) -> str:
        return self._spoilt(task, rng) if rng.random() < self.noise else _pick(self.pool.right[task], rng)

    def _spoilt(self, task: Task, rng: np.random.Generator) -> str:
        kind = rng.integers(3)
        if kind == 0:
            return _pick(self.pool.reaching[int(rng.choice([t for t in TARGETS if t != task.target]))], rng)
        if kind == 1:
            return _pick(self.pool.lacking[task], rng)
        return _misspelt(_pick(self.pool.right[task], rng), rng)


def _put(pool: Pool, target: int, text: str, used: set[int]) -> None:
    pool.reaching[target].append(text)
    for digit in DIGITS:
        (pool.right if digit in used else pool.lacking)[Task(target, digit)].append(text)


def _expression(rng: np.random.Generator) -> str:
    count = int(rng.choice(DIGITS_USED))
    digits = rng.integers(1, 10, count)
    operators = rng.integers(0, len(OPERATORS), count - 1)
    return "".join(f"{OPERATORS[o]}{d}" for o, d in zip([0, *operators], digits, strict=True))[1:]


def _misspelt(text: str, rng: np.random.Generator) -> str:
    """`text` with one character dropped, doubled or replaced by any other character of the task."""
    at = int(rng.integers(len(text)))
    middle = ("", text[at] * 2, str(rng.choice(list("123456789+-*/()"))))[rng.integers(3)]
    return text[:at] + middle + text[at + 1 :]


def _pick(texts: Sequence[str], rng: np.random.Generator) -> str:
    return texts[int(rng.integers(len(texts)))]
