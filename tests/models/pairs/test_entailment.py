"""Entailment both ways: the rule of semantic entropy, and labels read from the model and not guessed."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from tests.models.pairs.tiny import save_classifier
from triaxis.errors import InputError
from triaxis.models.pairs import Entailment, open_classifier
from triaxis.models.pairs.entailment import Relation, relations_of, say_the_same
from triaxis.protocols import Pair

C, N, E = Relation.CONTRADICTION, Relation.NEUTRAL, Relation.ENTAILMENT


@pytest.mark.parametrize(
    ("there", "again", "is_same", "is_strictly_same"),
    [
        (E, E, True, True), (E, N, True, False), (N, E, True, False), (N, N, False, False), (E, C, False, False),
        (C, E, False, False), (C, C, False, False), (N, C, False, False),
    ],
)  # fmt: skip
def test_one_direction_may_be_neutral_unless_strict(there: int, again: int, is_same: bool, is_strictly_same: bool) -> None:
    sides = np.array([there]), np.array([again])
    assert say_the_same(*sides).tolist() == [is_same]
    assert say_the_same(*sides, is_strict=True).tolist() == [is_strictly_same]


def test_labels_are_read_in_the_order_the_model_has_them() -> None:
    assert relations_of(("CONTRADICTION", "NEUTRAL", "ENTAILMENT"), "m").tolist() == [C, N, E]
    assert relations_of(("entailment", "neutral", "contradiction"), "m").tolist() == [E, N, C]


@pytest.mark.parametrize("labels", [("LABEL_0", "LABEL_1", "LABEL_2"), ("entailment", "not_entailment"), ("entailment",) * 3])
def test_labels_that_name_no_relations_are_refused(labels: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="contradiction, neutral and entailment"):
        relations_of(labels, "m")


def test_both_directions_are_asked_and_read_by_name(tmp_path: Path) -> None:
    folder = save_classifier(tmp_path, ("entailment", "neutral", "contradiction"), seed=3)
    classifier = open_classifier(str(folder), spec="nli", where=None)
    texts = ["a robin", "an oak", "the sea", "x", "seven purple ships", "no"]
    pairs = [Pair(first, second) for first in texts for second in texts if first < second]
    forth, back = (classifier.probabilities(asked) for asked in (
        [(pair.first, pair.second) for pair in pairs], [(pair.second, pair.first) for pair in pairs]))  # fmt: skip
    order = np.array([E, N, C])
    expected = say_the_same(order[forth.argmax(axis=1)], order[back.argmax(axis=1)])
    assert Entailment(classifier).scores(pairs).tolist() == expected.astype(float).tolist()
    assert classifier.computed == 2 * len(pairs)
