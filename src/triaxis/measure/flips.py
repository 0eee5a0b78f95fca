"""Flips: the gaps between two observed floors where the leader of a pair changes.

A flip is a gap and not a point: no quality value lies between the last floor where the old leader leads and the first where the
new one does. Its ends are doubted separately: `low` is the last floor of the old stretch at which the old leader
is ahead by the simultaneous band, `high` the first floor of the new stretch at which the new leader is.
"""

from typing import NamedTuple

import numpy as np
import polars as pl

from triaxis.measure.comparisons import PairBands, to_table
from triaxis.results import empty_table
from triaxis.stats.bands import unless_rounding

FLIP, UNDECIDED, NONE = "flip", "undecided", "none"

Row = dict[str, object]


class Means(NamedTuple):
    """Mean U of the compared models at every observed floor: `floors` (floors,) ascending, `values` (models, floors)."""

    floors: np.ndarray
    values: np.ndarray


class _Stretch(NamedTuple):
    """Neighbouring floors with one leader: first and last of them, and where in it the leader is ahead beyond doubt."""

    leader: str
    first: float
    last: float
    sure: np.ndarray


def flips(bands: PairBands, means: Means | None = None) -> pl.DataFrame:
    """Table `flips`: per pair one row for each change of sign along the floors, or one row `none` (crossing 0).

    `means` are the curves at all floors, when `bands` cover only some of them: signs come from these, doubts from the bands.
    Floors where the means are equal have no leader and are passed over. The ungated curve is left out: it equals the one at the
    lowest observed floor. A row is a `flip` when both its ends are beyond doubt, else `undecided`; small crossings to and fro
    between two sure stretches are undecided but for the last one, which carries the flip.
    """
    curves = bands.curves
    rows = [row for pair in range(len(bands.differences.first)) for row in _rows(bands, means, pair)]
    columns = {key: [row[key] for row in rows] for key in rows[0]} if rows else {}
    return to_table("flips", curves, columns) if rows else empty_table("flips")


def stretches(signs: np.ndarray) -> list[np.ndarray]:
    """Positions of non-zero `signs` (floors,), cut wherever the sign changes; an empty list when all are zero.

    >>> [run.tolist() for run in stretches(np.array([1, 0, 1, -1, 0]))]
    [[0, 2], [3]]
    """
    led = np.flatnonzero(signs)
    return np.split(led, np.flatnonzero(np.diff(signs[led])) + 1) if len(led) else []


def _rows(bands: PairBands, means: Means | None, pair: int) -> list[Row]:
    first, second = (int(side[pair]) for side in (bands.differences.first, bands.differences.second))
    names: Row = {"model_a": bands.curves.models[first], "model_b": bands.curves.models[second]}
    found = _stretches_of(bands, means, pair, first, second)
    if len(found) < 2:
        return [names | _no_crossing(found)]
    return [names | {"crossing": n} | _crossing(found[:n], found[n]) for n in range(1, len(found))]


def _stretches_of(bands: PairBands, means: Means | None, pair: int, first: int, second: int) -> list[_Stretch]:
    """The stretches of one pair in order of floors."""
    floors, signs = _signs(bands, means, pair, first, second)
    tested = bands.curves.floors
    sure = {1.0: tested[bands.low[pair] > 0], -1.0: tested[bands.high[pair] < 0]}
    names = {1.0: bands.curves.models[first], -1.0: bands.curves.models[second]}
    found = []
    for run in stretches(signs):
        sign, low, high = float(signs[run[0]]), float(floors[run[0]]), float(floors[run[-1]])
        within = sure[sign][(sure[sign] >= low) & (sure[sign] <= high)]
        found.append(_Stretch(names[sign], low, high, within))
    return found


def _signs(bands: PairBands, means: Means | None, pair: int, first: int, second: int) -> tuple[np.ndarray, np.ndarray]:
    """Observed floors, and who leads there: 1 the first model, -1 the second, 0 nobody."""
    if means is None:
        floors, gap = bands.curves.floors, bands.differences.mean[pair]
    else:
        a, b = means.values[first], means.values[second]
        floors, gap = means.floors, unless_rounding(a - b, np.maximum(np.abs(a), np.abs(b)))
    observed = np.isfinite(floors)
    return floors[observed], np.sign(gap[observed])


def _no_crossing(found: list[_Stretch]) -> Row:
    leader = found[0].leader if found else None
    nowhere: Row = dict.fromkeys(("last_floor_below", "floor", "low", "high"))
    return {"crossing": 0} | nowhere | {"leader_below": leader, "leader_above": leader, "verdict": NONE}


def _crossing(before: list[_Stretch], above: _Stretch) -> Row:
    """The gap between the last stretch `before` it and the one `above`.

    The old leader is sure at `low`: in the stretch below, or in an earlier one when nobody was sure in between.
    """
    below = before[-1]
    last_sure = next((stretch for stretch in reversed(before) if stretch.sure.size), None)
    low = float(last_sure.sure[-1]) if last_sure is not None and last_sure.leader == below.leader else None
    high = float(above.sure[0]) if above.sure.size else None
    return {
        "last_floor_below": below.last, "floor": above.first, "low": low, "high": high, "leader_below": below.leader,
        "leader_above": above.leader, "verdict": UNDECIDED if low is None or high is None else FLIP,
    }  # fmt: skip
