"""What a model table lets one ask of models together: how usable diversity goes with size, and what tuning does to a base."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import polars as pl

from triaxis.measure import usable
from triaxis.measure.axes import Axes
from triaxis.measure.comparisons import CANNOT_TELL, SAME, Delta, PromptCurves, pair_bands, to_table, verdicts
from triaxis.measure.pairs import Paired, keys_of, paired
from triaxis.measure.store import RunStore
from triaxis.measure.tables import Resampling
from triaxis.results import TABLES, ModelInfo, NotRun

WIDENS, NARROWS = "widens", "narrows"
_WORDS = {"a leads": WIDENS, "b leads": NARROWS, SAME: SAME, CANNOT_TELL: CANNOT_TELL}
"""The verdict on tuned minus base, with the tuned model as `a`."""


class Tuning(NamedTuple):
    """A tuned model with the base it was made from, both measured."""

    base: str
    tuned: str
    stage: str | None


def size_curves(frames: Iterable[pl.DataFrame], models: Mapping[str, ModelInfo], axes: Axes) -> Iterator[pl.DataFrame]:
    """Table `size_curves`: rows of `usable_diversity` at the interval floors and budgets, for models whose size is known."""
    sized = [info for info in models.values() if info.parameters is not None]
    table = pl.DataFrame([info.model_dump() for info in sized], schema=_INFO) if sized else pl.DataFrame(schema=_INFO)
    floors = [float(f) for f in axes.floors[axes.interval_floors] if np.isfinite(f)]
    is_tested = (pl.col("floor").is_null() | pl.col("floor").is_in(floors)) & pl.col("budget").is_in(axes.interval_budgets)
    for frame in frames:
        rows = frame.filter(is_tested).join(table, on="model", maintain_order="left")
        if rows.height:
            yield rows


_INFO = {name: TABLES["size_curves"][name] for name in ("model", "family", "stage", "parameters")}


def tunings(measured: Iterable[str], models: Mapping[str, ModelInfo]) -> tuple[list[Tuning], list[NotRun]]:
    """Pairs of a base and a tuned model that are both `measured`, by name of the tuned one; and why others are no pair."""
    names = set(measured)
    stated = [(info.base, info) for _, info in sorted(models.items()) if info.base is not None and info.model in names]
    found = [Tuning(base, info.model, info.stage) for base, info in stated if base in names]
    missing = [
        NotRun(analysis="base-to-tuned pairs", reason=f"{info.model} needs samples of its base {base}")
        for base, info in stated
        if base not in names
    ]
    if models and not stated:
        missing.append(NotRun(analysis="base-to-tuned pairs", reason="need base in the model table"))
    return found, missing


def shared_by(store: RunStore, tuning: Tuning, budgets: tuple[int, ...]) -> Iterator[Paired]:
    """All prompts that the two share first, then those of each domain; tuned before base. Nothing where they share none."""
    pair = (tuning.tuned, tuning.base)
    of_tuned, of_base = (set(keys_of(store.cells_of_model(model))) for model in pair)
    if of_tuned & of_base:
        yield from (group for group in paired(store, pair, of_tuned & of_base, budgets) if len(group))


def base_to_tuned(pairs: Paired, tuning: Tuning, axes: Axes, *, delta: Delta, resampling: Resampling) -> Iterator[pl.DataFrame]:
    """Table `base_to_tuned` in one domain, a frame for each interval budget: U of the tuned model minus U of its base.

    The band holds over all interval floors of this pair, budget and domain, as in `comparisons`. It asks about two models only,
    so it is the same whichever others are compared.
    """
    floors = axes.floors[axes.interval_floors]
    for budget in (n for n in axes.interval_budgets if n <= pairs.length):
        values = np.stack([usable.usable_diversity(cells, floors, budget) for cells in pairs.cells])
        curves = PromptCurves(pairs.models, floors, values, budget, domain=pairs.domain)
        bands = pair_bands(curves, seed=resampling.seed, draws=resampling.draws)
        tuned, base = bands.means
        (difference,), (low,), (high,) = bands.differences.mean, bands.low, bands.high
        words = verdicts(low, high, delta.at(np.maximum(tuned, base)))
        names = {"base": tuning.base, "tuned": tuning.tuned, "stage": tuning.stage}
        columns = {name: np.full(floors.size, value, dtype=object) for name, value in names.items()} | {
            "floor": floors, "value_base": base, "value_tuned": tuned, "difference": difference, "low": low, "high": high,
            "verdict": np.array([_WORDS[word] for word in words], dtype=object),
        }  # fmt: skip
        yield to_table("base_to_tuned", curves, columns)
