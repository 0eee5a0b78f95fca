"""chrF between responses, against values of sacrebleu 2.6.0 and a plain chrF."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given

from tests.diversity.lexical.sentences import README, UNEVEN, sets
from triaxis.diversity.lexical.chrf import chrf_similarity
from triaxis.diversity.lexical.tokens import characters
from triaxis.registry import create
from triaxis.responses import Responses


def slow_chrf(text: str, reference: str) -> float:
    """chrF2 of one pair, as sacrebleu defines it; two empty texts are alike."""
    text, reference = "".join(text.split()), "".join(reference.split())
    if not text and not reference:
        return 1.0
    precisions, recalls = [], []
    for n in range(1, 7):
        own, other = (Counter(one[i : i + n] for i in range(len(one) - n + 1)) for one in (text, reference))
        if own and other:
            precisions.append((own & other).total() / own.total())
            recalls.append((own & other).total() / other.total())
    precision, recall = (float(np.mean(part)) if part else 0.0 for part in (precisions, recalls))
    return 5 * precision * recall / (4 * precision + recall) if precision + recall else 0.0


@pytest.mark.parametrize(("texts", "expected"), [(README, 0.6005306018573515), (UNEVEN, 0.26306926556990096)])
def test_the_mean_is_that_of_sacrebleu(texts: list[str], expected: float) -> None:
    assert chrf_similarity(characters(texts)) == pytest.approx(expected, abs=1e-12)


@given(sets)
def test_the_mean_is_that_of_every_ordered_pair(texts: list[str]) -> None:
    scores = [slow_chrf(a, b) for i, a in enumerate(texts) for j, b in enumerate(texts) if i != j]
    assert chrf_similarity(characters(texts)) == pytest.approx(np.mean(scores), abs=1e-12)


def test_one_pair_by_hand() -> None:
    """`ab`, `ac`: one of two characters, no pair of characters: precision = recall = (1/2 + 0) / 2."""
    assert chrf_similarity(characters(["ab", "ac"])) == 0.25


def test_nothing_in_common_is_0_and_copies_are_1() -> None:
    assert chrf_similarity(characters(["abc", "xyz"])) == 0
    assert chrf_similarity(characters(["abc def"] * 4)) == 1


def test_an_ending_matters_less_than_to_whole_words() -> None:
    responses = Responses(["walking talking", "walked talked"])
    assert create("diversity", "chrf").value(responses) > 0.25
    assert create("diversity", "rouge-l").value(responses) == 0
