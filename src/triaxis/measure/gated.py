"""One gate from its run store: all tables, what was shown, and what could not run."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from triaxis.errors import Undefined
from triaxis.measure import tables
from triaxis.measure.axes import (
    UNGATED,
    Axes,
    compared_models,
    curve_length,
    interval_budgets,
    interval_floors,
    shown_budgets,
    shown_floors,
)
from triaxis.measure.options import Options
from triaxis.measure.pairs import Key, Paired, conditional_pairs, pair_tables, paired, why_no_bands
from triaxis.measure.store import RunStore
from triaxis.measure.tables import Resampling
from triaxis.quality.affinity import family_of, judge_family
from triaxis.results import TABLES, Caution, Gate, GateSummary, NotRun

Frames = dict[str, list[pl.DataFrame]]
Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Gated:
    """Tables of one gate, with the summary and the analyses that did not run."""

    summary: GateSummary
    tables: dict[str, pl.DataFrame]
    not_run: tuple[NotRun, ...]


def measure_gate(store: RunStore, options: Options, *, progress: Progress | None = None) -> Gated:
    """Everything that `store` can tell, under its one gate."""
    gate = gate_of(store)
    sizes = store.sizes()
    compared, left_out, shared = compared_models(_keys_by_model(store, sizes), options.compare)
    axes = _axes(store, sizes, shared, compared, options)
    resampling = Resampling(options.draws, options.seed)
    frames: Frames = {name: [] for name in TABLES}
    not_run = [*_single_model(store, axes, options, resampling, frames, progress)]
    not_run += _models_together(store, compared, shared, axes, options, resampling, frames, progress)
    frames["unmeasured"].append(store.lost)
    whole = {name: tables.assemble(name, gate.label, found) for name, found in frames.items()}
    return Gated(_summary(store, gate, axes, compared, left_out, sizes, options), whole, tuple(dict.fromkeys(not_run)))


def gate_of(store: RunStore) -> Gate:
    """The gate of `store`, with the label that stands in every table row."""
    header = store.header
    quality = "ungated" if header.quality is None else f"{header.quality} ({header.quality_source or 'source not stated'})"
    cut = "" if header.common_n is None else f"; N = {header.common_n}"
    return Gate(
        label=f"quality: {quality}; equivalence: {header.equivalence} ({header.scope}){cut}", quality=header.quality,
        quality_source=header.quality_source, equivalence=header.equivalence, scope="prompt" if header.scope == "prompt" else
        "cell", rule=header.rule, common_n=header.common_n,
    )  # fmt: skip


def _keys_by_model(store: RunStore, sizes: pl.DataFrame) -> dict[str, set[Key]]:
    keys: dict[str, set[Key]] = {model: set() for model in store.models}
    for model, prompt, domain in sizes.select("model", "prompt", "domain").iter_rows():
        keys[store.models[model]].add((prompt, domain))
    return keys


def _axes(store: RunStore, sizes: pl.DataFrame, shared: set[Key], compared: tuple[str, ...], options: Options) -> Axes:
    """Floors and budgets: those of the whole input, the same for every model."""
    is_gated = store.header.quality is not None
    floors = shown_floors(*store.qualities(), options.floors) if is_gated else np.array([UNGATED])
    by_model = {code: group["size"].to_numpy() for (code,), group in sizes.group_by("model")}
    lengths = {store.models[int(str(code))]: curve_length(found, options.budgets) for code, found in by_model.items()}
    budgets = shown_budgets(max(lengths.values(), default=0), options.budgets)
    common = min((lengths[m] for m in compared), default=0)
    return Axes(
        floors, interval_floors(floors, options.floors), budgets,
        interval_budgets(budgets, (*options.budgets, common, *(budgets[-1:]))),
    )  # fmt: skip


def _single_model(
    store: RunStore, axes: Axes, options: Options, resampling: Resampling, frames: Frames, progress: Progress | None
) -> Iterator[NotRun]:
    """Fills the tables that look at one model at a time."""
    lost = _lost_counts(store)
    for done, model in enumerate(store.models, start=1):
        for curve in tables.curves(store, model, options.budgets):
            frames["cells"].append(tables.cells_table(curve, lost.get((model, curve.domain), 0)))
            frames["usable_diversity"] += tables.usable_diversity_table(curve, axes, resampling)
            frames["given_usable"] += tables.given_usable_table(curve, axes, resampling)
            frames["pairwise"] += tables.pairwise_table(curve, axes, resampling)
            frames["richness"].append(tables.richness_table(curve, axes))
            yield from _utility(store, curve, resampling, frames)
            if curve.length < 2:
                where = f"{model}, {curve.domain or 'all domains'}"
                yield NotRun(
                    analysis=f"diversity inside a prompt ({where})", reason="needs 2 samples per prompt, most prompts have 1"
                )
        if progress:
            progress("measuring models", done)


def _utility(store: RunStore, curve: tables.Curve, resampling: Resampling, frames: Frames) -> Iterator[NotRun]:
    if store.header.quality is None:
        return
    try:
        frames["utility"].append(tables.utility_table(curve, resampling))
    except Undefined as reason:
        yield NotRun(analysis=f"utility_k ({curve.model})", reason=str(reason))


def _models_together(
    store: RunStore, compared: tuple[str, ...], shared: set[Key], axes: Axes, options: Options, resampling: Resampling,
    frames: Frames, progress: Progress | None,
) -> list[NotRun]:  # fmt: skip
    """Fills the tables that compare models."""
    what = "comparisons, flips, winner map"
    if len(compared) < 2:
        others = "; no other model shares half of its prompts" if len(store.models) > 1 else ""
        return [NotRun(analysis=what, reason=f"needs at least two models on the same prompts, got {len(compared)}{others}")]
    if not shared:
        reason = f"no prompt is shared by {', '.join(compared)}; choose others with --compare, or check that prompt_id is shared"
        return [NotRun(analysis=what, reason=reason)]
    not_run = []
    for number, pairs in enumerate(paired(store, compared, shared, options.budgets), start=1):
        _compare(pairs, axes, options, resampling, frames)
        not_run += [reason for reason in (why_no_bands(pairs),) if reason]
        if progress:
            progress("comparing models, domain", number)
    return not_run


def _compare(pairs: Paired, axes: Axes, options: Options, resampling: Resampling, frames: Frames) -> None:
    for name, frame in pair_tables(pairs, axes, delta=options.delta, resampling=resampling):
        frames[name].append(frame)
    frames["given_usable_pairs"] += conditional_pairs(pairs, axes, resampling=resampling)


def _lost_counts(store: RunStore) -> dict[tuple[str, str | None], int]:
    """Unmeasured samples by (model, domain), and by (model, None) over all domains."""
    counts: dict[tuple[str, str | None], int] = {}
    for model, domain, _, samples in store.lost.iter_rows():
        for key in ((model, domain), (model, None)):
            counts[key] = counts.get(key, 0) + samples
    return counts


def _summary(
    store: RunStore,
    gate: Gate,
    axes: Axes,
    compared: tuple[str, ...],
    left_out: tuple[str, ...],
    sizes: pl.DataFrame,
    options: Options,
) -> GateSummary:
    measured = int(sizes["size"].sum())
    return GateSummary(
        gate=gate, models=store.models, compared=compared if len(compared) > 1 else (), domains=store.domains,
        floors=tuple(float(f) for f in axes.floors if np.isfinite(f)), budgets=axes.budgets,
        interval_floors=tuple(float(f) for f in axes.floors[axes.interval_floors] if np.isfinite(f)),
        interval_budgets=axes.interval_budgets, samples=measured + int(store.lost["samples"].sum()), measured=measured,
        notes=left_out, warnings=tuple(_affinity(store, options)),
    )  # fmt: skip


def _affinity(store: RunStore, options: Options) -> Iterator[Caution]:
    judged = judge_family(store.header.quality_source, judge=options.judge) if store.header.quality else None
    if judged is None:
        return
    judge, family = judged
    own = tuple(model for model in store.models if family_of(model) == family)
    if own:
        sentence = (
            f"the quality scores come from {judge}, a judge of the {family} family, which may favour its own: {', '.join(own)}"
        )
        yield Caution(kind="judge-family", sentence=sentence, models=own)
