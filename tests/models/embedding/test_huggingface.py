"""Any encoder in Hugging Face format: its own settings are kept, what could run is refused."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sentence_transformers")

from tests.models.embedding.tiny import save_bert, save_sentence_transformer
from triaxis.errors import InputError
from triaxis.models.embedding import huggingface
from triaxis.models.embedding.local import LocalEmbedder
from triaxis.registry import create

TEXTS = ["abc", "hello world", "", "zz" * 30, "a b c d e f g h", "q", "éa", "abc"]


def opened(folder: Path) -> LocalEmbedder:
    made: LocalEmbedder = create("embedder", f"hf:{folder}")
    return made


def by_sentence_transformers(folder: Path, texts: list[str]) -> np.ndarray:
    from sentence_transformers import SentenceTransformer

    with huggingface._quiet():
        model = SentenceTransformer(str(folder), device="cpu")
    found: np.ndarray = model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    return found


def test_a_plain_encoder_gets_mean_pooling(tmp_path: Path) -> None:
    save_bert(tmp_path)
    made = opened(tmp_path)
    np.testing.assert_allclose(made.embed(TEXTS), by_sentence_transformers(tmp_path, TEXTS), atol=1e-5)
    assert made.truncated == 1


@pytest.mark.parametrize(
    "settings",
    [
        {"mode": "mean_tokens"},
        {"mode": "cls_token"},
        {"mode": "max_tokens"},
        {"mode": "lasttoken"},
        {"mode": "weightedmean_tokens"},
        {"prompt": "query: "},
        {"max_seq_length": 6},
    ],
    ids=str,
)
def test_pooling_prompt_and_length_of_a_sentence_transformers_folder_are_kept(
    tmp_path: Path, settings: dict[str, object]
) -> None:
    save_sentence_transformer(tmp_path / "model", **settings)
    save_sentence_transformer(tmp_path / "other", mode="mean_sqrt_len_tokens", max_seq_length=20)
    found = opened(tmp_path / "model").embed(TEXTS)
    np.testing.assert_allclose(found, by_sentence_transformers(tmp_path / "model", TEXTS), atol=1e-5)
    assert settings == {"mode": "mean_tokens"} or np.abs(found - opened(tmp_path / "other").embed(TEXTS)).max() > 1e-3


def test_texts_that_the_encoder_cuts_are_counted_and_those_that_just_fit_are_not(tmp_path: Path) -> None:
    made = opened(save_sentence_transformer(tmp_path / "model", max_seq_length=6))
    made.embed(["abcd", "abc"])
    assert made.truncated == 0
    made.embed(["abcd", "abcde", "z" * 99, "abcde"])
    assert made.truncated == 2


def test_a_text_has_the_same_bits_whatever_else_is_embedded(tmp_path: Path) -> None:
    made = opened(save_bert(tmp_path))
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(list("abcdef"), rng.integers(0, 30))) for _ in range(120)]
    whole, order = made.embed(texts), rng.permutation(len(texts))
    assert np.array_equal(made.embed([texts[i] for i in order]), whole[order])
    assert np.array_equal(np.concatenate([made.embed([text]) for text in texts[:30]]), whole[:30])
    alone = LocalEmbedder("alone", lambda: huggingface.TransformerEncoder(tmp_path), workers=4)
    assert np.array_equal(alone.embed(texts), whole)


def test_the_name_is_of_the_content_and_not_of_the_place(tmp_path: Path) -> None:
    first = save_bert(tmp_path / "one" / "encoder")
    shutil.copytree(first, tmp_path / "two" / "encoder")
    other = save_bert(tmp_path / "three" / "encoder", seed=1)
    assert opened(first).name == opened(tmp_path / "two" / "encoder").name != opened(other).name
    settings = tmp_path / "two" / "encoder" / "sentence_bert_config.json"
    settings.write_text(json.dumps({"max_seq_length": 5}), encoding="utf-8")
    assert opened(tmp_path / "two" / "encoder").name != opened(first).name


def test_a_hub_name_is_found_in_the_cache_and_its_revision_is_in_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    revision = "d" * 40
    root = tmp_path / "models--someone--encoder"
    (root / "refs").mkdir(parents=True)
    (root / "refs" / "main").write_text(revision, encoding="utf-8")
    save_bert(root / "snapshots" / revision)
    import huggingface_hub

    real = huggingface_hub.snapshot_download
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda name, **more: real(name, cache_dir=tmp_path, **more))
    made = create("embedder", "hf:someone/encoder")
    assert made.name == "hf:someone/encoder@dddddddd"
    assert create("embedder", f"hf:someone/encoder@{revision}").name == made.name
    assert made.embed(["a"]).shape == (1, 32)


def test_what_is_nowhere_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface, "snapshot", lambda *_, **__: [])
    with pytest.raises(InputError, match=r"'hf:no/such' must be a folder or a model"):
        create("embedder", "hf:no/such")


def test_a_pickle_is_not_loaded(tmp_path: Path) -> None:
    save_bert(tmp_path)
    (tmp_path / "model.safetensors").rename(tmp_path / "pytorch_model.bin")
    with pytest.raises(InputError, match=r"got pytorch_model.bin alone; a pickle is never loaded"):
        opened(tmp_path)


def test_a_pickle_of_a_later_module_is_not_loaded(tmp_path: Path) -> None:
    save_sentence_transformer(tmp_path / "model")
    (tmp_path / "model" / "1_Pooling" / "pytorch_model.bin").write_bytes(b"\x80")
    with pytest.raises(InputError, match="a pickle is never loaded"):
        opened(tmp_path / "model")


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"must have config\.json and its weights"):
        opened(tmp_path)


def test_a_module_of_somebody_elses_code_is_refused(tmp_path: Path) -> None:
    folder = save_sentence_transformer(tmp_path / "model")
    modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    modules[1]["type"] = "custom_code.Evil"
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    with pytest.raises(InputError, match=r"got 'custom_code.Evil'; its own code is never run"):
        opened(folder)


def test_a_weight_that_would_be_made_up_at_random_is_an_error(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    save_bert(tmp_path)
    path = tmp_path / "model.safetensors"
    kept = {name: weight for name, weight in load_file(path).items() if "layer.1.attention.self.query" not in name}
    save_file(kept, path, metadata={"format": "pt"})
    with pytest.raises(InputError, match=r"every weight of the encoder, got none for .*layer.1.attention.self.query.weight"):
        opened(tmp_path).embed(["a"])
