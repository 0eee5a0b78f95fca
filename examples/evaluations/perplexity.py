"""Perplexity of the answers under a causal language model in a local folder: lower is taken for better. Prints one number.

    triaxis blind samples.parquet --lower-is-better \
        --eval 'python examples/evaluations/perplexity.py MODEL_FOLDER {file}'

`--eval perplexity:MODEL_FOLDER` gives the same number and reads each answer once, not once for every dose and resample.
"""

# ruff: noqa: T201

import math
import sys

import polars as pl
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def read(path: str) -> pl.DataFrame:
    """The samples in `path`, whatever format triaxis wrote them in."""
    if path.endswith(".parquet"):
        return pl.read_parquet(path)
    return pl.read_csv(path) if path.endswith(".csv") else pl.read_ndjson(path, infer_schema_length=None)


def surprise(text: str, model: torch.nn.Module, tokenizer: object) -> tuple[float, int]:
    """Summed negative log-likelihood of the tokens of `text` in nats, and how many they are."""
    begin = [] if tokenizer.bos_token_id is None else [tokenizer.bos_token_id]
    ids = (begin + tokenizer(text, add_special_tokens=False)["input_ids"])[: model.config.max_position_embeddings]
    if len(ids) < 2:
        return 0.0, 0
    row = torch.tensor([ids])
    with torch.inference_mode():
        logits = model(input_ids=row).logits[0, :-1].float()
    return float(torch.nn.functional.cross_entropy(logits, row[0, 1:], reduction="sum")), len(ids) - 1


if __name__ == "__main__":
    folder, file = sys.argv[1:3]
    model = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    found = [surprise(text, model, tokenizer) for text in read(file)["response"].drop_nulls()]
    print(math.exp(sum(nats for nats, _ in found) / sum(tokens for _, tokens in found)))
