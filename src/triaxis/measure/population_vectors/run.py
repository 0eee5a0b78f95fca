"""The population from vectors: of every prompt (a column of vectors), or of the sampled prompts (texts and an encoder)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from triaxis.measure.axes import Axes
from triaxis.measure.options import Options
from triaxis.measure.outcome import Outcome, Seen
from triaxis.measure.population_vectors.answers import PromptAnswers
from triaxis.measure.population_vectors.ceiling import paraphrase_ceiling, portable_limit
from triaxis.measure.population_vectors.clusters import cluster_rows
from triaxis.measure.population_vectors.prompt import Design, PromptFigures, prompt_figures
from triaxis.measure.population_vectors.rows import VectorRows
from triaxis.measure.population_vectors.tables import Context, model_rows, pair_rows, population_rows
from triaxis.measure.population_vectors.tally import Population, Shape, Zero, evenly
from triaxis.measure.population_vectors.texts import answers_of_cells, cell_vectors
from triaxis.measure.prefetch import mapped
from triaxis.measure.sampling import reached_size
from triaxis.measure.store import RunStore
from triaxis.measure.tables import Resampling, with_twin
from triaxis.protocols import Progress
from triaxis.results import NotRun

ANALYSIS = "population in an encoder's space"
NEIGHBOURS = 10
"""Nearest neighbours whose models are counted, or as many as a cell holds."""

MATRIX_FLOORS = 8
MOST_FLOORS = 32
MOST_DRAWS = 20
LEAST_DRAWS = 4
_PERMUTED_PROMPTS = 4000
"""Prompts times permutations: with many prompts the mean of a permutation hardly varies, and few of them do."""

WORKERS = 2


class Source(NamedTuple):
    """Where prompts come from: `groups` may be asked for again; `sizes` (cells,) are answers per cell, `prompts` how many."""

    groups: Callable[[], Iterable[PromptAnswers]]
    shape: Shape
    sizes: np.ndarray
    prompts: int
    ceiling: float = np.nan
    limit: float = np.nan


def population_of_vectors(
    rows: VectorRows, store: RunStore, axes: Axes, options: Options, *, progress: Progress | None = None
) -> Outcome:
    """The population from the vectors that came with the samples, all prompts of them; `store` counts the same samples."""
    named = f"column {rows.column!r}"
    if not rows.dimensions:
        return _not_run(f"{named} holds no list of finite numbers")
    sizes = store.sizes()
    prompts = sizes.select("prompt", "domain").n_unique()
    shape = Shape(store.models, rows.dimensions, store.domains)
    source = Source(partial(rows.answers, store.models, seed=options.seed), shape, sizes["size"].to_numpy(), prompts)
    found = _measured(source, axes.floors[axes.interval_floors], options, progress)
    notes = rows.notes()
    return found._replace(notes=(*notes, *found.notes))


def population_of_texts(seen: Seen, options: Options, *, progress: Progress | None = None) -> Outcome:
    """The population from the sampled answers, with the vectors of the run's encoder."""
    vectors = cell_vectors(seen, progress)
    if vectors is None:
        return _not_run("needs an encoder or vectors; type --embedder minilm, or --vectors COLUMN")
    groups = [g for g in answers_of_cells(seen.cells, vectors, seed=options.seed) if len(g.models)]
    if not groups:
        return _not_run("no answer has a vector")
    models, domains = ({getattr(cell, name) for cell in seen.cells} for name in ("model", "domain"))
    shape = Shape(tuple(sorted(models)), groups[0].vectors.shape[1], tuple(sorted(domains)))
    ceiling = np.nan if seen.embedder is None else paraphrase_ceiling(seen.embedder)
    limit = portable_limit(_zero(groups), ceiling)
    sizes = np.concatenate([np.unique(group.models, return_counts=True)[1] for group in groups])
    source = Source(lambda: groups, shape, sizes, len(groups), ceiling, limit)
    return _measured(source, evenly(seen.floors, MOST_FLOORS), options, progress)


def _measured(source: Source, floors: np.ndarray, options: Options, progress: Progress | None) -> Outcome:
    if len(source.shape.models) < 2 and source.sizes.max(initial=0) < 2:
        return _not_run("needs two models, or two samples of a model per prompt")
    population = Population(source.shape, _design(source, floors))
    for done, found in enumerate(_figures(source, population.design), start=1):
        population.add(found)
        if progress is not None:
            progress("measuring population in vectors", done, source.prompts)
    if not population.rows:
        return _not_run("no answer has a vector with a direction")
    context = Context(source.ceiling, max(2, reached_size(source.sizes)), Resampling(options.draws, options.seed))
    tables = {
        "population": population_rows(population, context),
        "population_pairs": list(pair_rows(population)),
        "population_models": list(model_rows(population)),
        "model_clusters": list(cluster_rows(population)),
    }
    twin = source.shape.domains[0] if len(source.shape.domains) == 1 else None
    return Outcome({name: list(with_twin(frames, twin)) for name, frames in tables.items()}, (), _notes(population))


def _design(source: Source, floors: np.ndarray) -> Design:
    draws = int(np.clip(_PERMUTED_PROMPTS // max(1, source.prompts), LEAST_DRAWS, MOST_DRAWS))
    neighbours = int(np.clip(reached_size(source.sizes), 1, NEIGHBOURS))
    if len(source.shape.models) < 2:
        draws = 0
    return Design(floors, evenly(np.arange(floors.size), MATRIX_FLOORS), source.limit, neighbours, draws)


def _figures(source: Source, design: Design) -> Iterator[PromptFigures]:
    groups = (group for group in source.groups() if len(group.models))
    yield from mapped(partial(prompt_figures, design=design), groups, workers=WORKERS)


def _zero(groups: Sequence[PromptAnswers]) -> float:
    """Mean cosine between answers to different prompts, ungated; NaN for one prompt."""
    zero = Zero(1, groups[0].vectors.shape[1])
    for group in groups:
        zero.add(0, group.vectors.mean(axis=0, dtype=np.float64)[None], np.array([len(group.models)]))
    return float(zero.interval(least=1)[0][0])


def _notes(population: Population) -> tuple[str, ...]:
    if len(population.groups) > 1 and not population.has_domain_matrices:
        models, domains = len(population.shape.models), len(population.shape.domains)
        return (f"pairs and the effective number of {models} models are not shown for each of {domains} domains, only for all",)
    return ()


def _not_run(reason: str) -> Outcome:
    return Outcome(not_run=(NotRun(analysis=ANALYSIS, reason=reason),))
