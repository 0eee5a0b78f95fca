"""How many draws each member of a mixture gets: the best allocation of a budget, exactly where there are few.

Expected distinct classes grow with every draw of any member, by less the more is drawn already (diminishing returns on the
integer lattice). With many allocations, greedy steps therefore come within 1 - 1/e of the best (Soma and Yoshida 2018,
Maximizing monotone submodular functions over the integer lattice), a budget of money with the best single model beside them
(Khuller, Moss and Naor 1999); exchanges of single draws then only improve.
"""

from collections.abc import Sequence
from math import comb
from typing import NamedTuple

import numpy as np

from triaxis.measure.ensemble.profile import Profile

MOST_ALLOCATIONS = 6000
"""Up to so many allocations are all tried."""

_MOST_TRIED = 4 * MOST_ALLOCATIONS
_BLOCK = 2**21
TINY = 1e-9


class Offer(NamedTuple):
    """What there is to spend on each prompt: `amount` in units of `price` (models,), a draw's cost. `unit` None is draws."""

    unit: str | None
    amount: float
    price: np.ndarray

    def most(self, reach: np.ndarray) -> np.ndarray:
        """(models,) draws of each model alone that the amount pays for, at most its reach."""
        with np.errstate(divide="ignore"):
            bought = np.floor(self.amount * (1 + TINY) / self.price)
        return np.asarray(np.minimum(reach, np.where(np.isfinite(bought), bought, reach)), dtype=np.int64)

    def cost(self, draws: np.ndarray, members: Sequence[int]) -> np.ndarray:
        """(...,) cost of `draws` (..., members)."""
        return np.asarray(draws @ self.price[list(members)])

    @property
    def is_whole(self) -> bool:
        """Whether the amount is a number of draws, all of which are made."""
        return self.unit is None


def allocations(most: np.ndarray, price: np.ndarray, offer: Offer) -> np.ndarray | None:
    """(allocations, members) every way to spend `offer` that leaves no room for one more draw of the cheapest member.

    `most` (members,) bounds each. None where there are too many to try; no row where the members cannot give all draws.
    """
    if _bounds(most, offer) > _MOST_TRIED:
        return None
    last = int(np.argmin(price))
    others = [m for m in range(most.size) if m != last]
    grid = np.indices(tuple(int(n) + 1 for n in most[others])).reshape(len(others), -1).T
    left = offer.amount * (1 + TINY) - grid @ price[others]
    with np.errstate(divide="ignore", invalid="ignore"):
        filled = np.where(price[last] > 0, np.floor(left / price[last]), np.inf)
    full = np.insert(grid, last, np.clip(filled, 0, most[last]).astype(np.int64), axis=1)
    full = full[left >= 0]
    if offer.is_whole:
        full = full[full.sum(axis=1) == int(offer.amount)]
    return full if len(full) <= MOST_ALLOCATIONS else None


def _bounds(most: np.ndarray, offer: Offer) -> float:
    """An upper bound of the number of allocations that have to be made to list them all."""
    if offer.is_whole and comb(int(offer.amount) + most.size - 1, most.size - 1) > MOST_ALLOCATIONS:
        return np.inf
    return float(np.prod(np.sort(most)[:-1] + 1.0)) if most.size > 1 else 1.0


def worths(found: Profile, draws: np.ndarray) -> np.ndarray:
    """(allocations, folds) expected classes, summed over the prompts of each fold, of `draws` (allocations, members)."""
    block = max(1, _BLOCK // max(1, len(found.weight)))
    parts = [_worths(found, draws[at : at + block]) for at in range(0, len(draws), block)]
    return np.concatenate(parts) if parts else np.zeros((0, found.weight.shape[1]))


def _worths(found: Profile, draws: np.ndarray) -> np.ndarray:
    left = found.missed[0][draws[:, 0]]
    for member in range(1, draws.shape[1]):
        left = left * found.missed[member][draws[:, member]]
    return np.asarray(found.weight.sum(axis=0) - left @ found.weight)


def climb(found: Profile, weight: np.ndarray, most: np.ndarray, offer: Offer) -> np.ndarray | None:
    """(members,) draws by greedy steps and exchanges, for classes that weigh `weight` (groups,); None where nothing fits.

    A step takes the draw with the largest gain for its cost. With money, the best single member is a start of its own.
    """
    one = found._replace(weight=weight[:, None])
    starts = [np.zeros(most.size, dtype=np.int64)]
    if not offer.is_whole:
        starts += [np.where(np.arange(most.size) == m, most, 0) for m in range(most.size)]
    ends = [exchanged(one, filled(one, start, most, offer), most, offer) for start in starts]
    if offer.is_whole:
        ends = [end for end in ends if end.sum() == int(offer.amount)]
    return max(ends, key=lambda end: float(worths(one, end[None])[0, 0]), default=None)


def filled(found: Profile, draws: np.ndarray, most: np.ndarray, offer: Offer) -> np.ndarray:
    """`draws` with further ones, one at a time, while the offer pays for some member's next one."""
    price = offer.price[list(found.members)]
    while True:
        steps = draws + np.eye(most.size, dtype=np.int64)
        fits = (draws < most) & (steps @ price <= offer.amount * (1 + TINY))
        if not fits.any():
            return draws
        gain = np.full(most.size, -np.inf)
        gain[fits] = worths(found, steps[fits])[:, 0] - worths(found, draws[None])[0, 0]
        draws = steps[int(np.argmax(gain / np.maximum(price, TINY * offer.amount)))]


def exchanged(found: Profile, draws: np.ndarray, most: np.ndarray, offer: Offer) -> np.ndarray:
    """`draws` with draws of one member given up for those of another, as long as that gains."""
    worth = float(worths(found, draws[None])[0, 0])
    while True:
        pairs = ((int(a), b) for a in np.flatnonzero(draws) for b in range(most.size) if a != b)
        tried = [swap for pair in pairs for swap in _swaps(draws, pair, most, offer, found)]
        if not tried:
            return draws
        values = worths(found, np.array(tried))[:, 0]
        best = int(np.argmax(values))
        if values[best] <= worth + TINY * max(1.0, abs(worth)):
            return draws
        draws, worth = tried[best], float(values[best])


def _swaps(draws: np.ndarray, pair: tuple[int, int], most: np.ndarray, offer: Offer, found: Profile) -> list[np.ndarray]:
    """Of a `pair`, one draw of the first less and as many more of the second as that pays for; or one of the second more and as
    many of the first less as it costs."""
    a, b = pair
    price = offer.price[list(found.members)]
    free = offer.amount * (1 + TINY) - float(draws @ price)
    more = int(min(most[b] - draws[b], (free + price[a]) // price[b] if price[b] > 0 else most[b]))
    less = int(min(draws[a], max(1, np.ceil((price[b] - free) / price[a])) if price[a] > 0 else 1))
    one, other = draws.copy(), draws.copy()
    one[a] -= 1
    one[b] += more
    other[a] -= less
    other[b] += 1
    is_paid = float(other @ price) <= offer.amount * (1 + TINY) and other[b] <= most[b]
    return [*([one] if more > 0 else []), *([other] if is_paid else [])]
