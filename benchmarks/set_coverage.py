"""Do the intervals of whole sets hold what they promise? Simulated coverage, false leads and false winners.

    python benchmarks/set_coverage.py --data-sets 1000

Each data set is a fresh sample of prompts with one answer each. An answer's class comes from a power law, its quality (whole
numbers 1-5) from its class, from how hard its prompt is, and from noise. So the truth is a formula: expected distinct usable
classes among n independent answers. Where prompts have four answers each, half of which say what only that prompt's answers say,
the truth is the mean over all data sets. Models are compared on the same prompts, hard ones being hard for all, or on different
ones. Prints Markdown tables.
"""

import argparse
import zlib
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy.special import ndtr

from triaxis.measure.axes import Axes
from triaxis.measure.comparisons import TEN_PERCENT
from triaxis.measure.set_cells import SampleSet
from triaxis.measure.set_curves import SetCurve, curve_table, set_curve
from triaxis.measure.set_pairs import set_pair_tables
from triaxis.measure.tables import Resampling
from triaxis.measure.winner import LEADS

FLOORS = np.arange(1.0, 6.0)
HARDNESS = 1.0


class Model(NamedTuple):
    """What a simulated model is like: how many classes, how steep their power law, mean and noise of its qualities."""

    classes: int
    steepness: float
    quality: float = 3.5
    noise: float = 0.8


class Scenario(NamedTuple):
    """Models compared, whether on the same prompts, and answers to each prompt."""

    name: str
    models: tuple[Model, ...]
    same_prompts: bool = True
    answers: int = 1


FEW, MANY, STEEP, DISTINCT = Model(30, 1.0), Model(1000, 0.7), Model(300, 2.0), Model(20_000, 0.0)
SINGLE = (
    Scenario("30 classes", (FEW,)), Scenario("1,000 classes", (MANY,)), Scenario("one class in most answers", (STEEP,)),
    Scenario("nearly all different", (DISTINCT,)), Scenario("high floors sparse", (Model(30, 1.0, 1.5),)),
    Scenario("30 classes, four answers a prompt", (FEW,), answers=4),
)  # fmt: skip
PAIRS = (
    Scenario("equal, 30 classes", (FEW, FEW)), Scenario("equal, 1,000 classes", (MANY, MANY)),
    Scenario("equal, other prompts", (FEW, FEW), same_prompts=False), Scenario("equal, one class in most", (STEEP, STEEP)),
    Scenario("equal, nearly all different", (DISTINCT, DISTINCT)),
    Scenario("equal, high floors sparse", (Model(30, 1.0, 1.5),) * 2), Scenario("shifted", (FEW, Model(30, 1.0, 3.2))),
    Scenario("crossing", (Model(100, 0.5, 2.5, 1.2), Model(12, 0.5, 4.2, 0.5))),
)  # fmt: skip
MAPS = tuple(
    Scenario(f"{count} equal models, {name}", (model,) * count)
    for count in (2, 3, 8) for name, model in (("30 classes", FEW), ("high floors sparse", Model(30, 1.0, 1.5)))
)  # fmt: skip


def shares(model: Model) -> np.ndarray:
    """(classes,) probabilities of the classes."""
    weights = np.arange(1, model.classes + 1) ** -model.steepness
    return np.asarray(weights / weights.sum())


def merits(model: Model) -> np.ndarray:
    """(classes,) how much better or worse answers of a class are, the same in every data set."""
    return np.random.default_rng(model.classes).normal(0, 0.7, model.classes)


def truth(model: Model, budgets: tuple[int, ...]) -> np.ndarray:
    """(budgets, floors) expected distinct usable classes among n independent answers."""
    spread = np.hypot(model.noise, HARDNESS)
    lowest = np.r_[-np.inf, FLOORS[1:] - 0.5]  # qualities are rounded, then clipped to the floors
    usable = shares(model)[:, None] * (1 - ndtr((lowest - model.quality - merits(model)[:, None]) / spread))
    return np.stack([-np.expm1(n * np.log1p(-usable)).sum(axis=0) for n in budgets])


