"""Flips: the gaps between two observed floors where the leader of a pair changes.

A flip is a gap and not a point: no quality value lies between the last floor where the old leader leads and the first where the
new one does. Its ends are doubted separately: `low` is the last floor of the old stretch at which the old leader
is ahead by the simultaneous band, `high` the first floor of the new stretch at which the new leader is.
"""

import numpy as np
import polars as pl

from triaxis.measure.comparisons import PairBands, to_table
from triaxis.results import empty_table

FLIP, UNDECIDED, NONE = "flip", "undecided", "none"

Row = dict[str, object]


def flips(bands: PairBands) -> pl.DataFrame:
    """Table `flips`: per pair one row for each change of sign along the floors, or one row `none` (crossing 0).

    A row is a `flip` when both its ends are beyond doubt, else `undecided`. Floors where the means are equal have no leader and
    are passed over. The ungated curve is left out: it equals the one at the lowest observed floor.
    """
    rows = [row for pair in range(len(bands.differences.first)) for row in _rows(bands, pair)]
    columns = {key: [row[key] for row in rows] for key in rows[0]} if rows else {}
    return to_table("flips", bands.curves, columns) if rows else empty_table("flips")


def stretches(signs: np.ndarray) -> list[np.ndarray]:
    """Positions of non-zero `signs` (floors,), cut wherever the sign changes; an empty list when all are zero.

    >>> [run.tolist() for run in stretches(np.array([1, 0, 1, -1, 0]))]
    [[0, 2], [3]]
    """
    led = np.flatnonzero(signs)
    return np.split(led, np.flatnonzero(np.diff(signs[led])) + 1) if len(led) else []


def _rows(bands: PairBands, pair: int) -> list[Row]:
    observed = np.isfinite(bands.curves.floors)
    signs = np.sign(bands.differences.mean[pair, observed])
    ahead = (bands.low[pair, observed] > 0) | (bands.high[pair, observed] < 0)
    floors = bands.curves.floors[observed]
    names = [bands.curves.models[side[pair]] for side in (bands.differences.first, bands.differences.second)]
    runs = stretches(signs)
    leaders = [names[0] if signs[run[0]] > 0 else names[1] for run in runs]
    pair_of_names: Row = {"model_a": names[0], "model_b": names[1]}
    if len(runs) < 2:
        return [pair_of_names | _no_crossing(leaders)]
    gaps = zip(runs[:-1], runs[1:], leaders[:-1], leaders[1:], strict=True)
    return [pair_of_names | {"crossing": n} | _crossing(floors, ahead, *gap) for n, gap in enumerate(gaps, start=1)]


def _no_crossing(leaders: list[str]) -> Row:
    leader = leaders[0] if leaders else None
    nowhere: Row = dict.fromkeys(("last_floor_below", "floor", "low", "high"))
    return {"crossing": 0} | nowhere | {"leader_below": leader, "leader_above": leader, "verdict": NONE}


def _crossing(floors: np.ndarray, ahead: np.ndarray, below: np.ndarray, above: np.ndarray, old: str, new: str) -> Row:
    """The gap between the stretches `below` and `above`; `ahead` (floors,) is where the band excludes zero."""
    low = floors[below[ahead[below]]]
    high = floors[above[ahead[above]]]
    return {
        "last_floor_below": float(floors[below[-1]]), "floor": float(floors[above[0]]),
        "low": float(low[-1]) if len(low) else None, "high": float(high[0]) if len(high) else None,
        "leader_below": old, "leader_above": new, "verdict": FLIP if len(low) and len(high) else UNDECIDED,
    }  # fmt: skip
