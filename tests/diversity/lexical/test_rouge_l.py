"""ROUGE-L between responses, against the homogenization of the diversity package and a plain longest common subsequence."""

import re
import sys
import zlib

import numpy as np
import pytest
from hypothesis import given

from tests.diversity.lexical.sentences import README, UNEVEN, sets
from triaxis.diversity.lexical import rouge_l
from triaxis.diversity.lexical.rouge_l import common_subsequences, rouge_l_similarity
from triaxis.diversity.lexical.tokens import whitespace
from triaxis.errors import MissingDependency
from triaxis.registry import create
from triaxis.responses import Responses


def as_rouge_score(texts: list[str]) -> list[np.ndarray]:
    """Tokens of the rouge-score package: runs of a-z and 0-9 in lower case."""
    return whitespace([re.sub(r"[^a-z0-9]+", " ", text.lower()) for text in texts])


def numbered(texts: list[str]) -> list[np.ndarray]:
    return [np.array([zlib.crc32(token.encode()) for token in text.split()], dtype=np.int64) for text in texts]


def slow_common(a: list[str], b: list[str]) -> int:
    rows = [0] * (len(b) + 1)
    for token in a:
        before = rows[:]
        for j, other in enumerate(b, 1):
            rows[j] = before[j - 1] + 1 if token == other else max(before[j], rows[j - 1])
    return rows[-1]


@pytest.mark.parametrize(("texts", "expected"), [(README, 0.771345029239766), (UNEVEN, 0.34612383230804283)])
def test_the_mean_is_that_of_the_rouge_score_package(texts: list[str], expected: float) -> None:
    assert rouge_l_similarity(as_rouge_score(texts)) == pytest.approx(expected, abs=1e-12)


def test_one_pair_by_hand() -> None:
    """a b c d, a x c: `a c` is common: 2 x 2 / (4 + 3)."""
    assert rouge_l_similarity(whitespace(["a b c d", "a x c"])) == pytest.approx(4 / 7)


@given(sets)
def test_the_kernel_finds_the_longest_common_subsequence(texts: list[str]) -> None:
    tokens = [text.split() for text in texts]
    expected = [[slow_common(a, b) for b in tokens] for a in tokens]
    assert common_subsequences(numbered(texts), numbered(texts)).tolist() == expected


def test_the_kernel_is_exact_over_many_machine_words() -> None:
    rng = np.random.default_rng(0)
    texts = [" ".join(map(str, rng.integers(0, 40, size))) for size in (63, 64, 65, 128, 300, 700)]
    tokens = [text.split() for text in texts]
    expected = [[slow_common(a, b) for b in tokens] for a in tokens]
    assert common_subsequences(numbered(texts), numbered(texts)).tolist() == expected


@given(sets)
def test_the_mean_is_that_of_every_pair(texts: list[str]) -> None:
    tokens = [text.split() for text in texts]
    pairs = [(a, b) for i, a in enumerate(tokens) for b in tokens[:i]]
    scores = [2 * slow_common(a, b) / (len(a) + len(b)) if a or b else 1 for a, b in pairs]
    assert rouge_l_similarity(whitespace(texts)) == pytest.approx(np.mean(scores), abs=1e-12)


def test_all_different_is_0_and_not_1_as_in_the_diversity_package() -> None:
    """There a sum of 0 is replaced by the number of texts, so nothing in common reads like copies."""
    assert rouge_l_similarity(whitespace(["a b", "c d", "e f"])) == 0
    assert rouge_l_similarity(whitespace(["a b"] * 3)) == 1


def test_pairs_in_blocks_are_the_same_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = whitespace(UNEVEN)
    whole = rouge_l_similarity(texts)
    for rows in (1, 3):
        monkeypatch.setattr(rouge_l, "_ROWS", rows)
        assert rouge_l_similarity(texts) == pytest.approx(whole, abs=1e-15)


def test_empty_texts_are_alike_and_unlike_all_others() -> None:
    assert rouge_l_similarity(whitespace(["", ""])) == 1
    assert rouge_l_similarity(whitespace(["", "a"])) == 0


def test_without_rapidfuzz_it_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rapidfuzz.distance", None)
    with pytest.raises(MissingDependency, match="pip install rapidfuzz"):
        create("diversity", "rouge-l").value(Responses(["a", "b"]))
