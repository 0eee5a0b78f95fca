"""Empirical difficulty: how often a named solver fails a prompt, and how much there is to learn from it.

A model's samples of one prompt are tries, each passed or not. The one idea: with c of n passed the pass rate is an estimate from
few tries, so that difficulty stands beside its interval, and c = 0 is no proof that the prompt can be solved at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy.special import betaincinv

from triaxis.errors import InputError

CELL = ("model", "prompt_id")
BAND = (0.1, 0.9)
"""Pass rates worth training on (Florensa et al. 2018, Goal GAN, who found the exact ends not to matter)."""

NEVER, HARD, INSIDE, EASY, ALWAYS = (
    "never passed: no feasibility certificate", "passed under 10 %", "in the band 10-90 %", "passed over 90 %", "always passed",
)  # fmt: skip
"""Where a pass rate lies."""

MOST_PARTS = 64
"""Batches whose counts wait to be added up."""

COUNTS = {"model": pl.String(), "prompt_id": pl.String(), "samples": pl.Int64(), "passed": pl.Int64(), "unmeasured": pl.Int64()}


class Tries(NamedTuple):
    """(prompts,) int64 arrays: samples that have a quality, and those of them that pass."""

    samples: np.ndarray
    passed: np.ndarray

    @property
    def pass_rate(self) -> np.ndarray:
        """c / n, NaN without samples."""
        with np.errstate(invalid="ignore"):
            return np.asarray(np.where(self.samples > 0, self.passed / np.maximum(self.samples, 1), np.nan))

    @property
    def learnability(self) -> np.ndarray:
        """c (n - c) / (n (n - 1)), the unbiased estimate of p (1 - p); 0 to 1/2, NaN for fewer than 2 samples."""
        n, c = self.samples, self.passed
        return np.asarray(np.where(n > 1, c * (n - c) / np.maximum(n * (n - 1), 1), np.nan))

    @property
    def learnability_plug_in(self) -> np.ndarray:
        """(c / n)(1 - c / n), 0 to 1/4: smaller than p (1 - p) by a factor (n - 1) / n on average."""
        return np.asarray(self.pass_rate * (1 - self.pass_rate))

    def interval(self, *, confidence: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Ends of the pass rate: quantiles of Beta(c + 1/2, n - c + 1/2), the posterior under Jeffreys' prior.

        The low end is 0 where none passed and the high end 1 where all did (Brown, Cai and DasGupta 2001, 4.1.2).
        """
        n, c = self.samples, self.passed
        tail = (1 - confidence) / 2
        low, high = (betaincinv(c + 0.5, n - c + 0.5, at) for at in (tail, 1 - tail))
        low, high = np.where(c == 0, 0.0, low), np.where(c == n, 1.0, high)
        return np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan)

    @property
    def bands(self) -> list[str | None]:
        """Where each pass rate lies, None without samples."""
        rate = self.pass_rate
        inside = np.select(
            [np.isnan(rate), rate == 0, rate == 1, rate < BAND[0], rate > BAND[1]], [0, 1, 5, 2, 4], default=3
        )
        return [(None, NEVER, HARD, INSIDE, EASY, ALWAYS)[int(place)] for place in inside]


def passes(quality: pl.Series, floor: float | None) -> pl.Series:
    """Boolean, null where there is no quality: quality >= `floor`, or quality 1 of 0 and 1 where `floor` is None.

    Raises `InputError` when `floor` is None and a quality is neither 0 nor 1: such a scale has no passes without a floor.
    """
    known = quality.fill_nan(None)
    if floor is None:
        other = known.filter(~known.is_in([0.0, 1.0])).drop_nulls()
        if other.len():
            raise InputError(
                f"expected qualities of 0 and 1 to count passes, got {other[0]:g}; say from where on one passes: --floor NUMBER"
            )
        floor = 1.0
    return known >= floor


def pass_counts(samples: pl.DataFrame, *, floor: float | None = None) -> pl.DataFrame:
    """Tries and passes of each model at each prompt; counts of several batches are added by `add_counts`.

    `samples` holds model, prompt_id and quality. Columns of the result: `COUNTS`; samples without a quality are unmeasured,
    and those without a prompt are left out.
    """
    passed = passes(samples["quality"], floor)
    return (
        samples.select(*CELL).with_columns(passed.alias("passed")).filter(pl.col("prompt_id").is_not_null())
        .group_by(*CELL, maintain_order=True)
        .agg(
            pl.col("passed").count().cast(pl.Int64).alias("samples"), pl.col("passed").sum().cast(pl.Int64),
            pl.col("passed").null_count().cast(pl.Int64).alias("unmeasured"),
        ).select(*COUNTS)
    )  # fmt: skip


@dataclass
class PassTally:
    """Tries and passes of samples that come in batches; memory grows with (model, prompt) pairs."""

    floor: float | None = None
    _parts: list[pl.DataFrame] = field(default_factory=list)

    def add(self, samples: pl.DataFrame) -> None:
        """Takes in a batch; see `pass_counts`."""
        self._parts.append(pass_counts(samples, floor=self.floor))
        if len(self._parts) > MOST_PARTS:
            self._parts = [self.counts()]

    def counts(self) -> pl.DataFrame:
        """All of them added up."""
        return add_counts(self._parts)


def add_counts(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The sum of counts of parts of the samples, ordered by model and prompt."""
    whole = pl.concat([pl.DataFrame(schema=COUNTS), *parts])
    return whole.group_by(*CELL).agg(pl.col("samples", "passed", "unmeasured").sum()).sort(*CELL)


def difficulty_table(counts: pl.DataFrame) -> pl.DataFrame:
    """One row for each model and prompt, from `pass_counts`.

    difficulty = 1 - c/n with the ends of its 95 % interval, learnability (unbiased, null for one sample) and its plug-in
    form, and the band; all null where no sample has a quality. Another model is another solver, with a difficulty of its own.
    """
    tries = Tries(counts["samples"].to_numpy(), counts["passed"].to_numpy())
    low, high = tries.interval()
    figures = {
        "pass_rate": tries.pass_rate, "difficulty": 1 - tries.pass_rate, "low": 1 - high, "high": 1 - low,
        "learnability": tries.learnability, "learnability_plug_in": tries.learnability_plug_in,
    }  # fmt: skip
    return counts.with_columns(
        *(pl.Series(name, values, dtype=pl.Float64, nan_to_null=True) for name, values in figures.items()),
        pl.Series("band", tries.bands, dtype=pl.String),
    )
