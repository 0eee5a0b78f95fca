"""How soon one format takes over: the first step at which the commonest one has nine answers in ten."""

import numpy as np
import polars as pl

from triaxis.measure.series.runs import Run
from triaxis.measure.tables import Resampling
from triaxis.stats.bootstrap import MIN_PROMPTS, weight_blocks

TIME_SHARE = 0.9
MEASURE = "time to dominant format"


def time_row(run: Run, shares: np.ndarray, names: list[str], floor: float, resampling: Resampling) -> pl.DataFrame:
    """One row of `series_times` from `shares` (prompts, steps, formats), which are NaN where a step lacks the prompt.

    `step` is null, and `reason` begins with "never", when no step gets there; `high` is null when more than 2.5 % of the
    resampled prompts never do. One lucky step counts: the first step over a level comes early where the curve wobbles.
    """
    weights = np.full((1, run.prompts), 1 / max(1, run.prompts))
    at, label = _first_over(shares, weights)
    low, high, never = _interval(shares, resampling)
    reached = bool(np.isfinite(at[0]))
    row = {
        "model": run.name, "domain": run.domain, "measure": MEASURE, "label": names[int(label[0])] if reached else None,
        "floor": None if np.isneginf(floor) else float(floor), "budget": None, "share": TIME_SHARE,
        "step": run.steps[int(at[0])] if reached else None, "low": _step(run, low), "high": _step(run, high),
        "reason": _reason(run, shares, names, reached=reached, never=never),
    }  # fmt: skip
    return pl.DataFrame([row], schema=_SCHEMA)


_SCHEMA = {
    "model": pl.String, "domain": pl.String, "measure": pl.String, "label": pl.String, "floor": pl.Float64, "budget": pl.Int64,
    "share": pl.Float64, "step": pl.Int64, "low": pl.Float64, "high": pl.Float64, "reason": pl.String,
}  # fmt: skip


def _step(run: Run, place: float) -> float | None:
    return float(run.steps[int(place)]) if np.isfinite(place) else None


def _mean_shares(shares: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(draws, steps, formats) weighted means over the prompts that have a value; NaN where none has."""
    prompts, steps, formats = shares.shape
    has = ~np.isnan(shares[..., 0])
    total = (weights @ np.where(has[..., None], shares, 0.0).reshape(prompts, -1)).reshape(-1, steps, formats)
    count = (weights @ has.astype(np.float64))[..., None]
    return np.asarray(np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0))


def _first_over(shares: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(draws,) position of the first step at which a format has the share, infinite when none does; and which format."""
    mean = np.nan_to_num(_mean_shares(shares, weights))
    over = mean.max(axis=2) >= TIME_SHARE - 1e-9
    at = np.where(over.any(axis=1), over.argmax(axis=1).astype(np.float64), np.inf)
    rows = np.arange(len(mean))
    return at, mean[rows, over.argmax(axis=1)].argmax(axis=1)


def _interval(shares: np.ndarray, resampling: Resampling) -> tuple[float, float, float]:
    """Positions that 95 % of the resampled prompts stay within, infinite for never, and the share that never gets there."""
    if len(shares) < MIN_PROMPTS:
        return np.nan, np.nan, np.nan
    rng = np.random.default_rng(resampling.seed)
    blocks = weight_blocks(len(shares), draws=resampling.draws, most=100, rng=rng)
    at = np.concatenate([_first_over(shares, weights)[0] for weights in blocks])
    low, high = np.quantile(at, [0.025, 0.975], method="nearest")
    return float(low), float(high), float(np.mean(np.isinf(at)))


def _reason(run: Run, shares: np.ndarray, names: list[str], *, reached: bool, never: float) -> str | None:
    if not reached:
        mean = np.nan_to_num(_mean_shares(shares, np.full((1, run.prompts), 1.0))[0])
        step, name = np.unravel_index(int(mean.argmax()), mean.shape)
        return f"never: the largest share is {mean.max():.3g}, of {names[int(name)]} at step {run.steps[int(step)]}"
    if np.isnan(never):
        return f"fewer than {MIN_PROMPTS} prompts: no interval"
    return f"never in {never:.0%} of the resampled prompts" if never > 0 else None
