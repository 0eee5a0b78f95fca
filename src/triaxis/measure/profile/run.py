"""The profile of every data set of a gate, as tables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl

from triaxis.complexity import parse_measure
from triaxis.errors import Undefined
from triaxis.measure.complexity import length_of
from triaxis.measure.options import Options
from triaxis.measure.outcome import Outcome, Seen
from triaxis.measure.profile.complexity import complexity_rows, complexity_values, measures_of
from triaxis.measure.profile.correlations import correlation_rows
from triaxis.measure.profile.diversity import diversity_rows, metric_profile
from triaxis.measure.profile.figures import framed
from triaxis.measure.profile.quality import quality_rows
from triaxis.measure.profile.reference import Reference, read_texts, reference_holes, reference_of
from triaxis.measure.profile.rows import DataSet, data_sets
from triaxis.measure.profile.taxonomy import Tree, read_taxonomy, taxonomy_coverage, taxonomy_holes
from triaxis.measure.tables import Resampling
from triaxis.protocols import Complexity, Progress
from triaxis.results import NotRun

ANALYSIS = "profile of the data"
HOLES = "holes against the reference"
MOST_FLOORS = 8
_NO_TABLES: Mapping[str, pl.DataFrame] = MappingProxyType({})
Row = dict[str, Any]


def profile_of_texts(
    seen: Seen, options: Options, *, tables: Mapping[str, pl.DataFrame] = _NO_TABLES, progress: Progress | None = None
) -> Outcome:
    """What each data set (a model, or whoever wrote it) holds on each axis, where it has holes, and how the axes go together.

    Runs where a cell is a set, or where it is asked for. `tables` are those of the gate so far: `cells` tells how many rows have
    no quality, `diversity_levels` spares measuring the metrics again. Floors beyond 8 are thinned evenly, those asked for kept.
    """
    if seen.unit != "set" and not options.answers.wants_profile:
        return Outcome()
    if not seen.cells:
        return Outcome(not_run=(NotRun(analysis=ANALYSIS, reason="needs texts, and none were read"),))
    measures, missing = measures_of(options.levels.complexity)
    job = _Job(options, seen, tables, measures, progress, not_run=list(missing))
    job.references()
    for data, whole in _with_whole(seen, options):
        job.add(data, whole)
    metrics = metric_profile(seen, tables, job.resampling)
    profile = [framed("profile", job.profile), *([metrics] if metrics.height else [])]
    framed_rows = {"holes": [framed("holes", job.holes)], "axis_correlations": [framed("axis_correlations", job.pairs)]}
    return Outcome({"profile": profile, **framed_rows}, tuple(job.not_run), tuple(job.notes))


def _with_whole(seen: Seen, options: Options) -> Iterator[tuple[DataSet, DataSet]]:
    """Each data set with that of all domains of its model."""
    floors = thinned(seen.floors, options.floors)
    whole: DataSet | None = None
    for data in data_sets(seen.cells, floors, is_gated=seen.is_gated, seed=options.seed):
        whole = data if data.domain is None or whole is None else whole
        yield data, whole


def thinned(floors: np.ndarray, asked: Sequence[float]) -> np.ndarray:
    """At most 8 of `floors`, the first and last among them, and those of them that were asked for."""
    if floors.size <= MOST_FLOORS:
        return floors
    places = np.unique(np.linspace(0, floors.size - 1, MOST_FLOORS).astype(np.int64))
    return np.union1d(floors[places], floors[np.isin(floors, list(asked))])


@dataclass
class _Job:
    """Rows of the tables while they fill up."""

    options: Options
    seen: Seen
    tables: Mapping[str, pl.DataFrame]
    measures: list[Complexity]
    progress: Progress | None
    not_run: list[NotRun]
    profile: list[Row] = field(default_factory=list)
    holes: list[Row] = field(default_factory=list)
    pairs: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tree: Tree | None = None
    reference: Reference | None = None

    def __post_init__(self) -> None:
        lengths = {length_of(measure): None for measure in self.measures} | {"words": None}
        self.lengths = [parse_measure(name) for name in lengths]

    @property
    def resampling(self) -> Resampling:
        return Resampling(self.options.draws, self.options.seed)

    def references(self) -> None:
        """Reads what the data should cover, before anything is measured."""
        asked = self.options.answers
        self.tree = None if asked.taxonomy is None else read_taxonomy(asked.taxonomy)
        if asked.reference_data is None:
            return
        texts = read_texts(asked.reference_data)
        try:
            self.reference = reference_of(texts, seed=self.options.seed, embedder=self.seen.embedder, progress=self.progress)
        except Undefined as reason:
            self.not_run.append(NotRun(analysis=HOLES, reason=str(reason)))
            return
        self.notes.append(_told(self.reference))

    def add(self, data: DataSet, whole: DataSet) -> None:
        """Profiles one data set; `whole` holds all domains of its model."""
        values = complexity_values(data, self.measures)
        lengths = values | complexity_values(data, [length for length in self.lengths if length.name not in values])
        profile = [
            *quality_rows(data, self.resampling, self.tables), *diversity_rows(data, whole, self.progress),
            *complexity_rows(data, values, self.resampling),
        ]  # fmt: skip
        holes: list[Row] = []
        if data.domain is None:
            self._covers(data, profile, holes)
        pairs = list(correlation_rows(data, values, lengths, self.measures, draws=self.options.draws))
        self.profile += _twice(profile, data.twin)
        self.holes += _twice(holes, data.twin)
        self.pairs += _twice(pairs, data.twin)

    def _covers(self, data: DataSet, profile: list[Row], holes: list[Row]) -> None:
        if self.tree is not None:
            holes += taxonomy_holes(data, self.tree)
            profile += taxonomy_coverage(data, self.tree)
        if self.reference is not None:
            found, shares = reference_holes(data, self.reference, self.resampling, self.progress)
            holes += found
            profile += shares


def _told(reference: Reference) -> str:
    some = "" if reference.texts == reference.known else f" of {reference.known:,}"
    found = reference.regions
    return (
        f"holes rest on {reference.texts:,}{some} different texts of the reference, told apart by {reference.seen_by}: half of "
        f"them make {len(reference.names)} regions, {found.kept:,} kept apart say how much each holds"
    )


def _twice(rows: list[Row], twin: str | None) -> list[Row]:
    """`rows`, and again under the name of the only domain."""
    return rows if twin is None else [*rows, *({**row, "domain": twin} for row in rows)]
