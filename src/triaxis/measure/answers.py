"""What a gate says of several models, domains, checkpoints or rows together: every such analysis, joined in one place.

Those of counts need no text and run on yesterday's stores, too; those of texts look at the sampled answers.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

import polars as pl

from triaxis.measure.axes import Axes
from triaxis.measure.domains.changes import domain_changes_of_counts
from triaxis.measure.domains.classify import RULE
from triaxis.measure.domains.filter_effect import filter_effect_of_counts
from triaxis.measure.domains.filter_second import filter_effect_of_texts
from triaxis.measure.domains.level_changes import domain_changes_of_texts
from triaxis.measure.domains.openness import openness_of_counts, openness_of_prompts
from triaxis.measure.domains.pairs import changes_of
from triaxis.measure.ensemble import ensemble_of_counts
from triaxis.measure.options import Options, Progress
from triaxis.measure.outcome import Outcome, Seen
from triaxis.measure.population import population_of_counts
from triaxis.measure.population_phrases import phrases_of_texts
from triaxis.measure.population_vectors import population_of_texts
from triaxis.measure.profile import profile_of_texts
from triaxis.measure.quality_means import quality_of_counts
from triaxis.measure.series import series_of_counts, series_of_texts
from triaxis.measure.store import RunStore
from triaxis.results import NotRun

SETS_LACK = "needs several answers to a prompt, got sets; type --unit prompt where prompts have several"
OF_SETS = tuple(NotRun(analysis=what, reason=SETS_LACK) for what in ("filter effect", "openness of domains"))


def answers_of_counts(
    store: RunStore, axes: Axes, options: Options, *, elsewhere: Collection[str] = (), progress: Progress | None = None
) -> Iterator[Outcome]:
    """Every analysis of `store`; `elsewhere` are the models of the run's other gates."""
    options = _of_gate(store, options)
    yield Outcome(notes=(RULE,) if options.answers.classify else ())
    yield quality_of_counts(store, axes, options)
    together = len(store.models) > 1 and store.header.unit == "prompt"
    if together and options.answers.populations:
        yield population_of_counts(store, axes, options, progress=progress)
    if together and options.answers.ensembles:
        yield ensemble_of_counts(store, axes, options, progress=progress)
    yield from _domains(store, axes, options, elsewhere, progress)
    yield series_of_counts(store, axes, options, progress=progress)


def _of_gate(store: RunStore, options: Options) -> Options:
    """`options` that compare models of this gate only; all of them where fewer than two were asked for here."""
    here = tuple(model for model in options.compare if model in store.models)
    return replace(options, compare=here if len(set(here)) > 1 else ())


def _domains(
    store: RunStore, axes: Axes, options: Options, elsewhere: Collection[str], progress: Progress | None
) -> Iterator[Outcome]:
    pairs, missing = changes_of(store.models, options, elsewhere=elsewhere)
    yield Outcome(not_run=missing if len(store.models) > 1 else ())
    if store.header.unit == "set":
        yield Outcome(not_run=OF_SETS)
        yield domain_changes_of_counts(store, axes, options, changes=pairs, progress=progress)
        return
    yield filter_effect_of_counts(store, axes, options, progress=progress)
    if len(store.models) < 2:
        return
    opened = openness_of_prompts(store, axes, pairs)
    yield openness_of_counts(store, axes, options, changes=pairs, openness=opened, progress=progress)
    yield domain_changes_of_counts(store, axes, options, changes=pairs, openness=opened, progress=progress)


def answers_of_texts(
    seen: Seen, store: RunStore, axes: Axes, tables: Mapping[str, pl.DataFrame], options: Options, *,
    elsewhere: Collection[str] = (), progress: Progress | None = None,
) -> Iterator[Outcome]:  # fmt: skip
    """Every analysis of the sampled answers in `seen`; `tables` are those of the gate so far."""
    several = len({cell.model for cell in seen.cells}) > 1
    if options.answers.populations and several and seen.unit == "prompt":
        if options.answers.vectors is None:
            yield population_of_texts(seen, options, progress=progress)
        yield phrases_of_texts(seen, options, progress=progress)
    pairs, _ = changes_of(store.models, options, elsewhere=elsewhere)
    if pairs and seen.metrics:
        opened = openness_of_prompts(store, axes, pairs) if seen.unit == "prompt" else None
        yield domain_changes_of_texts(seen, options, changes=pairs, openness=opened, progress=progress)
    yield filter_effect_of_texts(seen, options, progress=progress)
    yield series_of_texts(seen, options, by=store.header.by, progress=progress)
    if options.answers.wants_profile or seen.unit == "set":
        yield profile_of_texts(seen, options, tables=tables, progress=progress)
