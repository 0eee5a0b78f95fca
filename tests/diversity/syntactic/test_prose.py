"""Parts of speech: values worked out by hand, and the tags of real sentences."""

from zlib import decompress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaxis.diversity.syntactic import prose
from triaxis.diversity.syntactic.prose import compression_ratio, template_rate, templates, templates_per_token
from triaxis.errors import InputError, Undefined
from triaxis.registry import create
from triaxis.responses import Responses

DINNER = ("DT", "NN", "VBZ", "DT", "NN")
LIST = ("JJ",) * 6


def tagged(*sequences: tuple[str, ...]) -> Responses:
    """Responses whose words are their tags."""
    return Responses([" ".join(tags) for tags in sequences])


@pytest.fixture(autouse=True)
def a_tagger_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tagger that takes words for tags; none has to be installed."""
    monkeypatch.setattr(prose, "require", lambda name: None)
    monkeypatch.setattr(prose, "tagger", lambda name: lambda texts: [tuple(text.split()) for text in texts])


def test_pos_ngrams_are_distinct_over_all() -> None:
    # DT NN, NN VBZ, VBZ DT, DT NN | DT NN: five bigrams, three different.
    assert prose.PosNgrams(n=2).value(tagged(DINNER, ("DT", "NN"))) == 3 / 5
    assert prose.PosNgrams(n=1).value(tagged(DINNER, ("DT", "NN"))) == 3 / 7


def test_no_ngram_runs_from_one_text_into_the_next() -> None:
    with pytest.raises(Undefined, match="hold no 3 neighbouring parts of speech"):
        prose.PosNgrams(n=3).value(tagged(("DT", "NN"), ("VBZ", "JJ")))


def test_texts_without_a_word_are_left_out() -> None:
    metric = prose.PosNgrams(n=2)
    assert metric.value(tagged(DINNER, (), ("DT", "NN"))) == metric.value(tagged(DINNER, ("DT", "NN")))
    with pytest.raises(Undefined, match="needs at least 2 responses with words, got 1"):
        metric.value(tagged(DINNER, ()))


def test_compression_is_one_pass_over_the_sorted_lines() -> None:
    # 12 bytes of tags; gzip needs 10 + 8 bytes around 14 of them.
    assert compression_ratio([("DT", "NN", "VBZ", "JJ")]) == 12 / 32
    many = [DINNER, LIST, ("IN", "PRP")] * 40
    assert compression_ratio(many) == compression_ratio(many[::-1]) > compression_ratio(many[:3])
    with pytest.raises(Undefined, match="hold no words"):
        compression_ratio([()])


def test_what_is_compressed_are_the_tags_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []
    real = prose.compressobj

    class Watching:
        def __init__(self, level: int, *, wbits: int) -> None:
            self._packer = real(level, wbits=wbits)

        def compress(self, data: bytes) -> bytes:
            seen.append(self._packer.compress(data))
            return seen[-1]

        def flush(self) -> bytes:
            seen.append(self._packer.flush())
            return seen[-1]

    monkeypatch.setattr(prose, "compressobj", Watching)
    compression_ratio([LIST, DINNER])
    assert decompress(b"".join(seen), wbits=31) == b"DT NN VBZ DT NN\nJJ JJ JJ JJ JJ JJ"  # once, not twice as in the peer


def test_a_template_stands_in_two_texts() -> None:
    texts = [DINNER, DINNER, LIST]  # JJ JJ JJ JJ JJ stands twice, but in one text
    assert templates(texts) == {DINNER}
    assert template_rate(texts) == 2 / 3
    assert templates_per_token(texts) == 2 / 16


def test_all_different_is_not_reported_like_all_the_same() -> None:
    assert template_rate([DINNER, LIST]) == 0.0
    assert template_rate([DINNER, DINNER]) == 1.0


def test_only_the_hundred_commonest_spans_are_templates() -> None:
    long = tuple(f"T{place:03}" for place in range(105))  # 101 spans, each twice
    found = templates([long, long])
    assert len(found) == 100
    assert long[-5:] not in found  # ties in the order of tags
    assert long[-5:] in templates([long, long, long[-5:]])  # until it is more frequent


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=12), min_size=2, max_size=6))
def test_templates_agree_with_counting_every_span(texts: list[list[str]]) -> None:
    spans = [[tuple(text[i : i + 5]) for i in range(len(text) - 4)] for text in texts]
    shared = {span for text in spans for span in text if sum(span in other for other in spans) > 1}
    assert templates([tuple(text) for text in texts]) == shared  # 3^5 = 243 spans, but too few texts for 100


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("pos-ngrams", "pos-ngrams:4"), ("pos-ngrams:2", "pos-ngrams:2"), ("pos-ngrams:3:spacy", "pos-ngrams:3:spacy"),
        ("pos-compression", "pos-compression"), ("template-rate:spacy", "template-rate:spacy"),
        ("templates-per-token", "templates-per-token"),
    ],
)  # fmt: skip
def test_a_metric_is_made_by_name(spec: str, name: str) -> None:
    assert create("diversity", spec).name == name


@pytest.mark.parametrize("spec", ["pos-ngrams:0", "pos-ngrams:two", "pos-ngrams:", "pos-ngrams:101", "pos-ngrams:2.5"])
def test_an_order_that_is_no_number_is_refused(spec: str) -> None:
    with pytest.raises(InputError, match="whole number from 1 to 100 after pos-ngrams:"):
        create("diversity", spec)
