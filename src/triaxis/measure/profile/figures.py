"""Figures of a data set with their intervals: means and quantiles over rows, and figures of the whole set, all by prompt.

Rows of one prompt are no independent evidence, so prompts are what varies: they are resampled for a mean, and a tenth of them
at a time is left out for what is no mean (repeats are what it counts, so none may be drawn twice).
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from scipy.special import stdtrit

from triaxis.measure.profile.rows import TENTHS, DataSet
from triaxis.measure.tables import Resampling
from triaxis.results import TABLES
from triaxis.stats.bootstrap import MIN_PROMPTS

NONE = float("nan")
LARGE = 2000
QUALITY, DIVERSITY, COMPLEXITY = "quality", "diversity", "complexity"


class Figure(NamedTuple):
    """A value with the ends of its 95 % interval; NaN where there is none."""

    value: float
    low: float = NONE
    high: float = NONE


def means(values: np.ndarray, prompt: np.ndarray, resampling: Resampling) -> list[Figure]:
    """Means over rows of the columns of `values` (rows, columns; NaN rows are left out), with intervals over prompts.

    Bootstrap-t over prompts of the linearised ratio of a prompt's sum to its rows (Cochran 1977, 6.3); none under 10 prompts.
    Over 2,000 prompts it is Student's interval, from which resampling no longer differs.
    """
    prompts = int(prompt.max(initial=-1)) + 1
    count, total = (_by_prompt(part, prompt, prompts) for part in (~np.isnan(values) * 1.0, np.nan_to_num(values)))
    rows = count.sum(axis=0)
    mean = np.divide(total.sum(axis=0), rows, out=np.full(rows.size, NONE), where=rows > 0)
    held = (count > 0).sum(axis=0)
    stretched = np.where(count > 0, mean + (total - mean * count) * (held / np.maximum(rows, 1)), np.nan)
    low, high = _students(stretched) if prompts > LARGE else resampling.interval(stretched)[1:]
    return [Figure(*map(float, ends)) for ends in zip(mean, low, high, strict=True)]


def _students(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the interval of the mean of each column (prompts, columns), NaN left out; NaN under 10 prompts."""
    count = (~np.isnan(values)).sum(axis=0)
    freedom = np.where(count >= MIN_PROMPTS, count - 1, np.nan)
    mean = np.nansum(values, axis=0) / np.maximum(count, 1)
    half = stdtrit(freedom, 0.975) * np.sqrt(np.nansum(np.square(values - mean), axis=0) / freedom / np.maximum(count, 1))
    return mean - half, mean + half


def quantiles(values: np.ndarray, prompt: np.ndarray, shares: Sequence[float]) -> list[Figure]:
    """Quantiles over rows of `values` (rows,), NaN left out, with intervals over prompts; NaN of nothing.

    Ends are the quantiles at the ends of the interval of the share of rows at or below (Woodruff 1952).
    """
    known = ~np.isnan(values)
    values, prompt = np.sort(values[known]), prompt[known][np.argsort(values[known], kind="stable")]
    return [_quantile(values, prompt, share) for share in shares] if values.size else [Figure(NONE)] * len(shares)


def _quantile(ordered: np.ndarray, prompt: np.ndarray, share: float) -> Figure:
    value = float(np.quantile(ordered, share))
    below = (ordered <= value) * 1.0
    total = np.bincount(prompt, weights=below - below.mean())
    held = np.unique(prompt).size
    if held < MIN_PROMPTS:
        return Figure(value)
    error = np.sqrt(held / (held - 1) * np.square(total).sum()) / ordered.size
    half = max(float(stdtrit(held - 1, 0.975)) * error, 0.0)
    low, high = np.clip([share - half, share + half], 0.0, 1.0)
    return Figure(value, float(np.quantile(ordered, low, method="lower")), float(np.quantile(ordered, high, method="higher")))


def jackknifed(value: float, parts: np.ndarray, prompts: int) -> Figure:
    """A share in 0-1 with its interval from its values without each tenth of the prompts (grouped jackknife, Tukey 1958).

    Where nothing varies at 0 or 1 the far end is what `prompts` of which none shows it leave open (exact binomial): 0 of 100 says
    under 4 %, not never. No interval under 10 prompts.
    """
    if prompts < MIN_PROMPTS or np.isnan(value) or np.isnan(parts).any():
        return Figure(value)
    half = float(stdtrit(TENTHS - 1, 0.975) * np.sqrt((TENTHS - 1) / TENTHS * np.square(parts - parts.mean()).sum()))
    return as_share(Figure(value, value - half, value + half), prompts)


def as_share(figure: Figure, prompts: int) -> Figure:
    """`figure` with the ends of a share: within 0-1, and open where all or none of `prompts` show something (exact binomial)."""
    unseen = 1 - 0.025 ** (1 / max(1, prompts))
    low, high = (float(np.clip(end, 0.0, 1.0)) for end in figure[1:])
    low = min(low, 1 - unseen) if figure.value == 1 else low
    return Figure(figure.value, low, max(high, unseen) if figure.value == 0 else high)


def without_each(has: np.ndarray, tenth: np.ndarray) -> np.ndarray:
    """(tenths,) mean of `has` (tenths, rows) over the rows that are not in the tenth left out; NaN where none is left."""
    kept = tenth[None, :] != np.arange(TENTHS)[:, None]
    rows = kept.sum(axis=1)
    return np.asarray(np.divide((has & kept).sum(axis=1), rows, out=np.full(TENTHS, NONE), where=rows > 0))


def profile_row(data: DataSet, axis: str, measure: str, figure: Figure, **columns: Any) -> dict[str, Any]:
    """One row of `profile` without the gate; `floor` minus infinity is none."""
    floor = columns.pop("floor", None)
    known = {name: None for name in TABLES["profile"] if name != "gate"}
    return known | columns | {
        "model": data.model, "domain": data.domain, "axis": axis, "measure": measure, "value": figure.value, "low": figure.low,
        "high": figure.high, "floor": None if floor == -np.inf else floor,
    }  # fmt: skip


def framed(table: str, rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """`rows` of `table` without the gate, NaN as null."""
    schema = {name: kind for name, kind in TABLES[table].items() if name != "gate"}
    return pl.DataFrame(list(rows), schema=schema).with_columns(pl.col(pl.Float64).fill_nan(None))


def _by_prompt(part: np.ndarray, prompt: np.ndarray, prompts: int) -> np.ndarray:
    """(prompts, columns) sums of the rows of `part` (rows, columns)."""
    return np.stack([np.bincount(prompt, weights=column, minlength=prompts) for column in part.T], axis=1).reshape(prompts, -1)
