"""Perplexity of a causal language model in a local folder: exp of the mean negative log-likelihood of a token of the answers.

Lower is better, as people use it: text that a model expects is taken for good text. Each distinct answer goes through the model
once, whatever the number of doses and resamples.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from triaxis.blind.table import Table
from triaxis.errors import InputError, MissingDependency, Undefined

BATCH = 16


class Surprise(NamedTuple):
    """Summed negative log-likelihood, in nats, and the number of tokens that it is of."""

    nats: float
    tokens: int


@dataclass
class Perplexity:
    """The model in `folder`, loaded with transformers when it is first asked; never from the network, never foreign code.

    The first token of an answer has nothing before it and is not predicted, unless the tokeniser has a token for the beginning.
    Longer answers than the model reads are cut.
    """

    name: str
    folder: Path
    is_lower_better: bool = True
    _known: dict[str, Surprise] = field(default_factory=dict, repr=False)
    _loaded: tuple[Any, Any] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not (self.folder / "config.json").is_file():
            raise InputError(f"expected a folder with a language model (config.json) for perplexity, got {self.folder}")

    @property
    def identity(self) -> str:
        """The folder's files by name and size, and its configuration."""
        files = sorted((p.name, p.stat().st_size) for p in self.folder.iterdir() if p.is_file())
        return f"perplexity\0{files}\0{sha256((self.folder / 'config.json').read_bytes()).hexdigest()}"

    def score(self, table: Table) -> float:
        """Perplexity of all answers together, 1 or more."""
        texts = [text for text in table.column("response") or [] if isinstance(text, str) and text]
        self._read(list(dict.fromkeys(text for text in texts if text not in self._known)))
        nats = sum(self._known[text].nats for text in texts)
        tokens = sum(self._known[text].tokens for text in texts)
        if not tokens:
            raise Undefined("no token to predict")
        return math.exp(nats / tokens)

    def _read(self, texts: list[str]) -> None:
        if not texts:
            return
        model, tokenizer = self._models()
        for start in range(0, len(texts), BATCH):
            some = texts[start : start + BATCH]
            self._known |= dict(zip(some, surprises(model, tokenizer, some), strict=True))

    def _models(self) -> tuple[Any, Any]:
        if self._loaded is None:
            try:
                from transformers import AutoModelForCausalLM, AutoTokenizer
            except ImportError as error:
                raise MissingDependency("perplexity needs transformers: pip install 'triaxis[embed]'") from error
            try:
                with _quiet():
                    model: Any = AutoModelForCausalLM.from_pretrained(self.folder, local_files_only=True, use_safetensors=True)
                    tokenizer = AutoTokenizer.from_pretrained(self.folder, local_files_only=True)
            except (OSError, ValueError) as error:
                raise InputError(f"cannot load the language model in {self.folder}: {str(error).splitlines()[0]}") from error
            model.eval()
            self._loaded = model, tokenizer
        return self._loaded


@contextmanager
def _quiet() -> Iterator[None]:
    """No progress bar of loading."""
    logging: Any = import_module("transformers.utils.logging")
    had_bar = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if had_bar:
            logging.enable_progress_bar()


def surprises(model: Any, tokenizer: Any, texts: list[str]) -> list[Surprise]:
    """One `Surprise` for each of `texts`."""
    import torch

    most = int(getattr(model.config, "max_position_embeddings", 1024))
    begin = [] if tokenizer.bos_token_id is None else [int(tokenizer.bos_token_id)]
    ids = [(begin + list(tokenizer(text, add_special_tokens=False)["input_ids"]))[:most] for text in texts]
    longest = max(map(len, ids), default=0)
    if longest < 2:
        return [Surprise(0.0, 0) for _ in texts]
    padded = torch.tensor([found + [0] * (longest - len(found)) for found in ids])
    mask = torch.tensor([[1] * len(found) + [0] * (longest - len(found)) for found in ids])
    with torch.inference_mode():
        logits = model(input_ids=padded, attention_mask=mask).logits[:, :-1].float()
    lost = torch.nn.functional.cross_entropy(logits.transpose(1, 2), padded[:, 1:], reduction="none") * mask[:, 1:]
    return [Surprise(float(nats), max(0, len(found) - 1)) for nats, found in zip(lost.double().sum(dim=1), ids, strict=True)]
