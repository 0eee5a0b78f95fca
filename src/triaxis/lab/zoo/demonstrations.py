"""Demonstrations for the base models: right answers, a stated share of them spoilt.

The one idea: base models of the real world learn from text of mixed quality, and their mistakes are varied too. So a share
`NOISE` of the demonstrations is spoilt in one of three ways, each as likely as the others: another target's answer, an answer
to the target without the digit, and an answer in which one character was dropped, doubled or replaced.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from triaxis.expressions import numbers, parse, value
from triaxis.lab.zoo.randomness import Use, numpy_rng
from triaxis.lab.zoo.task import TARGETS
from triaxis.quality.expression import Task

NOISE = 0.5
DIGITS_USED = (2, 3, 4)
"""How many digits a random expression has; there are more different ones with more digits, so that most answers have four."""

OPERATORS = "+-*"
POOL = 60_000
"""Random expressions that the demonstrations are picked from, before repetitions and other values are taken out."""


class Demonstrations:
    """A pool of expressions by target, and the drawing of demonstrations from it; the same for equal seeds."""

    def __init__(self, seed: int, *, noise: float = NOISE) -> None:
        self.noise = noise
        self._by_target: dict[int, list[str]] = defaultdict(list)
        self._by_task: dict[Task, list[str]] = defaultdict(list)
        self._without: dict[Task, list[str]] = defaultdict(list)
        for text in _pool(numpy_rng(seed, Use.POOL)):
            self._add(text)

    def draw(self, tasks: Sequence[Task], rng: np.random.Generator) -> list[str]:
        """One answer for each task, spoilt with probability `noise`."""
        return [self._spoilt(task, rng) if rng.random() < self.noise else _pick(self._by_task[task], rng) for task in tasks]

    def _add(self, text: str) -> None:
        expression = parse(text)
        reached = int(value(expression))
        if reached not in TARGETS:
            return
        used = set(numbers(expression))
        self._by_target[reached].append(text)
        for digit in range(1, 10):
            (self._by_task if digit in used else self._without)[Task(reached, digit)].append(text)

    def _spoilt(self, task: Task, rng: np.random.Generator) -> str:
        kind = rng.integers(3)
        if kind == 0:
            return _pick(self._by_target[int(rng.choice([t for t in TARGETS if t != task.target]))], rng)
        if kind == 1:
            return _pick(self._without[task], rng)
        return _misspelt(_pick(self._by_task[task], rng), rng)


def _pool(rng: np.random.Generator) -> list[str]:
    """Distinct random expressions; those outside the targets are dropped by whoever asks."""
    return sorted({_expression(rng) for _ in range(POOL)})


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
