"""Text to token ids and back: a handful of words for the prompt, one token for each character of an answer."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

PAD, END = "<pad>", "<end>"
ANSWER = tuple("123456789+-*/()")
TOKENS = (PAD, END, "Reach ", " using ", ":", "0", *ANSWER)
PAD_ID, END_ID = 0, 1
IDS = {token: number for number, token in enumerate(TOKENS)}
PATTERN = r"Reach | using |[0-9:+*/()-]"
PROMPT_TOKENS = 6
"""Every prompt has as many: `Reach `, two digits of the target, ` using `, the digit, `:`."""

MOST_ANSWER_TOKENS = 16
"""Longest answer with its end; demonstrations have at most 13."""


def encode(text: str) -> list[int]:
    """Token ids of a prompt or an answer, without the end token."""
    return [IDS[token] for token in re.findall(PATTERN, text)]


def decode(ids: Iterable[int]) -> str:
    """The text of an answer up to its end token."""
    words = []
    for token in ids:
        if token in (END_ID, PAD_ID):
            break
        words.append(TOKENS[token])
    return "".join(words)


def answer_rows(answers: Sequence[str], width: int = MOST_ANSWER_TOKENS) -> np.ndarray:
    """(answers, width) int64 ids, each answer with its end token, padded on the right."""
    rows = np.full((len(answers), width), PAD_ID, dtype=np.int64)
    for row, answer in zip(rows, answers, strict=True):
        ids = [*encode(answer), END_ID]
        row[: len(ids)] = ids
    return rows


def prompt_rows(prompts: Sequence[str]) -> np.ndarray:
    """(prompts, PROMPT_TOKENS) int64 ids."""
    return np.array([encode(prompt) for prompt in prompts], dtype=np.int64)


def save_tokenizer(folder: Path) -> None:
    """Writes the same rule as a tokenizer that `AutoTokenizer.from_pretrained(folder)` loads, for trainers that want one."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    rule = Tokenizer(models.WordLevel(IDS, unk_token=PAD))
    rule.pre_tokenizer = pre_tokenizers.Split(Regex(PATTERN), behavior="isolated")
    rule.decoder = decoders.Fuse()
    fast = PreTrainedTokenizerFast(tokenizer_object=rule, pad_token=PAD, eos_token=END)  # type: ignore[no-untyped-call]
    fast.save_pretrained(folder)
