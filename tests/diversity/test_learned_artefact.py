"""A head on disk: the same bytes, the same head, and a clear refusal of anything else."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.diversity.heads import head, overlap_artefact
from triaxis.diversity.equivalence.learned import PAIR_FEATURES, load, save, shipped_folder
from triaxis.diversity.equivalence.learned.artefact import CONFIG, MODEL
from triaxis.diversity.equivalence.learned.features import WordWeights
from triaxis.diversity.equivalence.learned.tensors import from_bytes, to_bytes
from triaxis.errors import InputError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save(overlap_artefact(), tmp_path)
    return tmp_path


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    words = WordWeights(np.array([3, 9]), np.array([0.5, 1.5], dtype=np.float32), 2.5)
    made = head({"word_cosine": 8.0, "names": -0.1}, bias=-4.0, dimensions=6, directions=2, words=words)
    save(overlap_artefact().__class__(made, "minilm", "minilm@1", 0.4, {"accuracy": 0.7}, {"pairs": 5}), tmp_path)
    found = load(tmp_path)
    assert (found.encoder, found.encoder_name, found.threshold) == ("minilm", "minilm@1", 0.4)
    assert (found.held_out, found.trained) == ({"accuracy": 0.7}, {"pairs": 5})
    for name in ("mean", "scale", "weights", "bias", "centre", "directions"):
        assert np.array_equal(getattr(found.head, name), getattr(made, name)), name
    assert found.head.words.of(["a"]).tolist() == [2.5]
    assert np.array_equal(found.head.words.weights, words.weights)


def test_the_same_head_has_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    again.mkdir()
    save(overlap_artefact(), again)
    assert all((again / name).read_bytes() == (folder / name).read_bytes() for name in (MODEL, CONFIG))


def test_the_file_is_safetensors_for_others_too(folder: Path) -> None:
    numpy = pytest.importorskip("safetensors.numpy", reason="needs safetensors: pip install 'triaxis[embed]'")
    theirs, ours = numpy.load_file(folder / MODEL), from_bytes((folder / MODEL).read_bytes(), folder)
    assert theirs.keys() == ours.keys()
    assert all(np.array_equal(theirs[name], ours[name]) and theirs[name].dtype == ours[name].dtype for name in ours)
    assert from_bytes(numpy.save({"x": np.eye(2)}, metadata={"by": "them"}), folder)["x"].tolist() == [[1, 0], [0, 1]]


def test_the_shipped_head_loads_is_small_and_says_how_good_it_is() -> None:
    shipped = load(shipped_folder())
    assert shipped.encoder == "minilm"
    assert 0.7 < shipped.held_out["accuracy_low"] < shipped.held_out["accuracy"] < shipped.held_out["accuracy_high"] < 0.9
    assert sum(path.stat().st_size for path in shipped_folder().iterdir()) < 2**20
    card = (shipped_folder() / "card.md").read_text(encoding="utf-8")
    assert "triaxis fit equivalence" in card
    assert "seed 0" in card
    weights = dict(zip(PAIR_FEATURES, shipped.head.weights, strict=False))
    assert min(weights[name] for name in ("word_cosine", "names_shared", "numbers_shared", "alignment", "cosine")) >= 0
    assert max(weights[name] for name in ("length_difference", "items_difference")) <= 0


def truncated(folder: Path) -> None:
    (folder / MODEL).write_bytes((folder / MODEL).read_bytes()[:-1])


def one_bit(folder: Path) -> None:
    data = bytearray((folder / MODEL).read_bytes())
    data[-3] ^= 1
    (folder / MODEL).write_bytes(data)


def no_model(folder: Path) -> None:
    (folder / MODEL).unlink()


def no_config(folder: Path) -> None:
    (folder / CONFIG).unlink()


def not_json(folder: Path) -> None:
    (folder / CONFIG).write_text("{", encoding="utf-8")


def deep(folder: Path) -> None:
    (folder / CONFIG).write_text("[" * 100_000, encoding="utf-8")


def a_list(folder: Path) -> None:
    (folder / CONFIG).write_text("[]", encoding="utf-8")


def too_large(folder: Path) -> None:
    (folder / CONFIG).write_bytes(b" " * (2**20 + 1))


def changed(**values: Any) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        (folder / CONFIG).write_text(json.dumps({**config, **values}), encoding="utf-8")

    change.__name__ = "_".join(values)
    return change


def replaced(data: bytes, name: str) -> Callable[[Path], None]:
    """Another model file, with the hash that goes with it: what somebody would do on purpose."""

    def change(folder: Path) -> None:
        (folder / MODEL).write_bytes(data)
        changed(sha256=sha256(data).hexdigest())(folder)

    change.__name__ = name
    return change


def arrays(**values: np.ndarray) -> bytes:
    """The arrays of a good head of one dimension, some of them changed."""
    many = {name: np.ones(len(PAIR_FEATURES)) for name in ("mean", "scale", "weights")}
    one = {name: np.zeros(1) for name in ("bias", "centre", "word_unknown")}
    words = {"word_keys": np.zeros(0, dtype=np.int64), "word_weights": np.zeros(0, dtype=np.float32)}
    return to_bytes({**many, **one, **words, "directions": np.zeros((1, 0)), **values})


LIE = b'{"x":{"dtype":"F64","shape":[1],"data_offsets":[0,999]}}'
PICKLED = b"\x80\x04\x95cos\nsystem\n"
DAMAGE = [
    truncated, one_bit, no_model, no_config, not_json, deep, a_list, too_large,
    changed(format="triaxis learned equivalence 2"), changed(features=["word_cosine"]), changed(reading={}),
    changed(threshold=0), changed(threshold=True), changed(encoder=7), changed(sha256=None), changed(held_out=[]),
    replaced(b"", "empty"), replaced(PICKLED, "pickle"), replaced((2**60).to_bytes(8, "little") + b"x" * 9, "huge header"),
    replaced(len(LIE).to_bytes(8, "little") + LIE, "offsets outside"),
    replaced((2).to_bytes(8, "little") + b"[]", "header is a list"),
    replaced(to_bytes({"x": np.zeros(2)}), "other arrays"), replaced(arrays(scale=np.zeros(11)), "zero scale"),
    replaced(arrays(mean=np.full(11, np.nan)), "not finite"), replaced(arrays(weights=np.ones(3)), "other shape"),
    replaced(arrays(directions=np.zeros(3)), "directions of one axis"), replaced(arrays(centre=np.zeros(2)), "other centre"),
]  # fmt: skip


def test_arrays_that_are_left_alone_are_a_head(folder: Path) -> None:
    replaced(arrays(), "whole")(folder)
    assert load(folder).head.centre.shape == (1,)


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_damage_is_refused_in_words(folder: Path, damage: Callable[[Path], None]) -> None:
    damage(folder)
    with pytest.raises(InputError, match="triaxis fit equivalence") as refusal:
        load(folder)
    assert str(folder) in str(refusal.value)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected a folder that `triaxis fit equivalence` wrote.*nowhere"):
        load(tmp_path / "nowhere")
