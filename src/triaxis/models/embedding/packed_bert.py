"""A BERT encoder over packed texts: the forward pass of sentence-transformers, without padding and without masks.

Texts of any lengths lie one after the other in a fixed number of token slots. Every linear layer is one product of
(slots, width) with the weights, whatever is packed, so its sums never change shape; only attention sees single texts.
After Devlin et al. 2019; the post-norm layers of `transformers.BertModel`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from triaxis.models.embedding.batching import packs
from triaxis.models.embedding.local import Tokens
from triaxis.models.embedding.products import SLOTS, Linear, Precision, float32

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor


class Shape(NamedTuple):
    """What a BERT configuration says about its arithmetic."""

    heads: int
    epsilon: float
    layers: int
    longest: int

    @classmethod
    def of(cls, config: Mapping[str, Any], *, longest: int) -> Shape:
        """From the content of `config.json`; `longest` is the most tokens that are read of a text."""
        return cls(config["num_attention_heads"], config["layer_norm_eps"], config["num_hidden_layers"], longest)


Norm = Callable[["Tensor"], "Tensor"]


class Layer(NamedTuple):
    """One transformer layer: its products, with queries, keys and values in a single one, and its two norms."""

    qkv: Linear
    attended: Linear
    attention_norm: Norm
    widened: Linear
    narrowed: Linear
    output_norm: Norm


class PackedBert:
    """BERT weights with their tokenizer; the mean of a text's last hidden states is its vector.

    `precision` is that of the products with the weights; sums of layers, norms and attention are float32 in any case.
    """

    def __init__(
        self, tensors: Mapping[str, Tensor], tokenizer: Tokenizer, shape: Shape, precision: Precision = float32
    ) -> None:
        tokenizer.no_padding()
        tokenizer.no_truncation()  # we cut ourselves, so that a cut text is seen
        self._tokenizer = tokenizer
        self._shape = shape
        self._words = tensors["embeddings.word_embeddings.weight"]
        places = tensors["embeddings.position_embeddings.weight"]
        self._places = places + tensors["embeddings.token_type_embeddings.weight"][0]
        self._norm = _norm(tensors, "embeddings.LayerNorm", shape.epsilon)
        names = [f"encoder.layer.{number}" for number in range(shape.layers)]
        self._layers = [_layer(tensors, name, shape.epsilon, precision) for name in names]

    def tokenize(self, texts: Sequence[str]) -> Tokens:
        """Tokens as the tokenizer's file says, cut so that the last one stays the separator."""
        longest = self._shape.longest
        whole = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts))]
        is_cut = np.array([len(ids) > longest for ids in whole], dtype=bool)
        return Tokens([ids if len(ids) <= longest else [*ids[: longest - 1], ids[-1]] for ids in whole], is_cut)

    def plan(self, lengths: np.ndarray) -> Iterable[np.ndarray]:
        """Texts that fill the token slots."""
        return packs(lengths, slots=SLOTS)

    def encode(self, ids: Sequence[Sequence[int]]) -> np.ndarray:
        """(texts, width) float32: mean over each text's tokens."""
        import torch

        lengths = [len(tokens) for tokens in ids]
        with torch.inference_mode():
            hidden = self._hidden(ids, lengths)
            means = [part.mean(dim=0) for part in torch.split(hidden[: sum(lengths)], lengths)]
            vectors: np.ndarray = torch.stack(means).numpy()
            return vectors

    def _hidden(self, ids: Sequence[Sequence[int]], lengths: Sequence[int]) -> Tensor:
        """(slots, width) hidden states of the last layer; what is empty holds numbers that nothing reads."""
        import torch

        words, places = torch.zeros(SLOTS, dtype=torch.long), torch.zeros(SLOTS, dtype=torch.long)
        words[: sum(lengths)] = torch.tensor([token for tokens in ids for token in tokens])
        places[: sum(lengths)] = torch.cat([torch.arange(length) for length in lengths])
        hidden = self._norm(self._words[words] + self._places[places])
        for layer in self._layers:
            context = self._attention(layer.qkv(hidden).float(), lengths)
            hidden = layer.attention_norm(layer.attended(context) + hidden)
            hidden = layer.output_norm(layer.narrowed(layer.widened(hidden)) + hidden)
        return hidden

    def _attention(self, qkv: Tensor, lengths: Sequence[int]) -> Tensor:
        """(slots, width) context: each text attends to itself, texts of one length in one call."""
        import torch
        from torch.nn.functional import scaled_dot_product_attention

        width = qkv.shape[1] // 3
        context = torch.zeros(SLOTS, width)
        start = 0
        for length, same in groupby(lengths):
            texts = len(list(same))
            stop = start + texts * length
            # (texts, tokens, 3, heads, width of a head) -> 3 x (texts, heads, tokens, width of a head)
            parts = qkv[start:stop].view(texts, length, 3, self._shape.heads, -1).permute(2, 0, 3, 1, 4)
            found = scaled_dot_product_attention(parts[0], parts[1], parts[2])
            context[start:stop] = found.transpose(1, 2).reshape(texts * length, width)
            start = stop
        return context


def _layer(tensors: Mapping[str, Tensor], at: str, epsilon: float, precision: Precision) -> Layer:
    import torch

    def named(name: str, activation: str = "none") -> Linear:
        return precision(tensors[f"{at}.{name}.weight"], tensors[f"{at}.{name}.bias"], activation)

    names = [f"{at}.attention.self.{part}" for part in ("query", "key", "value")]
    weight, bias = (torch.cat([tensors[f"{name}.{kind}"] for name in names]) for kind in ("weight", "bias"))
    return Layer(
        precision(weight, bias),
        named("attention.output.dense"),
        _norm(tensors, f"{at}.attention.output.LayerNorm", epsilon),
        named("intermediate.dense", "gelu"),
        named("output.dense"),
        _norm(tensors, f"{at}.output.LayerNorm", epsilon),
    )


def _norm(tensors: Mapping[str, Tensor], name: str, epsilon: float) -> Norm:
    from torch.nn.functional import layer_norm

    weight, bias = tensors[f"{name}.weight"], tensors[f"{name}.bias"]
    return lambda hidden: layer_norm(hidden, weight.shape, weight, bias, epsilon)