def sample(model: Model, hardness: np.ndarray, rng: np.random.Generator, *, answers: int = 1) -> SampleSet:
    """`answers` to each prompt; of several, half say what only this prompt's answers say."""
    prompt = np.repeat(np.arange(hardness.size), answers)
    klass = np.searchsorted(shares(model).cumsum(), rng.random(prompt.size)).clip(0, model.classes - 1)
    raw = model.quality + merits(model)[klass] - hardness[prompt] + rng.normal(0, model.noise, prompt.size)
    if answers > 1:
        klass = np.where(rng.random(prompt.size) < 0.5, model.classes + prompt, klass)
    quality = np.clip(np.round(raw), FLOORS[0], FLOORS[-1])
    order = np.lexsort((prompt, -quality, klass))
    dense = np.unique(klass[order], return_inverse=True)[1]
    return SampleSet(np.arange(hardness.size), prompt[order], dense, quality[order], np.ones(prompt.size, dtype=np.int64))


def axes_for(prompts: int) -> Axes:
    """Budgets 1, 5, a half of the prompts, and nearly all."""
    budgets = tuple(sorted({1, 5, prompts // 2, prompts - 2}))
    return Axes(FLOORS, np.arange(FLOORS.size), budgets, budgets)


def data_set(scenario: Scenario, axes: Axes, *, prompts: int, seed: int) -> list[SetCurve]:
    """Curves of all models of one data set."""
    rng = np.random.default_rng([zlib.crc32(scenario.name.encode()), prompts, seed])
    hardness, keys = rng.normal(0, HARDNESS, prompts), rng.integers(0, 2**62, prompts).astype(np.uint64)
    curves = []
    for place, model in enumerate(scenario.models):
        if not scenario.same_prompts and place:
            hardness, keys = rng.normal(0, HARDNESS, prompts), rng.integers(0, 2**62, prompts).astype(np.uint64)
        curves.append(set_curve(f"model {place}", "d", sample(model, hardness, rng, answers=scenario.answers), axes, keys))
    return curves


def single_rows(scenario: Scenario, *, prompts: int, data_sets: int) -> list[list[str]]:
    """Rows of the table of intervals: coverage over data sets and floors, and how wide the intervals are, at each budget."""
    axes = axes_for(prompts)
    tables = [curve_table(data_set(scenario, axes, prompts=prompts, seed=seed)[0], axes) for seed in range(data_sets)]
    shape = (data_sets, len(axes.budgets), FLOORS.size)
    value, low, high = (np.stack([t[c].to_numpy() for t in tables]).reshape(shape) for c in ("value", "low", "high"))
    true = truth(scenario.models[0], axes.budgets) if scenario.answers == 1 else value.mean(axis=0)
    is_shown = ~np.isnan(low)
    covered = (low <= true + 1e-9) & (true - 1e-9 <= high)
    return [
        [scenario.name, str(prompts), str(budget), *_judged(value[:, at], (high - low)[:, at], covered[:, at], is_shown[:, at])]
        for at, budget in enumerate(axes.budgets)
    ]


def _judged(value: np.ndarray, width: np.ndarray, covered: np.ndarray, shown: np.ndarray) -> list[str]:
    """Cells for one budget, from (data sets, floors) arrays: coverage, at the worst floor, width, no interval."""
    spread = 2 * 1.96 * value.std(axis=0)
    ratio = [width[shown[:, f], f].mean() / s for f, s in enumerate(spread) if s > 1e-9 and shown[:, f].any()]
    return [_percent(covered[shown]), _worst(covered, shown), f"{np.mean(ratio):.2f}" if ratio else "–", _percent(~shown)]


def _worst(covered: np.ndarray, shown: np.ndarray) -> str:
    """Lowest coverage at any floor that half of the data sets show."""
    often = shown.mean(axis=0) >= 0.5
    return f"{100 * min(covered[shown[:, f], f].mean() for f in np.flatnonzero(often)):.1f}" if often.any() else "–"


def pair_rows(scenario: Scenario, *, prompts: int, data_sets: int) -> list[list[str]]:
    """Rows of the table of pairs: does the band hold at all floors at once, and which verdicts are wrong, at each budget?"""
    axes = axes_for(prompts)
    true = np.subtract(*(truth(m, axes.budgets) for m in scenario.models))
    tables = [_tables(scenario, axes, prompts=prompts, seed=seed) for seed in range(data_sets)]
    rows = []
    for place, budget in enumerate(axes.budgets):
        bands = [t["set_comparisons"].filter(budget=budget).select("low", "high").to_numpy().T for t in tables]
        flipped = [t["set_flips"].filter(budget=budget)["verdict"].to_list().count("flip") > 0 for t in tables]
        gap = np.where(np.abs(true[place]) < 1e-9, 0.0, true[place])
        tested = [~np.isnan(low) for low, _ in bands]
        sides = [(low[t], high[t], gap[t]) for (low, high), t in zip(bands, tested, strict=True) if t.any()]
        held = [bool(((low <= at + 1e-9) & (at - 1e-9 <= high)).all()) for low, high, at in sides]
        false = [bool((((low > 0) & (gap <= 0)) | ((high < 0) & (gap >= 0))).any()) for low, high in bands]
        rows.append([
            scenario.name, str(prompts), str(budget), _percent(held), _percent(false), _percent(flipped),
            _percent([not t.any() for t in tested]),
        ])  # fmt: skip
    return rows


def _tables(scenario: Scenario, axes: Axes, *, prompts: int, seed: int) -> dict[str, pl.DataFrame]:
    """The three tables of one data set."""
    curves = data_set(scenario, axes, prompts=prompts, seed=seed)
    frames: dict[str, list[pl.DataFrame]] = {}
    for name, frame in set_pair_tables(curves, axes, delta=TEN_PERCENT, resampling=Resampling(seed=seed)):
        frames.setdefault(name, []).append(frame)
    return {name: pl.concat(found) for name, found in frames.items()}


def map_rows(scenario: Scenario, *, prompts: int, data_sets: int) -> list[list[str]]:
    """Rows of the table of maps of equal models: how often is any winner named, at each budget?"""
    axes = axes_for(prompts)
    tables = [_tables(scenario, axes, prompts=prompts, seed=seed)["set_winner_map"] for seed in range(data_sets)]
    return [
        [scenario.name, str(prompts), str(n), _percent([LEADS in t.filter(budget=n)["verdict"] for t in tables])]
        for n in axes.budgets
    ]  # fmt: skip


def _percent(values: np.ndarray | list[bool]) -> str:
    return f"{100 * np.mean(values):.1f}" if len(values) else "–"


WHERE = ["models", "prompts", "n"]
TABLES = {
    "single": ([*WHERE, "interval coverage", "at the worst floor", "width / true width", "no interval"], SINGLE, single_rows),
    "pairs": ([*WHERE, "band coverage", "false lead", "flip", "nothing testable"], PAIRS, pair_rows),
    "maps": ([*WHERE, "false winner at any floor"], MAPS, map_rows),
}


def main() -> None:
    """Command line: how many data sets, and with how many prompts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-sets", type=int, default=500)
    parser.add_argument("--prompts", type=int, nargs="+", default=[20, 50, 200])
    parser.add_argument("--only", choices=list(TABLES), help="one of the three tables")
    options = parser.parse_args()
    print(f"Percent of {options.data_sets} data sets.")
    for name, (head, scenarios, rows) in TABLES.items():
        if options.only not in (None, name):
            continue
        print(f"\n| {' | '.join(head)} |\n|{'---|' * len(head)}")
        for scenario in scenarios:
            for prompts in options.prompts:
                for row in rows(scenario, prompts=prompts, data_sets=options.data_sets):
                    print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
