"""The tagger inside a package: how often it is right, what it costs to be without it, and that no text breaks it."""

import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from triaxis.diversity.syntactic import prose, taggers
from triaxis.diversity.syntactic.sentences import LONGEST, sentences, words_of
from triaxis.diversity.syntactic.universal import UNIVERSAL
from triaxis.errors import InputError, MissingDependency

pytest.importorskip("pycrfsuite", reason="tagging needs python-crfsuite: pip install 'triaxis[syntax]'")
pytest.importorskip("gruut_lang_en", reason="tagging needs gruut-lang-en: pip install 'triaxis[syntax]'")


def tagged_by_hand() -> list[list[list[str]]]:
    """Sentences of [word, tag]."""
    lines = (Path(__file__).parent / "tagged_sentences.txt").read_text(encoding="utf-8").splitlines()
    return [[pair.rsplit("/", 1) for pair in line.split()] for line in lines if not line.startswith("#")]


def text_of(sentence: list[list[str]]) -> str:
    """The sentence as people write it."""
    return " ".join(word for word, _ in sentence).replace(" n't", "n't").replace(" 's", "'s").replace(" 'm", "'m")


def test_words_are_cut_as_they_were_by_hand() -> None:
    for sentence in tagged_by_hand():
        assert words_of(text_of(sentence)) == [word for word, _ in sentence]


def test_nineteen_of_twenty_words_get_the_tag_that_a_person_gave() -> None:
    # 554 of 574 when this was written; the line in docs/metrics/syntactic.md gives the interval.
    tag = taggers.tagger("crf")
    right = total = 0
    for sentence in tagged_by_hand():
        (found,) = tag([text_of(sentence)])
        assert len(found) == len(sentence)
        right += sum(a == b for a, (_, b) in zip(found, sentence, strict=True))
        total += len(sentence)
    assert total == 574
    assert 0.96 <= right / total < 1.0


def test_universal_tags_are_the_fine_ones_made_coarse() -> None:
    texts = ["The quick dog doesn't bark at 7 people in Rome.", ""]
    fine, coarse = taggers.tagger("crf")(texts), taggers.tagger("crf-universal")(texts)
    assert coarse == [tuple(UNIVERSAL[tag] for tag in tags) for tags in fine]
    assert coarse[0][:3] == ("DET", "ADJ", "NOUN")
    assert coarse[1] == ()


def test_every_tag_that_the_model_can_give_has_a_universal_one() -> None:
    import pycrfsuite

    model = pycrfsuite.Tagger()
    model.open(str(taggers.files("gruut_lang_en") / "pos" / "model.crf"))
    assert set(model.labels()) == set(UNIVERSAL)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('He said "Go." Then he left.', [["He", "said", '"', "Go", ".", '"'], ["Then", "he", "left", "."]]),
        ("Wait... what?! (Yes.) ok", [["Wait", "..."], ["what", "?", "!"], ["(", "Yes", ".", ")"], ["ok"]]),
        ("Dr. No pays $1,000.50 at 10:30", [["Dr.", "No", "pays", "$", "1,000.50", "at", "10:30"]]),
        ("one\ntwo", [["one"], ["two"]]),
        (" \n\t", []),
    ],
)
def test_sentences_end_at_marks_and_lines(text: str, expected: list[list[str]]) -> None:
    assert sentences(text) == expected


def test_a_sentence_without_an_end_is_cut() -> None:
    assert [len(sentence) for sentence in sentences("word " * (2 * LONGEST + 1))] == [LONGEST, LONGEST, 1]


@pytest.mark.parametrize(
    "text", ["x" * 200_000, "\x00\x01", "don't" * 5_000, "'" * 20_000, "1," * 20_000 + "a", "a." * 20_000, "💥é\u202e"]
)
def test_hostile_text_is_tagged_word_by_word(text: str) -> None:
    (found,) = taggers.tagger("crf")([text])
    assert len(found) == sum(map(len, sentences(text))) > 0


def test_without_the_package_the_message_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taggers, "find_spec", lambda name: None)
    for make in (prose.PosNgrams, prose.PosCompression, prose.TemplateRate, prose.TemplatesPerToken):
        with pytest.raises(MissingDependency, match=r"^needs a POS tagger: pip install 'triaxis\[syntax\]'$"):
            make()
    with pytest.raises(MissingDependency, match="spacy download en_core_web_sm"):
        prose.pos_compression("spacy")


def test_an_unknown_tagger_is_named_with_those_that_there_are() -> None:
    with pytest.raises(InputError, match=r"near: 'spacy'.*crf, crf-universal, spacy"):
        prose.pos_compression("spacey")


def fake_spacy(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A spaCy whose pipeline tags words by their length and reads at most ten characters at once; gives what it was asked for."""
    asked: list[str] = []

    def pipe(texts: list[str]) -> Any:
        for text in texts:
            assert len(text) <= 10
            yield [SimpleNamespace(tag_=f"L{len(word)}", is_space=not word) for word in [*text.split(), ""]]

    def load(model: str, exclude: list[str]) -> Any:
        asked.append(model)
        return SimpleNamespace(max_length=10, pipe=pipe)

    module = ModuleType("spacy")
    module.load = load  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "spacy", module)
    monkeypatch.setattr(taggers, "find_spec", lambda name: ModuleSpec(name, None))
    taggers._loaded.cache_clear()
    return asked


def test_spacy_can_be_chosen_and_long_texts_come_to_it_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = fake_spacy(monkeypatch)
    assert taggers.tagger("spacy")(["a bb", "", "aaaa bbbb cccc dddd"]) == [("L1", "L2"), (), ("L4", "L4", "L4", "L4")]
    assert asked == [taggers.SPACY_MODEL]
    assert prose.pos_ngrams("2:spacy").name == "pos-ngrams:2:spacy"
    taggers._loaded.cache_clear()
