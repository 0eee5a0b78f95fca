"""The population of a run store: which models, which domains, and all of their tables."""

from collections.abc import Iterator

import polars as pl

from triaxis.measure.axes import Axes
from triaxis.measure.options import Options, Progress
from triaxis.measure.outcome import Outcome
from triaxis.measure.population.blocks import blocks, joined_models, keys_of_models
from triaxis.measure.population.change import change_rows
from triaxis.measure.population.clusters import cluster_rows
from triaxis.measure.population.curves import Population, curve_rows
from triaxis.measure.population.kernel import effective_rows, few_floors, permuted_grams
from triaxis.measure.population.members import model_rows, pair_rows
from triaxis.measure.store import RunStore
from triaxis.measure.tables import Resampling, with_twin
from triaxis.results import NotRun

ANALYSIS = "population of models"
MOST_BY_DOMAIN = 40
"""With more models or domains, pairs and clusters are those of all domains together, and each model is shown at a few floors."""


def population_of_counts(store: RunStore, axes: Axes, options: Options, *, progress: Progress | None = None) -> Outcome:
    """Tables `population`, `population_pairs`, `population_models` and `model_clusters` of the models that share prompts."""
    reason = _why_not(store)
    if reason:
        return Outcome(not_run=(NotRun(analysis=ANALYSIS, reason=reason),))
    models, notes, shared = joined_models(keys_of_models(store), options.compare)
    if len(models) < 2 or not shared:
        return Outcome(not_run=(NotRun(analysis=ANALYSIS, reason=_no_two(models, store)),), notes=notes)
    resampling = Resampling(options.draws, options.seed)
    tables: dict[str, list[pl.DataFrame]] = {}
    groups = list(blocks(store, models, shared, options.budgets))
    is_small = max(len(models), len(groups) - 1) <= MOST_BY_DOMAIN
    for done, block in enumerate(groups, start=1):
        for name, frame in _tables(Population(block, axes, resampling), options.floors, is_small):
            tables.setdefault(name, []).extend(with_twin([frame], block.twin))
        (progress or (lambda *_: None))("measuring the population, domain", done, len(groups))
    return Outcome(tables, notes=notes)


def _tables(population: Population, asked: tuple[float, ...], is_small: bool) -> Iterator[tuple[str, pl.DataFrame]]:
    """All tables of one domain; pairs, clusters and every floor of each model only where models and domains are few enough."""
    is_whole = population.block.domain is None
    few = few_floors(population, asked)
    permuted = permuted_grams(population, few)
    for frame in (*curve_rows(population), *effective_rows(population, few, permuted), *change_rows(population)):
        yield "population", frame
    for frame in model_rows(population, population.tested if is_small else few):
        yield "population_models", frame
    if is_whole or is_small:
        for frame in pair_rows(population, few):
            yield "population_pairs", frame
        for frame in cluster_rows(population, few, permuted):
            yield "model_clusters", frame


def _why_not(store: RunStore) -> str | None:
    header = store.header
    if header.scope == "cell":
        rule = header.equivalence
        shared = f"{rule.partition('@')[0]}@prompt"
        return f"needs classes that models share, got --equivalence {rule} (cell); type --equivalence {shared}"
    if header.unit == "set":
        return "needs answers to the same prompts, got --unit set; type --unit prompt"
    return None


def _no_two(models: tuple[str, ...], store: RunStore) -> str:
    if len(models) < 2:
        others = "; no other model shares half of its prompts, --compare insists" if len(store.models) > 1 else ""
        return f"needs at least two models on the same prompts, got {len(models)}{others}"
    return f"no prompt is shared by {', '.join(models[:10])}; choose others with --compare, or check that prompt_id is shared"
