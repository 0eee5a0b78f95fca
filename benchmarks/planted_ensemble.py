"""Mixtures with a known truth: is a mixture bought where it is better, is none bought where it is not, do intervals hold?

    python benchmarks/planted_ensemble.py --simulations 200

Each prompt has its own number of equally likely classes, so what any allocation of draws is worth over all prompts of the kind is
known: the mean over prompts of the sum over classes of 1 - product of (1 - p)^k. `adds` is how often a second model is said to
add something; `advised` how often `triaxis advise` would take a mixture, `wrongly` how often that mixture is in truth no better
than the best single model. The last columns are how often 95 % intervals hold the truth: of the worth of two models, of the gain
of the second one, and of the lead over the best single model, for two models and for the mixture that the advice speaks of.
"""

import argparse
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import polars as pl

from triaxis.measure.axes import Axes
from triaxis.measure.ensemble import ensemble_of_counts
from triaxis.measure.ensemble.allocate import TINY
from triaxis.measure.options import Options
from triaxis.measure.store import COUNT_SCHEMA, LOST_SCHEMA, RunStore, StoreHeader
from triaxis.stats.steps import surest_step

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
    World("six copies", (0.0,) * 6, (1.0,) * 6, False),
    World("one knows all that five others know, and more", (0.0,) * 6, (2.0, 0.5, 0.5, 0.5, 1.0, 1.0), False),
    World("five partners that share 85 %", (0.0, 0.15, 0.3, 0.45, 0.6), (1.0,) * 5, True),
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
    """One simulation: is a second model said to add, a mixture advised, and wrongly so; which intervals hold the truth."""

    adds: bool
    advised: bool
    wrongly: bool
    holds_value: bool
    holds_gain: bool
    holds_over_one: bool
    holds_told: bool


def simulate(world: World, seed: int, prompts: int = PROMPTS) -> Seen:
    """One world drawn, measured and held against the truth."""
    rng = np.random.default_rng([seed, WORLDS.index(world)])
    found = ensemble_of_counts(store_of(shares(world, sizes(rng, prompts)), rng), AXES, Options(draws=400, seed=seed))
    rows = pl.concat(found.tables["ensemble"]).filter(pl.col("domain").is_null()).sort("members").to_dicts()
    table = pl.concat(found.tables["ensemble_draws"]).filter(pl.col("domain").is_null())
    truth = shares(world, sizes(np.random.default_rng(1), MANY))
    value = [worth(truth, _draws(table, row["members"])).mean() for row in rows]
    alone = max(worth(truth, {m: SAMPLES}).mean() for m in range(truth.shape[1]))
    taken = surest_step([row["over_one_low"] for row in rows], [row["gain_low"] for row in rows])
    told = taken or max(range(1, len(rows)), key=lambda place: rows[place]["over_one"])
    return Seen(
        rows[1]["verdict"] == "adds", taken > 0, taken > 0 and value[taken] <= alone + TINY, _holds(rows[1], "", value[1]),
        _holds(rows[1], "gain_", value[1] - value[0]), *(_holds(rows[k], "over_one_", value[k] - alone) for k in (1, told)),
    )  # fmt: skip


def _holds(row: Mapping[str, float], name: str, truth: float) -> bool:
    """Whether the interval `name` of `row` holds `truth`, but for rounding."""
    return row[f"{name}low"] - TINY <= truth <= row[f"{name}high"] + TINY


def _draws(table: pl.DataFrame, members: int) -> dict[int, int]:
    return {int(r["model"][1:]): r["draws"] for r in table.filter(members=members).to_dicts()}


def main() -> None:
    """Prints a row a world."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=200)
    count = parser.parse_args().simulations
    print("| world | a mixture is better | adds | advised | wrongly | value | gain | over one, of two | over one, of the told |")
    print("|---|---|---|---|---|---|---|---|---|")
    for world in WORLDS:
        shown = np.mean([simulate(world, seed) for seed in range(count)], axis=0)
        print(f"| {world.name} | {'yes' if world.is_better_mixed else 'no'} | {' | '.join(f'{one:.1%}' for one in shown)} |")


if __name__ == "__main__":
    main()
