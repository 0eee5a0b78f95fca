"""One run in one domain: the cells of its checkpoints, row by row the same prompts.

The one idea: a series that rests on other prompts at other steps moves because the prompts do. So one prompt set is kept for all
steps wherever that leaves enough; where it does not, every step keeps its own and the number of prompts says so.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
import polars as pl

from triaxis.measure.cells import Cells
from triaxis.measure.pairs import keys_of
from triaxis.measure.sampling import reached_size
from triaxis.measure.series.steps import Checkpoint
from triaxis.measure.store import RunStore, cells_of
from triaxis.measure.tables import Resampling
from triaxis.stats.bootstrap import MIN_PROMPTS

Key = tuple[int, int]
Named = TypeVar("Named", bound=Hashable)


class Run(NamedTuple):
    """A run in one domain (None is all), `steps` ascending.

    `cells` are the cells of each step and `rows` the position of each of them among the `prompts`; every cell has at least
    `length` samples. `known` are the prompts of any step. `is_shared` says whether all steps have all prompts. `twin` names the
    only domain there is.
    """

    name: str
    domain: str | None
    steps: tuple[int, ...]
    models: tuple[str, ...]
    cells: tuple[Cells, ...]
    rows: tuple[np.ndarray, ...]
    prompts: int
    known: int
    length: int
    is_shared: bool
    twin: str | None = None

    def matrix(self, figures: Sequence[np.ndarray]) -> np.ndarray:
        """(prompts, steps, ...) from one (cells, ...) array a step; NaN where a step lacks the prompt."""
        out = np.full((self.prompts, len(self.steps), *figures[0].shape[1:]), np.nan)
        for place, (rows, figure) in enumerate(zip(self.rows, figures, strict=True)):
            out[rows, place] = figure
        return out


def runs_of(store: RunStore, ordered: Mapping[str, Sequence[Checkpoint]]) -> Iterator[Run]:
    """Every run over all domains, then in each domain where there are several."""
    for name, checkpoints in ordered.items():
        every = [cells_of(store.counts_of_model(found.model)) for found in checkpoints]
        domains = sorted({int(domain) for cells in every for domain in np.unique(cells.domain)})
        twin = store.domains[domains[0]] if len(domains) == 1 else None
        for domain in (None, *(domains if twin is None else ())):
            own = every if domain is None else [cells.select(cells.domain == domain) for cells in every]
            run = _run(name, None if domain is None else store.domains[domain], checkpoints, own, twin)
            if len(run.steps) > 1:
                yield run


def _run(name: str, domain: str | None, checkpoints: Sequence[Checkpoint], own: Sequence[Cells], twin: str | None) -> Run:
    """The run on the prompts that all its steps share, if these are at least 10 and half of all, else each step on its own."""
    here = [(found, cells) for found, cells in zip(checkpoints, own, strict=True) if len(cells)]
    keys = [keys_of(cells) for _, cells in here]
    wanted, known, is_shared = kept_prompts([set(k) for k in keys])
    length = _length([cells for _, cells in here], keys, wanted)
    wide = [{key for key, size in zip(k, c.size, strict=True) if size >= length} for k, (_, c) in zip(keys, here, strict=True)]
    enough = all if is_shared else any
    wanted = {key for key in wanted if enough(key in step for step in wide)}
    place = {key: at for at, key in enumerate(sorted(wanted))}
    kept = [
        c.select(np.array([key in place and size >= length for key, size in zip(k, c.size, strict=True)], dtype=bool))
        for k, (_, c) in zip(keys, here, strict=True)
    ]
    rows = [np.array([place[key] for key in keys_of(c)], dtype=np.int64) for c in kept]
    return Run(
        name, domain, tuple(f.step for f, _ in here), tuple(f.model for f, _ in here), tuple(kept), tuple(rows), len(place),
        known, length, is_shared, twin,
    )  # fmt: skip


def kept_prompts(keys: Sequence[set[Named]]) -> tuple[set[Named], int, bool]:
    """The prompts of a series from those of its steps, how many any step has, and whether all steps share those kept.

    Shared ones where these are at least 10 and half of all (or all), else those of any step.
    """
    union: set[Named] = set().union(*keys)
    shared = {key for key in union if all(key in step for step in keys)}
    few = len(shared) < MIN_PROMPTS
    is_shared = bool(shared) and (len(shared) == len(union) if few else 2 * len(shared) >= len(union))
    return (shared if is_shared else union), len(union), is_shared


def _length(cells: Sequence[Cells], keys: Sequence[Sequence[Key]], wanted: set[Key]) -> int:
    """Samples that nine in ten of the wanted cells have at every step."""
    sizes = [c.size[[key in wanted for key in k]] for c, k in zip(cells, keys, strict=True)]
    return max(1, min((reached_size(s) for s in sizes if s.size), default=1))


def shown(
    run: Run, measure: str, values: np.ndarray, floor: float, resampling: Resampling, *, limits: tuple[float, float],
    label: str | None = None, budget: int | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Rows of table `series` for per-prompt `values` (prompts, steps; NaN has none), kept within the `limits` of the measure."""
    mean, low, high = (np.clip(end, *limits) for end in resampling.interval(values))
    return _rows_of(run, measure, floor, label, budget).with_columns(
        pl.Series("value", mean), pl.Series("low", low), pl.Series("high", high),
        pl.lit(run.known).alias("prompts"), pl.Series("prompts_left", np.count_nonzero(~np.isnan(values), axis=0)),
    )  # fmt: skip


def _rows_of(run: Run, measure: str, floor: float, label: str | None, budget: int | None) -> pl.DataFrame:
    """One row a step, with what names them."""
    fixed = {"model": run.name, "domain": run.domain, "measure": measure, "label": label}
    draws = pl.lit(budget, dtype=pl.Int64).alias("budget")
    told = pl.lit(None if np.isneginf(floor) else float(floor), dtype=pl.Float64).alias("floor")
    frame = pl.DataFrame({"step": pl.Series(list(run.steps), dtype=pl.Int64)})
    return frame.with_columns(*(pl.lit(value, dtype=pl.String).alias(name) for name, value in fixed.items()), told, draws)
