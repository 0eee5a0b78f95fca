"""Whole sets against each other: which are compared, and who leads at which floor.

Two sets need not have a prompt in common. Where they do, leaving it out changes both, so that what they share cancels in the
difference; where they do not, their changes are independent. The tables are those of `comparisons`, `flips` and `winner`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from triaxis.measure.axes import MOST_COMPARED, Axes, check_asked
from triaxis.measure.comparisons import Delta, PairBands, PromptCurves, compare
from triaxis.measure.flips import Means, flips
from triaxis.measure.set_curves import SetCurve
from triaxis.measure.tables import Resampling
from triaxis.measure.winner import winner_map
from triaxis.stats.bands import Differences
from triaxis.stats.jackknife import MIN_SET_PROMPTS, SIGNS, set_criticals, set_differences

CONFIDENCE = 0.95


@dataclass(frozen=True)
class ComparedSets:
    """Models whose sets are compared, with the codes of the domains where each is; `shared` domains are where all of them are.

    `left_out` says why of the others; `small` lists (model, domain) sets that are too small to be compared.
    """

    models: tuple[str, ...]
    domains: Mapping[str, frozenset[int]]
    shared: frozenset[int]
    left_out: tuple[str, ...] = ()
    small: tuple[tuple[str, int], ...] = field(default=())

    @property
    def only_domain(self) -> int | None:
        """The only domain that any compared model has, whose figures are those of all domains; None where there are several."""
        every = frozenset[int]().union(*self.domains.values())
        return next(iter(every)) if len(every) == 1 else None

    def groups(self) -> Iterator[tuple[int | None, tuple[str, ...]]]:
        """All shared domains (None), then each domain if there are several: with the two or more models compared there."""
        if self.shared and len(self.models) > 1:
            yield None, self.models
        every = frozenset[int]().union(*self.domains.values())
        for domain in sorted(every) if self.only_domain is None else ():
            there = tuple(model for model in self.models if domain in self.domains[model])
            if len(there) > 1:
                yield domain, there


def compared_sets(
    prompts: Mapping[str, Mapping[int, int]], asked: Sequence[str], *, elsewhere: Collection[str] = ()
) -> ComparedSets:
    """Which sets are compared, from the number of `prompts` by model and domain.

    `asked` models, else those in the most domains, of equals those with the most prompts, up to 20. A model joins as long as the
    shared domains do not fall under half of what they were (asked ones always join). Sets under 20 prompts are left out where any
    two larger ones are. Raises `InputError` for an asked model that is neither here nor `elsewhere`, under another gate.
    """
    check_asked(asked, {*prompts, *elsewhere})
    domains, small = _large_enough(prompts)
    every = sorted(prompts, key=lambda m: (-len(domains[m]), -sum(prompts[m].values()), m))
    order = [name for name in dict.fromkeys(asked) if name in prompts] if asked else every
    chosen: list[str] = []
    left: list[str] = []
    shared = frozenset[int]()
    for name in order:
        joint = shared & domains[name] if chosen else domains[name]
        if len(chosen) == MOST_COMPARED:
            left.append(f"{name}: only {MOST_COMPARED} models are compared at once; --compare chooses them")
        elif not domains[name]:
            left.append(f"{name}: its sets hold fewer than {MIN_SET_PROMPTS} prompts, too few to compare")
        elif chosen and not asked and 2 * len(joint) < len(shared):
            left.append(f"{name}: is in only {len(joint)} of the {len(shared)} domains that are compared; --compare includes it")
        else:
            chosen, shared = [*chosen, name], joint
    models = tuple(sorted(chosen))
    return ComparedSets(models, {m: domains[m] for m in models}, shared, tuple(left), tuple(s for s in small if s[0] in models))


def _large_enough(prompts: Mapping[str, Mapping[int, int]]) -> tuple[dict[str, frozenset[int]], list[tuple[str, int]]]:
    """Domains of each model where its set has 20 prompts, and the sets that do not; all domains where no two sets do."""
    every = {d for of in prompts.values() for d in of}
    is_large = {(m, d) for m, of in prompts.items() for d, count in of.items() if count >= MIN_SET_PROMPTS}
    if all(sum((m, d) in is_large for m in prompts) < 2 for d in every):
        return {m: frozenset(of) for m, of in prompts.items()}, []
    small = sorted((m, d) for m, of in prompts.items() for d in of if (m, d) not in is_large)
    return {m: frozenset(d for d in of if (m, d) in is_large) for m, of in prompts.items()}, small


def set_pair_tables(
    curves: Sequence[SetCurve], axes: Axes, *, delta: Delta, resampling: Resampling
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Tables `set_comparisons`, `set_winner_map` and `set_flips` of `curves` in one domain, a frame for each interval budget."""
    reached = min(len(c.values) for c in curves)
    for place, budget in enumerate(axes.interval_budgets):
        row = axes.budgets.index(budget)
        if row >= reached:
            return
        bands = _bands(curves, axes, place, resampling)
        means = Means(axes.floors, np.stack([c.values[row] for c in curves]))
        prompts = np.array([c.prompts for c in curves])
        yield "set_winner_map", winner_map(bands, delta=delta).with_columns(prompts=pl.lit(int(prompts.min())))
        for some in _by_prompts(bands, prompts):
            count = pl.lit(some.differences.prompts)
            yield "set_comparisons", compare(some, delta=delta).with_columns(prompts=count)
            if axes.floors.size > 1:
                yield "set_flips", flips(some, means).with_columns(prompts=count)


def _bands(curves: Sequence[SetCurve], axes: Axes, place: int, resampling: Resampling) -> PairBands:
    """Bands of all pairs at one interval budget; NaN where a set has no deviations there."""
    budget = axes.interval_budgets[place]
    floors = axes.floors[axes.interval_floors]
    values = np.stack([c.values[axes.budgets.index(budget)][axes.interval_floors] for c in curves])
    nothing = np.full((SIGNS, floors.size), np.nan)
    strayed = np.stack([c.strayed[:, place] if place < c.strayed.shape[1] else nothing for c in curves])
    unlike = np.stack([c.unlike_at(budget) for c in curves])
    differences = set_differences(values, strayed, unlike, prompts=min(c.prompts for c in curves))
    shown = PromptCurves(tuple(c.model for c in curves), floors, values[:, None], budget, domain=curves[0].domain)
    unit = differences.unit(CONFIDENCE)
    criticals = set_criticals(
        strayed, differences, leader=values.argmax(axis=0), freedom=max(1, min(c.least for c in curves) - 1),
        draws=resampling.draws, seed=resampling.seed, confidence=CONFIDENCE,
    )  # fmt: skip
    low, high = differences.mean - criticals.above[:, None] * unit, differences.mean + criticals.below[:, None] * unit
    return PairBands(shown, differences, low, high, unit, criticals, None)


def _by_prompts(bands: PairBands, prompts: np.ndarray) -> Iterator[PairBands]:
    """`bands` in parts: the pairs whose smaller set has equally many `prompts` (models,), which is what `prompts` then says."""
    whole = bands.differences
    smaller = np.minimum(prompts[whole.first], prompts[whole.second])
    for count in np.unique(smaller):
        of = smaller == count
        part = Differences(
            whole.first[of], whole.second[of], whole.mean[of], whole.error[of], whole.nonzero[of], prompts=int(count)
        )
        yield bands._replace(differences=part, low=bands.low[of], high=bands.high[of], unit=bands.unit[of])
