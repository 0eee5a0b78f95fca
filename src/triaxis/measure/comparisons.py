"""Who leads whom at which floor: paired comparisons of models on the prompts they share, with simultaneous bands.

`pair_bands` does the resampling once; `compare`, `flips.flips` and `winner.winner_map` read its result, so that the three tables
of a page can never contradict each other. A verdict comes from a band that holds over all floors at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from scipy.special import stdtrit

from triaxis.errors import InputError, Undefined
from triaxis.results import TABLES
from triaxis.stats.bands import MIN_NONZERO, Criticals, Differences, paired_differences, simultaneous_criticals
from triaxis.stats.bootstrap import MIN_PROMPTS

A_LEADS, B_LEADS, SAME, CANNOT_TELL = "a leads", "b leads", "same within delta", "cannot tell"

MOST_PROMPTS = 10**9
"""More prompts than this are "no number would decide"."""


class PromptCurves(NamedTuple):
    """Usable diversity per prompt, under one gate, in one domain, at one budget, on the prompts that all models share.

    `floors` (floors,) float64 are ascending observed quality values; -inf stands for ungated and may come first.
    `values` (models, prompts, floors) float64 are U; prompt p is the same prompt for all models. `domain` None is all domains.
    """

    models: tuple[str, ...]
    floors: np.ndarray
    values: np.ndarray
    budget: int
    gate: str = ""
    domain: str | None = None


@dataclass(frozen=True)
class Delta:
    """How much is no difference worth naming: a share of the larger mean at that floor, or an absolute number of classes."""

    amount: float = 0.1
    is_share: bool = True

    def at(self, larger: np.ndarray) -> np.ndarray:
        """Delta in units of U where `larger` is the larger of the two means."""
        return self.amount * larger if self.is_share else np.full_like(larger, self.amount)

    def __str__(self) -> str:
        return f"{self.amount * 100:g}%" if self.is_share else f"{self.amount:g}"


TEN_PERCENT = Delta()


def parse_delta(text: str) -> Delta:
    """`Delta` from text: '10%' is a share of the larger mean, '0.25' is absolute. Raises `InputError` on anything else."""
    is_share = text.strip().endswith("%")
    try:
        amount = float(text.strip().removesuffix("%")) / (100 if is_share else 1)
    except ValueError:
        amount = np.nan
    if not 0 <= amount < np.inf:
        raise InputError(f"delta must be a share such as '10%' or a number of classes such as '0.25', not negative, got {text!r}")
    return Delta(amount, is_share)


class PairBands(NamedTuple):
    """Bands of all pairs a < b of `curves.models`, in that order: the one source of comparisons, flips and winner map.

    `low` and `high` are (pairs, floors) float64, NaN where nothing can be told; `unit` (pairs, floors) are the standard errors
    that `criticals` multiply. Where there are no bands at all `criticals` is None, and `reason` says why.
    """

    curves: PromptCurves
    differences: Differences
    low: np.ndarray
    high: np.ndarray
    unit: np.ndarray
    criticals: Criticals | None
    reason: str | None

    @property
    def means(self) -> np.ndarray:
        """(models, floors) mean U of every model."""
        return np.asarray(self.curves.values.mean(axis=1))


def pair_bands(curves: PromptCurves, *, seed: int, draws: int = 1000, confidence: float = 0.95) -> PairBands:
    """Resample prompts and return every pair's simultaneous band over floors.

    Under 10 shared prompts there are differences but no bands, and `reason` says so. Raises `Undefined` without any prompt.
    """
    if not curves.values.shape[1]:
        raise Undefined("no prompt in common: the models cannot be compared")
    differences = paired_differences(curves.values)
    mean, nothing = differences.mean, np.full_like(differences.mean, np.nan)
    try:
        criticals = simultaneous_criticals(curves.values, differences, draws=draws, seed=seed, confidence=confidence)
    except Undefined as error:
        return PairBands(curves, differences, nothing, nothing, nothing, None, str(error))
    unit = differences.unit(confidence)
    low, high = mean - criticals.above[:, None] * unit, mean + criticals.below[:, None] * unit
    return PairBands(curves, differences, low, high, unit, criticals, None)


def compare(bands: PairBands, *, delta: Delta = TEN_PERCENT) -> pl.DataFrame:
    """Table `comparisons`: one row per pair and floor, pairs in the order of the models, floors ascending, ungated first.

    A model leads where the pair's band excludes 0; they are the same within delta where the whole band lies in [-delta, delta];
    otherwise nobody can tell and `prompts_to_decide` is the number of further prompts at which a difference as large as the one
    seen would be expected to be decided either way, null when no number would.
    """
    differences, means = bands.differences, bands.means
    limit = delta.at(np.maximum(means[differences.first], means[differences.second]))
    verdict = verdicts(bands.low, bands.high, limit)
    further = np.where(verdict == CANNOT_TELL, prompts_to_decide(bands, limit), np.nan)
    names = np.array(bands.curves.models, dtype=object)
    floors = len(bands.curves.floors)
    columns = {
        "model_a": np.repeat(names[differences.first], floors), "model_b": np.repeat(names[differences.second], floors),
        "floor": np.tile(bands.curves.floors, len(differences.first)), "difference": differences.mean.ravel(),
        "low": bands.low.ravel(), "high": bands.high.ravel(), "verdict": verdict.ravel(), "delta": limit.ravel(),
        "prompts_to_decide": further.ravel(),
    }  # fmt: skip
    return to_table("comparisons", bands.curves, columns)


def verdicts(low: np.ndarray, high: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """Verdict words (object array) for bands `low` to `high` and equivalence limits `limit`; NaN ends cannot tell."""
    inside = (low >= -limit) & (high <= limit)
    words = np.array([A_LEADS, B_LEADS, SAME, CANNOT_TELL], dtype=object)
    return np.asarray(words[np.select([low > 0, high < 0, inside], [0, 1, 2], default=3)])


def prompts_to_decide(bands: PairBands, limit: np.ndarray) -> np.ndarray:
    """(pairs, floors) float64: further prompts at which the band is expected to clear 0, or to fit into [-limit, limit].

    Takes the difference, its spread per prompt and the critical values as they were seen, and solves for the number of prompts at
    which the band has shrunk to the room it has. At least what makes the floor testable. NaN when no number below a billion does.
    """
    differences = bands.differences
    prompts, size = differences.prompts, np.abs(differences.mean)
    near, far = _reaches(bands)
    with np.errstate(divide="ignore", invalid="ignore"):
        to_fit = np.where(limit > size, np.maximum(far / (limit - size), near / (limit + size)), np.inf)
        shrink = np.fmin(near / size, to_fit)
        testable = np.maximum(MIN_PROMPTS, MIN_NONZERO * prompts / differences.nonzero)
    further = np.maximum(np.ceil(np.fmax(prompts * np.square(shrink), testable)) - prompts, 1)
    return np.where(further <= MOST_PROMPTS, further, np.nan)


def _reaches(bands: PairBands) -> tuple[np.ndarray, np.ndarray]:
    """(pairs, floors) each: how far the band reaches from the difference towards zero and away from it.

    Without a band, what a Student's t interval would reach at one floor alone; NaN for a single prompt.
    """
    differences = bands.differences
    guess = stdtrit(max(differences.prompts - 1, 1), 0.975) * differences.error
    down, up = (np.where(np.isnan(side), guess, side) for side in (differences.mean - bands.low, bands.high - differences.mean))
    is_positive = differences.mean > 0
    return np.where(is_positive, down, up), np.where(is_positive, up, down)


def to_table(name: str, curves: PromptCurves, columns: Mapping[str, Sequence[object] | np.ndarray]) -> pl.DataFrame:
    """Table `name` from `columns` plus gate, domain, budget and prompts of `curves`; NaN and infinite numbers become null."""
    shared = {"gate": curves.gate, "domain": curves.domain, "budget": curves.budget, "prompts": curves.values.shape[1]}
    schema = TABLES[name]
    series = [pl.Series(key, list(values), dtype=_read_as(schema[key]), strict=False) for key, values in columns.items()]
    frame = pl.DataFrame(series)
    return frame.select(
        (pl.lit(shared[key]) if key in shared else _finite(frame[key])).cast(dtype).alias(key) for key, dtype in schema.items()
    )


def _read_as(kind: Any) -> Any:
    """Numbers come as floats, in which NaN can stand for null, whatever the table's type; the rest as they are in the table."""
    return pl.Float64 if kind in (pl.Int64, pl.Float64) else kind


def _finite(column: pl.Series) -> pl.Expr:
    values = pl.col(column.name)
    return pl.when(values.is_finite()).then(values) if column.dtype.is_float() else values
