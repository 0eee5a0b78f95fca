"""A fitted head on disk: numbers in `model.safetensors`, all that has to fit them in `config.json`.

The one idea: a head is good for one encoder, one way of reading texts and one list of features. The configuration says which, and
loading refuses what does not agree with this version, so that no figure rests on numbers that mean something else.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from triaxis.diversity.equivalence.learned import reading, tensors
from triaxis.diversity.equivalence.learned.features import PAIR_FEATURES, WordWeights
from triaxis.diversity.equivalence.learned.head import CLIP, Head
from triaxis.diversity.equivalence.learned.tensors import damaged
from triaxis.errors import InputError

FORMAT = "triaxis learned equivalence 1"
MODEL, CONFIG = "model.safetensors", "config.json"
LARGEST_CONFIG = 2**20
READING = {"characters": reading.READ, "piece_words": reading.PIECE_WORDS, "pieces": reading.PIECES, "clip": CLIP}
"""How texts are read; another version of triaxis that reads them otherwise refuses the head."""

_ARRAYS = ("mean", "scale", "weights", "bias", "centre", "directions", "word_keys", "word_weights", "word_unknown")


@dataclass(frozen=True)
class Artefact:
    """A head, the encoder that it was fitted on, and what is known of how well it does.

    encoder: what `open_embedder` is asked for. encoder_name: what that encoder called itself. held_out: figures on pairs that the
    head had not seen; `accuracy` with `accuracy_low` and `accuracy_high` among them. trained: what it was fitted to.
    """

    head: Head
    encoder: str
    encoder_name: str
    threshold: float = 0.5
    held_out: Mapping[str, float] = field(default_factory=dict)
    trained: Mapping[str, Any] = field(default_factory=dict)


def shipped_folder() -> Path:
    """The folder of the artefact that comes with triaxis."""
    return Path(str(files("triaxis.diversity.equivalence.learned") / "shipped"))


def save(artefact: Artefact, folder: Path) -> None:
    """Writes `model.safetensors` and `config.json` into `folder`, which exists; equal artefacts give equal bytes."""
    data = tensors.to_bytes(_arrays(artefact.head))
    config = {
        "format": FORMAT,
        "encoder": artefact.encoder,
        "encoder_name": artefact.encoder_name,
        "features": list(PAIR_FEATURES),
        "reading": READING,
        "threshold": artefact.threshold,
        "sha256": sha256(data).hexdigest(),
        "held_out": dict(artefact.held_out),
        "trained": dict(artefact.trained),
    }
    (folder / MODEL).write_bytes(data)
    (folder / CONFIG).write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


def load(folder: Path) -> Artefact:
    """The artefact in `folder`. Raises `InputError` when it is not whole, not ours, or not for this version of triaxis."""
    config = _config(folder / CONFIG)
    data = _bytes(folder / MODEL, tensors.LARGEST)
    if sha256(data).hexdigest() != config["sha256"]:
        raise damaged(folder / MODEL, f"its SHA-256 is not the {config['sha256'][:12]}... of {CONFIG}")
    return Artefact(
        head=_head(tensors.from_bytes(data, folder / MODEL), folder / MODEL),
        encoder=config["encoder"],
        encoder_name=config["encoder_name"],
        threshold=float(config["threshold"]),
        held_out=config["held_out"],
        trained=config["trained"],
    )


def _arrays(head: Head) -> dict[str, np.ndarray]:
    arrays = (
        head.mean, head.scale, head.weights, np.array([head.bias]), head.centre, head.directions,
        head.words.keys, head.words.weights, np.array([head.words.unknown]),
    )  # fmt: skip
    return dict(zip(_ARRAYS, arrays, strict=True))


def _head(arrays: Mapping[str, np.ndarray], path: Path) -> Head:
    if set(arrays) != set(_ARRAYS):
        raise damaged(path, f"it holds {', '.join(sorted(arrays)) or 'nothing'} in place of {', '.join(_ARRAYS)}")
    if not all(np.isfinite(array).all() for array in arrays.values()):
        raise damaged(path, "some of its numbers are not finite")
    mean, scale, weights, bias, centre, directions, keys, known, unknown = (arrays[name] for name in _ARRAYS)
    inputs = len(PAIR_FEATURES) + (directions.shape[1] if directions.ndim == 2 else -1)
    shapes = (mean.shape, scale.shape, weights.shape, bias.shape, unknown.shape, directions.shape[:1], known.shape)
    if shapes != ((inputs,), (inputs,), (inputs,), (1,), (1,), centre.shape, keys.shape) or centre.ndim != 1 or keys.ndim != 1:
        raise damaged(path, "the shapes of its arrays do not fit one another")
    if (scale <= 0).any() or (np.diff(keys) < 0).any():
        raise damaged(path, "a scale is not positive or its words are not in order")
    return Head(mean, scale, weights, float(bias[0]), centre, directions, WordWeights(keys, known, float(unknown[0])))


def _config(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(_bytes(path, LARGEST_CONFIG))
    except (ValueError, RecursionError) as error:
        raise damaged(path, f"it is not JSON ({error})") from error
    if not isinstance(config, dict) or config.get("format") != FORMAT:
        came = config.get("format") if isinstance(config, dict) else type(config).__name__
        raise damaged(path, f"its format is {came!r}, and this version reads {FORMAT!r}")
    _check_config(config, path)
    return config


def _check_config(config: Mapping[str, Any], path: Path) -> None:
    expected: dict[str, Any] = dict.fromkeys(("encoder", "encoder_name", "sha256"), str)
    expected |= {"threshold": (int, float), "held_out": dict, "trained": dict}
    for key, kind in expected.items():
        if not isinstance(config.get(key), kind) or isinstance(config[key], bool):
            raise damaged(path, f"its `{key}` is {config.get(key)!r}")
    if not 0 < config["threshold"] <= 1:
        raise damaged(path, f"its threshold is {config['threshold']}, not in (0, 1]")
    for key, ours in (("features", list(PAIR_FEATURES)), ("reading", READING)):
        if config.get(key) != ours:
            raise damaged(path, f"its `{key}` are {config.get(key)!r}, and this version of triaxis computes {ours!r}")


def _bytes(path: Path, most: int) -> bytes:
    try:
        if path.stat().st_size > most:
            raise damaged(path, f"it has {path.stat().st_size:,} bytes, more than {most:,}")
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"expected a folder that `triaxis fit equivalence` wrote, with {MODEL} and {CONFIG}; cannot read {path}: "
            f"{error.strerror or error}"
        ) from error
