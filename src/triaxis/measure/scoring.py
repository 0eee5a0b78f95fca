"""What a user can set about scoring, and what comes of it: frozen records."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from triaxis.errors import InputError, near
from triaxis.measure.options import DEFAULT_DRAWS
from triaxis.measure.score_file import FORMATS

PREFIX = "complexity."
"""A measure's column is called by this and its name."""

ALL = "all"
FROM_PASSES: Mapping[str, str] = MappingProxyType(
    {
        "difficulty": "The share of a model's samples of the prompt that fail, 1 - c/n.",
        "learnability": "p (1 - p) of a model's pass rate p at the prompt, by the unbiased estimator c (n - c) / (n (n - 1)).",
    }
)
"""Measures of a prompt and a model, from qualities instead of texts; they take a second pass over the files."""


@dataclass(frozen=True)
class ScoreOptions:
    """What to score and how: `measures` are specs or `all`; `floor` says which quality passes (None: 1 of 0 and 1).

    `keep` are further columns to carry along; `out` the file to write, None for none, in `format`.
    """

    measures: tuple[str, ...] = (ALL,)
    floor: float | None = None
    quality_source: str | None = None
    keep: tuple[str, ...] = ()
    out: Path | None = None
    format: str | None = None
    draws: int = DEFAULT_DRAWS
    seed: int = 0

    @property
    def file_format(self) -> str:
        """The format to write, by the name of `out` where it is not said; `InputError` for an unknown one."""
        suffix = self.out.suffix.lstrip(".").lower() if self.out else ""
        chosen = self.format or {"json": "jsonl", "ndjson": "jsonl"}.get(suffix, suffix if suffix in FORMATS else "parquet")
        if chosen not in FORMATS:
            raise InputError(f"expected format {' or '.join(FORMATS)}, got {chosen!r}{near(chosen, FORMATS)}")
        return chosen


@dataclass(frozen=True)
class Rho:
    """Spearman's correlation over prompts with its 95 % interval, or the reason why there is none."""

    rho: float | None
    low: float | None
    high: float | None
    prompts: int | None
    reason: str | None


@dataclass(frozen=True)
class MeasureSummary:
    """One measure over all samples: mean and quartiles of those that have a value, the others by reason, what it goes with."""

    measure: str
    column: str
    says: str
    unit: str
    higher_is: str
    samples: int
    unmeasured: int
    reasons: dict[str, int]
    mean: float | None
    quartiles: tuple[float, float, float] | None
    length: Rho
    passes: Rho
    passes_given_length: Rho


@dataclass(frozen=True)
class Scores:
    """What `triaxis score` found: a summary of each measure, prompts by how hard they are, and what to know of the input."""

    samples: int
    rejected: int
    reject_reasons: dict[str, int]
    measures: tuple[MeasureSummary, ...]
    bands: dict[str, int]
    floor: float | None
    notes: tuple[str, ...]
    out: str | None

    def to_json(self) -> dict[str, Any]:
        """Everything as JSON values."""
        return asdict(self)
