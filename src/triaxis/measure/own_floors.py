"""Every domain above its own floor: the figures that a gates file asks for, and their mean over all prompts of all its gates."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import polars as pl

from triaxis.measure import usable
from triaxis.measure.axes import UNGATED, curve_length, shown_budgets
from triaxis.measure.cells import Cells
from triaxis.measure.gates_file import OTHERS
from triaxis.measure.store import RunStore, StoreHeader
from triaxis.measure.tables import Resampling, assemble
from triaxis.results import NotRun

EACH_OWN = "each domain under its own gate"
"""The gate of rows over all domains, where these have different ones."""


def own_floor_table(stores: Sequence[tuple[str, RunStore]], budgets: Sequence[int], resampling: Resampling) -> pl.DataFrame:
    """Table `own_floor` of the stores of a gates file, each with the label of its gate; empty without one.

    U of every model in every domain at that domain's floor, and the mean over the prompts of all domains, each at its own; no
    such mean where a domain stands under several gates, since their floors are not of one scale.
    """
    gated = [(label, store) for label, store in stores if _has_bars(store)]
    is_whole = not any(without_mean(store for _, store in gated))
    frames = []
    for model in sorted({model for _, store in gated for model in store.models}):
        parts = [part for label, store in gated if model in store.models for part in _domains(label, store, model)]
        for gate, domain, found in (*_each(parts), *([(EACH_OWN, None, parts)] if is_whole else [])):
            rows = _rows([(cells, floor) for _, _, cells, floor in found], budgets, resampling)
            whole = rows.with_columns(pl.lit(model).alias("model"), pl.lit(domain, dtype=pl.String).alias("domain"))
            frames.append(assemble("own_floor", gate, [whole]))
    return pl.concat(frames) if frames else assemble("own_floor", "", [])


def without_mean(stores: Iterable[RunStore]) -> Iterator[NotRun]:
    """Why no rows are over all domains: a domain under several gates, such as two sources, whose floors are of two scales."""
    counts = Counter(domain for store in stores if _has_bars(store) for domain in store.domains)
    twice = sorted(domain for domain, gates in counts.items() if gates > 1)
    if twice:
        reason = f"domain {twice[0]} stands under several gates; name one source for it in the gates file"
        yield NotRun(analysis="own floors over all domains", reason=reason)


def _has_bars(store: RunStore) -> bool:
    return bool(store.header.bars) and store.header.unit == "prompt"


_Part = tuple[str, str, Cells, float]


def _each(parts: Sequence[_Part]) -> Iterator[tuple[str, str, Sequence[_Part]]]:
    for part in parts:
        yield part[0], part[1], [part]


def _domains(label: str, store: RunStore, model: str) -> Iterator[_Part]:
    """(gate, domain, its cells, its floor) of one model."""
    cells = store.cells_of_model(model)
    for code in np.unique(cells.domain):
        domain = store.domains[int(code)]
        yield label, domain, cells.select(cells.domain == code), _bar(store.header, domain)


def _bar(header: StoreHeader, domain: str) -> float:
    """The floor of `domain`; there is none where no sample has a quality, whatever the file says."""
    bar = header.bars.get(domain, header.bars.get(OTHERS))
    return UNGATED if bar is None or header.quality is None else bar


def _rows(parts: Iterable[tuple[Cells, float]], wanted: Sequence[int], resampling: Resampling) -> pl.DataFrame:
    """One row a budget: U at each part's own floor on the prompts that reach the common length."""
    given = list(parts)
    sizes = np.concatenate([cells.size for cells, _ in given])
    length = curve_length(sizes, wanted)
    kept = [(cells.select(cells.size >= length), np.array([floor])) for cells, floor in given]
    share = _over(kept, 1) if length else np.zeros(0)
    floors = {floor for _, floor in given}
    rows = [_row(n, _over(kept, n), share, floors, resampling) for n in shown_budgets(length, wanted)]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


_SCHEMA = {
    "floor": pl.Float64, "budget": pl.Int64, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64,
    "usable_share": pl.Float64, "prompts": pl.Int64,
}  # fmt: skip


def _over(parts: Sequence[tuple[Cells, np.ndarray]], budget: int) -> np.ndarray:
    """(prompts,) U at each part's floor."""
    return np.concatenate([usable.usable_diversity(cells, floor, budget)[:, 0] for cells, floor in parts])


def _row(
    budget: int, values: np.ndarray, share: np.ndarray, floors: set[float], resampling: Resampling
) -> tuple[float | None, int, float, float, float, float, int]:
    """A row of `_SCHEMA`; the floor stands there where it is one."""
    (mean,), (low,), (high,) = resampling.interval(values[:, None])
    floor = min(floors) if len(floors) == 1 and np.isfinite(min(floors)) else None
    return floor, budget, float(mean), float(low), float(high), float(share.mean()), int(values.size)
