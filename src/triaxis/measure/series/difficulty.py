"""Tail narrowing: what becomes of hard prompts while a run improves.

The one idea: prompts are called hard by one half of the first step's samples, and all shares of the first step are counted on the
other half. Otherwise the prompts with bad luck are called hard and come back by themselves (regression to the mean).
"""

from typing import NamedTuple

import numpy as np

from triaxis.errors import Undefined
from triaxis.measure import usable
from triaxis.measure.sampling import prompt_rank
from triaxis.measure.series.runs import Run
from triaxis.stats.hypergeometric import hit_probability
from triaxis.stats.pseudo_values import ratio_values

THIRDS = ("easy third", "middle third", "hard third")
FIRST, POOLED = "first step", "all steps"
SHARE, REACHED = "tail share", "prompts reached"


class TailFigure(NamedTuple):
    """Per-prompt `values` (prompts, steps) of one bin, `label` says which and what it was made of.

    `compared` are values with the same means that may be compared between steps; None where changes are not looked for.
    """

    measure: str
    label: str
    values: np.ndarray
    budget: int | None
    limits: tuple[float, float]
    compared: np.ndarray | None = None


class Passed(NamedTuple):
    """(prompts, steps) samples and usable samples of each, NaN where a step lacks the prompt."""

    samples: np.ndarray
    usable: np.ndarray


def tail_figures(run: Run, prompts: tuple[str, ...], floor: float, *, seed: int) -> list[TailFigure]:
    """Of every third of prompts by difficulty: its share of usable samples, and how many of its prompts have one in n draws.

    Difficulty is 1 - pass rate on half of the first step's samples (seeded), or over all steps where that tells no thirds apart.
    Raises `Undefined` when neither does.
    """
    passed = _passed(run, floor)
    bins, source, rest = _thirds(run, passed, prompts, seed)
    drawn = int(max(1, np.nanmin(rest.samples)))
    chance = _reached(rest, drawn)
    every = float(np.nansum(rest.usable))
    if not every:
        raise Undefined("no answer is usable")
    found = []
    for number, name in enumerate(THIRDS):
        mine, label = bins == number, f"{name} of {source}"
        counted = np.where(np.isnan(rest.usable), np.nan, np.where(mine[:, None], rest.usable, 0.0))
        pooled = np.array([np.nansum(counted) / every])
        share, compared = ratio_values(counted, rest.usable), ratio_values(counted, rest.usable, at=pooled)
        found.append(TailFigure(SHARE, label, share, None, (0.0, 1.0), compared))
        reached = np.where(np.isnan(chance), np.nan, np.where(mine[:, None], chance, 0.0)) * len(bins)
        found.append(TailFigure(REACHED, label, reached, drawn, (0.0, float(mine.sum()))))
    return found


def _passed(run: Run, floor: float) -> Passed:
    sizes = [c.size.astype(np.float64) for c in run.cells]
    good = [np.rint(usable.usable_share(c, np.array([floor]))[:, 0] * c.size) for c in run.cells]
    return Passed(run.matrix(sizes), run.matrix(good))


def _thirds(run: Run, passed: Passed, prompts: tuple[str, ...], seed: int) -> tuple[np.ndarray, str, Passed]:
    """The third of each prompt (0 easy, 2 hard, -1 unknown), what tells it, and the samples that have not been used for that."""
    halved = _first_half(run, passed, prompts, seed)
    if halved is not None:
        (tried, good), rest = halved
        bins = _cut(1 - good / np.where(tried > 0, tried, np.nan))
        if bins is not None:
            return bins, FIRST, rest
    tried, good = np.nansum(passed.samples, axis=1), np.nansum(passed.usable, axis=1)
    bins = _cut(1 - good / np.where(tried > 0, tried, np.nan))
    if bins is None:
        raise Undefined("prompts cannot be told apart by difficulty: too few, or too many with the same pass rate")
    return bins, POOLED, passed


def _cut(difficulty: np.ndarray) -> np.ndarray | None:
    """Thirds by rank, as even as ties allow, -1 where difficulty is unknown; None with fewer than three different values."""
    known = ~np.isnan(difficulty)
    values, counts = np.unique(difficulty[known], return_counts=True)
    if values.size < len(THIRDS):
        return None
    below = np.cumsum(counts) / counts.sum()
    first = int(np.abs(below[:-2] - 1 / 3).argmin())
    second = first + 1 + int(np.abs(below[first + 1 : -1] - 2 / 3).argmin())
    return np.where(known, (difficulty > values[first]).astype(int) + (difficulty > values[second]), -1)


def _first_half(
    run: Run, passed: Passed, prompts: tuple[str, ...], seed: int
) -> tuple[tuple[np.ndarray, np.ndarray], Passed] | None:
    """Half of the first step's samples of each prompt, drawn by seed from its counts, and everything without them."""
    tried, good = np.zeros(run.prompts), np.zeros(run.prompts)
    rest = Passed(passed.samples.copy(), passed.usable.copy())
    if not (run.cells[0].size > 1).all():
        return None
    for row, prompt in zip(run.rows[0], run.cells[0].prompt, strict=True):
        n, m = int(passed.samples[row, 0]), int(passed.usable[row, 0])
        half = int(np.random.default_rng(prompt_rank(prompts[prompt], seed)).hypergeometric(m, n - m, n // 2))
        tried[row], good[row] = n // 2, half
        rest.samples[row, 0], rest.usable[row, 0] = n - n // 2, m - half
    return (tried, good), rest


def _reached(passed: Passed, drawn: int) -> np.ndarray:
    """(prompts, steps) probability of a usable sample in `drawn` draws."""
    out = np.full(passed.samples.shape, np.nan)
    for size in np.unique(passed.samples[~np.isnan(passed.samples)]):
        mine = passed.samples == size
        out[mine] = hit_probability(int(size), [drawn])[passed.usable[mine].astype(np.int64), 0]
    return out
