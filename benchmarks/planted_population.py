"""Does the population page find what was planted? Simulated populations of models that share all, half or none of their classes.

    python benchmarks/planted_population.py --simulations 200

Each prompt has classes that all models share and classes of each model (or of each group of models) alone; a model draws its
samples from its classes, all equally likely or by a power law that all models share, and a quality of 0 or 1 that has nothing to
do with the class. The truth is exact. Rows: how often intervals hold it, how often they and the permuted labels say that models
differ, effective models beside their null, and clusters. Prints Markdown tables.
"""

import argparse
import zlib
from typing import NamedTuple

import numpy as np

from triaxis.measure.axes import Axes
from triaxis.measure.population import nulls
from triaxis.measure.population.blocks import Block
from triaxis.measure.population.change import change_rows
from triaxis.measure.population.clusters import cluster_rows
from triaxis.measure.population.curves import Population, figure, split_rows
from triaxis.measure.population.kernel import effective_rows, permuted_grams
from triaxis.measure.population.likeness import likeness
from triaxis.measure.tables import Resampling

CLASSES = 8
BUDGET = 4
UNGATED = np.array([-np.inf])
USABLE = 0.4


class Scenario(NamedTuple):
    """`share` of each model's classes is common to all; with `groups` the rest is common to a group; `power` makes rare classes.

    With `empty` a high floor takes every class but the common ones; else quality has nothing to do with the class.
    """

    name: str
    share: float
    models: int = 4
    samples: int = 10
    prompts: int = 40
    groups: int = 0
    power: float = 0.0
    empty: bool = False


SHARED = tuple(
    Scenario(f"share {name}", share, samples=samples, prompts=prompts)
    for name, share in (("all", 1.0), ("half", 0.5), ("none", 0.0))
    for samples, prompts in ((10, 10), (10, 40), (4, 40))
)
SCENARIOS = (
    *SHARED,
    Scenario("share all, rare classes", 1.0, power=1.5),
    Scenario("share all, 20 models", 1.0, models=20, prompts=20),
    Scenario("2 groups that share half", 0.5, models=6, groups=2, prompts=20),
    Scenario("3 groups that share none", 0.0, models=9, groups=3, prompts=20),
    Scenario("share half, high floor leaves the common half", 0.5, empty=True),
)


def chances(scenario: Scenario) -> np.ndarray:
    """(models, all classes) probability of each class; the common ones first."""
    common = round(scenario.share * CLASSES)
    frequency = np.arange(1, CLASSES + 1) ** -scenario.power
    owners = scenario.groups or scenario.models
    out = np.zeros((scenario.models, common + owners * (CLASSES - common)))
    for model in range(scenario.models):
        own = common + (model % owners) * (CLASSES - common) + np.arange(CLASSES - common)
        out[model, np.r_[np.arange(common), own]] = frequency / frequency.sum()
    return out


def simulate(scenario: Scenario, rng: np.random.Generator) -> Block:
    """Counts of one data set; quality 1 for a share of the samples."""
    chance = chances(scenario)
    counts = rng.multinomial(scenario.samples, chance, (scenario.prompts, scenario.models))
    high = counts if scenario.empty else rng.binomial(counts, USABLE)
    if scenario.empty:
        high = counts * (np.arange(chance.shape[1]) < round(scenario.share * CLASSES))
    both = np.stack([high, counts - high], axis=3).transpose(0, 2, 1, 3)  # prompt, class, model, quality from high to low
    prompt, klass, model, low = np.nonzero(both)
    number = np.cumsum(np.r_[False, (np.diff(prompt) != 0) | (np.diff(klass) != 0)])
    sizes = np.full((scenario.models, scenario.prompts), scenario.samples)
    names = tuple(f"model {m}" for m in range(scenario.models))
    return Block(
        names, None, prompt, model, number, 1.0 - low, both[prompt, klass, model, low], sizes, scenario.samples, scenario.prompts
    )


def true_between(scenario: Scenario) -> float:
    """Mixture less within at the budget, ungated: draws are independent, dealt out evenly over the models."""
    chance = chances(scenario)
    each, extra = divmod(BUDGET, scenario.models)
    within = (1 - (1 - chance) ** BUDGET).sum(axis=1).mean()
    poly = np.zeros((extra + 1, chance.shape[1]))
    poly[0] = 1.0
    for p in chance:
        shifted = np.vstack([np.zeros((1, p.size)), poly[:-1]])
        poly = poly * (1 - p) ** each + shifted * (1 - p) ** (each + 1)
    ways = np.prod([(scenario.models - i) / (i + 1) for i in range(extra)])
    return float((1 - poly[extra] / ways).sum() - within)


def true_same(scenario: Scenario) -> float:
    """Probability that samples of two different models are of one class."""
    chance = chances(scenario)
    products = chance @ chance.T
    off = ~np.eye(scenario.models, dtype=bool)
    return float(products[off].mean())


