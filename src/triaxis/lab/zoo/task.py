"""The zoo's task: 189 prompts, 120 to train on and 69 that are only asked at the end."""

from collections.abc import Sequence

import numpy as np

from triaxis.quality.expression import Task

TARGETS = range(10, 31)
DIGITS = range(1, 10)
TRAINED = 120
SPLIT_SEED = 189
"""Which prompts are held out is the same for every seed of the training, so that seeds can be compared prompt by prompt."""


def all_tasks() -> list[Task]:
    """Every target with every digit, by target."""
    return [Task(target, digit) for target in TARGETS for digit in DIGITS]


def split() -> tuple[list[Task], list[Task]]:
    """(120 tasks to train on, 69 held out), each by target."""
    tasks = all_tasks()
    order = np.random.default_rng(SPLIT_SEED).permutation(len(tasks))
    return _at(tasks, order[:TRAINED]), _at(tasks, order[TRAINED:])


def _at(tasks: Sequence[Task], positions: np.ndarray) -> list[Task]:
    return [tasks[i] for i in sorted(positions)]
