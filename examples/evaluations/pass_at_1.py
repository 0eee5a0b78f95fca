"""pass@1: the share of right answers to each prompt, averaged over prompts and models. Prints a JSON object.

    triaxis blind samples.parquet --eval 'python examples/evaluations/pass_at_1.py {file}'
"""

# ruff: noqa: T201

import json
import sys

import polars as pl


def read(path: str) -> pl.DataFrame:
    """The samples in `path`, whatever format triaxis wrote them in."""
    if path.endswith(".parquet"):
        return pl.read_parquet(path)
    return pl.read_csv(path) if path.endswith(".csv") else pl.read_ndjson(path, infer_schema_length=None)


if __name__ == "__main__":
    right = read(sys.argv[1]).with_columns(pl.col("quality").cast(pl.Float64) >= 1)
    shares = right.group_by("model", "prompt_id").agg(pl.col("quality").mean())
    print(json.dumps({"score": shares["quality"].mean(), "cells": shares.height}))
