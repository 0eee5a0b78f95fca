"""Do the bands hold what they promise? Simulated coverage and false verdicts of comparisons, flips and winner map.

    python benchmarks/coverage.py --data-sets 1000

Each data set is a fresh sample of prompts. A prompt has a richness and a difficulty that all models share; a model draws the
classes of its samples from a power law and their qualities (whole numbers 1-10) from class, prompt and noise; U follows from the
counts. The truth is the mean over a very large population of prompts, so exactly no difference where models are equal. Prints
Markdown tables.
"""

import argparse
import zlib
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.special import comb

from triaxis.measure.comparisons import SAME, PairBands, PromptCurves, compare, pair_bands
from triaxis.measure.flips import FLIP, flips
from triaxis.measure.winner import LEADS, winner_map
from triaxis.stats.bootstrap import MIN_PROMPTS, mean_interval

FLOORS = np.arange(1.0, 11.0)
CLASSES = 12
POPULATION = 200_000


class Model(NamedTuple):
    """What a simulated model is like: evenness of its classes (log scale), mean and noise of its qualities."""

    spread: float
    quality: float
    noise: float


class Scenario(NamedTuple):
    """Models compared, samples per cell, and the budget n of U(tau, n)."""

    name: str
    models: tuple[Model, ...]
    samples: int = 10
    budget: int = 10


PLAIN, WORSE, WILD, SHARP, WEAK, WEAKER = (
    Model(0, 7, 1.5), Model(0, 6, 1.5), Model(0.8, 5.5, 1.5), Model(0, 7.5, 1), Model(0, 3.5, 1), Model(0.3, 3.2, 1),
)  # fmt: skip

PAIRS = tuple(
    Scenario(f"{name}, N = {samples}, n = {budget}", models, samples, budget)
    for samples, budget in ((10, 10), (10, 1), (1, 1))
    for name, models in (
        ("equal", (PLAIN, PLAIN)), ("shifted", (PLAIN, WORSE)), ("crossing", (WILD, SHARP)),
        ("equal, sparse high floors", (WEAK, WEAK)), ("shifted, sparse high floors", (WEAK, WEAKER)),
    )
)  # fmt: skip

MAPS = (
    *(
        Scenario(f"{count} equal models, {name}", (model,) * count)
        for count in (2, 3, 8)
        for name, model in (("dense", PLAIN), ("sparse high floors", WEAK))
    ),
    Scenario("2 best of 8 tie", (PLAIN,) * 2 + (WORSE,) * 6),
    Scenario("tie with another below, 4 models", (WILD, WILD, SHARP, SHARP)),
)  # fmt: skip


NEARLY_EQUAL = (
    Scenario("equal, many prompts", (PLAIN, PLAIN)),
    Scenario("0.25 lower quality", (PLAIN, Model(0, 6.75, 1.5))),
    Scenario("0.5 lower quality", (PLAIN, Model(0, 6.5, 1.5))),
)
"""The difference is within 10 % at low floors and beyond it at high ones."""


def simulate(scenario: Scenario, *, prompts: int, rng: np.random.Generator) -> np.ndarray:
    """(models, prompts, floors) U per prompt of one data set."""
    richness, difficulty = rng.normal(0, 1, prompts), rng.normal(0, 1.5, prompts)
    return np.stack([_usable(m, richness, difficulty, scenario, rng) for m in scenario.models])