def true_effective(scenario: Scenario) -> float:
    """Effective models of order 2 from the probabilities themselves."""
    chance = chances(scenario)
    unit = chance / np.linalg.norm(chance, axis=1, keepdims=True)
    return float(scenario.models**2 / np.square(unit @ unit.T).sum())


class Tally(NamedTuple):
    """What was found in one data set."""

    is_covered: bool
    differs: bool
    beyond_null: bool
    same_covered: bool
    effective: float
    null: float
    effective_beyond: bool
    corrected: float
    corrected_covered: bool
    clusters: int
    has_groups: bool
    between_change: str
    same_change: str


def try_one(scenario: Scenario, seed: int) -> Tally:
    """One data set through the same functions as a run."""
    rng = np.random.default_rng([zlib.crc32(repr(scenario).encode()), seed])
    axes = Axes(np.array([-np.inf, 1.0]), np.array([0, 1]), (BUDGET,), (BUDGET,))
    population = Population(simulate(scenario, rng), axes, Resampling(200, seed))
    between = _row(split_rows(population), "between")
    low, high = figure(population, likeness(population.block, axes.floors).between)[1:]
    permuted = permuted_grams(population, UNGATED)
    scores = list(effective_rows(population, UNGATED, permuted))
    effective, corrected = _row(scores, "effective models"), _row(scores, "effective models (order 2, corrected)")
    (clusters,) = cluster_rows(population, UNGATED, permuted)
    found = {frame["measure"][0]: frame.row(0, named=True) for frame in change_rows(population)}
    truth, alike = true_between(scenario), true_same(scenario)
    return Tally(
        between["low"] <= truth <= between["high"], between["low"] > 0 or between["high"] < 0,
        not between["null_low"] <= between["value"] <= between["null_high"], low[0] <= alike <= high[0],
        effective["value"], effective["null"], not effective["null_low"] <= effective["value"] <= effective["null_high"],
        corrected["value"], corrected["low"] - 1e-9 <= true_effective(scenario) <= corrected["high"] + 1e-9,
        int(clusters["clusters"][0]), _are_groups(clusters["cluster"].to_list(), scenario),
        _verdict(found.get("between, change")), _verdict(found.get("same between, change")),
    )  # fmt: skip


def _row(frames: object, measure: str) -> dict[str, float]:
    found = [frame for frame in frames if frame["measure"][0] == measure]  # type: ignore[attr-defined]
    return dict(found[0].row(0, named=True))


def _are_groups(labels: list[int], scenario: Scenario) -> bool:
    groups = scenario.groups or 1
    planted = [m % groups for m in range(scenario.models)]
    return len(set(zip(labels, planted, strict=True))) == len(set(labels)) == groups


def _verdict(change: dict[str, float] | None) -> str:
    """Does the change lie below, above, or at what thinning at random would bring?"""
    if change is None or np.isnan(change["low"]):
        return "none"
    return "below" if change["high"] < change["null"] else "above" if change["low"] > change["null"] else "as by chance"


def row(scenario: Scenario, simulations: int) -> list[str]:
    """Cells of the table for one scenario."""
    tallies = [try_one(scenario, seed) for seed in range(simulations)]

    def percent(name: str, is_value: object = True) -> str:
        return f"{100 * np.mean([getattr(t, name) == is_value for t in tallies]):.1f}"

    effective, null = (np.mean([getattr(t, name) for t in tallies]) for name in ("effective", "null"))
    shape = scenario.name, scenario.models, scenario.samples, scenario.prompts
    return [
        *map(str, shape), f"{true_between(scenario):.3f}", percent("is_covered"), percent("differs"), percent("beyond_null"),
        percent("same_covered"), f"{effective:.2f} ({null:.2f})", percent("effective_beyond"),
        f"{true_effective(scenario):.2f}", f"{np.mean([t.corrected for t in tallies]):.2f}", percent("corrected_covered"),
        percent("has_groups"),
        percent("between_change", "below"), percent("between_change", "above"), percent("same_change", "above"),
        percent("same_change", "below"),
    ]  # fmt: skip


HEAD = [
    "scenario", "models", "N", "prompts", "between, truth", "interval holds it", "interval excludes 0", "outside permuted labels",
    "interval of same between holds truth",
    "effective models (null)", "outside null", "order 2, truth", "corrected", "interval holds truth",
    "planted clusters found", "change of between below thinning", "above thinning", "change of same between above 0", "below 0",
]


def main() -> None:
    """Command line: how many simulations."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--simulations", type=int, default=200)
    parser.add_argument("--only", help="scenarios whose name holds this")
    options = parser.parse_args()
    nulls.MOST_PERMUTATIONS = 19
    print(f"Percent of {options.simulations} simulations; {BUDGET} draws; intervals of 95 %, null ranges of 19 permutations.")
    print(f"\n| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}")
    for scenario in SCENARIOS:
        if not options.only or options.only in scenario.name:
            print(f"| {' | '.join(row(scenario, options.simulations))} |", flush=True)


if __name__ == "__main__":
    main()
