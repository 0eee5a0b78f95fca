"""The tables `ensemble` and `ensemble_draws` of one gate.

`value` is cross-fitted: prompts are dealt into five folds, the mixture of each fold is chosen on the other four, and each prompt
counts with the mixture that was chosen without it. So a mixture cannot look good for having been picked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from triaxis.measure import tables
from triaxis.measure.axes import Axes
from triaxis.measure.comparisons import CANNOT_TELL, Delta
from triaxis.measure.costs import costs_of
from triaxis.measure.ensemble import choice
from triaxis.measure.ensemble.allocate import Offer
from triaxis.measure.ensemble.bound import upper_bound
from triaxis.measure.ensemble.growth import SHORTLIST, Growth, Profiles
from triaxis.measure.ensemble.pool import MOST_PROMPTS, Plan, Pool, Shelf, ranked, shelf_of
from triaxis.measure.options import Options, Progress
from triaxis.measure.outcome import Outcome
from triaxis.measure.remarks import MOST_NAMED
from triaxis.measure.store import RunStore
from triaxis.measure.tables import Resampling
from triaxis.results import TABLES, NotRun
from triaxis.stats.bands import MIN_NONZERO, unless_rounding
from triaxis.stats.bootstrap import MIN_PROMPTS

ADDS, ADDS_NOTHING = "adds", "adds nothing"
FEWEST_PROMPTS = 2
ANALYSIS = "mixtures of models"
FOLDS = 5


def ensemble_of_counts(store: RunStore, axes: Axes, options: Options, *, progress: Progress | None = None) -> Outcome:
    """Which mixture of models gives most different usable answers for a budget, and what each further model adds.

    Rows for at most 1, 2, 3, ... models, until nothing is gained on all prompts, at no floor and a few floors, for a few numbers
    of draws and amounts of money, on the prompts that the models share. Verdicts: the interval of the gain lies above 0, inside
    delta, or neither; each row's interval is for that row alone. `over_one` holds each row against the best single model.
    """
    reason = _why_not(store)
    if reason is not None:
        return _not_run(reason)
    shelf = shelf_of(store, options.compare, seed=options.seed)
    budgets = choice.budgets_of(axes, options, shelf.reach)
    if len(shelf.models) < 2 or not shelf.prompts.size:
        return _not_run(f"needs two models that share prompts, got {len(shelf.models)}")
    if len(shelf.prompts) < FEWEST_PROMPTS:
        return _not_run(f"needs {FEWEST_PROMPTS} prompts that the models share, so that one can judge what others chose, got 1")
    if not budgets:
        return _not_run("needs 2 samples of some model for each of the prompts that the models share, got 1")
    job = _Job(store, shelf, options, choice.floors_of(store, axes, options), budgets)
    frames = list(job.frames(progress or (lambda *_: None)))
    found = {name: [frame for table, frame in frames if table == name] for name in ("ensemble", "ensemble_draws")}
    return Outcome(found, tuple(job.not_run()), tuple(job.notes()))


def _why_not(store: RunStore) -> str | None:
    header = store.header
    if len(store.models) < 2:
        return f"needs at least two models, got {len(store.models)}"
    if header.scope == "cell":
        rule = header.equivalence
        return f"needs classes that models share, got --equivalence {rule} (cell); type --equivalence {rule}@prompt"
    if header.unit == "set":
        return "needs several samples per prompt, got sets; type --unit prompt where prompts have several samples"
    return None


def _not_run(reason: str) -> Outcome:
    return Outcome(not_run=(NotRun(analysis=ANALYSIS, reason=reason),))


class _Found(NamedTuple):
    """What one offer buys at one floor: plans by number of models and training set, and the `bound`.

    `values` (rows, prompts) are cross-fitted, `in_sample` (rows, prompts) those of the plans chosen on all prompts.
    """

    floor: float
    offer: Offer
    plans: list[list[Plan]]
    values: np.ndarray
    in_sample: np.ndarray
    bound: float

    @property
    def gains(self) -> np.ndarray:
        """(2, rows - 1, prompts) what each row has more than the one before."""
        return self._more(self.values[:-1], self.in_sample[:-1])

    @property
    def over_one(self) -> np.ndarray:
        """(2, rows - 1, prompts) what each row from two models on has more than the best single model."""
        return self._more(self.values[:1], self.in_sample[:1])

    def _more(self, crossed: np.ndarray, whole: np.ndarray) -> np.ndarray:
        """(2, rows - 1, prompts) rows from the second on, less what came before: `crossed` fitted, and the `whole` prompts'.

        What was best before is worth too little cross-fitted, as folds on which a model is weak are those that it was chosen
        without, and too much in sample. The truth lies between, so the interval of a difference spans both.
        """
        return np.stack([gains(self.values[1:], crossed), gains(self.values[1:], whole)])

    @property
    def columns(self) -> np.ndarray:
        """(columns, prompts) everything that gets an interval: values, then both kinds of gains, then both over one model."""
        return np.concatenate([self.values, *self.gains, *self.over_one])


@dataclass(frozen=True)
class _Job:
    """All rows of one store."""

    store: RunStore
    shelf: Shelf
    options: Options
    floors: np.ndarray
    budgets: tuple[int, ...]

    def frames(self, progress: Progress) -> Iterator[tuple[str, pl.DataFrame]]:
        """Frames of both tables with the name of their table, domain after domain."""
        groups = list(self._groups())
        for number, (domain, keep, twin) in enumerate(groups, start=1):
            found = self._of_domain(domain, keep)
            for name, frame in self._tables(domain, found):
                yield from ((name, one) for one in tables.with_twin([frame], twin))
            progress("mixing models, domain", number, len(groups))

    def not_run(self) -> Iterator[NotRun]:
        """Domains that are left out."""
        domains = np.unique(self.shelf.prompts[:, 1])
        if domains.size > choice.MOST_DOMAINS:
            reason = f"is done for up to {choice.MOST_DOMAINS} domains, there are {domains.size}; measure some of them apart"
            yield NotRun(analysis=f"{ANALYSIS}, by domain", reason=reason)
        few = [self.store.domains[d] for d in domains if self._count(d) < MIN_PROMPTS and 1 < domains.size <= choice.MOST_DOMAINS]
        for domain in few:
            reason = f"needs {MIN_PROMPTS} prompts that all mixed models share"
            yield NotRun(analysis=f"{ANALYSIS} in domain {domain}", reason=reason)

    def notes(self) -> Iterator[str]:
        """What is to be known about the rows."""
        shelf, left = self.shelf, self.shelf.left_out
        if left:
            named = ", ".join(left[:MOST_NAMED]) + (f" and {len(left) - MOST_NAMED} more" if len(left) > MOST_NAMED else "")
            yield f"not mixed, for sharing less than half of the prompts: {named}; --compare chooses the models"
        if shelf.of_prompts > MOST_PROMPTS:
            yield f"mixtures are worked out on a seeded draw of {MOST_PROMPTS} of {shelf.of_prompts} prompts"
        if len(shelf.models) > SHORTLIST:
            promise = f"the {SHORTLIST} that promise most, alone or beside the best one"
            yield f"mixtures: of {len(shelf.models)} models {promise}, may join"

    def _count(self, domain: int) -> int:
        return int((self.shelf.prompts[:, 1] == domain).sum())

    def _groups(self) -> Iterator[tuple[int | None, np.ndarray, str | None]]:
        """(domain, its prompts, name of the only domain there is), all domains together first."""
        codes = self.shelf.prompts[:, 1]
        domains = np.unique(codes)
        twin = self.store.domains[domains[0]] if domains.size == 1 else None
        yield None, np.ones(codes.size, dtype=bool), twin
        if 1 < domains.size <= choice.MOST_DOMAINS:
            yield from ((int(d), codes == d, None) for d in domains if self._count(d) >= MIN_PROMPTS)

    def _of_domain(self, domain: int | None, keep: np.ndarray) -> list[_Found]:
        prompts = self.shelf.prompts[keep]
        fold = ranked(self.store, prompts, self.options.seed) % min(FOLDS, len(prompts))
        prices = self._prices(prompts) if domain is None else {}
        offers = [*choice.offers(self.shelf.models, self.budgets), *choice.paid_offers(prices, self._asked)]
        return [one for floor in self.floors for one in self._at_floor(self.shelf.at(floor).on(keep), float(floor), fold, offers)]

    @property
    def _asked(self) -> tuple[int, ...]:
        """Numbers of draws that amounts of money are to pay for: those that were asked for, else all that are worked out."""
        return tuple(n for n in self.budgets if n in self.options.budgets) or self.budgets

    def _prices(self, prompts: np.ndarray) -> dict[str, np.ndarray]:
        infos = {info.model: info for info in self.options.models}
        return choice.prices_of(costs_of(self.store, infos), self.shelf.models, prompts)

    def _at_floor(self, pool: Pool, floor: float, fold: np.ndarray, offers: list[Offer]) -> Iterator[_Found]:
        profiles = Profiles(pool, fold)
        for offer in offers if pool.klass.size else ():
            growth = Growth(profiles, offer)
            plans = growth.plans()
            if plans:
                values = np.stack([crossed(growth, row) for row in plans])
                whole = np.stack([pool.worth(row[-1]) for row in plans])
                yield _Found(floor, offer, plans, values, whole, upper_bound(growth, plans[-1][-1]))

    def _tables(self, domain: int | None, found: list[_Found]) -> Iterator[tuple[str, pl.DataFrame]]:
        if not found:
            return
        resampling = Resampling(self.options.draws, self.options.seed)
        _, low, high = resampling.interval(np.concatenate([one.columns for one in found]).T)
        name = None if domain is None else self.store.domains[domain]
        rows, start = [], 0
        for one in found:
            ends = np.stack([low, high], axis=1)[start : start + len(one.columns)]
            start += len(ends)
            rows += list(_rows(one, ends, self.shelf.models, self.options.delta))
        yield "ensemble", _frame("ensemble", rows, name)
        draws = [row for one in found for row in _draws(one, self.shelf.models)]
        yield "ensemble_draws", _frame("ensemble_draws", draws, name)


def crossed(growth: Growth, plans: list[Plan]) -> np.ndarray:
    """(prompts,) worth of the plan that was chosen without the prompt's fold."""
    fold, worth = growth.profiles.fold, np.empty(growth.pool.prompts)
    for plan in dict.fromkeys(plans[:-1]):
        mine = np.isin(fold, [t for t, other in enumerate(plans[:-1]) if other == plan])
        worth[mine] = growth.pool.worth(plan)[mine]
    return worth


