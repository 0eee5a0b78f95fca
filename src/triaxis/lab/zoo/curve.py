"""Learning curves: how often a model is right on prompts that it never trained on, and in how many different ways."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from triaxis.lab.zoo.lessons import judged
from triaxis.lab.zoo.model import draw
from triaxis.lab.zoo.randomness import Use, torch_rng
from triaxis.quality.expression import Task

ASKED = 32
"""Answers to each prompt."""


class Point(NamedTuple):
    """One look at a model: means over prompts of `ASKED` answers each.

    `accuracy` is the share of exact answers, `distinct_right` and `distinct` how many classes the exact ones and all of them fall
    into, `solved` the share of prompts with an exact answer (pass@32), `entropy` minus the mean log-probability of the tokens
    drawn, in nats. `cpu_seconds` of training lie before it.
    """

    step: int
    cpu_seconds: float
    accuracy: float
    distinct_right: float
    distinct: float
    solved: float
    entropy: float


def look(model: Any, tasks: Sequence[Task], seed: int, *, step: int, cpu_seconds: float) -> Point:
    """One point of the curve; the same random numbers for every model and step."""
    drawn = draw(model, tasks, ASKED, torch_rng(seed, Use.CURVE))
    is_right, classes = judged(tasks, drawn.texts)
    right = [len(set(row[keep].tolist())) for row, keep in zip(classes, is_right, strict=True)]
    return Point(
        step=step,
        cpu_seconds=round(cpu_seconds, 1),
        accuracy=float(is_right.mean()),
        distinct_right=float(np.mean(right)),
        distinct=float(np.mean([len(set(row.tolist())) for row in classes])),
        solved=float(is_right.any(axis=1).mean()),
        entropy=-float(drawn.logprobs.sum()) / sum(drawn.lengths),
    )
