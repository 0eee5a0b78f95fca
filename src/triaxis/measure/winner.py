"""The winner map: at every floor and budget the one model that is ahead of all others, or grey where the data cannot tell.

The leader is picked from the same data that is to prove it, so a band for one pair would be too sure of itself. Here the critical
values hold over all floors and against every other model (`stats.bands.simultaneous_criticals`).
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from triaxis.measure.comparisons import CANNOT_TELL, SAME, TEN_PERCENT, Delta, PairBands, to_table
from triaxis.results import empty_table

LEADS = "leads"


class Square(NamedTuple):
    """(models, models, floors): row minus column, with the ends of the map's band; NaN on the diagonal and where not testable."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def winner_map(bands: PairBands, *, delta: Delta = TEN_PERCENT) -> pl.DataFrame:
    """Table `winner_map`: leader, runner-up and verdict at every floor; no rows for a single model.

    The leader has the largest mean, ties go to the name that sorts first. It is the `winner` where it is ahead of every other
    model. Without a winner, the two are the `same within delta` where the whole band of their difference lies in [-delta, delta].
    """
    curves, means = bands.curves, bands.means
    if len(curves.models) < 2:
        return empty_table("winner_map")
    leader, runner_up = first_two(curves.models, means)
    square = square_of(bands)
    floor = np.arange(len(curves.floors))
    ahead = (square.low[leader, :, floor] > 0).sum(axis=1) == len(curves.models) - 1
    mean, low, high = (side[leader, runner_up, floor] for side in square)
    limit = delta.at(means[leader, floor])
    same = (low >= -limit) & (high <= limit)
    names = np.array(curves.models, dtype=object)
    columns = {
        "floor": curves.floors, "winner": np.where(ahead, names[leader], None), "leader": names[leader],
        "runner_up": names[runner_up], "difference": mean, "low": low, "high": high,
        "verdict": np.where(ahead, LEADS, np.where(same, SAME, CANNOT_TELL)).astype(object),
    }  # fmt: skip
    return to_table("winner_map", curves, columns)


def first_two(models: tuple[str, ...], means: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(floors,) positions of the largest and second largest of `means` (models, floors), ties by name."""
    by_name = np.argsort(np.array(models, dtype=object), kind="stable")
    size = np.abs(means).max(axis=0)
    rounded = np.round(means / np.where(size > 0, size, 1), 9)  # so that float sums in another order still tie
    order = by_name[np.argsort(-rounded[by_name], axis=0, kind="stable")]
    return order[0], order[1]


def square_of(bands: PairBands) -> Square:
    """Each pair both ways round. A model's lead over k is judged by k's own critical value, the other end by its own."""
    differences, models = bands.differences, len(bands.curves.models)
    control = np.full(models, np.nan) if bands.criticals is None else bands.criticals.control
    square = Square(*np.full((3, models, models, len(bands.curves.floors)), np.nan))
    for a, b, sign in ((differences.first, differences.second, 1), (differences.second, differences.first, -1)):
        mean = sign * differences.mean
        square.mean[a, b] = mean
        square.low[a, b] = mean - control[b][:, None] * bands.unit
        square.high[a, b] = mean + control[a][:, None] * bands.unit
    return square