def gains(after: np.ndarray, before: np.ndarray) -> np.ndarray:
    """`after` less `before`, (rows, prompts) each; exactly 0 where only rounding differs."""
    return unless_rounding(after - before, np.maximum(after, before))


def _rows(found: _Found, ends: np.ndarray, models: tuple[str, ...], delta: Delta) -> Iterator[dict[str, Any]]:
    means, later = found.values.mean(axis=1), len(found.plans) - 1
    more = np.stack([found.gains, found.over_one])
    both = ends[len(means) :].reshape(2, 2, later, 2)
    for row, plans in enumerate(found.plans):
        plan, before = plans[-1], found.plans[row - 1][-1] if row else Plan()
        joined = [models[m] for m in plan.members if m not in before.members]
        shared = _plan_columns(found, row) | {
            "added": ", ".join(joined) or None, "value": means[row], "low": ends[row, 0], "high": ends[row, 1],
            "in_sample": found.in_sample[row].mean(), "bound": found.bound, "cost": _cost(found.offer, plan),
            "prompts": found.values.shape[1],
        }  # fmt: skip
        larger = means[row - 1 : row + 1].max() if row else 0.0
        yield shared | (_compared(more[:, :, row - 1], both[:, :, row - 1], larger, delta) if row else {})


def _compared(more: np.ndarray, ends: np.ndarray, larger: float, delta: Delta) -> dict[str, Any]:
    """Columns on a row against the row before and against one model, from `more` (2, 2, prompts) and `ends` (2, 2, 2)."""
    gained, over_one = (_spanned(*pair) for pair in zip(more, ends, strict=True))
    named = {f"{name}{end}": value for name, figure in (("gain", gained), ("over_one", over_one))
             for end, value in zip(("", "_low", "_high"), figure, strict=True)}  # fmt: skip
    return named | {"verdict": verdict(gained[1], gained[2], delta, larger)}


