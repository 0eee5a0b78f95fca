"""Mixtures of one, two, three, ... models: who joins, chosen on all prompts but one fold, for every fold, and on all prompts.

Which model joins is tried in full for a few only: those whose first draw, or whose half of the budget, would add most to the
mixture so far. Where all allocations over all models can be listed, they are, and the best with at most s models is exact.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from triaxis.measure.ensemble.allocate import TINY, Offer, allocations, climb, worths
from triaxis.measure.ensemble.pool import Plan, Pool
from triaxis.measure.ensemble.profile import Profile, profile

MOST_MEMBERS = 6
SHORTLIST = 24
TRIED = 3
"""Of each of the two ways to guess who would add most, so many are tried in full."""


class Profiles:
    """Profiles of sets of members in one pool, made once each; folds of prompts are the same for all."""

    def __init__(self, pool: Pool, fold: np.ndarray) -> None:
        self.pool, self.fold = pool, fold
        self.folds = int(fold.max(initial=0)) + 1
        self._made: dict[tuple[int, ...], Profile] = {}

    def of(self, members: tuple[int, ...]) -> Profile:
        """The profile of `members`."""
        if members not in self._made:
            self._made[members] = profile(self.pool, members, self.fold, self.folds)
        return self._made[members]


@dataclass
class Growth:
    """Mixtures under one offer. A *training set* t < folds is all prompts but fold t; the last one is all prompts."""

    profiles: Profiles
    offer: Offer
    _best: dict[tuple[int, ...], tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    _shortlists: dict[int, np.ndarray] = field(default_factory=dict)
    _gains: dict[tuple[Plan, float], np.ndarray] = field(default_factory=dict)
    _rows: np.ndarray | None = None

    @property
    def pool(self) -> Pool:
        """Counts of all models."""
        return self.profiles.pool

    @cached_property
    def most(self) -> np.ndarray:
        """(models,) draws that each model alone can give."""
        return self.offer.most(self.pool.reach)

    @cached_property
    def sets(self) -> range:
        """Training sets."""
        return range(self.profiles.folds + 1)

    @cached_property
    def prompts(self) -> np.ndarray:
        """(training sets,) prompts in each."""
        return self.trained(np.bincount(self.profiles.fold, minlength=self.profiles.folds).astype(np.float64))

    @staticmethod
    def trained(by_fold: np.ndarray) -> np.ndarray:
        """(..., training sets) sums over training sets of `by_fold` (..., folds)."""
        total = by_fold.sum(axis=-1, keepdims=True)
        return np.concatenate([total - by_fold, total], axis=-1)

    def plans(self) -> list[list[Plan]]:
        """For at most 1, 2, ... models the best plan found on each training set; ends when all prompts show no gain."""
        start = self._singles()
        if start is None:
            return []
        listed = self._listed()
        if listed is not None:
            return listed
        grown = [start]
        while len(grown) < min(MOST_MEMBERS, len(self.pool.models)):
            grown.append([self._joined(t, plan) for t, plan in enumerate(grown[-1])])
            if grown[-1][-1] == grown[-2][-1]:
                break
        return grown

    def value(self, plan: Plan, t: int) -> float:
        """Mean expected classes per prompt of training set `t`."""
        worth = self.pool.worth(plan)
        kept = self.profiles.fold != t
        return float(worth[kept].mean())

    def _singles(self) -> list[Plan] | None:
        """The best single model on each training set, among those that can spend the offer; None where there is none."""
        able = self.most > 0 if not self.offer.is_whole else self.most >= self.offer.amount
        if not able.any():
            return None
        values = np.where(able[:, None], self._values_alone, -np.inf)
        best = values.argmax(axis=0)
        return [Plan([(int(m), int(self.most[m]))]) for m in best]

    @cached_property
    def _values_alone(self) -> np.ndarray:
        """(models, training sets) classes that each model gives alone, summed over prompts."""
        pool = self.pool
        hit = 1.0 - pool.missed[np.minimum(self.most, len(pool.missed) - 1)[pool.model], pool.kind]
        return self._by_model(hit)

    def _promising(self) -> np.ndarray | slice:
        """Entries of models that are on some short list; all entries until every training set has its list."""
        if len(self._shortlists) < len(self.sets):
            return slice(None)
        if self._rows is None:
            listed = np.unique(np.concatenate(list(self._shortlists.values())))
            self._rows = np.concatenate([np.arange(self.pool.start[m], self.pool.start[m + 1]) for m in listed])
        return self._rows

    def _by_model(self, weights: np.ndarray, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """(models, training sets) sums of `weights`, one for each entry of `rows`."""
        folds, pool = self.profiles.folds, self.pool
        where: np.ndarray = pool.model[rows] * folds + self.profiles.fold[pool.prompt[rows]]
        sums = np.bincount(where, weights=weights, minlength=len(pool.models) * folds)
        return self.trained(sums.reshape(-1, folds))

    def _listed(self) -> list[list[Plan]] | None:
        """`plans` from all allocations over all models; None where there are too many."""
        everyone = tuple(range(len(self.pool.models)))
        every = allocations(self.most, self.offer.price, self.offer)
        if every is None or not len(every):
            return None
        values = self.trained(worths(self.profiles.of(everyone), every))
        count = (every > 0).sum(axis=1)
        if not (count == 1).any():
            return None
        rows: list[list[Plan]] = []
        for most in range(1, min(MOST_MEMBERS, len(everyone)) + 1):
            allowed = np.flatnonzero(count <= most)
            best = allowed[values[allowed].argmax(axis=0)]
            plans = [_plan(everyone, every[row]) for row in best]
            rows.append([self._better(t, rows[-1][t] if rows else None, plan) for t, plan in enumerate(plans)])
            if len(rows) > 1 and rows[-1][-1] == rows[-2][-1]:
                break
        return rows

    def _better(self, t: int, before: Plan | None, after: Plan) -> Plan:
        """`after`, unless it is no better than `before` on training set `t` but for rounding."""
        if before is None or before == after:
            return after
        return after if self.value(after, t) > self.value(before, t) + TINY else before

    def _joined(self, t: int, plan: Plan) -> Plan:
        """The best plan found with one more model than `plan`; `plan` itself when nothing is gained on training set `t`."""
        best, most = plan, self._worth_on(plan, t) + TINY * self.prompts[t]
        for other in self._tried(t, plan):
            members = tuple(sorted({*plan.members, int(other)}))
            value, draws = self._best_on(members, t)
            if value > most:
                best, most = _plan(members, draws), value
        return best

    def _worth_on(self, plan: Plan, t: int) -> float:
        found = self.profiles.of(plan.members)
        return float(self.trained(worths(found, np.array([[draws for _, draws in plan]])))[0, t])

    def _best_on(self, members: tuple[int, ...], t: int) -> tuple[float, np.ndarray]:
        """Value and draws of the best allocation found among `members` on training set `t`."""
        if members not in self._best:
            self._best[members] = self._solve(members)
        values, draws = self._best[members]
        return float(values[t]), draws[t]

    def _solve(self, members: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
        """(training sets,) values and (training sets, members) draws; minus infinity where the offer cannot be spent."""
        found, most = self.profiles.of(members), self.most[list(members)]
        every = allocations(most, self.offer.price[list(members)], self.offer)
        if every is None:
            return self._climbed(found, most)
        if not len(every):
            return np.full(len(self.sets), -np.inf), np.zeros((len(self.sets), most.size), dtype=np.int64)
        values = self.trained(worths(found, every))
        best = values.argmax(axis=0)
        return values[best, np.arange(best.size)], every[best]

    def _climbed(self, found: Profile, most: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        weights = self.trained(found.weight)
        values, draws = np.full(len(self.sets), -np.inf), np.zeros((len(self.sets), most.size), dtype=np.int64)
        for t in self.sets:
            end = climb(found, weights[:, t], most, self.offer)
            if end is not None:
                draws[t] = end
                values[t] = self.trained(worths(found, end[None]))[0, t]
        return values, draws

    def _tried(self, t: int, plan: Plan) -> np.ndarray:
        """Models to try beside `plan` on training set `t`."""
        first, half = self._gain(plan, 1.0)[:, t], self._gain(plan, 0.5)[:, t]
        if t not in self._shortlists:
            alone = self._values_alone[:, t]
            self._shortlists[t] = _firsts((alone, SHORTLIST // 3), (first, SHORTLIST // 3), (half, SHORTLIST // 3))
        others = np.setdiff1d(self._shortlists[t], plan.members)
        if others.size <= 2 * TRIED:
            return others
        return np.asarray(others[_firsts((first[others], TRIED), (half[others], TRIED))])

    def _gain(self, plan: Plan, kept: float) -> np.ndarray:
        """(models, training sets) what each model would add to the share `kept` of the draws of `plan`, with those given up.

        With all kept, one more draw.
        """
        if (plan, kept) not in self._gains:
            pool, offer = self.pool, self.offer
            left = Plan([(m, int(np.ceil(kept * k))) for m, k in plan])
            spent = offer.cost(np.array([k for _, k in left]), left.members)
            with np.errstate(divide="ignore", invalid="ignore"):
                room = np.where(offer.price > 0, np.floor((offer.amount - spent) / offer.price), self.most)
            draws = np.clip(room, 1, np.maximum(self.most, 1)).astype(np.int64) if kept < 1 else np.ones_like(self.most)
            draws = np.minimum(draws, self.most)
            rows = self._promising()
            hit = 1.0 - pool.missed[draws[pool.model[rows]], pool.kind[rows]]
            self._gains[plan, kept] = self._by_model(hit * pool.unseen(left)[pool.klass[rows]], rows)
        return self._gains[plan, kept]


def _firsts(*guesses: tuple[np.ndarray, int]) -> np.ndarray:
    """Positions of the largest few values of each guess, ascending; of equals the first."""
    chosen = [np.argsort(-values, kind="stable")[:count] for values, count in guesses]
    return np.unique(np.concatenate(chosen))


def _plan(members: tuple[int, ...], draws: np.ndarray) -> Plan:
    return Plan((m, int(k)) for m, k in zip(members, draws, strict=True) if k)
