"""Changes by domain where a cell is a whole set: answers of two models to the same prompts, cut to one size.

A figure of a set is no mean over prompts. Its difference is held against how it changes when a tenth of the prompts, the same for
both models, is left out (grouped jackknife, Tukey 1958); the band over the floors of a pair, metric and domain is Bonferroni's.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy.special import stdtrit

from triaxis.errors import Undefined
from triaxis.measure.comparisons import Delta
from triaxis.measure.domains.bands import Band
from triaxis.measure.domains.change_rows import words
from triaxis.measure.domains.groups import DomainGroup
from triaxis.measure.domains.pairs import ANALYSIS, Pair
from triaxis.measure.levels.figures import read
from triaxis.measure.levels.sets import FEWEST, GROUPS, AnswerSet
from triaxis.measure.outcome import Seen
from triaxis.protocols import Diversity
from triaxis.results import NotRun

MOST_IN_SET = 2000
"""Answers in a set, at most, where the metric states no limit of its own: each is measured eleven times."""


class SetChange(NamedTuple):
    """One domain at one floor: values of two sets of `size`, the standard error of their difference, `prompts_left` in both."""

    of_reference: float
    of_model: float
    error: float
    size: int
    prompts_left: int


NOTHING = SetChange(np.nan, np.nan, np.nan, 0, 0)


def set_change_rows(
    metric: Diversity, seen: Seen, pair: Pair, *, delta: Delta, seed: int
) -> tuple[list[pl.DataFrame], list[NotRun]]:
    """Rows of `domain_changes` for one metric and pair: the mean over domains, each with equal weight, and each domain."""
    sets = shared_sets(seen, pair, seed)
    found = {d: [change_at(metric, *both, float(floor)) for floor in seen.floors] for d, both in sets.items()}
    if not any(one.size for changes in found.values() for one in changes):
        reason = f"{pair[0]} to {pair[1]}: needs {FEWEST} usable answers of each in a set, to the same prompts"
        return [], [NotRun(analysis=f"{ANALYSIS} in {metric.name}", reason=reason)]
    prompts = {domain: both[0].prompts for domain, both in sets.items()}
    twin = next(iter(found)) if len(found) == 1 else None
    rows = list(_rows(metric, seen, pair, delta, DomainGroup(None, np.ones(1), twin), mean_change(found), sum(prompts.values())))
    for domain, changes in found.items() if twin is None else ():
        rows += _rows(metric, seen, pair, delta, DomainGroup(domain, np.ones(1)), changes, prompts[domain])
    return rows, []


def shared_sets(seen: Seen, pair: Pair, seed: int) -> dict[str, tuple[AnswerSet, AnswerSet]]:
    """The two sets of each domain, of the prompts that both models answer, in the same order of prompts."""
    cells = [{(c.domain, c.prompt): c for c in seen.cells if c.model == model} for model in pair]
    keys = sorted(cells[0].keys() & cells[1].keys())
    found = {}
    for domain in dict.fromkeys(domain for domain, _ in keys):
        mine = [key for key in keys if key[0] == domain]
        sides = [[side[key] for key in mine] for side in cells]
        first, second = (AnswerSet(model, domain, side, seed=seed) for model, side in zip(pair, sides, strict=True))
        found[domain] = first, second
    return found


def change_at(metric: Diversity, reference: AnswerSet, model: AnswerSet, floor: float) -> SetChange:
    """The change in one domain at one floor; `NOTHING` where a set has fewer than 20 usable answers, or no value."""
    places = [found.usable(floor) for found in (reference, model)]
    places = [at[read(metric, s.responses.at(at))] for s, at in zip((reference, model), places, strict=True)]
    size = min(metric.traits.limit or MOST_IN_SET, *(at.size for at in places))
    if size < FEWEST:
        return NOTHING
    chosen = [np.sort(at[:size]) for at in places]
    try:
        first, second = (float(metric.value(s.responses.at(at))) for s, at in zip((reference, model), chosen, strict=True))
    except Undefined:
        return NOTHING
    left = min(np.unique(s.prompt[at]).size for s, at in zip((reference, model), chosen, strict=True))
    return SetChange(first, second, error_of(metric, (reference, model), places, size), size, left)


def error_of(metric: Diversity, sets: Sequence[AnswerSet], places: Sequence[np.ndarray], size: int) -> float:
    """Standard error of the difference by leaving out a tenth of the prompts of both at a time; NaN under 10 prompts.

    Both sets are cut to one size each time, so that the parts, too, differ in nothing but their answers.
    """
    if sets[0].prompts < GROUPS:
        return np.nan
    parts = []
    for left_out in range(GROUPS):
        kept = [at[:size][s.prompt[at[:size]] % GROUPS != left_out] for s, at in zip(sets, places, strict=True)]
        smaller = min(at.size for at in kept)
        try:
            values = [metric.value(s.responses.at(np.sort(at[:smaller]))) for s, at in zip(sets, kept, strict=True)]
        except Undefined:
            return np.nan
        parts.append(values[1] - values[0])
    return float(np.sqrt((GROUPS - 1) / GROUPS * np.square(np.array(parts) - np.mean(parts)).sum()))


def mean_change(found: dict[str, list[SetChange]]) -> list[SetChange]:
    """The mean over domains at each floor; NaN where one has no value. `size` is the smallest, `prompts_left` the sum."""
    together = []
    for changes in zip(*found.values(), strict=True):
        first, second, error, size, left = (np.array(part) for part in zip(*changes, strict=True))
        spread = float(np.sqrt(np.square(error).sum()) / len(error))
        together.append(SetChange(float(first.mean()), float(second.mean()), spread, int(size.min()), int(left.sum())))
    return together


def _rows(
    metric: Diversity, seen: Seen, pair: Pair, delta: Delta, group: DomainGroup, changes: Sequence[SetChange], prompts: int
) -> list[pl.DataFrame]:
    first, second, error, size, left = (np.array(part) for part in zip(*changes, strict=True))
    half = error * stdtrit(GROUPS - 1, 1 - 0.025 / seen.floors.size)
    half = np.where(error > 0, half, np.nan)  # a difference that no prompt sways says nothing of other prompts
    difference = second - first
    limit = delta.at(np.fmax(np.abs(first), np.abs(second)))
    band = Band(difference, difference - half, difference + half, left)
    columns = {
        "direction": np.full(size.size, metric.traits.higher_is), "floor": seen.floors, "size": size,
        "value_reference": first, "value_model": second, "difference": difference, "low": band.low, "high": band.high,
        "delta": limit, "verdict": words(band, limit, metric.traits.higher_is), "openness": np.full(size.size, np.nan),
        "prompts": np.full(size.size, prompts), "prompts_left": left,
    }  # fmt: skip
    names = dict(zip(("reference", "model"), pair, strict=True)) | {"level": metric.traits.level, "metric": metric.name}
    return list(group.rows(columns, **names))
