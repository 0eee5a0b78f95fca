"""Samples as arrays: what a planter sees, and what is measured after it has planted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from triaxis.blind.table import Table, open_table
from triaxis.complexity import parse_measure
from triaxis.diversity.equivalence import DEFAULT, parse_equivalence
from triaxis.errors import InputError, RecordsError
from triaxis.measure import equivalences  # noqa: F401 - registers the rules that need an encoder
from triaxis.measure.sampling import prompt_rank
from triaxis.protocols import Complexity, Equivalence, VectorEquivalence
from triaxis.records import read
from triaxis.responses import Responses

Unit = Literal["prompt", "set"]
MOST_CALIBRATING = 1000


@dataclass(frozen=True)
class Rules:
    """What the axes are measured with: quality column (or None), its source, equivalence, complexity measure, unit, seed."""

    equivalence: Equivalence
    complexity: Complexity
    unit: Unit
    seed: int


@dataclass(frozen=True)
class Samples:
    """All samples, in input order. (n,) arrays; `cell`, `prompt` and `group` are dense codes.

    `cell`: samples of one model for one prompt, or for one domain with unit set. `group`: answers to one prompt, of any model.
    `klass`: class inside the cell, -1 has none; `quality`, `complexity`: float64, NaN where there is none. `frame` has the
    columns that rules read.
    """

    frame: pl.DataFrame
    table: Table
    rules: Rules
    cell: np.ndarray
    prompt: np.ndarray
    klass: np.ndarray
    quality: np.ndarray
    complexity: np.ndarray
    quality_name: str | None = None

    def __len__(self) -> int:
        return self.frame.height

    @property
    def texts(self) -> pl.Series:
        """(n,) responses."""
        return self.frame["response"]

    @cached_property
    def said(self) -> list[str | None]:
        """The responses as a list."""
        return self.texts.to_list()

    @cached_property
    def prompts(self) -> int:
        """How many prompts there are."""
        return int(self.prompt.max(initial=-1)) + 1

    @cached_property
    def rows_of_cells(self) -> list[np.ndarray]:
        """Positions of the rows of each cell, in input order."""
        return rows_by(self.cell)

    @cached_property
    def rows_of_prompts(self) -> list[np.ndarray]:
        """Positions of the rows of each prompt, in input order."""
        return rows_by(self.prompt)

    @cached_property
    def has_text(self) -> np.ndarray:
        """(n,) bool: which samples have a response."""
        return self.texts.is_not_null().to_numpy()

    @cached_property
    def responses(self) -> Responses:
        """All responses with their classes; one that is missing is empty."""
        return Responses(self.texts.fill_null("").to_list(), labels=self.klass)

    @property
    def has_quality(self) -> bool:
        """Whether any sample has a quality."""
        return bool(np.isfinite(self.quality).any())

    @cached_property
    def quality_spread(self) -> float:
        """Standard deviation of quality over samples; 0 without any."""
        return _spread(self.quality)

    @cached_property
    def complexity_spread(self) -> float:
        """Standard deviation of complexity over samples; 0 without any."""
        return _spread(self.complexity)


def _spread(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.std()) if known.size else 0.0


def rows_by(codes: np.ndarray) -> list[np.ndarray]:
    """Positions of each code 0, 1, ... in `codes`, ascending."""
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.cumsum(np.bincount(codes))[:-1]) if codes.size else []


@dataclass(frozen=True)
class Asked:
    """How to read the samples and what to measure them with; see the flags of `triaxis blind`."""

    quality: str | None = None
    quality_source: str | None = None
    equivalence: str = DEFAULT
    complexity: str = "words"
    unit: str | None = None
    seed: int = 0
    mapping: tuple[tuple[str, str], ...] = ()


def read_samples(paths: Sequence[str | Path], asked: Asked) -> Samples:
    """The samples of `paths`, each with its class, quality and complexity.

    Raises `RecordsError` for files that cannot be read, `InputError` where there are several quality sources and none was chosen.
    """
    rule = parse_equivalence(asked.equivalence)
    label = getattr(rule, "column", None)
    kept = _kept(paths, asked, label)
    stream = read(paths, mapping=dict(asked.mapping), keep=kept, quality=asked.quality)
    frame = stream.frame()
    frame = _of_source(frame, asked.quality_source)
    is_named = asked.quality is not None or "quality" in stream.available
    table = open_table(paths, stream, frame)
    return _samples(frame, table, rule, asked, (asked.quality or table.own("quality")) if is_named else None)


def _kept(paths: Sequence[str | Path], asked: Asked, label: str | None) -> tuple[str, ...]:
    """Columns that become no canonical one, all of them, and the column of labels."""
    extra = read(paths, mapping=dict(asked.mapping), quality=asked.quality, need={"response"}).extra - {"row"}
    return tuple(dict.fromkeys([*sorted(extra), *([label] if label else [])]))


def _of_source(frame: pl.DataFrame, source: str | None) -> pl.DataFrame:
    """`frame` with the qualities of one source; a floor never crosses sources."""
    known = frame.filter(pl.col("quality").is_not_null())["quality_source"].unique().drop_nulls().sort().to_list()
    if source is None and len(known) > 1:
        raise InputError(f"expected one quality source, got {len(known)}: {', '.join(known[:5])}; type --quality-source NAME")
    if source is None:
        return frame
    if source not in known:
        raise InputError(f"no quality_source {source!r}; there are: {', '.join(known[:5])}")
    return frame.with_columns(pl.when(pl.col("quality_source") == source).then("quality").alias("quality"))


def _samples(frame: pl.DataFrame, table: Table, rule: Equivalence, asked: Asked, quality_name: str | None) -> Samples:
    if frame["response"].null_count() == frame.height:
        raise RecordsError("expected responses, got none; type --map response=COLUMN")
    named = frame.with_columns(
        pl.col("model").fill_null("(no model)"), pl.col("domain").fill_null("(none)"),
        pl.coalesce("prompt_id", "prompt", pl.format("row {}", "row")).alias("prompt_id"),
    )  # fmt: skip
    unit = _unit(named, asked.unit)
    cell = _codes(named, ["model", "prompt_id", "domain"] if unit == "prompt" else ["model", "domain"])
    rules = Rules(_fitted(rule, named, asked.seed), parse_measure(asked.complexity), unit, asked.seed)
    quality = named["quality"].cast(pl.Float64).fill_null(np.nan).to_numpy().copy()
    bare = Samples(
        named, table, rules, cell, _codes(named, ["prompt_id"]), np.zeros(named.height, dtype=np.int64), quality,
        np.full(named.height, np.nan), quality_name if np.isfinite(quality).any() else None,
    )  # fmt: skip
    return replace(bare, klass=labels_of(bare, bare.rows_of_cells), complexity=rules.complexity.scores(named))


def _unit(frame: pl.DataFrame, asked: str | None) -> Unit:
    if asked not in (None, "prompt", "set"):
        raise InputError(f"expected unit prompt or set, got {asked!r}")
    sizes = frame.group_by("model", "prompt_id", "domain").len()["len"]
    if asked is None:
        return "prompt" if (sizes >= 2).mean() >= 0.5 else "set"  # type: ignore[operator]
    return "set" if asked == "set" else "prompt"


def _codes(frame: pl.DataFrame, columns: list[str]) -> np.ndarray:
    """(n,) dense codes of the combinations of `columns`, in order of first appearance."""
    return frame.select(pl.struct(columns).rank("dense").cast(pl.Int64) - 1).to_series().to_numpy()


def _fitted(rule: Equivalence, frame: pl.DataFrame, seed: int) -> Equivalence:
    """`rule`, calibrated on one answer to each of some prompts where it asks for that."""
    if not isinstance(rule, VectorEquivalence):
        return rule
    first = frame.filter(pl.col("response").is_not_null()).unique("prompt_id", keep="first", maintain_order=True)
    order = np.argsort(np.array([prompt_rank(p, seed) for p in first["prompt_id"]], dtype=np.uint64), kind="stable")
    return rule.calibrated(first[order[:MOST_CALIBRATING]])


def labels_of(samples: Samples, groups: Sequence[np.ndarray]) -> np.ndarray:
    """(n,) int64 labels, made for each of `groups` of rows apart; -1 in rows of no group, and where a sample has no class."""
    labels = np.full(len(samples), -1, dtype=np.int64)
    for rows in groups:
        labels[rows] = samples.rules.equivalence.labels(samples.frame[rows])
    return labels
