"""At which floors and budgets mixtures are worked out, and under which prices: rules, stated once."""

from collections.abc import Iterator

import numpy as np

from triaxis.measure.axes import PREFERRED_BUDGETS, Axes
from triaxis.measure.costs import GROWING, Costs
from triaxis.measure.ensemble.allocate import Offer
from triaxis.measure.options import Options
from triaxis.measure.store import RunStore

SHARES = (0.8, 0.5, 0.2)
"""Besides no floor and those asked for: the highest floor that these shares of all samples reach."""

MOST_FLOORS = 6
MOST_BUDGETS = 3
MOST_AMOUNTS = 3
MOST_DOMAINS = 10
NOT_SOLD = 1e9
"""Price, in amounts, of a model whose price is not known: finite, so that no draws of it cost nothing."""


def floors_of(store: RunStore, axes: Axes, options: Options) -> np.ndarray:
    """Ascending floors, no floor first; all are interval floors. Those that leave out no sample are the same as no floor."""
    tested = axes.floors[axes.interval_floors]
    if store.header.quality is None or tested.size < 2:
        return np.asarray(tested[:1])
    values, counts = store.qualities()
    above = np.cumsum(counts[::-1])[::-1]
    reaching = np.array([above[at] if at < values.size else 0 for at in np.searchsorted(values, tested)]) / max(above[0], 1)
    asked = [f for f in options.floors if f in tested]
    shared = [tested[np.flatnonzero(reaching >= share)[-1]] for share in SHARES]
    chosen = np.unique([*asked, *(f for f in shared if np.isfinite(f))])
    cuts = [f for f in chosen if f in asked or reaching[np.searchsorted(tested, f)] < 1]
    return np.array([tested[0], *cuts[:MOST_FLOORS]])


def budgets_of(axes: Axes, options: Options, reach: np.ndarray) -> tuple[int, ...]:
    """At most 3 of the interval budgets that some model reaches, from 2: the ones asked for, the largest, then round ones."""
    able = [n for n in axes.interval_budgets if 2 <= n <= reach.max(initial=0)]
    wanted = [n for n in (*options.budgets, *able[-1:], *PREFERRED_BUDGETS, *able) if n in able]
    return tuple(sorted(list(dict.fromkeys(wanted))[:MOST_BUDGETS]))


def offers(models: tuple[str, ...], budgets: tuple[int, ...]) -> Iterator[Offer]:
    """A number of draws each."""
    for budget in budgets:
        yield Offer(None, float(budget), np.ones(len(models)))


def paid_offers(prices: dict[str, np.ndarray], budgets: tuple[int, ...]) -> Iterator[Offer]:
    """Amounts of each unit in `prices`, {unit: (models,) cost of a draw, NaN where it is not known}.

    From what the largest of `budgets` costs with the cheapest model to what it costs with the dearest; models without a price,
    or at no price, are not bought.
    """
    for unit, price in prices.items():
        known = np.isfinite(price) & (price > 0)
        if known.sum() < 2 or not budgets:
            continue
        ends = budgets[-1] * price[known].min(), budgets[-1] * price[known].max()
        for amount in np.unique(np.geomspace(*ends, MOST_AMOUNTS)):
            yield Offer(unit, float(amount), np.where(known, price, NOT_SOLD * amount))


def prices_of(costs: Costs, models: tuple[str, ...], prompts: np.ndarray) -> dict[str, np.ndarray]:
    """{unit: (models,) mean cost of one draw on `prompts` (prompts, 2: codes of prompt and domain)}; NaN where not known."""
    found = {}
    for unit in GROWING:
        if any(model in costs.rates.get(unit, {}) for model in models):
            found[unit] = np.array([_price(costs, unit, model, prompts) for model in models])
    return found


def _price(costs: Costs, unit: str, model: str, prompts: np.ndarray) -> float:
    if model not in costs.rates[unit]:
        return np.nan
    cells = costs.store.cells_of_model(model)
    wanted = {(int(p), int(d)) for p, d in prompts}
    here = np.array([key in wanted for key in zip(cells.prompt.tolist(), cells.domain.tolist(), strict=True)], dtype=bool)
    paid = costs.of_draws(unit, model, cells.select(here), 1)
    return float(np.nanmean(paid)) if paid.size and not np.isnan(paid).all() else np.nan
