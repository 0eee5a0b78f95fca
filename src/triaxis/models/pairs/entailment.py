"""Entailment both ways: two answers say the same when each follows from the other, as far as a model of entailment tells.

Kuhn et al. 2023 (arXiv 2302.09664) and Farquhar et al. 2024 cut answers into meanings so. Their default is not strict: one
direction may be neutral, as long as neither contradicts and not both are neutral.
"""

from collections.abc import Sequence
from enum import IntEnum

import numpy as np

from triaxis.errors import InputError
from triaxis.models.pairs.classifier import PairClassifier, TwoTexts
from triaxis.models.pairs.noting import classifier_notes
from triaxis.protocols import Pair, Progress


class Relation(IntEnum):
    """What a premise says of a hypothesis."""

    CONTRADICTION = 0
    NEUTRAL = 1
    ENTAILMENT = 2


_BEGINNINGS = {"contra": Relation.CONTRADICTION, "neutral": Relation.NEUTRAL, "entail": Relation.ENTAILMENT}


class Entailment:
    """1 where two answers say the same, else 0; the relation of each direction is the most probable one.

    Not strict (the default): no direction contradicts, and not both are neutral. Strict: both directions entail.
    """

    reads_prompt = False

    def __init__(self, classifier: PairClassifier, *, is_strict: bool = False) -> None:
        self._relations = relations_of(classifier.labels, classifier.name)
        self._classifier = classifier
        self.is_strict = is_strict
        self.name = f"{classifier.name}, {'strict ' if is_strict else ''}entailment both ways"

    @property
    def notes(self) -> tuple[str, ...]:
        """What the classifier has to say of the texts so far."""
        return classifier_notes(self._classifier)

    def scores(self, pairs: Sequence[Pair], *, progress: Progress | None = None) -> np.ndarray:
        """(pairs,) float64, 0 or 1."""
        forth: list[TwoTexts] = [(pair.first, pair.second) for pair in pairs]
        back = [(second, first) for first, second in forth]
        found = self._classifier.probabilities([*forth, *back], progress=progress).argmax(axis=1)
        there, again = np.split(self._relations[found], 2)
        return say_the_same(there, again, is_strict=self.is_strict).astype(np.float64)


def say_the_same(there: np.ndarray, again: np.ndarray, *, is_strict: bool = False) -> np.ndarray:
    """(pairs,) bool from the (pairs,) relations of both directions."""
    if is_strict:
        return np.asarray((there == Relation.ENTAILMENT) & (again == Relation.ENTAILMENT))
    contradicts = (there == Relation.CONTRADICTION) | (again == Relation.CONTRADICTION)
    both_neutral = (there == Relation.NEUTRAL) & (again == Relation.NEUTRAL)
    return np.asarray(~contradicts & ~both_neutral)


def relations_of(labels: Sequence[str], name: str) -> np.ndarray:
    """(labels,) the `Relation` that each label of a model names, in whatever order it has them.

    Raises `InputError` when they do not name all three: an order that is guessed makes every class wrong.
    """
    found = [next((r for start, r in _BEGINNINGS.items() if label.casefold().startswith(start)), None) for label in labels]
    if sorted(relation for relation in found if relation is not None) != sorted(Relation) or None in found:
        raise InputError(
            f"{name} must name its labels contradiction, neutral and entailment, got {', '.join(labels)}; "
            "set id2label in its config.json"
        )
    return np.array(found, dtype=np.int64)
