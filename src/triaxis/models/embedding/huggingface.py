"""Any encoder in Hugging Face format, from a folder or the hub: `hf:NAME_OR_PATH`, `hf:NAME@REVISION`.

A sentence-transformers folder keeps its own pooling, prompts and length; any other gets mean pooling. Batches hold texts of
exactly equal length in a number that the length alone decides, so nothing is padded or masked and a text's bits are its own.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from triaxis.errors import InputError
from triaxis.models.embedding.batching import equal_lengths, rows_together
from triaxis.models.embedding.folder import check_folder, content_hash, snapshot
from triaxis.models.embedding.local import LocalEmbedder, Tokens, needs
from triaxis.registry import register

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

TOKENIZED_AT_ONCE = 64
SLOTS = 256
"""Tokens of a batch: large enough for full speed on a processor, small enough that filling up costs little."""
KNOWN = {"input_ids", "attention_mask", "token_type_ids"}
"""Tensors that we can make again for another batch of the same tokens."""


@register("embedder", "hf")
def huggingface(name_or_path: str) -> LocalEmbedder:
    """The encoder in a folder, in the user's Hugging Face cache, or on the hub, in this order; float32, safetensors only.

    Its name holds the hub's revision, or the hash of the folder's content. Raises `MissingDependency` without the extra,
    `InputError` when there is no such encoder or it would run code of its own.
    """
    spec = f"embedder 'hf:{name_or_path}'"
    if not name_or_path.strip():
        raise InputError(f"{spec} names no encoder; type a folder or a name, as in hf:sentence-transformers/all-MiniLM-L6-v2")
    needs(spec, "torch", "transformers", "sentence_transformers")
    path = Path(name_or_path).expanduser()
    folder = path if path.is_dir() else _from_hub(name_or_path, spec)
    check_folder(folder, spec=spec)
    if path.is_dir():
        return LocalEmbedder(f"hf:{path.resolve().name}@{content_hash(folder)[:8]}", lambda: TransformerEncoder(folder))
    return LocalEmbedder(f"hf:{name_or_path.partition('@')[0]}@{folder.name[:8]}", lambda: TransformerEncoder(folder))


def _from_hub(argument: str, spec: str) -> Path:
    name, _, revision = argument.partition("@")
    for folder in snapshot(name, revision=revision or None):
        return folder
    raise InputError(
        f"{spec} must be a folder or a model with *.safetensors on the Hugging Face hub; there is no such folder, no copy in "
        "your Hugging Face cache, and the hub gave none. Check the spelling and the connection, or give a path: hf:FOLDER"
    )


class TransformerEncoder:
    """A `SentenceTransformer` that is asked for its parts: tokens once, then batches of our choice."""

    def __init__(self, folder: Path) -> None:
        self._model = _load(folder)
        self._folder = folder
        prompts, chosen = self._model.prompts, self._model.default_prompt_name
        self._prompt: str = (prompts.get(chosen) if chosen else None) or ""
        self._extra: dict[str, Any] = {}
        self._has_types = False

    def tokenize(self, texts: Sequence[str]) -> Tokens:
        """Tokens with the encoder's prompt, if it has one."""
        ids: list[list[int]] = []
        for start in range(0, len(texts), TOKENIZED_AT_ONCE):
            ids += self._tokens(list(texts[start : start + TOKENIZED_AT_ONCE]))
        longest = max(map(len, ids), default=0)
        is_cut = [len(tokens) == longest and self._was_cut(text, longest) for text, tokens in zip(texts, ids, strict=True)]
        return Tokens(ids, np.array(is_cut, dtype=bool))

    def plan(self, lengths: np.ndarray) -> Iterable[np.ndarray]:
        """Texts of equal length."""
        return equal_lengths(lengths, slots=SLOTS)

    def encode(self, ids: Sequence[Sequence[int]]) -> np.ndarray:
        """(rows, dimensions) float32; the batch is filled up with its last text."""
        import torch

        rows = rows_together(len(ids[0]), slots=SLOTS)
        words = torch.tensor([*ids, *[ids[-1]] * (rows - len(ids))])
        features = {**self._extra, "input_ids": words, "attention_mask": torch.ones_like(words)}
        if self._has_types:
            features["token_type_ids"] = torch.zeros_like(words)
        with torch.inference_mode():
            vectors: np.ndarray = self._model(features)["sentence_embedding"][: len(ids)].numpy()
        return vectors

    def _tokens(self, texts: list[str]) -> list[list[int]]:
        """Tokens of each text without padding, from the encoder's own preparation of a batch."""
        features = dict(self._prepared(texts))
        if not {"input_ids", "attention_mask"} <= set(features) or features["input_ids"].ndim != 2:
            raise InputError(f"{self._folder} must be an encoder over tokens with a mask, got one over {sorted(features)}")
        self._has_types = "token_type_ids" in features
        self._extra = {name: value for name, value in features.items() if name not in KNOWN}
        masks = features["attention_mask"].bool()
        return [words[mask].tolist() for words, mask in zip(features["input_ids"], masks, strict=True)]

    def _prepared(self, texts: list[str]) -> dict[str, Any]:
        if hasattr(self._model, "preprocess"):  # sentence-transformers 5.3 and later
            return self._model.preprocess(texts, prompt=self._prompt or None)
        return self._model.tokenize([self._prompt + text for text in texts])

    def _was_cut(self, text: str, length: int) -> bool:
        """Whether a text of the greatest length found has more tokens than were kept."""
        limit = self._model.max_seq_length
        if limit is None or length < limit:
            return False
        whole = self._model.tokenizer(self._prompt + text, truncation=False, verbose=False)["input_ids"]
        return len(whole) > length


