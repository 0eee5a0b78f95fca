"""Whether a limit is broken beyond doubt: prompts are resampled, and a limit fails only when the whole interval lies past it.

The one idea: "drops by more than 10 %" is "new - 0.9 x old lies below 0", a mean over prompts like any other. So no ratio is ever
resampled, and an old value near 0 breaks nothing.
"""

from typing import Literal, NamedTuple

import numpy as np
from scipy.special import stdtrit

from triaxis.measure.diff.limits import Limit
from triaxis.stats.bands import MIN_NONZERO
from triaxis.stats.bootstrap import MIN_PROMPTS, ROUNDING, deviations
from triaxis.stats.masked import masked_mean_interval

State = Literal["holds", "broken", "undecided"]


class Sides(NamedTuple):
    """Per-prompt values of both runs, NaN where a prompt has none; row by row the same prompts where `is_paired`."""

    old: np.ndarray
    new: np.ndarray
    is_paired: bool

    @property
    def kept(self) -> "Sides":
        """Without prompts that lack a value, on either side where they are paired."""
        if self.is_paired:
            both = ~np.isnan(self.old) & ~np.isnan(self.new)
            return Sides(self.old[both], self.new[both], is_paired=True)
        return Sides(self.old[~np.isnan(self.old)], self.new[~np.isnan(self.new)], is_paired=False)

    @property
    def prompts(self) -> int:
        """Prompts of the smaller side."""
        return min(len(self.old), len(self.new))


class Span(NamedTuple):
    """A mean and the ends of its interval; NaN ends with a `reason` where there is none."""

    mean: float
    low: float
    high: float
    reason: str | None = None


class Ruling(NamedTuple):
    """What came of a limit, why nobody can tell where nobody can, and the interval of new - allowed, in units of the figure."""

    state: State
    reason: str | None
    span: Span


def combination(sides: Sides, *, times: float, less: float, draws: int, seed: int, confidence: float) -> Span:
    """Mean over prompts of new - `times` x old - `less`, with its interval; `sides` hold no NaN.

    Paired: bootstrap-t over prompts, widened where few prompts differ. Without a shared prompt: Welch's t for two samples.
    """
    if not sides.prompts:
        return Span(np.nan, np.nan, np.nan, "no prompt has this figure in both runs")
    mean = float(sides.new.mean() - times * sides.old.mean() - less)
    if sides.prompts < MIN_PROMPTS:
        return Span(mean, np.nan, np.nan, f"fewer than {MIN_PROMPTS} prompts ({sides.prompts}): no interval")
    if not sides.is_paired:
        half = _welch(sides, times, confidence)
        return Span(mean, mean - half, mean + half)
    values = sides.new - times * sides.old - less
    scale = max(float(np.abs(sides.new).max()), float(np.abs(sides.old).max()), abs(less), 1e-300)
    values = np.where(np.abs(values) > ROUNDING * scale, values, 0.0)
    unlike = _unlike(values, scale)
    if 0 < unlike < MIN_NONZERO:
        return Span(mean, np.nan, np.nan, f"only {unlike} of {len(values)} prompts are unlike the others: too few for a spread")
    return _bootstrapped(values, unlike, draws=draws, seed=seed, confidence=confidence)


def _bootstrapped(values: np.ndarray, unlike: int, *, draws: int, seed: int, confidence: float) -> Span:
    found = masked_mean_interval(values[:, None], draws=draws, seed=seed, confidence=confidence)
    mean, low, high = (float(end[0]) for end in found)
    if not unlike:
        return Span(mean, mean, mean)
    tail = (1 + confidence) / 2
    wider = float(stdtrit(min(unlike, len(values)) - 1, tail) / stdtrit(len(values) - 1, tail))
    half = float(stdtrit(len(values) - 1, tail) * deviations(values[:, None])[0] / np.sqrt(len(values) - 1))
    return Span(mean, min(mean - (mean - low) * wider, mean - half), max(mean + (high - mean) * wider, mean + half))


def _unlike(values: np.ndarray, scale: float) -> int:
    """How many values differ from the commonest one."""
    _, counts = np.unique(np.round(values / scale, 9), return_counts=True)
    return int(len(values) - counts.max())


def _welch(sides: Sides, times: float, confidence: float) -> float:
    """Half width of Welch's interval for the difference of two means, the old one taken `times`."""
    spread = [(values * by).var(ddof=1) / len(values) for values, by in ((sides.new, 1.0), (sides.old, times))]
    total = spread[0] + spread[1]
    if total <= 0:
        return 0.0
    parts = sum(s**2 / (len(v) - 1) for s, v in zip(spread, (sides.new, sides.old), strict=True))
    return float(np.sqrt(total) * stdtrit(total**2 / parts, (1 + confidence) / 2))


def ruling(limit: Limit, sides: Sides, *, draws: int, seed: int, confidence: float) -> Ruling:
    """Whether `limit` is broken, holds, or nobody can tell, at `confidence`; `samples` is a count, which has no chance in it."""
    kept = sides.kept
    tests = _tests(limit, kept)
    found = [_one(limit, kept, test, draws=draws, seed=seed, confidence=confidence) for test in tests]
    for state in ("broken", "undecided"):
        for one in found:
            if one.state == state:
                return one
    return found[0]


def _tests(limit: Limit, sides: Sides) -> list[tuple[float, float, int]]:
    """(times, less, sign): the limit is broken when sign x (new - times x old - less) is above 0."""
    if limit.test in ("<", ">"):
        return [(0.0, limit.amount, 1 if limit.test == ">" else -1)]
    negative = bool(sides.old.size) and float(sides.old.mean()) < 0
    amount = -limit.amount if limit.is_relative and negative else limit.amount
    drops = (1 - amount, 0.0, -1) if limit.is_relative else (1.0, -amount, -1)
    rises = (1 + amount, 0.0, 1) if limit.is_relative else (1.0, amount, 1)
    return {"drops": [drops], "rises": [rises], "changes": [drops, rises]}[limit.test]


def _one(
    limit: Limit, sides: Sides, test: tuple[float, float, int], *, draws: int, seed: int, confidence: float
) -> Ruling:
    times, less, sign = test
    if limit.figure.kind == "samples":
        mean = float(sides.new.mean() - times * sides.old.mean() - less) if sides.prompts else np.nan
        span = Span(mean, mean, mean, None if sides.prompts else "no prompt in one of the runs")
    elif times == 0.0:
        alone = Sides(np.zeros_like(sides.new), sides.new, is_paired=True)
        span = combination(alone, times=0.0, less=less, draws=draws, seed=seed, confidence=confidence)
    else:
        span = combination(sides, times=times, less=less, draws=draws, seed=seed, confidence=confidence)
    if span.reason is not None:
        return Ruling("undecided", span.reason, span)
    low, high = (span.low, span.high) if sign > 0 else (-span.high, -span.low)
    if low > 0:
        return Ruling("broken", None, span)
    if high <= 0:
        return Ruling("holds", None, span)
    return Ruling("undecided", "the interval holds the limit: more prompts would decide", span)
