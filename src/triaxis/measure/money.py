"""The winner map over (floor, money): for an amount to spend on each prompt, the model that gives most different usable answers.

At an amount m a model draws n = m / (its mean cost of a draw), the same number for every prompt. The one idea: a fractional
number of draws is a draw with that probability, so that U at n is exactly the straight line between U at the two whole numbers
beside it.

A model whose n goes beyond its samples is *held* at its largest measured budget R. Its U there is a lower bound of what the
amount buys. The curve of U bends down, so U(R) + (n - R) x (U(R) - U(R - 1)) is an upper one; the last difference is the
number of classes seen once over R, the chance of something new (Good 1953). A model wins where its lower bound is ahead of the
upper bounds of all others.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import polars as pl

from triaxis.measure import usable
from triaxis.measure.axes import Axes
from triaxis.measure.cells import Cells
from triaxis.measure.comparisons import CANNOT_TELL, SAME, Delta, PromptCurves, pair_bands, to_table
from triaxis.measure.costs import GROWING, Costs
from triaxis.measure.pairs import Paired
from triaxis.measure.tables import Resampling
from triaxis.measure.winner import LEADS, first_two, square_of

AMOUNTS = 12
SLACK = 1e-9
"""So that an amount which is just the cost of R draws does not count as beyond them after rounding."""


class Shop(NamedTuple):
    """Models to spend money on, with their `cells` on the same prompts: `price` (models,) mean cost of a draw, `reach` (models,)
    draws that every prompt has. `is_bounded`: classes do not depend on which samples are there, so that U has an upper bound.
    """

    models: tuple[str, ...]
    cells: tuple[Cells, ...]
    price: np.ndarray
    reach: np.ndarray
    is_bounded: bool


class Bought(NamedTuple):
    """What one amount buys: `lower` (models, prompts, floors) is U of the draws that are there, and `upper` its bound where draws
    are missing (equal to it where not, infinite without a bound); `is_held` (models,) bool.
    """

    lower: np.ndarray
    upper: np.ndarray
    is_held: np.ndarray


def cost_map(pairs: Paired, costs: Costs, axes: Axes, *, delta: Delta, resampling: Resampling) -> Iterator[pl.DataFrame]:
    """Table `cost_map` of the compared models in one domain, a frame for each unit and amount, at the interval floors.

    The mean cost of a draw is taken as known. Models without a rate in a unit are left out of its map.
    """
    floors = axes.floors[axes.interval_floors]
    for unit in GROWING:
        shop = shop_of(pairs, costs, unit)
        for amount in amounts(shop):
            bought = buy(shop, float(amount), floors)
            curves = PromptCurves(shop.models, floors, bought.lower, 0, domain=pairs.domain)  # the amount stands for the budget
            held = ", ".join(model for model, is_held in zip(shop.models, bought.is_held, strict=True) if is_held)
            fixed = {"cost_unit": unit, "amount": float(amount), "beyond_reach": held or None}
            same_for_all = {name: np.full(floors.size, value, dtype=object) for name, value in fixed.items()}
            yield to_table("cost_map", curves, same_for_all | _winners(shop, bought, floors, delta, resampling))


def shop_of(pairs: Paired, costs: Costs, unit: str) -> Shop:
    """The models of `pairs` whose cost in `unit` is known; none when there are fewer than two, or no prompt."""
    known = costs.rates.get(unit, {})
    priced = [(m, c, _mean_cost(costs, unit, m, c)) for m, c in zip(pairs.models, pairs.cells, strict=True) if m in known]
    chosen = [one for one in priced if one[2] >= 0]  # not NaN, and no refunds
    models, cells, price = zip(*chosen, strict=True) if len(chosen) > 1 else ((), (), ())
    reach = np.array([int(c.size.min()) for c in cells])
    return Shop(models, cells, np.array(price), reach, not costs.store.header.is_pairwise)


def _mean_cost(costs: Costs, unit: str, model: str, cells: Cells) -> float:
    paid = costs.of_draws(unit, model, cells, 1)
    return float(np.nanmean(paid)) if not np.isnan(paid).all() else np.nan


def amounts(shop: Shop) -> np.ndarray:
    """A geometric grid from one draw of the cheapest model to where the last model runs out of samples; free ones set no end."""
    paid = shop.price > 0
    if len(shop.models) < 2 or not paid.any():
        return np.zeros(0)
    first, last = shop.price[paid].min(), (shop.price * shop.reach).max()
    return np.unique(np.geomspace(first, last, AMOUNTS)) if last > first * (1 + SLACK) else np.array([last])


def buy(shop: Shop, amount: float, floors: np.ndarray) -> Bought:
    """What `amount` a prompt buys of every model."""
    with np.errstate(divide="ignore"):
        draws = amount / shop.price
    is_held = draws > shop.reach * (1 + SLACK)
    lower = np.stack([usable_at(c, floors, min(n, r)) for c, n, r in zip(shop.cells, draws, shop.reach, strict=True)])
    upper = lower.copy()
    for place in np.flatnonzero(is_held):
        cells, reach = shop.cells[place], int(shop.reach[place])
        gain = lower[place] - usable_at(cells, floors, reach - 1)
        beyond = draws[place] - reach if shop.is_bounded else np.inf
        upper[place] += gain * beyond if np.isfinite(beyond) else np.inf
    return Bought(lower, upper, is_held)


def usable_at(cells: Cells, floors: np.ndarray, draws: float) -> np.ndarray:
    """(cells, floors) U for a number of draws that need not be whole: on the line between the two whole ones beside it."""
    whole = int(draws)
    part = draws - whole
    below = usable.usable_diversity(cells, floors, whole) if whole else np.zeros((len(cells), floors.size))
    return below + part * (usable.usable_diversity(cells, floors, whole + 1) - below) if part else below


def _winners(shop: Shop, bought: Bought, floors: np.ndarray, delta: Delta, resampling: Resampling) -> dict[str, np.ndarray]:
    """Leader, runner-up and verdict at every floor, by one band over lower and upper bounds together.

    `low` allows for what a held runner-up may have beyond its draws; `high` is unknown where the leader is held itself.
    """
    means = bought.lower.mean(axis=1)
    leader, runner_up = first_two(shop.models, means)
    rows = _rows(bought, np.union1d(leader, runner_up))
    stacked = PromptCurves(tuple(map(str, range(len(rows.values)))), floors, rows.values, 0)
    square = square_of(pair_bands(stacked, seed=resampling.seed, draws=resampling.draws))
    floor, mine, others = np.arange(floors.size), rows.lower[leader], rows.upper
    against = square.low[mine[:, None], others[None, :], floor[:, None]]  # (floors, models)
    against[:, others < 0] = np.nan
    ahead = (against > 0).sum(axis=1) == len(shop.models) - 1
    low = against[floor, runner_up]
    high = np.where(bought.is_held[leader], np.nan, square.high[mine, rows.lower[runner_up], floor])
    limit = delta.at(means[leader, floor])
    is_first = (~bought.is_held | (against > 0)).all(axis=1)  # whatever those that are held may have beyond their draws
    same = (low >= -limit) & (high <= limit) & is_first
    names = np.array(shop.models, dtype=object)
    return {
        "floor": floors, "winner": np.where(ahead, names[leader], None), "leader": names[leader], "runner_up": names[runner_up],
        "difference": square.mean[mine, rows.lower[runner_up], floor], "low": low, "high": high,
        "verdict": np.where(ahead, LEADS, np.where(same, SAME, CANNOT_TELL)).astype(object),
    }  # fmt: skip


class _Rows(NamedTuple):
    """Curves to compare, `values` (rows, prompts, floors); `lower` and `upper` (models,): rows of these bounds, -1 for none."""

    values: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


def _rows(bought: Bought, shown: np.ndarray) -> _Rows:
    """One row a model, the bound that others have to beat; held ones that are `shown` have their lower bound in one more."""
    models = len(bought.lower)
    is_bounded = np.isfinite(bought.upper).all(axis=(1, 2))
    values = [bought.upper[m] if is_bounded[m] else bought.lower[m] for m in range(models)]
    lower, upper = np.arange(models), np.where(is_bounded, np.arange(models), -1)
    for model in (m for m in shown if bought.is_held[m] and is_bounded[m]):
        lower[model] = len(values)
        values.append(bought.lower[model])
    return _Rows(np.stack(values), lower, upper)
