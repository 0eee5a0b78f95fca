"""Any Hugging Face sequence classifier over two texts, from a folder or the hub: probabilities of its labels, pair by pair.

A batch holds pairs of nearly equal length, so little is padded, and many of them, so that the model and not the bookkeeping is
what takes time. Each text is tokenized once, and each pair of texts is computed once, on this machine, ever.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from hashlib import sha256
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from triaxis.errors import InputError
from triaxis.models.embedding.folder import check_folder, content_hash, snapshot
from triaxis.models.embedding.local import needs
from triaxis.models.embedding.products import has_onednn
from triaxis.models.pairs.kept import Kept, Where, content_key
from triaxis.protocols import Progress

if TYPE_CHECKING:
    import torch

SIDE = 128
"""Tokens that are read of each text: what NoveltyBench reads (Zhang et al. 2025, arXiv 2504.05228, `partition.py`)."""

BUCKET = 8
"""Lengths of pairs are padded to a multiple of this."""

CACHED = 2**18
"""Numbers of one layer that a batch may have on a processor: more leave its cache, fewer leave its matrix products small."""

FEWEST, MOST, ON_GPU = 512, 8192, 65536
"""Token slots of a batch: the least and the most on a processor, and on a GPU."""

KNOWN_TEXTS = 50_000
"""Texts whose tokens are kept from one wave of pairs to the next."""

WINDOW = 20_000
"""Pairs that are prepared at a time: bounds memory, and changes no result."""

OTHER_ABSENT = ("position_ids",)
"""Buffers that are made anew when a model is loaded."""

TwoTexts = tuple[str, str]


def open_classifier(name_or_path: str, *, side: int = SIDE, spec: str, where: Where = "default") -> PairClassifier:
    """The classifier in a folder, in the user's Hugging Face cache, or on the hub (NAME@REVISION), in this order; safetensors.

    Raises `MissingDependency` without the extra, `InputError` when there is no such classifier. Its weights are loaded with the
    first pair.
    """
    if not name_or_path.strip():
        raise InputError(f"{spec} names no classifier; type a folder or a name behind the colon")
    needs(spec, "torch", "transformers", "tokenizers")
    path = Path(name_or_path).expanduser()
    folder = path if path.is_dir() else _from_hub(name_or_path, spec)
    check_folder(folder, spec=spec)
    shown = path.resolve().name if path.is_dir() else name_or_path.partition("@")[0]
    return PairClassifier(folder, f"{shown}@{_fingerprint(folder, side)}", side=side, where=where)


def _from_hub(argument: str, spec: str) -> Path:
    name, _, revision = argument.partition("@")
    for folder in snapshot(name, revision=revision or None):
        return folder
    raise InputError(
        f"{spec} must be a folder or a model with *.safetensors on the Hugging Face hub; there is no such folder, no copy in "
        "your Hugging Face cache, and the hub gave none. Check the spelling and the connection, or give a folder"
    )


def _fingerprint(folder: Path, side: int) -> str:
    """Eight hex digits for weights, tokenizer, settings and how much of a text is read."""
    return sha256(f"{content_hash(folder)} {side}".encode()).hexdigest()[:8]


class PairClassifier:
    """Pairs of texts to probabilities of `labels`.

    `truncated` counts the different texts of which only `side` tokens were read, `computed` the pairs that the model was asked.
    """

    def __init__(self, folder: Path, name: str, *, side: int = SIDE, where: Where = "default") -> None:
        self.name = name
        self.computed = 0
        self._folder = folder
        self._side = side
        self._kept = Kept(name, where)
        self._cut: set[bytes] = set()

    @property
    def truncated(self) -> int:
        """Different texts so far of which only the beginning was read; those of kept pairs are not known."""
        return len(self._cut)

    @property
    def trouble(self) -> str:
        """Why nothing is kept on disk; empty while all is well."""
        return self._kept.trouble

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The names of the classes, in order, from the configuration; one for a model with a single output."""
        config = json.loads((self._folder / "config.json").read_text(encoding="utf-8"))
        named = config.get("id2label") or {str(number): f"LABEL_{number}" for number in range(int(config.get("num_labels", 2)))}
        return tuple(str(named[number]) for number in sorted(named, key=int))

    def probabilities(self, pairs: Sequence[TwoTexts], *, progress: Progress | None = None) -> np.ndarray:
        """(pairs, labels) float64, softmax of the outputs; the logistic of it where there is one output.

        Pairs are read in their order of sides. What is on disk is not computed again.
        """
        keys = [content_key(*pair) for pair in pairs]
        known = self._kept.get(keys)
        found = {key: np.frombuffer(content, dtype=np.float64) for key, content in known.items()}
        missing = {key: pair for key, pair in zip(keys, pairs, strict=True) if key not in found}
        names, texts, done = list(missing), list(missing.values()), len(found)
        for start in range(0, len(texts), WINDOW):
            for where, rows in self._model.batches(texts[start : start + WINDOW], self._cut):
                entries = [(names[start + place], row) for place, row in zip(where.tolist(), rows, strict=True)]
                self._kept.put((key, row.tobytes()) for key, row in entries)
                found.update(entries)
                done += len(entries)
                self.computed += len(entries)
                if progress:
                    progress("comparing pairs", done, len(found) + len(texts) - (done - len(known)))
        return np.stack([found[key] for key in keys]) if keys else np.zeros((0, len(self.labels)))

    @cached_property
    def _model(self) -> _Loaded:
        return _Loaded(self._folder, self._side)


