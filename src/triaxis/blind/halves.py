"""Half-samples of prompts, and what they tell of the uncertainty of a change in a score.

A black box gives one number per file, so its spread over prompts has to come from running it on parts of the file. Of n prompts a
half of m = n // 2 is drawn without replacement; over such halves a mean has variance (1/m - 1/n) S^2, which for m = n/2 is S^2/n,
the variance of the whole file's mean (delete-half jackknife: Shao & Wu 1989, Annals of Statistics 17, 1176). The factor m/(n - m)
mends odd n. Prompts are drawn, never samples, and before and after are scored on the same half, so that what they share cancels.
"""

from typing import NamedTuple

import numpy as np
from scipy.stats import t as student

from triaxis.stats.bootstrap import MIN_PROMPTS, ROUNDING

FEWEST_REPLICATES = 4


class Change(NamedTuple):
    """Score before and after, the difference, and the ends of its interval; `reason` says why there are none, or no score."""

    before: float | None
    after: float | None
    change: float | None
    low: float | None
    high: float | None
    replicates: int
    reason: str | None = None

    @property
    def is_clear(self) -> bool:
        """Whether the interval excludes 0."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def halves(prompts: int, *, replicates: int, seed: int) -> np.ndarray:
    """(replicates, prompts) bool: which prompts are in each half."""
    rng = np.random.default_rng([seed, 5])
    kept = np.zeros((replicates, prompts), dtype=bool)
    for row in kept:
        row[rng.choice(prompts, size=prompts // 2, replace=False)] = True
    return kept


def change(before: np.ndarray, after: np.ndarray, *, prompts: int, family: int, confidence: float = 0.95) -> Change:
    """The change of the whole file's score with an interval that is simultaneous over `family` doses (Bonferroni).

    `before` and `after` are (1 + replicates,) scores, the whole file first, NaN where there is none. Student's t with degrees of
    freedom 1 / (1/(replicates - 1) + 1/(prompts - 1)): both the number of halves and that of prompts limit how well the spread
    is known. Differences below 1e-9 of the score are rounding and count as 0.
    """
    if not np.isfinite(before[0]) or not np.isfinite(after[0]):
        return Change(_known(before[0]), _known(after[0]), None, None, None, 0, "no score")
    scale = ROUNDING * np.maximum(np.abs(before), np.abs(after))
    moved = np.where(np.abs(after - before) <= scale, 0.0, after - before)
    found = moved[1:][np.isfinite(moved[1:])]
    told = (float(before[0]), float(after[0]), float(moved[0]))
    if prompts < MIN_PROMPTS:
        return Change(*told, None, None, found.size, f"fewer than {MIN_PROMPTS} prompts: no interval")
    if found.size < FEWEST_REPLICATES:
        why = f"{found.size} resamples have a score, {FEWEST_REPLICATES} needed: no interval"
        return Change(*told, None, None, found.size, why)
    half = prompts // 2
    error = float(found.std(ddof=1)) * np.sqrt(half / (prompts - half))
    freedom = 1.0 / (1.0 / (found.size - 1) + 1.0 / (prompts - 1))
    reach = float(student.ppf(1.0 - (1.0 - confidence) / (2 * family), freedom)) * error
    return Change(*told, told[2] - reach, told[2] + reach, found.size)


def smallest_seen(doses: np.ndarray, changes: list[Change]) -> float | None:
    """The smallest of `doses` from which on every interval excludes 0, all on one side; None where the largest does not."""
    seen, side = None, 0.0
    for dose, one in sorted(zip(doses, changes, strict=True), key=lambda pair: -pair[0]):
        if not one.is_clear or one.change is None or (side and np.sign(one.change) != side):
            break
        seen, side = float(dose), float(np.sign(one.change))
    return seen


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
