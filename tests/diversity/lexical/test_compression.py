"""Compression ratios: once, in blocks, in order and sorted."""

import gzip
import sys

import numpy as np
import pytest
import zstandard

from tests.diversity.lexical.sentences import README
from triaxis.diversity.lexical import compression
from triaxis.diversity.lexical.compression import CODECS, Codec, Compression, compression_ratio, order_free_ratio
from triaxis.errors import InputError, MissingDependency, Undefined
from triaxis.registry import create
from triaxis.responses import Responses


def letters(count: int, *, size: int = 60, seed: int = 0) -> list[str]:
    """Texts of random letters, which repeat nothing."""
    rng = np.random.default_rng(seed)
    return ["".join(rng.choice(list("abcdefghijklmnop"), size)) for _ in range(count)]


def test_the_example_of_the_diversity_package_compressed_once() -> None:
    """162 bytes in 108; the package compresses what is compressed already and says 1.141."""
    raw = " ".join(README).encode()
    assert compression_ratio(README) == len(raw) / len(gzip.compress(raw)) == 1.5
    twice = gzip.compress(gzip.compress(raw))
    assert len(raw) / len(twice) < 1.3


def test_a_long_repeating_corpus_is_not_flattered_by_a_second_pass() -> None:
    corpus = README * 200
    raw = " ".join(corpus).encode()
    assert compression_ratio(corpus) == pytest.approx(129.4, abs=0.1)
    assert len(raw) / len(gzip.compress(gzip.compress(raw))) > 1.4 * compression_ratio(corpus)


def test_zstd_is_one_frame_of_the_library() -> None:
    raw = " ".join(README).encode()
    assert compression_ratio(README, codec="zstd") == pytest.approx(len(raw) / len(zstandard.compress(raw, 3)), rel=0.02)


@pytest.mark.parametrize("codec", CODECS)
def test_under_one_block_parts_have_the_value_of_the_whole(codec: Codec) -> None:
    texts = letters(40) * 2
    whole = Compression(codec).value(Responses(texts))
    for cut in (0, 1, 40, 79):
        first, second = Compression(codec).tally(), Compression(codec).tally()
        first.add(Responses(texts[:cut]))
        second.add(Responses(texts[cut:]))
        first.merge(second)
        assert first.value() == whole


def test_blocks_are_closed_at_a_fixed_size_whatever_the_parts_that_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "BLOCK", 610)
    texts = letters(60)
    once = Compression().value(Responses(texts))
    blocks = [" ".join(texts[start : start + 10]).encode() for start in range(0, 60, 10)]
    assert once == sum(map(len, blocks)) / sum(len(gzip.compress(block)) for block in blocks)
    tally = Compression().tally()
    for text in texts:
        tally.add(Responses([text]))
    assert tally.value() == once


def test_a_merge_above_one_block_costs_one_more_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "BLOCK", 20_000)
    texts = letters(2_000)
    once = Compression().value(Responses(texts))
    first, second = Compression().tally(), Compression().tally()
    first.add(Responses(texts[:777]))
    second.add(Responses(texts[777:]))
    first.merge(second)
    assert first.value() != once
    assert first.value() == pytest.approx(once, rel=0.01)
    assert first.responses == 2_000


def test_the_order_of_texts_matters_to_one_and_not_to_the_other() -> None:
    """Copies 36 KB apart are out of reach of gzip; sorted, they stand side by side."""
    texts = letters(600)
    side_by_side = [text for text in texts for _ in range(2)]
    assert compression_ratio(side_by_side) > 1.5 * compression_ratio(texts * 2)
    assert order_free_ratio(texts * 2) == order_free_ratio(side_by_side) > 1.5 * compression_ratio(texts * 2)


def test_zstd_reaches_further_than_gzip() -> None:
    texts = letters(2_000) * 2
    assert compression_ratio(texts, codec="zstd") > 1.5 * compression_ratio(texts, codec="gzip")


def test_length_alone_moves_it() -> None:
    """The confound of arXiv 2507.15092: longer texts of words drawn from the same vocabulary compress better."""
    vocabulary, rng = letters(300, size=6), np.random.default_rng(0)
    short, long = ([" ".join(rng.choice(vocabulary, size)) for _ in range(50)] for size in (5, 200))
    assert compression_ratio(long) > 1.3 * compression_ratio(short)
    assert not create("diversity", "compression").traits.is_size_free


def test_nothing_to_compress_has_no_value() -> None:
    with pytest.raises(Undefined, match="every response is empty"):
        compression_ratio([""])


def test_an_unknown_codec_is_refused() -> None:
    with pytest.raises(InputError, match="unknown codec 'zip' of compression; near: 'gzip'; there are: gzip, zstd"):
        create("diversity", "compression:zip")
    assert create("diversity", "compression").name == "compression:gzip"
    assert create("diversity", "compression-order-free:zstd").name == "compression-order-free:zstd"


def test_without_zstandard_it_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(MissingDependency, match="pip install zstandard"):
        create("diversity", "compression:zstd").value(Responses(["a", "b"]))
