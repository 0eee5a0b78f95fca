"""Does `triaxis diff --fail-if` keep its promise? False failures and false passes at the limit itself, on simulated runs.

    python benchmarks/planted_diff.py --simulations 200

A simulated run draws the answers of every prompt from the same classes, with a power law, qualities 0 and 1; both runs answer the
same prompts, or none that are the same. `planted` drops U by exactly the limit, in expectation over prompts, so the limit is
neither broken nor kept: a ruling either way is wrong, and each may happen in 2.5 % of the simulations. Where U drops by a quarter
or not at all, the share of right rulings is the power. Prints Markdown tables.
"""

import argparse
from typing import NamedTuple

import numpy as np

from triaxis.measure.diff.decide import Sides, ruling
from triaxis.measure.diff.limits import Limit, parse_limit

DRAWS = 1000
LIMIT = "U(1,8) drops > 10%"


class Scenario(NamedTuple):
    """How U of a prompt moves from the old run to the new: its mean share kept, and in which way."""

    name: str
    prompts: int
    way: str
    kept: float = 0.9
    is_paired: bool = True


SCENARIOS = tuple(
    Scenario(f"{way}, {prompts} prompts{'' if is_paired else ', unpaired'}", prompts, way, is_paired=is_paired)
    for way, is_paired in (("even", True), ("few prompts lose all", True), ("few prompts lose half", True), ("even", False))
    for prompts in (12, 30, 100)
)
POWER = tuple(
    Scenario(f"U {said}, {prompts} prompts", prompts, "even", kept)
    for said, kept in (("drops 25 %", 0.75), ("stays", 1.0))
    for prompts in (12, 30, 100)
)


def simulated(scenario: Scenario, seed: int) -> Sides:
    """Per-prompt U of both runs: at most 8, levels that differ between prompts, noise of the samples."""
    rng = np.random.default_rng(seed)
    old, level = _run(scenario, rng, 1.0)
    if scenario.is_paired:
        new = _moved(scenario, level, rng)
    else:
        new, _ = _run(scenario, rng, scenario.kept)
    return Sides(old, new, is_paired=scenario.is_paired)


def _run(scenario: Scenario, rng: np.random.Generator, share: float) -> tuple[np.ndarray, np.ndarray]:
    level = 8 * rng.beta(2, 2, scenario.prompts)
    return level * share * rng.uniform(0.8, 1.2, scenario.prompts), level


def _moved(scenario: Scenario, level: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """New values with mean `kept` times the level, exactly in expectation: all a little, or some of them a lot."""
    lost = {"even": 1.0, "few prompts lose all": 1.0, "few prompts lose half": 0.5}[scenario.way]
    noise = rng.uniform(0.8, 1.2, level.size)
    if scenario.way == "even":
        return level * scenario.kept * noise
    hit = rng.random(level.size) < (1 - scenario.kept) / lost
    return level * np.where(hit, 1 - lost, 1.0) * noise


def states(scenario: Scenario, simulations: int, limit: Limit) -> dict[str, float]:
    """Share of simulations with each ruling."""
    found = [
        ruling(limit, simulated(scenario, 1000 + number), draws=DRAWS, seed=number, confidence=0.95).state
        for number in range(simulations)
    ]
    return {state: found.count(state) / simulations for state in ("broken", "holds", "undecided")}


def main() -> None:
    """Prints both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulations", type=int, default=200)
    simulations = parser.parse_args().simulations
    limit = parse_limit(LIMIT)
    for title, scenarios in (("at the limit: every ruling is wrong", SCENARIOS), ("away from the limit", POWER)):
        print(f"\n{LIMIT}, {title} ({simulations} simulations)\n\n| runs | fails | kept | undecided |\n|---|---|---|---|")
        for scenario in scenarios:
            found = states(scenario, simulations, limit)
            print(f"| {scenario.name} | {found['broken']:.1%} | {found['holds']:.1%} | {found['undecided']:.1%} |", flush=True)


if __name__ == "__main__":
    main()
