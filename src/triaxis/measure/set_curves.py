"""The curve of one set: U at every floor and budget, how prompts sway it; its rows in `set_diversity` and `cells`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from triaxis.measure.axes import Axes
from triaxis.measure.set_cells import SampleSet, prompt_deviations, unlike, usable_diversity
from triaxis.stats.jackknife import MIN_SET_PROMPTS, SIGNS, half_width, standard_error


@dataclass(frozen=True)
class SetCurve:
    """U of one model's set in one domain; None is the mean over domains, each with equal weight.

    `values` (budgets, floors) reach as far as the set (the smallest, for None); `strayed` (signs, interval budgets, interval
    floors) are its deviations, for budgets that are reached without the largest prompt, and for none under 20 prompts; `unlike`
    (2, interval floors) counts prompts as `set_cells.unlike` does. `sizes` are the samples of each domain's set, `least` the
    prompts of the smallest.
    """

    model: str
    domain: str | None
    values: np.ndarray
    strayed: np.ndarray
    unlike: np.ndarray
    sizes: tuple[int, ...]
    prompts: int
    least: int

    def unlike_at(self, budget: int) -> np.ndarray:
        """(interval floors,) prompts that carry what is known of the spread at `budget`."""
        return np.asarray(self.unlike[0 if budget == 1 else 1])


def set_curve(model: str, domain: str | None, samples: SampleSet, axes: Axes, keys: np.ndarray) -> SetCurve:
    """The curve of `samples`; `keys` as for `prompt_deviations`. No deviations under 20 prompts, or beyond `samples.reach`."""
    at, prompts = axes.floors[axes.interval_floors], samples.prompts.size
    budgets = [n for n in axes.interval_budgets if n <= samples.reach] if prompts >= MIN_SET_PROMPTS else []
    strayed = prompt_deviations(samples, at, budgets, keys) if budgets else np.empty((SIGNS, 0, at.size))
    values = usable_diversity(samples, axes.floors, [n for n in axes.budgets if n <= samples.size])
    alike = np.stack(unlike(samples, at))
    return SetCurve(model, domain, values, strayed, alike, (samples.size,), prompts, prompts)


def mean_curve(curves: Sequence[SetCurve]) -> SetCurve:
    """The mean over the domains of one model, at the budgets that every domain reaches."""
    shown, with_intervals = (min(side(c) for c in curves) for side in (lambda c: len(c.values), lambda c: c.strayed.shape[1]))
    return SetCurve(
        curves[0].model, None,
        np.mean([c.values[:shown] for c in curves], axis=0), np.mean([c.strayed[:, :with_intervals] for c in curves], axis=0),
        np.sum([c.unlike for c in curves], axis=0), tuple(n for c in curves for n in c.sizes),
        sum(c.prompts for c in curves), min(c.least for c in curves),
    )  # fmt: skip


def curve_table(curve: SetCurve, axes: Axes) -> pl.DataFrame:
    """U of the set at every floor and budget that it reaches; ends of the interval at the interval floors and budgets."""
    budgets = axes.budgets[: len(curve.values)]
    low, high = np.full((2, *curve.values.shape), np.nan)
    for place, budget in enumerate(axes.interval_budgets[: curve.strayed.shape[1]]):
        row, at = axes.budgets.index(budget), axes.interval_floors
        width = half_width(standard_error(curve.strayed[:, place]), curve.unlike_at(budget), prompts=curve.least)
        low[row, at], high[row, at] = curve.values[row, at] - width, curve.values[row, at] + width
    floors = np.tile(axes.floors, len(budgets))
    frame = pl.DataFrame({
        "floor": floors, "budget": np.repeat(budgets, axes.floors.size), "value": curve.values.ravel(), "low": low.ravel(),
        "high": high.ravel(), "usable_share": np.tile(curve.values[0], len(budgets)),
    })  # fmt: skip
    fixed = [pl.lit(curve.model).alias("model"), pl.lit(curve.domain, dtype=pl.String).alias("domain")]
    floor = pl.when(pl.col("floor") > -np.inf).then("floor").alias("floor")
    return frame.with_columns(floor, *fixed, pl.lit(curve.prompts).alias("prompts"))


def set_size_table(curve: SetCurve, axes: Axes, lost: int) -> pl.DataFrame:
    """How much there is of one model in one domain, one row; the cell is the set. `lost` samples could not be measured."""
    measured = sum(curve.sizes)
    return pl.DataFrame({
        "model": [curve.model], "domain": pl.Series([curve.domain], dtype=pl.String), "prompts": [curve.prompts],
        "samples": [measured + lost], "measured": [measured], "smallest_cell": [min(curve.sizes)],
        "largest_cell": [max(curve.sizes)], "largest_budget": [axes.budgets[len(curve.values) - 1]],
        "prompts_left": [curve.prompts],
    })  # fmt: skip
