"""Self-BLEU and pairwise BLEU, against values of NLTK 3.10.4 and a plain BLEU."""

from collections import Counter
from math import exp, log

import numpy as np
import pytest
from hypothesis import given

from tests.diversity.lexical.sentences import README, UNEVEN, sets
from triaxis.diversity.lexical.bleu import pairwise_bleu_distance, self_bleu_score
from triaxis.diversity.lexical.tokens import whitespace
from triaxis.registry import create
from triaxis.responses import Responses


def grams(tokens: list[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))


def slow_bleu(references: list[str], text: str) -> float:
    """BLEU of one text, n = 1 to 4, smoothing method 1, closest reference length; text by text as NLTK goes."""
    own, others = text.split(), [reference.split() for reference in references]
    if not own:
        return float(any(not other for other in others))
    logs = []
    for n in range(1, 5):
        counts, seen = grams(own, n), [grams(other, n) for other in others]
        matches = sum(min(times, max(counter[gram] for counter in seen)) for gram, times in counts.items())
        if n == 1 and not matches:
            return 0.0
        logs.append(log((matches or 0.1) / max(counts.total(), 1)))
    closest = min((len(other) for other in others), key=lambda length: (abs(length - len(own)), length))
    return exp(sum(logs) / 4) * (1.0 if len(own) > closest else exp(1 - closest / len(own)))


def mean_over_others(texts: list[str]) -> float:
    return float(np.mean([slow_bleu(texts[:i] + texts[i + 1 :], text) for i, text in enumerate(texts)]))


def mean_over_pairs(texts: list[str]) -> float:
    pairs = [(a, b) for i, a in enumerate(texts) for j, b in enumerate(texts) if i != j]
    return float(np.mean([slow_bleu([b], a) for a, b in pairs]))


@pytest.mark.parametrize(("texts", "expected"), [(README, 0.5594184844448996), (UNEVEN, 0.4442286429752429)])
def test_self_bleu_is_that_of_nltk(texts: list[str], expected: float) -> None:
    assert self_bleu_score(whitespace(texts)) == pytest.approx(expected, abs=1e-12)
    assert mean_over_others(texts) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("texts", "expected"), [(README, 0.3360666215931509), (UNEVEN, 0.12981563188964854)])
def test_pairwise_bleu_is_one_less_the_mean_of_nltk(texts: list[str], expected: float) -> None:
    assert pairwise_bleu_distance(whitespace(texts)) == pytest.approx(1 - expected, abs=1e-12)


@given(sets)
def test_self_bleu_is_that_of_every_text_against_the_others(texts: list[str]) -> None:
    assert self_bleu_score(whitespace(texts)) == pytest.approx(mean_over_others(texts), abs=1e-12)


@given(sets)
def test_pairwise_bleu_is_that_of_every_pair(texts: list[str]) -> None:
    assert pairwise_bleu_distance(whitespace(texts)) == pytest.approx(1 - mean_over_pairs(texts), abs=1e-12)


def test_the_two_definitions_disagree() -> None:
    """Each half of the last text stands in one of the others: together they cover it, each alone does not."""
    texts = whitespace(["a b c d", "e f g h", "a b c d e f g h"])
    assert self_bleu_score(texts) > 0.8
    assert pairwise_bleu_distance(texts) > 0.7


def test_copies_of_a_long_text_are_the_end_and_of_a_short_one_are_smoothed() -> None:
    assert self_bleu_score(whitespace(["a b c d"] * 3)) == 1
    assert pairwise_bleu_distance(whitespace(["a b c d"] * 3)) == 0
    assert self_bleu_score(whitespace(["a b"] * 3)) == pytest.approx((1 * 1 * 0.1 * 0.1) ** 0.25)


def test_nothing_in_common_is_the_other_end() -> None:
    assert self_bleu_score(whitespace(["a b c d", "e f g h"])) == 0
    assert pairwise_bleu_distance(whitespace(["a b c d", "e f g h"])) == 1


def test_empty_texts_are_alike() -> None:
    assert self_bleu_score(whitespace(["", ""])) == 1
    assert pairwise_bleu_distance(whitespace(["", ""])) == 0
    assert self_bleu_score(whitespace(["", "a b c d"])) == 0


def test_self_bleu_rises_with_the_set_and_the_pairwise_form_does_not() -> None:
    rng = np.random.default_rng(0)
    texts = [" ".join(map(str, rng.integers(0, 30, 20))) for _ in range(400)]
    few, many = whitespace(texts[:50]), whitespace(texts)
    assert self_bleu_score(many) > 1.5 * self_bleu_score(few)
    assert pairwise_bleu_distance(many) == pytest.approx(pairwise_bleu_distance(few), rel=0.02)
    assert not create("diversity", "self-bleu").traits.is_size_free
    assert create("diversity", "pairwise-bleu").traits.is_size_free


def test_metrics_read_words() -> None:
    responses = Responses(["The cat sat on the mat.", "the CAT sat on the mat."])
    assert create("diversity", "self-bleu").value(responses) == pytest.approx(1)
    assert create("diversity", "pairwise-bleu").value(responses) == pytest.approx(0, abs=1e-12)
