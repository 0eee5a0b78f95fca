"""Mixtures with a known truth: is a mixture bought where it is better, is none bought where it is not, do intervals hold?

    python benchmarks/planted_ensemble.py --simulations 200

Each prompt has its own number of equally likely classes, so what any allocation of draws is worth over all prompts of the kind is
known: the mean over prompts of the sum over classes of 1 - product of (1 - p)^k. `adds` is how often a second model is said to
add something; the last two columns are how often the 95 % interval holds the true worth of the advised mixture, and the true gain
of the second model.
"""

import argparse
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import polars as pl

from triaxis.measure.axes import Axes
from triaxis.measure.ensemble import ensemble_of_counts
from triaxis.measure.options import Options
from triaxis.measure.store import COUNT_SCHEMA, LOST_SCHEMA, RunStore, StoreHeader

PROMPTS, SAMPLES, MANY = 60, 10, 4000
AXES = Axes(np.array([-np.inf]), np.array([0]), (SAMPLES,), (SAMPLES,))


class World(NamedTuple):
    """Models that know the classes `first` to `first + width x size` of a prompt, `size` being its own random number."""

    name: str
    first: tuple[float, ...]
    width: tuple[float, ...]
    is_better_mixed: bool


WORLDS = (
    World("nothing shared", (0.0, 2.0), (1.0, 1.0), True),
    World("half shared", (0.0, 0.5), (1.0, 1.0), True),
    World("two complements, a third worse", (0.0, 2.0, 0.0), (1.0, 1.0, 0.3), True),
    World("a copy", (0.0, 0.0), (1.0, 1.0), False),
    World("one knows all that the other knows, and more", (0.0, 0.0), (2.0, 0.5), False),
)


def shares(world: World, size: np.ndarray) -> np.ndarray:
    """(prompts, models, classes) probability of each class."""
    first, last = (np.round(np.multiply.outer(size, edge)) for edge in (world.first, np.add(world.first, world.width)))
    place = np.arange(int(last.max()))
    known = (place >= first[..., None]) & (place < np.maximum(last, first + 1)[..., None])
    return np.asarray(known / known.sum(axis=-1, keepdims=True))


def sizes(rng: np.random.Generator, prompts: int) -> np.ndarray:
    """(prompts,) classes of a model of width 1."""
    return rng.integers(4, 16, prompts)


def worth(chance: np.ndarray, draws: Mapping[int, int]) -> np.ndarray:
    """(prompts,) expected different classes of independent draws."""
    missed = np.prod([(1 - chance[:, m]) ** k for m, k in draws.items()], axis=0)
    return np.asarray((1 - missed).sum(axis=1))


def store_of(chance: np.ndarray, rng: np.random.Generator) -> RunStore:
    """Samples of every model for every prompt."""
    prompts, models, _ = chance.shape
    edges = chance.cumsum(axis=2)[:, :, None, :]
    drawn = (rng.random((prompts, models, SAMPLES, 1)) >= edges - 1e-12).sum(axis=3)
    prompt, model, _ = np.indices(drawn.shape)
    frame = pl.DataFrame({"model": model.ravel(), "prompt": prompt.ravel(), "class": drawn.ravel()})
    counts = frame.group_by("model", "prompt", "class").agg(pl.len().alias("count"))
    fixed = {"domain": 0, "quality": 0.0, "first_index": -1, "last_index": -1}
    whole = counts.with_columns(pl.lit(value).alias(name) for name, value in fixed.items()).select(
        pl.col(name).cast(kind) for name, kind in COUNT_SCHEMA.items()
    )
    said = {"quality": None, "quality_source": None, "equivalence": "planted", "rule": "known"}
    header = StoreHeader(**said, scope="prompt", is_pairwise=False)  # type: ignore[arg-type]
    names = (tuple(f"m{m}" for m in range(models)), tuple(f"p{p:04}" for p in range(prompts)), ("(none)",))
    return RunStore(header, *names, (whole.sort("model", "prompt"),), pl.DataFrame(schema=LOST_SCHEMA))


class Seen(NamedTuple):
    """One simulation: whether a second model is said to add, and whether the intervals hold the truth (None: no interval)."""

    adds: bool
    holds_value: bool
    holds_gain: bool | None


def simulate(world: World, seed: int) -> Seen:
    """One world drawn, measured and held against the truth."""
    rng = np.random.default_rng([seed, WORLDS.index(world)])
    found = ensemble_of_counts(store_of(shares(world, sizes(rng, PROMPTS)), rng), AXES, Options(draws=400, seed=seed))
    rows = pl.concat(found.tables["ensemble"]).filter(pl.col("domain").is_null()).sort("members").to_dicts()
    table = pl.concat(found.tables["ensemble_draws"]).filter(pl.col("domain").is_null())
    truth = shares(world, sizes(np.random.default_rng(1), MANY))
    value = [worth(truth, _draws(table, row["members"])).mean() for row in rows[:2]]
    gain = value[1] - value[0]
    holds = rows[1]["low"] <= value[1] <= rows[1]["high"]
    return Seen(rows[1]["verdict"] == "adds", holds, rows[1]["gain_low"] - 1e-9 <= gain <= rows[1]["gain_high"] + 1e-9)


def _draws(table: pl.DataFrame, members: int) -> dict[int, int]:
    return {int(r["model"][1:]): r["draws"] for r in table.filter(members=members).to_dicts()}


def main() -> None:
    """Prints a row a world."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=200)
    count = parser.parse_args().simulations
    print("| world | a mixture is better | adds | value in its interval | gain in its interval |")
    print("|---|---|---|---|---|")
    for world in WORLDS:
        seen = [simulate(world, seed) for seed in range(count)]
        adds, value, gain = (np.mean([bool(one[place]) for one in seen]) for place in range(3))
        print(f"| {world.name} | {'yes' if world.is_better_mixed else 'no'} | {adds:.1%} | {value:.1%} | {gain:.1%} |")


if __name__ == "__main__":
    main()
