"""Our forward pass against the libraries', and the promise that a text's bits are its own."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sentence_transformers")

from tests.models.embedding.tiny import LONGEST, save_bert
from triaxis.models.embedding import minilm, products
from triaxis.models.embedding.local import LocalEmbedder
from triaxis.models.embedding.packed_bert import PackedBert, Shape
from triaxis.models.embedding.products import SLOTS, Linear, Precision

if TYPE_CHECKING:
    from torch import Tensor

TEXTS = (
    "", " ", "a", "ab", "hello world", "Hello, WORLD!", "é e\u0301 ß İ", "東京は日本の首都です。", "😀👩‍👩‍👧 ok",
    "\x00 \u200b \ufeff", "word " * 300, "x" * 500, "one two three " * 9,
    "The quick brown fox jumps over the lazy dog.", "[CLS] [SEP] [MASK]",
)  # fmt: skip


def packed(folder: Path, *, workers: int = 1, precision: Precision = products.float32) -> LocalEmbedder:
    """Our encoder over the weights in `folder`."""
    from safetensors.torch import load_file
    from tokenizers import Tokenizer

    def load() -> PackedBert:
        shape = Shape.of(json.loads((folder / "config.json").read_text(encoding="utf-8")), longest=LONGEST)
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        return PackedBert(load_file(folder / "model.safetensors"), tokenizer, shape, precision)

    return LocalEmbedder("tiny", load, workers=workers)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_bert(tmp_path_factory.mktemp("bert"))


def letters(count: int, *, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    return ["".join(rng.choice(list("abcdefghij"), rng.integers(0, 40))) for _ in range(count)]


@pytest.mark.parametrize("has_onednn", [True, False])
def test_vectors_are_those_of_transformers(tiny: Path, has_onednn: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    is_there = products.has_onednn()
    monkeypatch.setattr(products, "has_onednn", lambda: is_there and has_onednn)
    texts = letters(60)
    tokenizer, model = AutoTokenizer.from_pretrained(tiny), AutoModel.from_pretrained(tiny).eval()
    expected = []
    with torch.inference_mode():
        for text in texts:
            features = tokenizer(text, truncation=True, max_length=LONGEST, return_tensors="pt")
            expected.append(model(**features).last_hidden_state[0].mean(dim=0).numpy())
    expected_rows = np.stack(expected) / np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.abs(expected_rows[0] - expected_rows[1]).max() > 0.01
    np.testing.assert_allclose(packed(tiny).embed(texts), expected_rows, atol=1e-5)


@pytest.mark.parametrize("precision", [products.float32, products.bfloat16])
def test_a_text_has_the_same_bits_whatever_else_is_embedded_and_by_how_many_workers(tiny: Path, precision: Precision) -> None:
    assert company_does_not_show(tiny, precision)


def test_a_precision_whose_scale_is_that_of_the_batch_would_show_in_the_bits(tiny: Path) -> None:
    def scaled_by_batch(weight: Tensor, bias: Tensor, activation: str = "none") -> Linear:
        """What dynamic int8 quantisation does to activations, per tensor."""
        product = products.float32(weight, bias, activation)
        return lambda hidden: product((hidden * (127 / hidden.abs().max())).round() * (hidden.abs().max() / 127))

    assert not company_does_not_show(tiny, scaled_by_batch)


def company_does_not_show(tiny: Path, precision: Precision) -> bool:
    texts = letters(400)
    whole = packed(tiny, precision=precision).embed(texts)
    order = np.random.default_rng(1).permutation(len(texts))
    shuffled = packed(tiny, workers=3, precision=precision).embed([texts[i] for i in order])
    firsts = {count: packed(tiny, workers=2, precision=precision).embed(texts[:count]) for count in (1, 2, 7, 150)}
    return np.array_equal(shuffled, whole[order]) and all(np.array_equal(rows, whole[:n]) for n, rows in firsts.items())


@pytest.mark.parametrize("has_onednn", [True, False])
def test_bfloat16_is_near_float32_and_not_equal_to_it(tiny: Path, has_onednn: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    is_there = products.has_onednn()
    monkeypatch.setattr(products, "has_onednn", lambda: is_there and has_onednn)
    texts = letters(60)
    exact, rounded = (packed(tiny, precision=precision).embed(texts) for precision in (products.float32, products.bfloat16))
    own = (exact * rounded).sum(axis=1)
    assert own.min() > 0.995
    assert own.min() < 0.9999999


def test_a_processor_without_bfloat16_in_onednn_multiplies_it_through_torch(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = letters(20)
    expected = packed(tiny, precision=products.bfloat16).embed(texts)
    monkeypatch.setattr(products, "_has_bfloat16", lambda: False)
    np.testing.assert_allclose(packed(tiny, precision=products.bfloat16).embed(texts), expected, atol=0.02)


def test_a_text_that_is_longer_than_the_encoder_reads_is_cut_and_counted_once(tiny: Path) -> None:
    made = packed(tiny)
    fits, too_long = "a" * (LONGEST - 2), "a" * (LONGEST - 1)
    found = made.embed([fits, too_long, "b" * 999, too_long])
    made.embed([too_long])
    assert made.truncated == 2
    assert np.array_equal(found[0], found[1])


def test_windows_of_texts_change_nothing(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = letters(50)
    whole = packed(tiny).embed(texts)
    monkeypatch.setattr("triaxis.models.embedding.local.WINDOW", 7)
    seen: list[int] = []
    assert np.array_equal(packed(tiny).embed(texts, progress=lambda _, done, total: seen.append(done)), whole)
    assert seen[-1] == len(set(texts))


def test_embedding_leaves_the_number_of_torch_threads_alone(tiny: Path) -> None:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        packed(tiny, workers=2).embed(letters(20))
        with ThreadPoolExecutor(1) as pool:
            assert (torch.get_num_threads(), pool.submit(torch.get_num_threads).result()) == (2, 2)
    finally:
        torch.set_num_threads(before)


@pytest.mark.slow
def test_the_embedded_encoder_equals_sentence_transformers() -> None:
    from sentence_transformers import SentenceTransformer

    texts = [*TEXTS, "a" * 1_000_000]
    theirs = SentenceTransformer(str(minilm.weights_folder()), device="cpu").encode(texts, show_progress_bar=False)
    made = minilm.minilm()
    ours = made.embed(texts)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)
    assert made.truncated == 1
    again = np.concatenate([made.embed([text]) for text in texts])
    assert np.array_equal(again, ours)


def test_every_text_fits_into_the_slots() -> None:
    assert minilm.LONGEST <= SLOTS
