"""What needs several prompts at once: labels that must differ between prompts, and answers to different prompts to compare."""

from collections.abc import Iterable

import numpy as np
import polars as pl

from triaxis.measure.pairwise_labels import given
from triaxis.measure.sampling import prompt_rank, seeded_rank

MOST_PROMPTS = 1000


def within_prompts(labels: np.ndarray, prompts: pl.Series) -> np.ndarray:
    """(samples,) int64: `labels` that mean something in one prompt only, made different between prompts; -1 stays."""
    distinct = prompts.unique().to_list()
    salt = dict(zip(distinct, (prompt_rank(name, 0) >> 1 for name in distinct), strict=True))
    salts = np.array([salt[name] for name in prompts], dtype=np.int64)
    mixed = seeded_rank(labels ^ seeded_rank(salts, 1).view(np.int64), 2) >> np.uint64(1)
    return np.where(labels >= 0, mixed.astype(np.int64), labels)


def one_of_each_prompt(buckets: Iterable[pl.DataFrame], prompts: pl.Series, *, seed: int) -> pl.DataFrame:
    """`prompt_id` and `response`: an answer to each of up to 1,000 prompts, both chosen by seed and not by order of rows.

    `buckets` hold rows with codes into the names `prompts`.
    """
    rank = np.array([prompt_rank(name, seed) for name in prompts], dtype=np.uint64)
    chosen = np.argsort(rank, kind="stable")[:MOST_PROMPTS]
    text = pl.col(given("response"))
    is_wanted = pl.col("prompt").is_in(chosen) & (text != "")
    found = pl.concat([rows.filter(is_wanted).select("prompt", text.alias("response")).unique() for rows in buckets]).unique()
    keys = pl.Series("key", [prompt_rank(answer, seed) >> 1 for answer in found["response"]], dtype=pl.Int64)
    ordered = found.with_columns(prompts.gather(found["prompt"]).alias("prompt_id"), keys).sort("prompt_id", "key")
    return ordered.unique("prompt_id", keep="first", maintain_order=True).select("prompt_id", "response")
