"""A classifier of two classes, different and same, as a pair scorer."""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np

from triaxis.errors import InputError
from triaxis.models.pairs.classifier import PairClassifier, TwoTexts
from triaxis.models.pairs.noting import classifier_notes
from triaxis.protocols import Pair, Progress

Order = Literal["sorted", "given", "both"]
ORDERS: tuple[Order, ...] = get_args(Order)


class SamePairs:
    """The probability of class index 1, which is how such classifiers are trained; a single output is a probability already.

    A classifier may give (a, b) and (b, a) different values, and a pair has no order. `order` says what is asked: `sorted` puts
    the two texts in alphabetical order, so a pair is one question whoever comes first; `given` asks with the earlier sample
    first, as NoveltyBench does; `both` takes the mean of both orders, at twice the cost.
    """

    reads_prompt = False

    def __init__(self, classifier: PairClassifier, *, order: Order = "sorted") -> None:
        if len(classifier.labels) > 2:
            raise InputError(
                f"{classifier.name} must tell two classes apart, different and same, got {', '.join(classifier.labels)}; "
                "a model of entailment is typed nli:NAME"
            )
        self.order = order
        self.name = classifier.name if order == "sorted" else f"{classifier.name} ({order} order)"
        self._classifier = classifier

    @property
    def notes(self) -> tuple[str, ...]:
        """What the classifier has to say of the texts so far."""
        return classifier_notes(self._classifier)

    def scores(self, pairs: Sequence[Pair], *, progress: Progress | None = None) -> np.ndarray:
        """(pairs,) float64 in 0-1."""
        asked: list[TwoTexts] = [(pair.first, pair.second) for pair in pairs]
        if self.order == "sorted":
            asked = [(min(pair), max(pair)) for pair in asked]
        if self.order == "both":
            asked += [(second, first) for first, second in asked]
        same = self._classifier.probabilities(asked, progress=progress)[:, -1]
        return np.asarray(same.reshape(-1, len(pairs)).mean(axis=0) if pairs else same)