def _usable(
    model: Model, richness: np.ndarray, difficulty: np.ndarray, scenario: Scenario, rng: np.random.Generator
) -> np.ndarray:
    """(prompts, floors) U of one model."""
    prompts, samples = len(richness), scenario.samples
    exponent = 2 * np.exp(-(model.spread + 0.6 * richness + 0.4 * rng.normal(0, 1, prompts)))
    share = np.arange(1, CLASSES + 1) ** -exponent[:, None]
    upto = (share / share.sum(axis=1, keepdims=True)).cumsum(axis=1)
    label = (rng.random((prompts, samples, 1)) > upto[:, None]).sum(axis=2).clip(0, CLASSES - 1)
    of_class = np.take_along_axis(rng.normal(0, 1, (prompts, CLASSES)), label, axis=1)
    quality = model.quality - difficulty[:, None] + of_class + rng.normal(0, model.noise, (prompts, samples))
    quality = np.clip(np.round(quality), FLOORS[0], FLOORS[-1])
    in_class = label[:, :, None] == np.arange(CLASSES)
    miss = comb(samples - np.arange(samples + 1), scenario.budget) / comb(samples, scenario.budget)
    counts = ((in_class & (quality >= floor)[:, :, None]).sum(axis=1) for floor in FLOORS)
    return np.stack([(1 - miss[count]).sum(axis=1) for count in counts], axis=1)


def true_means(scenario: Scenario) -> np.ndarray:
    """(models, floors) mean U over a large population of prompts; the same row for the same model."""
    return np.stack([_true_mean(model, scenario.samples, scenario.budget) for model in scenario.models])