class _Loaded:
    """Weights and tokenizer, and batches of pairs through them."""

    def __init__(self, folder: Path, side: int) -> None:
        import torch

        self._model = _weights(folder)
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        slots = ON_GPU if self._device == "cuda" else slots_of(getattr(self._model.config, "hidden_size", 0))
        self._model = self._model.to("cuda") if self._device == "cuda" else _repacked(self._model, slots)
        self._tokenizer, self._backend = _tokenizer(folder)
        self._side = min(side, _longest_side(self._tokenizer, self._backend, self._model.config))
        self._pad = self._tokenizer.pad_token_id or 0
        self._slots = slots
        self._known: dict[str, Any] = {}
        takes_types = "token_type_ids" in signature(self._model.forward).parameters
        self._has_types = takes_types and getattr(self._model.config, "type_vocab_size", 0) > 1  # RoBERTa takes but knows one

    def batches(self, pairs: Sequence[TwoTexts], cut: set[bytes]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Positions in `pairs` and their (rows, labels) probabilities, together every pair once; `cut` gets the long texts."""
        encodings = self._encodings(pairs, cut)
        whole = [self._backend.post_process(encodings[first], encodings[second]) for first, second in pairs]
        lengths = np.array([len(encoding) for encoding in whole], dtype=np.int64)
        for where in planned(lengths, slots=self._slots):
            yield where, self._forward([whole[place] for place in where.tolist()])

    def _encodings(self, pairs: Sequence[TwoTexts], cut: set[bytes]) -> dict[str, Any]:
        """Each different text tokenized once, without special tokens, the first `side` of them."""
        asked = dict.fromkeys(text for pair in pairs for text in pair)
        texts = [text for text in asked if text not in self._known]
        if len(self._known) + len(texts) > KNOWN_TEXTS:
            self._known, texts = {}, list(asked)
        found = self._backend.encode_batch(texts, add_special_tokens=False)
        for text, encoding in zip(texts, found, strict=True):
            if len(encoding) > self._side:
                cut.add(content_key(text))
                encoding.truncate(self._side)
        self._known.update(zip(texts, found, strict=True))
        return self._known

    def _forward(self, encodings: Sequence[Any]) -> np.ndarray:
        import torch

        width = padded(max(len(encoding) for encoding in encodings))
        rows = np.full((3, len(encodings), width), 0, dtype=np.int64)
        rows[0] = self._pad
        for row, encoding in enumerate(encodings):
            size = len(encoding)
            rows[0, row, :size], rows[1, row, :size], rows[2, row, :size] = encoding.ids, 1, encoding.type_ids
        words, mask, types = (part.to(self._device) for part in torch.from_numpy(rows))
        features = {"input_ids": words, "attention_mask": mask} | ({"token_type_ids": types} if self._has_types else {})
        with torch.inference_mode():
            return _probabilities(self._model(**features).logits)


def planned(lengths: np.ndarray, *, slots: int) -> Iterator[np.ndarray]:
    """Positions that share a batch: `lengths` (pairs,) that pad to one multiple of `BUCKET`, at most `slots` tokens together."""
    widths = padded(lengths)
    order = np.argsort(widths, kind="stable")
    for same in np.split(order, np.flatnonzero(np.diff(widths[order])) + 1):
        if same.size:
            step = max(1, slots // int(widths[same[0]]))
            yield from (same[start : start + step] for start in range(0, same.size, step))


def slots_of(width: int) -> int:
    """Token slots of a batch on a processor, for a model of hidden size `width`.

    >>> [slots_of(width) for width in (32, 128, 768)]
    [8192, 2048, 512]
    """
    return min(max(CACHED // max(width, 1), FEWEST), MOST)


def padded(length: Any) -> Any:
    """`length`, or each of an array of them, up to the next multiple of `BUCKET`."""
    return -(-length // BUCKET) * BUCKET


def _probabilities(logits: torch.Tensor) -> np.ndarray:
    """(rows, labels) float64, to six decimals: how pairs fell into batches shows in the last bits only, and is cut off."""
    exact = logits.double()
    found = exact.sigmoid() if exact.shape[1] == 1 else exact.softmax(dim=1)
    rounded: np.ndarray = np.round(found.cpu().numpy(), 6)
    return rounded


def _weights(folder: Path) -> Any:
    """The model in `folder`, float32. Raises `InputError` when a weight is not there: it would be made up at random."""
    import torch
    from transformers import AutoModelForSequenceClassification

    with _quiet():
        model, told = AutoModelForSequenceClassification.from_pretrained(
            str(folder), use_safetensors=True, trust_remote_code=False, local_files_only=True, output_loading_info=True,
            dtype=torch.float32,
        )  # fmt: skip
    absent = [name for name in told["missing_keys"] if not name.endswith(OTHER_ABSENT)]
    if absent:
        raise InputError(
            f"{folder} must hold every weight of a sequence classifier, got none for {', '.join(sorted(absent)[:3])}; "
            "an encoder that was not fine-tuned on pairs is no pair classifier"
        )
    return model.eval()


def _repacked(model: Any, slots: int) -> Any:
    """`model` with its linear layers through oneDNN, where this torch has it: on AMD, MKL is half as fast."""
    import torch

    if not has_onednn():
        return model
    ops = torch.ops.mkldnn

    def through_onednn(layer: torch.nn.Linear) -> Callable[[torch.Tensor], torch.Tensor]:
        packed, bias = ops._reorder_linear_weight(layer.weight.detach().contiguous(), slots), layer.bias
        return lambda hidden: ops._linear_pointwise(hidden, packed, bias, "none", [], "none")

    for layer in model.modules():
        if type(layer) is torch.nn.Linear:
            layer.forward = through_onednn(layer)  # type: ignore[method-assign, assignment]
            layer.weight = torch.nn.Parameter(layer.weight.new_empty(0), requires_grad=False)  # held once, packed
    return model


@contextmanager
def _quiet() -> Iterator[None]:
    """No progress bar of loading, and no report on unused weights."""
    logging: Any = import_module("transformers.utils.logging")
    had_bar, level = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if had_bar:
            logging.enable_progress_bar()


def _tokenizer(folder: Path) -> tuple[Any, Any]:
    """The tokenizer in `folder`, and the fast part of it, set to neither cut nor pad."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise InputError(f"{folder} must hold a fast tokenizer (tokenizer.json), got {type(tokenizer).__name__}")
    backend.no_truncation()
    backend.no_padding()
    return tokenizer, backend


def _longest_side(tokenizer: Any, backend: Any, config: Any) -> int:
    """Tokens of one side that fit twice, with the special ones, into what the model can read."""
    limits = [tokenizer.model_max_length, getattr(config, "max_position_embeddings", None) or 512]
    return int((min(limits) - backend.num_special_tokens_to_add(is_pair=True)) // 2)
