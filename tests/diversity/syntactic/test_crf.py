"""The best tags: against every path for small fields, and against CRFsuite's own for the shipped weights."""

from collections.abc import Iterator, Sequence
from importlib.resources import files
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaxis.diversity.syntactic.crf import FIRST, LAST, OFFSETS, ConditionalField, features, from_crfsuite

WORDS = ("a", "b", "cc")
SENTENCES = st.lists(st.lists(st.sampled_from(WORDS), max_size=5), max_size=6)


def small_field(seed: int) -> ConditionalField:
    """Three tags, and weights drawn at random for every attribute of three words."""
    names = {name for word in WORDS for offset in OFFSETS for name in features(word, offset)} | {FIRST, LAST}
    rng = np.random.default_rng(seed)
    attributes = {name: place for place, name in enumerate(sorted(names))}
    return ConditionalField(("X", "Y", "Z"), rng.normal(size=(3, 3)), rng.normal(size=(len(names), 3)), attributes)


def items(words: Sequence[str]) -> Iterator[dict[str, float]]:
    """What the field reads at each place of a sentence, all in one."""
    for place in range(len(words)):
        item: dict[str, float] = {}
        for offset in OFFSETS:
            if 0 <= place + offset < len(words):
                item |= features(words[place + offset], offset)
        yield item | _ends(place, len(words))


def _ends(place: int, size: int) -> dict[str, float]:
    return {name: 1.0 for name, is_here in ((FIRST, place == 0), (LAST, place == size - 1)) if is_here}


def score(field: ConditionalField, words: Sequence[str], path: Sequence[int]) -> float:
    """What a path is worth, term by term."""
    state = sum(
        value * field.weights[field.attributes[name], tag]
        for item, tag in zip(items(words), path, strict=True)
        for name, value in item.items()
    )
    return float(state + sum(field.transitions[a, b] for a, b in pairwise(path)))


@given(SENTENCES, st.integers(0, 50))
def test_no_path_is_better_than_the_one_that_is_found(sentences: list[list[str]], seed: int) -> None:
    field = small_field(seed)
    found = field.tagged(sentences)
    assert [len(tags) for tags in found] == [len(words) for words in sentences]
    for words, tags in zip(sentences, found, strict=True):
        best = max(score(field, words, path) for path in product(range(3), repeat=len(words)))
        assert score(field, words, [field.tags.index(tag) for tag in tags]) == pytest.approx(best)


@given(SENTENCES)
def test_a_sentence_has_the_same_tags_whatever_stands_beside_it(sentences: list[list[str]]) -> None:
    field = small_field(1)
    assert field.tagged(sentences) == [field.tagged([words])[0] for words in sentences]


@pytest.fixture(scope="module")
def model() -> Any:
    pycrfsuite = pytest.importorskip("pycrfsuite", reason="needs python-crfsuite: pip install 'triaxis[syntax]'")
    pytest.importorskip("gruut_lang_en", reason="needs gruut-lang-en: pip install 'triaxis[syntax]'")
    found = pycrfsuite.Tagger()
    found.open(str(files("gruut_lang_en") / "pos" / "model.crf"))
    return found


def test_tags_are_those_that_crfsuite_gives(model: Any) -> None:
    lines = (Path(__file__).parent / "tagged_sentences.txt").read_text(encoding="utf-8").splitlines()
    sentences = [[pair.rsplit("/", 1)[0] for pair in line.split()] for line in lines]
    odd = [["\x00", "💥", "é", "ﬁ"], ["x" * 500], ["12%", "'", "''", "3.5"], ["So"], ["it", "goes"] * 150]
    found = from_crfsuite(model).tagged([*sentences, *odd])
    assert found == [tuple(model.tag(items(words))) for words in [*sentences, *odd]]
