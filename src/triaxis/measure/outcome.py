"""What an analysis gives back: rows of tables, what could not run, and remarks; and what those that look at texts are given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, nan
from typing import NamedTuple

import numpy as np
import polars as pl

from triaxis.errors import InputError
from triaxis.measure.levels.cells import LevelCell
from triaxis.protocols import Diversity, Embedder
from triaxis.results import NotRun


class Outcome(NamedTuple):
    """Frames by table (`results.TABLES`; all columns but `gate`), analyses that did not run, and notes for the gate."""

    tables: Mapping[str, Sequence[pl.DataFrame]] = {}
    not_run: tuple[NotRun, ...] = ()
    notes: tuple[str, ...] = ()


class Seen(NamedTuple):
    """The sampled answers of one gate.

    `floors` (floors,) ascend, minus infinity (ungated) first. `metrics` are the diversity metrics of the run, `size` how many
    answers a set holds for those that grow with it. `embedder` is there when the run has one.
    """

    cells: list[LevelCell]
    unit: str
    is_gated: bool
    floors: np.ndarray
    metrics: tuple[Diversity, ...]
    size: int
    embedder: Embedder | None = None


@dataclass(frozen=True)
class AnswerOptions:
    """What `measure` should say of several models, domains, checkpoints or rows together.

    `reference` is the model that others are compared with, domain by domain (None: the base of each in the model table).
    `second` is a second quality column for the filter effect, with its floor after `>=`. `classify` gives prompts without a
    domain one by rules. `vectors` names a column of vectors of the answers. `series` names the column that orders checkpoints.
    `reference_data` and `taxonomy` are files whose regions a data set should cover; `profile` asks for a profile of the data, as
    they do. `populations` are what models have in common, `ensembles` mixtures of
    them.
    """

    reference: str | None = None
    second: str | None = None
    classify: bool = False
    vectors: str | None = None
    series: str | None = None
    reference_data: str | None = None
    taxonomy: str | None = None
    profile: bool = False
    populations: bool = True
    ensembles: bool = True

    def __post_init__(self) -> None:
        floor = self.second_floor
        if self.second_column == "" or (floor is not None and not isfinite(floor)):
            raise InputError(f"expected --second-quality 'COLUMN>=FLOOR', got {self.second!r}; type for example 'score>=3'")

    @property
    def wants_profile(self) -> bool:
        """Whether a profile is asked for."""
        return self.profile or self.reference_data is not None or self.taxonomy is not None

    @property
    def reads_texts(self) -> bool:
        """Whether something here looks at the sampled texts even where no metric does."""
        return self.wants_profile or self.series is not None or self.second is not None

    @property
    def second_column(self) -> str | None:
        """The column of the second quality."""
        return None if self.second is None else self.second.partition(">=")[0].strip()

    @property
    def second_floor(self) -> float | None:
        """The floor of the second quality; None where it was left out."""
        _, at, floor = (self.second or "").partition(">=")
        return _number(floor) if at else None


def _number(text: str) -> float:
    """The number in `text`; NaN for anything else."""
    try:
        return float(text)
    except ValueError:
        return nan