def _load(folder: Path) -> SentenceTransformer:
    """The model in `folder`. Raises `InputError` when a weight that matters is not there: it would be made up at random."""
    model = _seeded_load(folder, seed=0)
    if absent := _absent(model, folder):
        probe = ["Is every weight there that a vector depends on?"]
        first, second = (found.encode(probe, show_progress_bar=False) for found in (model, _seeded_load(folder, seed=1)))
        if not np.array_equal(first, second):
            raise InputError(f"{folder} must hold every weight of the encoder, got none for {', '.join(absent[:3])}")
    return model


def _seeded_load(folder: Path, *, seed: int) -> SentenceTransformer:
    import torch
    from sentence_transformers import SentenceTransformer

    with _quiet(), torch.random.fork_rng():
        torch.manual_seed(seed)
        model = SentenceTransformer(
            str(folder), device="cpu", model_kwargs={"use_safetensors": True}, trust_remote_code=False, local_files_only=True
        )
    return model.float().eval()


def _absent(model: SentenceTransformer, folder: Path) -> list[str]:
    """Weights of `model` that no file names, as far as names tell: libraries put one or two words before them."""
    from safetensors import safe_open

    held: set[str] = set()
    for path in folder.rglob("*.safetensors"):
        with safe_open(path, framework="pt") as file:
            held.update(end for name in file.keys() for end in _ends(name, 3))  # noqa: SIM118  (not a dict)
    return [name for name, _ in model.named_parameters() if held.isdisjoint(_ends(name, 3))]


def _ends(name: str, most: int) -> list[str]:
    words = name.split(".")
    return [".".join(words[start:]) for start in range(min(most, len(words) - 1))]


@contextmanager
def _quiet() -> Iterator[None]:
    """No progress bar of loading, no report on unused weights, and no warning that a plain encoder gets mean pooling."""
    progress: Any = import_module("transformers.utils.logging")
    loggers = [logging.getLogger(name) for name in ("sentence_transformers", "transformers")]
    levels, had_bar = [logger.level for logger in loggers], progress.is_progress_bar_enabled()
    progress.disable_progress_bar()
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
        if had_bar:
            progress.enable_progress_bar()
