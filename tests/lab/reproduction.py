"""Is a zoo that was trained here the one that ships? Run as `python -m tests.lab.reproduction triaxis-zoo`.

On the machine that made the shipped file every row is the same. Elsewhere another processor rounds otherwise, training takes
another path, and what can be asked is that the figures agree as two seeds do (see docs/zoo.md).
"""

import sys
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import polars as pl

from triaxis.diversity.equivalence.expression import expression_class

SHIPPED = Path(str(files("triaxis.demo") / "zoo")) / "samples.parquet"

class Figures(NamedTuple):
    """One model: the share of exact answers, and the mean number of different exact answers to a prompt."""

    exact: float
    different: float


BASE, TUNED = Figures(0.05, 2.0), Figures(0.25, 3.0)
"""How much the figures of two seeds may differ: about twice what seeds 0 and 1 show (base 0.02 and 1.0, tuned 0.15 and 1.2)."""


def figures(samples: pl.DataFrame) -> dict[str, Figures]:
    """Figures of each model in alphabetical order, by counting."""
    classed = samples.with_columns(form=pl.col("response").map_elements(expression_class, return_dtype=pl.String))
    is_exact = pl.col("quality") == 1
    cells = classed.group_by("model", "prompt_id").agg(is_exact.mean().alias("exact"), pl.col("form").filter(is_exact).n_unique())
    means = cells.group_by("model").agg(pl.col("exact", "form").mean()).sort("model")
    return {model: Figures(exact, different) for model, exact, different in means.iter_rows()}


def differences(mine: pl.DataFrame, shipped: pl.DataFrame) -> list[str]:
    """A sentence for each figure that differs by more than two seeds may."""
    here, there = figures(mine), figures(shipped)
    if here.keys() != there.keys():
        return [f"models {sorted(here)} instead of {sorted(there)}"]
    limits = {model: BASE if model.endswith("-base") else TUNED for model in there}
    return [
        f"{model}: {name} {getattr(here[model], name):.3f} instead of {getattr(there[model], name):.3f}"
        for model in there
        for name in Figures._fields
        if abs(getattr(here[model], name) - getattr(there[model], name)) > getattr(limits[model], name)
    ]


def main(folder: str) -> int:
    """Prints the figures of both zoos, the shipped one in brackets, and what differs; 0 when nothing does."""
    mine, shipped = pl.read_parquet(Path(folder) / "samples.parquet"), pl.read_parquet(SHIPPED)
    for (model, here), there in zip(figures(mine).items(), figures(shipped).values(), strict=True):
        print(f"{model:18} exact {here.exact:.3f} ({there.exact:.3f})  different {here.different:.2f} ({there.different:.2f})")
    keys = ["model", "prompt_id", "sample_index"]
    print("every row is the same" if mine.sort(keys).equals(shipped.sort(keys)) else "rows differ: another path of training")
    found = differences(mine, shipped)
    print("\n".join(found) or "all figures agree within the tolerance")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
