"""The gate of a run store, in words and as a record, and what was measured under it; its label stands in every row."""

from collections.abc import Sequence

import numpy as np

from triaxis.measure.axes import Axes
from triaxis.measure.cautions import cautions_of
from triaxis.measure.options import Options
from triaxis.measure.store import RunStore, StoreHeader
from triaxis.results import Gate, GateSummary


def summary_of(store: RunStore, axes: Axes, compared: Sequence[str], *, notes: Sequence[str], options: Options) -> GateSummary:
    """What was measured under the gate of `store`: models, floors, budgets, samples, with `notes` and cautions."""
    measured = int(store.sizes()["size"].sum())
    return GateSummary(
        gate=gate_of(store),
        models=store.models,
        compared=tuple(compared) if len(compared) > 1 else (),
        domains=store.domains,
        floors=tuple(float(f) for f in axes.floors if np.isfinite(f)),
        budgets=axes.budgets,
        interval_floors=tuple(float(f) for f in axes.floors[axes.interval_floors] if np.isfinite(f)),
        interval_budgets=axes.interval_budgets,
        samples=measured + int(store.lost["samples"].sum()),
        measured=measured,
        notes=tuple(notes),
        warnings=cautions_of(store, options),
    )


def gate_of(store: RunStore) -> Gate:
    """The gate of `store`, with the label that stands in every table row."""
    header = store.header
    quality = "ungated" if header.quality is None else f"{header.quality} ({header.quality_source or 'source not stated'})"
    rule = f"{header.equivalence} ({header.scope}){_cut(header)}"
    return Gate(
        label=f"quality: {quality}; equivalence: {rule}{_unit(header)}{_bars(header)}",
        quality=header.quality,
        quality_source=header.quality_source,
        equivalence=header.equivalence,
        scope=header.scope,
        rule=header.rule,
        common_n=header.common_n,
        unit=header.unit,
        calibration=header.calibration,
        bars=header.bars,
    )


def _cut(header: StoreHeader) -> str:
    if header.common_by_domain:
        sizes = sorted(set(header.common_by_domain.values()))
        return f"; N = {sizes[0]}" if len(sizes) == 1 else f"; N = {sizes[0]} to {sizes[-1]} by domain"
    return "" if header.common_n is None else f"; N = {header.common_n}"


def _unit(header: StoreHeader) -> str:
    return "; unit: set" if header.unit == "set" else ""


def _bars(header: StoreHeader) -> str:
    """The domains that a gates file ties to this gate, with their floors."""
    told = (domain if bar is None else f"{domain} >= {bar:g}" for domain, bar in header.bars.items())
    return f"; domains: {', '.join(told)}" if header.bars else ""
