"""Topical equivalence with the encoder that comes with the extra `embed`: what its numbers are, and what it cannot see."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from triaxis.diversity.equivalence import Topical
from triaxis.diversity.equivalence.paraphrases import Pair, paraphrase_set
from triaxis.diversity.spread import unit_rows
from triaxis.models.embedding import open_embedder
from triaxis.protocols import Embedder

pytest.importorskip("torch", reason="MiniLM needs torch: pip install 'triaxis[embed]'")
pytestmark = pytest.mark.slow

UNRELATED = (
    "A robin.",
    "Boil the potatoes until soft, then mash them with butter.",
    "The train leaves at a quarter past seven.",
    "Use the old tyre as a swing.",
    "Quarterly revenue rose twelve percent, mainly abroad.",
    "def area(r): return 3.14159 * r ** 2",
    "I'm sorry to hear that you are ill.",
    "The Romans built roads that are still in use.",
    "Twelve divided by four is three.",
    "She opened the door, and nobody was there.",
    "Photosynthesis turns light into sugar.",
    "My favourite colour is green.",
)


@pytest.fixture(scope="module")
def minilm(tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    cache: Path = tmp_path_factory.mktemp("cache")
    return open_embedder("minilm", cache=cache)


@pytest.fixture(scope="module")
def rule(minilm: Embedder) -> Topical:
    answers = {"prompt_id": [f"p{i:02d}" for i in range(len(UNRELATED))], "response": list(UNRELATED)}
    return Topical(minilm).calibrated(pl.DataFrame(answers))


def cosines(embedder: Embedder, pairs: tuple[Pair, ...]) -> np.ndarray:
    first, second = (unit_rows(embedder.embed(side)) for side in ([p.first for p in pairs], [p.second for p in pairs]))
    return np.asarray((first * second).sum(axis=1))


def same(rule: Topical, first: str, second: str) -> bool:
    return rule.labels(pl.DataFrame({"response": [first, second]})).tolist() == [0, 0]


def test_unrelated_answers_lie_near_zero_and_the_shipped_paraphrases_far_above(rule: Topical) -> None:
    found = rule.calibration
    assert found is not None
    assert -0.05 < found.zero < 0.15
    assert found.ceiling == pytest.approx(0.559, abs=0.002)  # the number in docs/equivalence.md
    assert "triaxis paraphrases 1" in found.ceiling_source
    assert found.share_above <= 1 / 66


def test_a_paraphrase_without_a_shared_word_is_one_class_and_another_topic_is_not(rule: Topical) -> None:
    assert same(rule, "Put it in the fridge overnight.", "Leave your dessert somewhere cold, the refrigerator, till morning.")
    assert not same(rule, "Put it in the fridge overnight.", "The Romans built roads that are still in use.")


def test_a_decisive_word_is_not_seen(rule: Topical, minilm: Embedder) -> None:
    # the reason for the name: cosines of traps, which mean something else, lie above those of paraphrases, which do not
    shipped = paraphrase_set()
    paraphrases, traps = cosines(minilm, shipped.paraphrases), cosines(minilm, shipped.traps)
    assert np.mean(traps >= rule.threshold) > np.mean(paraphrases >= rule.threshold) > 0.7
    assert np.mean(traps >= rule.threshold) > 0.9
    assert np.mean(paraphrases[:, None] > traps) < 0.1


@pytest.mark.parametrize("kind", ["negation", "number", "opposite", "who did it to whom"])
def test_no_threshold_parts_traps_of_any_kind_from_paraphrases(minilm: Embedder, kind: str) -> None:
    shipped = paraphrase_set()
    paraphrases = cosines(minilm, shipped.paraphrases)
    traps = cosines(minilm, tuple(pair for pair in shipped.traps if pair.kind == kind))
    assert np.median(traps) > np.quantile(paraphrases, 0.9)


def test_an_empty_text_and_a_hostile_one_get_a_class(rule: Topical) -> None:
    texts = pl.DataFrame({"response": ["", None, "\x00", "word " * 50_000, "</script>", ""]})
    labels = rule.labels(texts)
    assert labels[1] == -1
    assert labels[0] == labels[5] >= 0
    assert (np.delete(labels, 1) >= 0).all()