@cache
def _true_mean(model: Model, samples: int, budget: int) -> np.ndarray:
    alone = Scenario("truth", (model,), samples, budget)
    rng = np.random.default_rng(20_000)
    parts = [simulate(alone, prompts=POPULATION // 10, rng=rng)[0].mean(axis=0) for _ in range(10)]
    return np.asarray(np.mean(parts, axis=0))


class Tally(NamedTuple):
    """What happened in one data set; None where the question does not arise."""

    is_covered: bool | None
    has_false_lead: bool
    has_flip: bool
    has_same: bool
    has_false_same: bool
    mean_covered: float | None


def try_pair(scenario: Scenario, truth: np.ndarray, *, prompts: int, seed: int) -> Tally:
    """One data set of the first two models: is the band right at all testable floors, and which verdicts are wrong?"""
    values = simulate(scenario, prompts=prompts, rng=_rng(scenario, prompts, seed))
    bands = _bands(scenario, values, seed)
    difference, low, high = truth[0] - truth[1], bands.low[0], bands.high[0]
    tested = ~np.isnan(low)
    wrong_lead = ((low > 0) & (difference <= 0)) | ((high < 0) & (difference >= 0))
    table = compare(bands)
    same = (table["verdict"] == SAME).to_numpy()
    false_same = same & (np.abs(difference) > 0.1 * truth[:2].max(axis=0))
    return Tally(
        bool(((low <= difference) & (difference <= high))[tested].all()) if tested.any() else None,
        bool(wrong_lead.any()), FLIP in flips(bands)["verdict"], bool(same.any()), bool(false_same.any()),
        _mean_covered(values[0], truth[0], seed),
    )  # fmt: skip


def try_map(scenario: Scenario, truth: np.ndarray, *, prompts: int, seed: int) -> bool:
    """One data set: does the winner map name a winner, at any floor, that is not truly the only best?"""
    values = simulate(scenario, prompts=prompts, rng=_rng(scenario, prompts, seed))
    table = winner_map(_bands(scenario, values, seed))
    best = [{name for name, mean in zip(_names(scenario), column, strict=True) if mean == column.max()} for column in truth.T]
    won = table.select("winner", "verdict").rows()
    return any(verdict == LEADS and best_here != {winner} for (winner, verdict), best_here in zip(won, best, strict=True))


def _rng(scenario: Scenario, prompts: int, seed: int) -> np.random.Generator:
    """Other data for every row of the tables, so that the rows are independent."""
    return np.random.default_rng([zlib.crc32(scenario.name.encode()), prompts, seed])


def _names(scenario: Scenario) -> tuple[str, ...]:
    return tuple(f"model {place}" for place in range(len(scenario.models)))


def _bands(scenario: Scenario, values: np.ndarray, seed: int) -> PairBands:
    return pair_bands(PromptCurves(_names(scenario), FLOORS, values, scenario.budget), seed=seed)


def _mean_covered(values: np.ndarray, truth: np.ndarray, seed: int) -> float | None:
    """Share of floors whose interval for the mean holds the truth, among floors where prompts differ."""
    varies = np.count_nonzero(values != values[0], axis=0) > 0
    interval = mean_interval(values, seed=seed)
    covered = (interval.low <= truth) & (truth <= interval.high)
    return float(covered[varies].mean()) if varies.any() else None


def pair_row(scenario: Scenario, truth: np.ndarray, *, prompts: int, data_sets: int) -> list[str]:
    """Cells of the table of pairs for one scenario and number of prompts."""
    tallies = [try_pair(scenario, truth, prompts=prompts, seed=seed) for seed in range(data_sets)]
    signs = np.sign(truth[0] - truth[1])
    crosses = len(set(signs[signs != 0])) > 1
    flipped = _percent([t.has_flip for t in tallies])
    return [
        scenario.name, str(prompts), _percent([t.is_covered for t in tallies if t.is_covered is not None]),
        _percent([t.is_covered is None for t in tallies]), _percent([t.has_false_lead for t in tallies]),
        "–" if crosses else flipped, flipped if crosses else "–", _percent([t.has_false_same for t in tallies]),
        _percent([t.mean_covered for t in tallies if t.mean_covered is not None]),
    ]  # fmt: skip


def same_row(scenario: Scenario, truth: np.ndarray, *, prompts: int, data_sets: int) -> list[str]:
    """Cells of the table of equivalence for one scenario and number of prompts, at the default delta of 10 %."""
    tallies = [try_pair(scenario, truth, prompts=prompts, seed=seed) for seed in range(data_sets)]
    verdicts = [t.has_same for t in tallies], [t.has_false_same for t in tallies]
    return [scenario.name, str(prompts), *map(_percent, verdicts)]


def map_row(scenario: Scenario, truth: np.ndarray, *, prompts: int, data_sets: int) -> list[str]:
    """Cells of the table of winner maps for one scenario and number of prompts."""
    false = [try_map(scenario, truth, prompts=prompts, seed=seed) for seed in range(data_sets)]
    return [scenario.name, str(prompts), _percent(false)]


def _percent(values: list[bool] | list[float]) -> str:
    return f"{100 * np.mean(values):.1f}" if values else "–"


PAIR_HEAD = [
    "models", "prompts", "band coverage", "nothing testable", "false lead", "false flip", "true flip found",
    "false same within delta", "mean interval coverage",
]  # fmt: skip
SAME_HEAD = ["models", "prompts", "same within delta at any floor", "false same within delta"]
MAP_HEAD = ["models", "prompts", "false winner at any floor"]


def print_table(
    head: list[str], scenarios: tuple[Scenario, ...], row: Callable[..., list[str]], *, prompts: list[int], data_sets: int
) -> None:
    """Prints a Markdown table of percentages, a row as soon as it is known."""
    print(f"\n| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for scenario in scenarios:
        truth = true_means(scenario)
        for count in prompts:
            print(f"| {' | '.join(row(scenario, truth, prompts=count, data_sets=data_sets))} |", flush=True)


def main() -> None:
    """Command line: how many data sets, and with how many prompts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-sets", type=int, default=1000)
    parser.add_argument("--prompts", type=int, nargs="+", default=[MIN_PROMPTS, 20, 50, 100])
    parser.add_argument("--only", choices=["pairs", "maps", "same"], help="one of the three tables")
    options = parser.parse_args()
    print(f"Percent of {options.data_sets} data sets.")
    if options.only in (None, "pairs"):
        print_table(PAIR_HEAD, PAIRS, pair_row, prompts=options.prompts, data_sets=options.data_sets)
    if options.only in (None, "maps"):
        print_table(MAP_HEAD, MAPS, map_row, prompts=options.prompts, data_sets=options.data_sets)
    if options.only in (None, "same"):
        print_table(SAME_HEAD, NEARLY_EQUAL, same_row, prompts=[200, 500, 1000], data_sets=options.data_sets)


if __name__ == "__main__":
    main()
