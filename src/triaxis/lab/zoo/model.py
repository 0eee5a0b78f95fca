"""The models: small Llamas with random weights, and sampling from them in batches with a cache of keys and values."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from triaxis.lab.zoo.randomness import Use, torch_seed
from triaxis.lab.zoo.vocabulary import END_ID, MOST_ANSWER_TOKENS, PAD_ID, PROMPT_TOKENS, TOKENS, decode, prompt_rows
from triaxis.quality.expression import Task

if TYPE_CHECKING:
    import torch


class Size(NamedTuple):
    """Layers, width and heads of a model."""

    layers: int
    width: int
    heads: int


SIZES: Mapping[str, Size] = MappingProxyType({"small": Size(2, 64, 4), "large": Size(4, 128, 4)})

_ROWS = 1104
"""Answers drawn at a time: 16 prompts of 69, or some 100 MB of keys and values of the large model."""


def new_model(size: Size, seed: int) -> Any:
    """A `LlamaForCausalLM` of that size with the random weights of `seed`."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=len(TOKENS), hidden_size=size.width, intermediate_size=size.width * 8 // 3 // 8 * 8,
        num_hidden_layers=size.layers, num_attention_heads=size.heads, max_position_embeddings=PROMPT_TOKENS + MOST_ANSWER_TOKENS,
        pad_token_id=PAD_ID, bos_token_id=None, eos_token_id=END_ID, tie_word_embeddings=False,
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(torch_seed(seed, Use.WEIGHTS))
        return LlamaForCausalLM(config)


class Rollouts(NamedTuple):
    """Answers drawn: ids (n, tokens) padded after the end, and each token's log-probability (n, tokens), 0 at padding."""

    ids: "torch.Tensor"
    logprobs: "torch.Tensor"

    @property
    def texts(self) -> list[str]:
        """The answers as text."""
        return [decode(ids) for ids in self.ids.tolist()]

    @property
    def lengths(self) -> list[int]:
        """Tokens of each answer, its end included."""
        counts: list[int] = (self.ids != PAD_ID).sum(dim=1).tolist()
        return counts


def prompt_ids(tasks: Sequence[Task], *, repeats: int = 1) -> "torch.Tensor":
    """(tasks x repeats, PROMPT_TOKENS) ids, the repeats of a task side by side."""
    import torch

    return torch.from_numpy(prompt_rows([task.prompt for task in tasks])).repeat_interleave(repeats, 0)


def draw(model: Any, tasks: Sequence[Task], count: int, generator: "torch.Generator") -> Rollouts:
    """`count` answers to each task, side by side, at temperature 1 from the whole vocabulary; no more than `_ROWS` at a time."""
    import torch

    parts = [sample(model, rows, generator) for rows in torch.split(prompt_ids(tasks, repeats=count), _ROWS)]
    return Rollouts(torch.cat([part.ids for part in parts]), torch.cat([part.logprobs for part in parts]))


def sample(model: Any, prompts: "torch.Tensor", generator: "torch.Generator") -> Rollouts:
    """One answer to each of `prompts` (n, PROMPT_TOKENS), keys and values of earlier tokens kept; stops when all have ended.

    Every prompt has as many tokens, so that nothing has to be masked. Padding that is drawn ends an answer, and counts nothing.
    """
    import torch
    from transformers import DynamicCache

    ids = torch.full((len(prompts), MOST_ANSWER_TOKENS), PAD_ID)
    logprobs = torch.zeros(ids.shape)
    cache, given, is_open = DynamicCache(), prompts, torch.ones(len(prompts), dtype=torch.bool)
    with torch.no_grad():
        for at in range(MOST_ANSWER_TOKENS):
            scores = model(given, past_key_values=cache, use_cache=True, logits_to_keep=1).logits[:, -1].log_softmax(-1)
            given = torch.multinomial(scores.exp(), 1, generator=generator)
            ids[:, at] = torch.where(is_open, given[:, 0], PAD_ID)
            logprobs[:, at] = torch.where(is_open & (given[:, 0] != PAD_ID), scores.gather(1, given)[:, 0], 0.0)
            is_open &= (given[:, 0] != END_ID) & (given[:, 0] != PAD_ID)
            if not is_open.any():
                break
    return Rollouts(ids, logprobs)


def token_logprobs(model: Any, prompts: "torch.Tensor", answers: "torch.Tensor") -> "torch.Tensor":
    """(n, tokens) log-probability of each token of `answers` (n, tokens) after `prompts`, with gradients; 0 at padding."""
    import torch

    given = torch.cat([prompts, answers], dim=1)[:, :-1]
    scores: torch.Tensor = model(given, use_cache=False).logits[:, PROMPT_TOKENS - 1 :].log_softmax(-1)
    return scores.gather(2, answers[..., None])[..., 0] * (answers != PAD_ID)
