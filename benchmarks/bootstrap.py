"""The 1,000-draw bootstrap over prompts: intervals of 32 floors x 8 budgets; against resampling by index and scipy's bootstrap.

    python benchmarks/bootstrap.py [--prompts 1000]

triaxis' draws are studentised (each one's standard error is estimated again), which the two others' percentile intervals are
not. The limit is the time of the bare matrix product of draws x prompts by prompts x columns.
"""

import argparse
from collections.abc import Callable
from time import perf_counter

import numpy as np
from _table import show
from scipy.stats import bootstrap

from triaxis.stats.bootstrap import mean_interval

DRAWS = 1000
COLUMNS = 32 * 8


def timed(run: Callable[[], object], repeats: int = 3) -> float:
    """Median seconds."""
    seconds = []
    for _ in range(repeats):
        start = perf_counter()
        run()
        seconds.append(perf_counter() - start)
    return float(np.median(seconds))


def by_index(values: np.ndarray) -> np.ndarray:
    """Percentile intervals from resampled rows, one draw at a time: what most scripts do."""
    rng = np.random.default_rng(0)
    means = [values[rng.integers(0, len(values), len(values))].mean(axis=0) for _ in range(DRAWS)]
    return np.percentile(means, [2.5, 97.5], axis=0)


def by_scipy(values: np.ndarray) -> object:
    """scipy.stats.bootstrap, percentile, vectorised over columns in batches."""
    return bootstrap((values,), np.mean, axis=0, n_resamples=DRAWS, method="percentile", batch=50, rng=np.random.default_rng(0))


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--prompts", type=int, default=1000)
    prompts = parser.parse_args().prompts
    rng = np.random.default_rng(0)
    values = rng.gamma(2.0, size=(prompts, COLUMNS))
    weights = rng.random((DRAWS, prompts))
    limit = timed(lambda: weights @ values)
    ways = (
        ("triaxis, studentised", lambda: mean_interval(values, draws=DRAWS, seed=0)),
        ("resampled rows, percentile", lambda: by_index(values)),
        ("scipy.stats.bootstrap, percentile", lambda: by_scipy(values)),
    )
    found = [(label, timed(run, 1 if "scipy" in label else 3)) for label, run in ways]
    rows = [(label, seconds, seconds / found[0][1], seconds / limit) for label, seconds in found]
    show(
        f"{DRAWS} draws, {prompts} prompts, {COLUMNS} columns", ("way", "seconds", "times ours", "times one matrix product"), rows
    )


if __name__ == "__main__":
    main()