def _spanned(more: np.ndarray, ends: np.ndarray) -> tuple[float, float, float]:
    """Mean, low and high of a difference in both of its kinds `more` (2, prompts) with their `ends` (2, low and high).

    Too few prompts that differ give no interval, as in comparisons of models.
    """
    differing = np.count_nonzero(more, axis=1)
    known = (differing == 0) | (differing >= MIN_NONZERO)
    low, high = (ends[known, 0].min(), ends[known, 1].max()) if known[0] else (np.nan, np.nan)
    return float(more[0].mean()), float(low), float(high)


def verdict(low: float, high: float, delta: Delta, larger: float) -> str:
    """`adds` when the interval of the gain lies above 0, `adds nothing` when no gain beyond delta is in it, else `cannot tell`
    (NaN ends, too)."""
    if low > 0:
        return ADDS
    return ADDS_NOTHING if high <= float(delta.at(np.array(larger))) else CANNOT_TELL


def _cost(offer: Offer, plan: Plan) -> float:
    if offer.is_whole:
        return np.nan
    return float(offer.cost(np.array([k for _, k in plan]), plan.members))


def _draws(found: _Found, models: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for row, plans in enumerate(found.plans):
        for model, draws in plans[-1]:
            yield _plan_columns(found, row) | {"model": models[model], "draws": draws}


def _plan_columns(found: _Found, row: int) -> dict[str, Any]:
    floor = None if np.isneginf(found.floor) else found.floor
    return {"floor": floor, "cost_unit": found.offer.unit, "amount": found.offer.amount, "members": row + 1}


def _frame(table: str, rows: list[dict[str, Any]], domain: str | None) -> pl.DataFrame:
    schema = {name: kind for name, kind in TABLES[table].items() if name not in ("gate", "domain")}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.with_columns(pl.lit(domain, dtype=pl.String).alias("domain"))
