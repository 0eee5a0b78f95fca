"""Do the nulls of the population in an encoder's space cover? Simulated models whose answers are known to be alike, or not.

    python benchmarks/planted_population_vectors.py [--simulations 200]

Models that share everything must stand within the 95 % range of permuted labels (cosine between models, effective number), the
interval of neighbour mixing must hold its exact null, and one cluster must be found; models that share half or none must be told
from that. The intervals of mean cosines must hold the values of endless prompts. Prints, for each, the share of simulations.
"""

import argparse
from collections import Counter

import numpy as np
import polars as pl
from _table import show

from triaxis.measure import Options
from triaxis.measure.levels.cells import LevelCell
from triaxis.measure.outcome import Outcome, Seen
from triaxis.measure.population_vectors import population_of_texts
from triaxis.responses import Responses

MODELS, PROMPTS, SAMPLES, DIMENSIONS = 5, 30, 4, 32


def population(shared: float, *, prompts: int, seed: int) -> Seen:
    """A direction of each prompt, one of each model in it (weight 1 - shared), noise."""
    rng = np.random.default_rng(seed)
    cells = []
    for prompt in range(prompts):
        topic = rng.standard_normal(DIMENSIONS)
        for model in range(MODELS):
            habit = (1 - shared) * rng.standard_normal(DIMENSIONS)
            rows = topic + habit + 0.8 * rng.standard_normal((SAMPLES, DIMENSIONS))
            rows /= np.linalg.norm(rows, axis=1, keepdims=True)
            answers = Responses([""] * SAMPLES, rows.astype(np.float32))
            cells.append(LevelCell(f"m{model}", "d", f"p{prompt:04}", answers, np.zeros(SAMPLES), np.arange(SAMPLES)))
    return Seen(cells, "prompt", False, np.array([-np.inf]), (), SAMPLES)


def row(found: Outcome, measure: str) -> dict[str, float]:
    """The ungated figure of all domains."""
    table = pl.concat(found.tables["population"])
    return table.filter(pl.col("measure") == measure, pl.col("domain").is_null()).row(0, named=True)


def counted(shared: float, simulations: int) -> list[object]:
    """A line of the table: shares of simulations."""
    truth = population_of_texts(population(shared, prompts=2000, seed=10**6), Options(draws=200))
    seen: Counter[str] = Counter()
    for seed in range(simulations):
        found = population_of_texts(population(shared, prompts=PROMPTS, seed=seed), Options(draws=400, seed=seed))
        alike, several, mixed = (row(found, m) for m in ("inter-model cosine", "effective models (cosine)", "neighbour mixing"))
        own = row(found, "intra-model cosine")
        seen["cosine in null"] += alike["null_low"] <= alike["value"] <= alike["null_high"]
        seen["models in null"] += several["null_low"] <= several["value"] <= several["null_high"]
        seen["mixing holds null"] += mixed["low"] <= mixed["null"] <= mixed["high"]
        clusters = pl.concat(found.tables["model_clusters"])["clusters"].max()
        seen["one cluster"] += clusters == 1
        for name, one in (("inter", alike), ("intra", own)):
            seen[name] += one["low"] <= row(truth, f"{name}-model cosine")["value"] <= one["high"]
    names = ("cosine in null", "models in null", "mixing holds null", "one cluster", "inter", "intra")
    return [f"{shared:.0%} shared", *(seen[name] / simulations for name in names)]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=200)
    given = parser.parse_args()
    head = ["population", "cosine between within null", "effective models within null", "mixing holds its null", "one cluster",
            "interval of cosine between holds truth", "interval of intra-model cosine holds truth"]  # fmt: skip
    rows = [counted(shared, given.simulations) for shared in (1.0, 0.5, 0.0)]
    show(f"{given.simulations} simulations of {MODELS} models x {PROMPTS} prompts x {SAMPLES} answers", head, rows)


if __name__ == "__main__":
    main()
