"""Diversity of classes: how many kinds of answers, how even, how much of the distribution they cover.

The one idea: all of these are functions of class sizes, so a tally of counts serves them all and adds up exactly.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from triaxis.diversity.semantic.effective import effective_number, parse_order
from triaxis.diversity.semantic.metric import TalliedMetric, bounded, check_enough, whole
from triaxis.diversity.semantic.rarefaction import rarefied_hill
from triaxis.errors import InputError, Undefined
from triaxis.registry import register
from triaxis.responses import Responses, Traits
from triaxis.stats.richness import good_turing_coverage

CORRECTED = "miller-madow"
OF_CLASSES = Traits(level="semantic", says="", needs=frozenset({"labels"}), growth="mergeable", smallest=1)


class CountTally:
    """Sizes of classes; `measure` gets them, ascending. Grows with the number of classes, not of responses."""

    def __init__(self, measure: Callable[[np.ndarray], float], traits: Traits) -> None:
        self._measure, self._traits = measure, traits
        self._classes = np.zeros(0, dtype=np.int64)
        self._sizes = np.zeros(0, dtype=np.int64)
        self._lost = 0

    def add(self, responses: Responses) -> None:
        """See `protocols.Tally`."""
        if responses.labels is None:
            raise Undefined("needs classes of the responses, and this set has none; choose an equivalence")
        labels = responses.labels[responses.labels >= 0]
        self._lost += len(responses.labels) - len(labels)
        self._join(*np.unique(labels, return_counts=True))

    def merge(self, other: "CountTally") -> None:
        """See `protocols.Tally`."""
        self._lost += other._lost
        self._join(other._classes, other._sizes)

    def value(self) -> float:
        """`measure` of the class sizes so far; raises `Undefined` where too few responses have a class."""
        check_enough(int(self._sizes.sum()), self._traits.smallest, lost=self._lost, have="a class")
        return bounded(self._measure(np.sort(self._sizes)), self._traits)

    def _join(self, classes: np.ndarray, sizes: np.ndarray) -> None:
        every = np.concatenate([self._classes, classes])
        self._classes, place = np.unique(every, return_inverse=True)
        self._sizes = np.bincount(place, np.concatenate([self._sizes, sizes]), self._classes.size).astype(np.int64)


def semantic_entropy(counts: np.ndarray) -> float:
    """Entropy of the classes of meaning in nats, discrete: from their `counts`; 0 to ln(classes), higher is more diverse.

    Farquhar et al. 2024. Too low by about (classes - 1) / (2 n): see `corrected_entropy`. Raises `Undefined` for no samples.
    """
    sizes = np.asarray(counts)[np.asarray(counts) > 0]
    if not sizes.size:
        raise Undefined("no samples, so no classes")
    return abs(float(np.log(effective_number(sizes / sizes.sum(), 1))))


def corrected_entropy(counts: np.ndarray) -> float:
    """`semantic_entropy` plus (classes seen - 1) / (2 n), in nats (Miller 1955); still low while many classes are unseen."""
    return semantic_entropy(counts) + (np.count_nonzero(counts) - 1) / (2 * float(np.sum(counts)))


def sequence_semantic_entropy(labels: np.ndarray, logprobs: np.ndarray) -> float:
    """Semantic entropy in nats from sequence log-probabilities: a class has the sum of those of its sequences, rescaled.

    Kuhn et al. 2023. labels: (n,) int classes, -1 has none; logprobs: (n,) natural logarithms, up to one common constant. Give
    each different sequence once: copies count again. Raises `Undefined` when no sequence has a class.
    """
    if len(labels) != len(logprobs):
        raise InputError(f"expected one log-probability for each of {len(labels)} labels, got {len(logprobs)}")
    kept = labels >= 0
    if not kept.any():
        raise Undefined("no sequence has a class")
    if not np.isfinite(logprobs[kept]).all():
        raise InputError("log-probabilities must be finite numbers; leave out sequences without one (label -1)")
    weight = np.exp(logprobs[kept] - logprobs[kept].max())
    mass = np.bincount(np.unique(labels[kept], return_inverse=True)[1], weight)
    return abs(float(np.log(effective_number(mass / mass.sum(), 1))))


def hill(counts: np.ndarray, order: float) -> float:
    """Hill number of `order` of class sizes: 1 to their number, an effective number of classes; higher is more diverse.

    >>> hill(np.array([2, 1, 1]), 2)
    2.6666666666666665
    """
    return effective_number(counts / counts.sum(), order)


def _seen(counts: np.ndarray) -> float:
    return float(np.count_nonzero(counts))


def _metric(name: str, measure: Callable[[np.ndarray], float], traits: Traits) -> TalliedMetric:
    return TalliedMetric(name, traits, partial(CountTally, measure, traits))


def _traits(says: str, **more: Any) -> Traits:
    return replace(OF_CLASSES, says=says, **more)


@register("diversity", "distinct-classes")
def distinct_classes(m: str = "") -> TalliedMetric:
    """`distinct-classes`, all that were seen, and `distinct-classes:M`, the expected number among M of the responses."""
    if not m:
        return _metric("distinct-classes", _seen, _traits(
            "how many kinds of answers there are; grows with the set", low=1.0, source="NoveltyBench (arXiv 2504.05228)",
        ))  # fmt: skip
    draws = whole("distinct-classes:10", m, what="the number of draws")
    traits = _traits(
        f"how many kinds of answers {draws} responses give, on average over all choices of {draws}",
        low=1.0, high=float(draws), smallest=draws, is_size_free=True, source="Hurlbert 1971",
    )  # fmt: skip
    return _metric(f"distinct-classes:{m}", partial(rarefied_hill, order=0, m=draws), traits)


@register("diversity", "hill")
def hill_metric(order: str = "") -> TalliedMetric:
    """`hill:Q`: of order Q, a number from 0 or `inf`; 1 unless told otherwise."""
    found = parse_order("hill:2", order) if order else 1.0
    says = f"how many equally common kinds of answers would be as diverse (order {found:g}); grows with the set"
    name = f"hill:{order}" if order else "hill"
    return _metric(name, partial(hill, order=found), _traits(says, low=1.0, source="Hill 1973; Jost 2006"))


@register("diversity", "semantic-entropy")
def entropy_metric(estimator: str = "") -> TalliedMetric:
    """`semantic-entropy` from counts, and `semantic-entropy:miller-madow`, corrected for its bias, in nats."""
    if estimator not in ("", CORRECTED):
        raise InputError(f"the estimator of 'semantic-entropy' must be {CORRECTED!r} or left out, got {estimator!r}")
    says = "how unpredictable the kind of answer is, in nats" + (", corrected for small samples" if estimator else "")
    traits = _traits(says, smallest=2, source="Farquhar et al. 2024" + ("; Miller 1955" if estimator else ""))
    name = f"semantic-entropy:{estimator}" if estimator else "semantic-entropy"
    return _metric(name, corrected_entropy if estimator else semantic_entropy, traits)


@register("diversity", "coverage")
def coverage_metric() -> TalliedMetric:
    """`coverage`: Good and Turing's estimate."""
    traits = _traits(
        "share of what the model can answer that has been seen: low means that many more kinds are to come",
        higher_is="less diverse", high=1.0, smallest=2, source="Good 1953",
    )  # fmt: skip
    return _metric("coverage", good_turing_coverage, traits)
