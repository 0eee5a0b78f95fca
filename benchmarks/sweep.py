"""The sweep: U(tau, n) at 256 floors x 10 budgets, N = 100, labels given; against recomputing every floor with the same kernel.

    python benchmarks/sweep.py [--prompts 1000]

All three start from the same sorted arrays and end with the mean over prompts at every floor and budget, and must agree to 1e-9.
"""

import argparse
from collections.abc import Callable
from math import comb
from time import perf_counter

import numpy as np
from _data import cell_frame
from _table import show

from triaxis.measure.cells import Cells, build_cells
from triaxis.measure.usable import mean_usable_diversity, usable_diversity
from triaxis.stats.hypergeometric import hit_probability

BUDGETS = (1, 2, 3, 5, 8, 10, 16, 32, 64, 100)


def one_sweep(cells: Cells, floors: np.ndarray) -> np.ndarray:
    """triaxis: every floor and budget from one pass over the counts."""
    return mean_usable_diversity(cells, floors, BUDGETS)


def one_sweep_per_prompt(cells: Cells, floors: np.ndarray) -> np.ndarray:
    """triaxis where intervals are wanted: the values of every prompt, one pass a budget."""
    return np.stack([usable_diversity(cells, floors, n).mean(axis=0) for n in BUDGETS])


def floor_by_floor(cells: Cells, floors: np.ndarray) -> np.ndarray:
    """The same kernel, vectorised over samples and budgets, run again at every floor."""
    hit = hit_probability(int(cells.size[0]), BUDGETS)
    classes = cells.class_start.size
    out = np.empty((len(BUDGETS), floors.size))
    for at, floor in enumerate(floors):
        usable = cells.quality >= floor
        members = np.bincount(cells.klass[usable], weights=cells.count[usable], minlength=classes).astype(np.int64)
        out[:, at] = hit[members].sum(axis=0) / len(cells)
    return out


def python_loop(cells: Cells, floors: np.ndarray) -> np.ndarray:
    """Plain Python over floors, cells and classes, with math.comb."""
    size = int(cells.size[0])
    out = np.zeros((len(BUDGETS), floors.size))
    rows = list(zip(cells.klass.tolist(), cells.quality.tolist(), cells.count.tolist(), strict=True))
    for at, floor in enumerate(floors.tolist()):
        members: dict[int, int] = {}
        for klass, quality, count in rows:
            if quality >= floor:
                members[klass] = members.get(klass, 0) + count
        for b, n in enumerate(BUDGETS):
            whole = comb(size, n)
            out[b, at] = sum(1 - comb(size - m, n) / whole for m in members.values()) / len(cells)
    return out


def timed(run: Callable[[], np.ndarray], repeats: int) -> tuple[float, np.ndarray]:
    """Median seconds of `repeats` runs, and the last result."""
    seconds = []
    for _ in range(repeats):
        start = perf_counter()
        result = run()
        seconds.append(perf_counter() - start)
    return float(np.median(seconds)), result


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--prompts", type=int, default=1000)
    prompts = parser.parse_args().prompts
    frame = cell_frame(cells=prompts, samples=100)
    counted = frame.group_by("prompt_id", "label", "quality").len()
    zero = np.zeros(counted.height, dtype=np.int64)
    codes = counted["prompt_id"].rank("dense").to_numpy().astype(np.int64)
    cells = build_cells(
        zero, codes, zero, counted["label"].to_numpy(), counted["quality"].to_numpy(), counted["len"].to_numpy(), zero, zero
    )
    floors = np.arange(256) / 256
    mine, ours = timed(lambda: one_sweep(cells, floors), 5)
    each, every = timed(lambda: one_sweep_per_prompt(cells, floors), 3)
    theirs, again = timed(lambda: floor_by_floor(cells, floors), 3)
    few = max(1, prompts // 50)
    small = cells.select(np.arange(len(cells)) < few)
    loop, slow = timed(lambda: python_loop(small, floors), 1)
    loop *= prompts / few
    assert np.abs(ours - again).max() < 1e-9
    assert np.abs(ours - every).max() < 1e-9
    assert np.abs(one_sweep(small, floors) - slow).max() < 1e-9
    rows = [
        ("one sorted sweep (triaxis)", mine, 1.0), ("the same, keeping every prompt's value (triaxis)", each, each / mine),
        ("recomputed at every floor, vectorised", theirs, theirs / mine),
        (f"plain Python loop (from {few} prompts)", loop, loop / mine),
    ]  # fmt: skip
    show(f"256 floors x 10 budgets, {prompts} prompts x 100 samples", ("way", "seconds", "times ours"), rows)


if __name__ == "__main__":
    main()
