"""Classes of many cells at once from pairs that cost something: only pairs that matter are asked, and all cells ask together.

A model that compares pairs wants full batches, and the rules of `partition` want one answer before they ask on. So each cell is a
walk that asks for pairs and waits; a wave puts the questions of all cells together. The labels are those of `partition`.
"""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from triaxis.diversity.equivalence.labels import NO_CLASS
from triaxis.diversity.equivalence.partition import (
    AVERAGE_LINKAGE_LIMIT,
    DEFAULT_RULE,
    PartitionRule,
    average_linkage,
    known_rule,
    reaches,
    too_many,
)


class Question(NamedTuple):
    """What one cell wants to know: (k, 2) int64 positions of samples in it, the earlier sample first."""

    cell: int
    pairs: np.ndarray


Ask = Callable[[Sequence[Question]], np.ndarray]
"""All questions of a wave to one (pairs,) float array of likenesses in their order, NaN where a pair cannot be told."""

Walk = Generator[np.ndarray, np.ndarray, np.ndarray]
"""Gives (k, 2) pairs to ask, is sent their (k,) likenesses, returns labels."""


def partition_cells(
    sizes: Sequence[int], ask: Ask, threshold: float, *, rule: PartitionRule = DEFAULT_RULE
) -> list[np.ndarray]:
    """(size,) int64 labels for each cell of `sizes` samples: what `partition` gives, with few pairs asked, wave by wave.

    `first-member` asks an item about leaders until one fits; `union-find` asks no pair that a chain has joined already;
    `average-linkage` asks all pairs. No pair is asked twice.

    A pair that cannot be told (NaN) is no "different": the sample whose class hangs on it has none (-1). Under `first-member`
    that is the later of the two, and it leads no class. Under the other rules it is the sample with most such pairs between
    classes, the later one of equals, until none is left.
    """
    walks = [_WALKS[known_rule(rule)](size, threshold) for size in sizes]
    labels: list[np.ndarray] = [np.zeros(0, dtype=np.int64)] * len(walks)
    told: dict[int, np.ndarray | None] = dict.fromkeys(range(len(walks)))
    while told:
        questions = list(_next_questions(walks, told, labels))
        told = dict(zip((question.cell for question in questions), _answers(questions, ask), strict=True))
    return labels


def _next_questions(
    walks: Sequence[Walk], told: Mapping[int, np.ndarray | None], labels: list[np.ndarray]
) -> Iterable[Question]:
    """The next question of each cell that was `told` something; a cell that has none left gets its `labels`."""
    for cell, answer in told.items():
        try:
            pairs = next(walks[cell]) if answer is None else walks[cell].send(answer)
        except StopIteration as done:
            labels[cell] = done.value
        else:
            yield Question(cell, pairs)


def _answers(questions: Sequence[Question], ask: Ask) -> list[np.ndarray]:
    if not questions:
        return []
    ends = np.cumsum([len(question.pairs) for question in questions])
    return np.split(np.asarray(ask(questions), dtype=np.float64), ends[:-1])


def _first_member(size: int, threshold: float) -> Walk:
    """Leader by leader: who is like the first that is left joins it; the rest is asked about the next one."""
    labels, waiting, klass = np.full(size, NO_CLASS, dtype=np.int64), np.arange(size), 0
    while waiting.size:
        leader, rest = waiting[:1], waiting[1:]
        scores = (yield _every(leader, rest)) if rest.size else np.zeros(0)
        labels[leader] = labels[rest[reaches(scores, threshold)]] = klass
        waiting, klass = rest[~reaches(scores, threshold) & ~np.isnan(scores)], klass + 1
    return labels


def _union_find(size: int, threshold: float) -> Walk:
    """Class by class: those that joined last are asked about all that are left, until nobody joins."""
    labels, waiting, klass = np.full(size, NO_CLASS, dtype=np.int64), np.arange(size), 0
    untold = [np.zeros((0, 2), dtype=np.int64)]
    while waiting.size:
        front, waiting = waiting[:1], waiting[1:]
        labels[front] = klass
        while front.size and waiting.size:
            pairs = _every(front, waiting)
            scores = yield np.sort(pairs, axis=1)
            untold.append(pairs[np.isnan(scores)])
            front = np.unique(pairs[reaches(scores, threshold), 1])
            labels[front] = klass
            waiting = np.setdiff1d(waiting, front)
        klass += 1
    doubts = np.concatenate(untold)
    labels[_doubtful(doubts[labels[doubts[:, 0]] != labels[doubts[:, 1]]])] = NO_CLASS
    return labels


def _average_linkage(size: int, threshold: float) -> Walk:
    if size > AVERAGE_LINKAGE_LIMIT:
        raise too_many(size)
    pairs = np.stack(np.triu_indices(size, k=1), axis=1)
    scores = (yield pairs) if len(pairs) else np.zeros(0)
    likeness = np.eye(size)
    likeness[pairs[:, 0], pairs[:, 1]] = likeness[pairs[:, 1], pairs[:, 0]] = scores
    labels = np.full(size, NO_CLASS, dtype=np.int64)
    kept = np.setdiff1d(np.arange(size), _doubtful(pairs[np.isnan(scores)]))
    own = likeness[np.ix_(kept, kept)]
    labels[kept] = average_linkage(kept.size, lambda rows, columns: own[np.ix_(rows, columns)], threshold)
    return labels


_WALKS: Mapping[PartitionRule, Callable[[int, float], Walk]] = MappingProxyType(
    {"first-member": _first_member, "union-find": _union_find, "average-linkage": _average_linkage}
)


def _every(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(first x second, 2) all pairs of one with the other."""
    return np.stack([np.repeat(first, second.size), np.tile(second, first.size)], axis=1)


def _doubtful(doubts: np.ndarray) -> np.ndarray:
    """Samples that have to go so that no pair of `doubts` (k, 2) is left: the one in most pairs first, the later of equals."""
    gone: list[int] = []
    while len(doubts):
        counts = np.bincount(doubts.ravel())
        gone.append(int(counts.size - 1 - counts[::-1].argmax()))
        doubts = doubts[(doubts != gone[-1]).all(axis=1)]
    return np.array(gone, dtype=np.int64)
