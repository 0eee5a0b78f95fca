"""Are changes of a series found where they are, and none where there is none? Planted truth for `stats.change_points`.

    python benchmarks/planted_series.py --simulations 200

Values of prompts (levels that differ between prompts by four times the noise) over checkpoints. Without a change the share of
series with any change found is the false alarm rate, which is to stay at 5 %. With one, half-way (step 40 of 80), its size is
0.6 of the noise on average and differs from prompt to prompt as much as it is large. `autocorrelated`: every prompt's noise leans
on its last step by 0.7. `walk`: every prompt drifts by itself. `shared wobble`: all prompts of a checkpoint move together, by 0.4
of the noise, each checkpoint anew; `shared leaning wobble`: the same with a lean of 0.7, like training that goes up and down.
Prints Markdown tables.
"""

import argparse
from typing import NamedTuple

import numpy as np

from triaxis.stats.change_points import change_points

WINDOW = 2
NOISE, LEAN, SIZE, WOBBLE = 0.5, 0.7, 0.3, 0.2


class Scenario(NamedTuple):
    """Shape of the mean (`none`, `change`, `drift`, `two`), what the noise is like, prompts and steps."""

    shape: str
    noise: str
    prompts: int
    steps: int


NOISES = ("independent", "skewed", "autocorrelated", "walk", "missing cells", "shared wobble", "shared leaning wobble")
NULL = tuple(Scenario("none", noise, p, t) for p, t in ((30, 80), (12, 80), (30, 16), (30, 6)) for noise in NOISES)
PLANTED = tuple(
    Scenario(shape, noise, p, t)
    for p, t in ((30, 80), (12, 80), (30, 16), (30, 6))
    for shape in ("change", "drift")
    for noise in ("independent", "autocorrelated", "shared wobble")
)
TWO = (Scenario("two", "independent", 30, 80), Scenario("two", "autocorrelated", 30, 80))


def leaning(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Stationary first-order autoregressions of variance 1 along the last axis."""
    noise = rng.standard_normal(shape)
    for step in range(1, shape[1]):
        noise[:, step] = LEAN * noise[:, step - 1] + np.sqrt(1 - LEAN**2) * noise[:, step]
    return noise


def simulated(scenario: Scenario, seed: int) -> np.ndarray:
    """(prompts, steps) values."""
    rng = np.random.default_rng(seed)
    shape = (scenario.prompts, scenario.steps)
    values = rng.normal(0, 4 * NOISE, (shape[0], 1)) + _noise(scenario.noise, shape, rng)
    if scenario.noise == "shared wobble":
        values += rng.normal(0, WOBBLE, (1, shape[1]))
    if scenario.noise == "shared leaning wobble":
        values += WOBBLE * leaning(rng, (1, shape[1]))
    if scenario.noise == "missing cells":
        values[rng.random(shape) < 0.2] = np.nan
    return values + rng.normal(SIZE, SIZE, (shape[0], 1)) * mean_shape(scenario)


def _noise(kind: str, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    if kind == "skewed":
        return NOISE * rng.exponential(1, shape) * rng.exponential(1, (shape[0], 1))
    if kind == "autocorrelated":
        return NOISE * leaning(rng, shape)
    if kind == "walk":
        return np.cumsum(rng.normal(0, NOISE / 10, shape), axis=1)
    return rng.normal(0, NOISE, shape)


def mean_shape(scenario: Scenario) -> np.ndarray:
    """(steps,) how much of the change is there at each step."""
    at = np.arange(scenario.steps) / scenario.steps
    shapes = {"none": 0 * at, "change": 1.0 * (at >= 0.5), "drift": 2 * at, "two": 1.0 * (at >= 0.25) - 2.0 * (at >= 0.625)}
    return shapes[scenario.shape]


class Found(NamedTuple):
    """Shares of simulations."""

    found: float
    near: float
    covered: float
    gradual: float
    several: float


def results(scenario: Scenario, simulations: int) -> Found:
    """How often a change is found; of those, within 2 steps, inside the interval, called gradual, and more than one."""
    half = scenario.steps // 2
    best = []
    for number in range(simulations):
        found = change_points(simulated(scenario, 7000 + number), seed=number, draws=200, flips=999)
        if found.changes:
            best.append((found.best, len(found.changes)))
    if not best:
        return Found(0.0, *[float("nan")] * 4)
    near = [abs(split.place - half) <= WINDOW for split, _ in best]
    covered = [split.low <= half <= split.high for split, _ in best]
    gradual = [split.is_gradual for split, _ in best]
    return Found(len(best) / simulations, *(float(np.mean(x)) for x in (near, covered, gradual, [n > 1 for _, n in best])))


def both_found(scenario: Scenario, simulations: int) -> float:
    """Share of simulations in which exactly the two changes are found, each within 2 steps."""
    truth = (scenario.steps // 4, 5 * scenario.steps // 8)
    right = 0
    for number in range(simulations):
        places = [c.place for c in change_points(simulated(scenario, number), seed=number, draws=200, flips=999).changes]
        right += len(places) == 2 and all(abs(p - t) <= WINDOW for p, t in zip(places, truth, strict=True))
    return right / simulations


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulations", type=int, default=200)
    simulations = parser.parse_args().simulations
    print(f"No change ({simulations} simulations)\n\n| noise | prompts | steps | false alarms |\n|---|---|---|---|")
    for scenario in NULL:
        found = results(scenario, simulations)
        print(f"| {scenario.noise} | {scenario.prompts} | {scenario.steps} | {found.found:.1%} |", flush=True)
    print("\n| truth | noise | prompts | steps | found | within 2 steps | in the interval | called gradual | several |")
    print("|---|---|---|---|---|---|---|---|---|")
    for scenario in PLANTED:
        cells = " | ".join(f"{share:.0%}" for share in results(scenario, simulations))
        print(f"| {scenario.shape} | {scenario.noise} | {scenario.prompts} | {scenario.steps} | {cells} |", flush=True)
    print("\n| truth | noise | exactly both, each within 2 steps |\n|---|---|---|")
    for scenario in TWO:
        print(f"| two changes | {scenario.noise} | {both_found(scenario, simulations):.0%} |", flush=True)


if __name__ == "__main__":
    main()
