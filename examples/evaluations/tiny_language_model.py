"""Trains a tiny GPT-2 on the answers in files of samples, in minutes on one CPU: a local model whose perplexity can be tried.

    python examples/evaluations/tiny_language_model.py tiny-lm samples.parquet --steps 400

A byte-level BPE of 2,000 tokens, two layers of 64, context 256. Not a good language model; what is shown of it is shown of how
perplexity reacts, and of no other model.
"""

# ruff: noqa: T201

import argparse
from pathlib import Path

import polars as pl
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

END = "<|endoftext|>"


def trained_tokenizer(texts: list[str], size: int) -> PreTrainedTokenizerFast:
    """A byte-level BPE tokeniser of `size` tokens; its first token begins and ends a text."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=size, special_tokens=[END], initial_alphabet=alphabet))
    return PreTrainedTokenizerFast(tokenizer_object=made, bos_token=END, eos_token=END)


def train(texts: list[str], *, steps: int, context: int, seed: int, size: int) -> tuple[GPT2LMHeadModel, PreTrainedTokenizerFast]:
    """A model and its tokeniser, trained for `steps` of 16 windows of `context` tokens."""
    torch.manual_seed(seed)
    tokenizer = trained_tokenizer(texts, size)
    stream = torch.tensor([token for text in texts for token in [tokenizer.bos_token_id, *tokenizer(text)["input_ids"]]])
    end = tokenizer.bos_token_id
    shape = {"n_positions": context, "n_embd": 64, "n_layer": 2, "n_head": 4, "loss_type": "ForCausalLM"}
    model = GPT2LMHeadModel(GPT2Config(vocab_size=len(tokenizer), bos_token_id=end, eos_token_id=end, **shape))
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for step in range(steps):
        starts = torch.randint(0, len(stream) - context, (16,))
        batch = torch.stack([stream[start : start + context] for start in starts])
        loss = model(input_ids=batch, labels=batch).loss
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if step % 100 == 0 or step == steps - 1:
            print(f"step {step}: {float(loss.detach().exp()):.1f} perplexity in training", flush=True)
    return model.eval(), tokenizer


def main() -> None:
    """Command line: a folder to write, files of samples."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--context", type=int, default=256)
    parser.add_argument("--vocabulary", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    read = [pl.read_parquet(f) if f.endswith(".parquet") else pl.read_ndjson(f) for f in options.files]
    texts = [text for frame in read for text in frame["response"].drop_nulls() if text.strip()]
    model, tokenizer = train(texts, steps=options.steps, context=options.context, seed=options.seed, size=options.vocabulary)
    model.save_pretrained(options.folder)
    tokenizer.save_pretrained(options.folder)


if __name__ == "__main__":
    main()
