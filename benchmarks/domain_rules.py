"""How often do the rules that give prompts a domain agree with the domains that data sets state?

    python benchmarks/domain_rules.py ../shared/data

The rules were written on one half of the prompts, chosen by a hash of their ids; this reports the other half. At most 200 prompts
of a file and domain count, so that no file decides alone. Prints Markdown tables.
"""

import argparse
from hashlib import blake2b
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks._table import show
from triaxis.measure.domains.classify import NAMES, classify_domain

MOST = 200
DRAWS = 1000
FRAGMENTS = "diversity_human_scores_dev"
"""Its prompts are pieces of text to carry on with, not requests: nothing in them says what they are for."""

MIXED = "instruction"
"""What a data set calls prompts of every kind: a rule that finds code among them is not wrong."""


def rank(prompt_id: str) -> int:
    """A number of a prompt; the rules were written on even ones."""
    return int.from_bytes(blake2b(f"domains|{prompt_id}".encode(), digest_size=8).digest(), "big")


def held_out(folder: Path) -> pl.DataFrame:
    """`file`, `prompt` and stated `domain` of prompts that no rule was written on, with the domain that the rules give."""
    found = [_of_file(path) for path in sorted(folder.glob("*_dev.parquet"))]
    known = pl.concat([frame for frame in found if frame is not None])
    return known.with_columns(classify_domain(known["prompt"]).alias("given"))


def _of_file(path: Path) -> pl.DataFrame | None:
    if not {"prompt_id", "prompt", "domain"} <= set(pl.read_parquet_schema(path)):
        return None
    rows = pl.read_parquet(path, columns=["prompt_id", "prompt", "domain"]).unique("prompt_id", keep="first", maintain_order=True)
    ranks = pl.Series("rank", [rank(name) for name in rows["prompt_id"]], dtype=pl.UInt64)
    stated = pl.col("domain").replace({"coding": "code"})
    own = rows.with_columns(ranks, stated, pl.lit(path.stem).alias("file")).filter(pl.col("rank") % 2 == 1)
    few = own.sort("rank").group_by("domain", maintain_order=True).head(MOST)
    return few.filter(pl.col("domain").is_in(NAMES)).select("file", "prompt", "domain")


def f1(stated: np.ndarray, given: np.ndarray, name: str) -> tuple[float, float, float]:
    """Precision, recall and F1 of one domain; F1 is 0 where nothing is right."""
    right = float(np.sum((stated == name) & (given == name)))
    precision, recall = right / max(1, np.sum(given == name)), right / max(1, np.sum(stated == name))
    return precision, recall, 2 * precision * recall / max(1e-12, precision + recall)


def macro(stated: np.ndarray, given: np.ndarray) -> tuple[float, float, float]:
    """Mean F1 over the stated domains, with the middle 95 % of resamples of prompts."""
    names = sorted(set(stated))
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(DRAWS):
        at = rng.integers(0, stated.size, stated.size)
        drawn.append(np.mean([f1(stated[at], given[at], name)[2] for name in names]))
    value = float(np.mean([f1(stated, given, name)[2] for name in names]))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return value, float(low), float(high)


def main() -> None:
    """Prints all tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    whole = held_out(parser.parse_args().data)
    prompts = whole.filter(pl.col("file") != FRAGMENTS)
    kinds = prompts.filter(pl.col("domain") != MIXED)
    lines = []
    for name, rows in (("all files", whole), ("without fragments", prompts), ("and without mixed files", kinds)):
        stated, given = (rows[column].to_numpy() for column in ("domain", "given"))
        lines.append([name, rows.height, float(np.mean(stated == given)), *macro(stated, given)])
    show("Agreement on held-out prompts", ["prompts of", "prompts", "accuracy", "macro F1", "low", "high"], lines)
    stated, given = (prompts[column].to_numpy() for column in ("domain", "given"))
    names = sorted(set(stated))
    each = [[name, int(np.sum(stated == name)), *f1(stated, given, name)] for name in names]
    show("Each domain, without fragments", ["domain", "prompts", "precision", "recall", "F1"], each)
    columns = [name for name in dict.fromkeys(NAMES) if name in given]
    counts = [[name, *(int(np.sum((stated == name) & (given == other))) for other in columns)] for name in names]
    show("Stated (rows) and given (columns), without fragments", ["", *columns], counts)


if __name__ == "__main__":
    main()
