"""What no allocation of a budget exceeds on the prompts at hand: how good a mixture that was found could be at best."""

import numpy as np

from triaxis.measure.ensemble.allocate import TINY, Offer, allocations, worths
from triaxis.measure.ensemble.growth import Growth
from triaxis.measure.ensemble.pool import Plan, Pool

MOST_STEPS = 64
"""Gains of further draws of one model are worked out so far; later ones are no larger than the last."""


def upper_bound(growth: Growth, plan: Plan) -> float:
    """A number of different usable classes per prompt that no allocation of the offer over any models exceeds.

    The best of all allocations where they can be listed. Else, beside an allocation k, any other one gives at most f(k) plus what
    each of its own draws would add to k, and each further draw of a model adds no more than the one before (Leskovec et al. 2007,
    Cost-effective outbreak detection in networks, 3.2, on the lattice). The lower one of k = nothing and k = `plan`.
    """
    pool, offer = growth.pool, growth.offer
    every = allocations(growth.most, offer.price, offer)
    if every is not None and len(every):
        found = growth.profiles.of(tuple(range(len(pool.models))))
        return float(worths(found, every).sum(axis=1).max() / pool.prompts)
    return min(_bound(pool, offer, growth.most, start) for start in (Plan(), plan))


def _bound(pool: Pool, offer: Offer, most: np.ndarray, start: Plan) -> float:
    """f(start) plus the most that the offer buys of gains to it, taken as if they did not overlap and draws could be split."""
    left = pool.unseen(start)
    gains = _gains(pool, left, start, most)
    steps = np.arange(1, len(gains) + 1)[:, None]
    further = most - np.array([dict(start).get(m, 0) for m in range(most.size)])
    count = np.where(steps <= further, 1, 0)
    count[-1] = np.maximum(further - len(gains) + 1, 0)
    spent = np.broadcast_to(offer.price, gains.shape).ravel()
    return float((1.0 - left).sum() / pool.prompts) + _bought(gains.ravel(), count.ravel(), spent, offer.amount)


def _gains(pool: Pool, left: np.ndarray, start: Plan, most: np.ndarray) -> np.ndarray:
    """(steps, models) what the first, second, ... further draw of each model adds per prompt to what is `left` unseen."""
    before = np.zeros(most.size, dtype=np.int64)
    for model, draws in start:
        before[model] = draws
    steps = min(MOST_STEPS, max(1, int(most.max(initial=1))))
    now, rows = pool.missed[before[pool.model], pool.kind], []
    hidden = np.divide(left[pool.klass], now, out=np.zeros(now.size), where=now > 0)
    for step in range(1, steps + 1):
        then = pool.missed[np.minimum(before + step, len(pool.missed) - 1)[pool.model], pool.kind]
        rows.append(np.bincount(pool.model, weights=hidden * (now - then), minlength=most.size) / pool.prompts)
        now = then
    return np.array(rows)


def _bought(gains: np.ndarray, count: np.ndarray, price: np.ndarray, amount: float) -> float:
    """The most that `amount` buys when `count` of each thing can be had, in parts too: the best gain for its price first."""
    total, left = float((gains * count)[price <= 0].sum()), amount * (1 + TINY)
    paid = np.flatnonzero((price > 0) & (count > 0))
    for place in paid[np.argsort(-gains[paid] / price[paid], kind="stable")]:
        taken = min(float(count[place]), left / price[place])
        total, left = total + taken * float(gains[place]), left - taken * float(price[place])
        if left <= 0:
            break
    return total
