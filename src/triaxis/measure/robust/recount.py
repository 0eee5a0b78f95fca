"""The flips of the same samples under another rule: counted anew, and compared on the prompts that all models share."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import polars as pl

from triaxis.measure import usable
from triaxis.measure.axes import Axes, interval_floors, shown_floors
from triaxis.measure.comparisons import PromptCurves, pair_bands
from triaxis.measure.flips import Means, flips
from triaxis.measure.ingest import IngestOptions, ingest
from triaxis.measure.options import Options, Progress
from triaxis.measure.pairs import Key, Paired, paired
from triaxis.measure.sets import measure_set
from triaxis.measure.store import RunStore
from triaxis.measure.tables import assemble, with_twin
from triaxis.protocols import Equivalence


class Wanted(NamedTuple):
    """Which flips are looked for: the models that were compared, and the domains (None is all) and budgets of their flips."""

    models: tuple[str, ...]
    domains: frozenset[str | None]
    budgets: tuple[int, ...]


def recounted(
    batches: Iterable[pl.DataFrame], counting: IngestOptions, equivalence: Equivalence, *, progress: Progress | None = None
) -> dict[str | None, RunStore]:
    """Run stores of the same samples under `equivalence`, by quality source; no examples are kept."""
    again = replace(counting, equivalence=equivalence, examples=0, show_prompts=(), level_prompts=0)
    return {store.header.quality_source: store for store in ingest(batches, again, progress=progress).stores}


def flips_of(store: RunStore, wanted: Wanted, options: Options) -> pl.DataFrame:
    """Table `flips` of `store` (or `set_flips` of one of sets), for what is `wanted` only; no gate on its rows."""
    if store.header.unit == "set":
        every = measure_set(store, replace(options, compare=wanted.models), elsewhere=wanted.models).tables["set_flips"]
        return every.filter(pl.col("budget").is_in(wanted.budgets))
    models = tuple(model for model in wanted.models if model in store.models)
    frames = [frame for pairs in _groups(store, models, options) for frame in _flips(pairs, store, wanted, options)]
    return assemble("flips", "", frames)


def _groups(store: RunStore, models: tuple[str, ...], options: Options) -> Iterator[Paired]:
    shared = _shared(store, models)
    if len(models) > 1 and shared:
        yield from paired(store, models, shared, options.budgets)


def _shared(store: RunStore, models: Collection[str]) -> set[Key]:
    """(prompt, domain) codes of the cells that all of `models` have."""
    sizes = store.sizes()
    keys = [
        set(sizes.filter(pl.col("model") == store.models.index(model)).select("prompt", "domain").iter_rows()) for model in models
    ]
    return set.intersection(*keys) if keys else set()


def _flips(pairs: Paired, store: RunStore, wanted: Wanted, options: Options) -> Iterator[pl.DataFrame]:
    """A frame for each wanted budget that these prompts reach."""
    if not {pairs.domain, pairs.twin if pairs.domain is None else None} & set(wanted.domains) or not len(pairs):
        return
    axes, budgets = _axes(store, options), [n for n in wanted.budgets if n <= pairs.length]
    tested = axes.floors[axes.interval_floors]
    if not budgets or axes.floors.size < 2:
        return
    means = np.stack([usable.mean_usable_diversity(cells, axes.floors, budgets) for cells in pairs.cells], axis=1)
    for place, budget in enumerate(budgets):
        values = np.stack([usable.usable_diversity(cells, tested, budget) for cells in pairs.cells])
        curves = PromptCurves(pairs.models, tested, values, budget, domain=pairs.domain)
        bands = pair_bands(curves, seed=options.seed, draws=options.draws)
        yield from with_twin([flips(bands, Means(axes.floors, means[place]))], pairs.twin)


def _axes(store: RunStore, options: Options) -> Axes:
    bars = tuple(bar for bar in store.header.bars.values() if bar is not None)
    floors = shown_floors(*store.qualities(), (*options.floors, *bars))
    return Axes(floors, interval_floors(floors, (*options.floors, *bars)), (), ())
