"""Models against each other, on the prompts that all of them share: comparisons, flips, the winner map, and conditional pairs."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl

from triaxis.measure import usable
from triaxis.measure.axes import EQUAL_COUNTS, Axes, curve_length
from triaxis.measure.cells import Cells
from triaxis.measure.comparisons import Delta, PromptCurves, compare, pair_bands
from triaxis.measure.flips import Means, flips
from triaxis.measure.store import RunStore
from triaxis.measure.tables import Resampling
from triaxis.measure.winner import winner_map
from triaxis.results import NotRun
from triaxis.stats.bootstrap import MIN_PROMPTS

Key = tuple[int, int]


@dataclass(frozen=True)
class Paired:
    """Compared models in one domain (None is all): `cells` per model, row p the same prompt in each; budgets up to `length`.

    `own` are all cells of each model there, with the prompts that it shares with some of the others only. `twin` names the
    only domain there is, whose figures are those of all domains.
    """

    models: tuple[str, ...]
    domain: str | None
    cells: tuple[Cells, ...]
    length: int
    own: tuple[Cells, ...]
    twin: str | None = None

    def __len__(self) -> int:
        return len(self.cells[0])


def keys_of(cells: Cells) -> list[Key]:
    """(prompt, domain) codes of each cell."""
    return list(zip(cells.prompt.tolist(), cells.domain.tolist(), strict=True))


def paired(store: RunStore, models: tuple[str, ...], shared: set[Key], budgets: tuple[int, ...]) -> Iterator[Paired]:
    """All shared prompts first, then those of each domain; in each, the prompts on which every model reaches the same length."""
    every = [store.cells_of_model(model) for model in models]
    domains = sorted({int(domain) for cells in every for domain in np.unique(cells.domain)})
    twin = store.domains[domains[0]] if len(domains) == 1 else None
    for domain in (None, *(domains if twin is None else ())):
        own = tuple(every if domain is None else [c.select(c.domain == domain) for c in every])
        group = [_on(cells, shared) for cells in own]
        least = np.min([c.size for c in group], axis=0)
        length = curve_length(least, budgets)
        kept = tuple(c.select(least >= length) for c in group)
        yield Paired(models, None if domain is None else store.domains[domain], kept, length, own, twin)


def pair_tables(pairs: Paired, axes: Axes, *, delta: Delta, resampling: Resampling) -> Iterator[tuple[str, pl.DataFrame]]:
    """Tables `comparisons`, `winner_map` (at the interval floors) and `flips` for each interval budget, without their gate.

    Signs of a flip are taken at every floor; bands at the interval floors only, whose number bounds the work.
    """
    budgets = [n for n in axes.interval_budgets if n <= pairs.length]
    tested = axes.floors[axes.interval_floors]
    if not budgets or not len(pairs):
        return
    means = np.stack([usable.mean_usable_diversity(c, axes.floors, budgets) for c in pairs.cells], axis=1)
    for place, budget in enumerate(budgets):
        values = np.stack([usable.usable_diversity(c, tested, budget) for c in pairs.cells])
        bands = pair_bands(
            PromptCurves(pairs.models, tested, values, budget, domain=pairs.domain), seed=resampling.seed, draws=resampling.draws
        )
        yield "comparisons", compare(bands, delta=delta)
        yield "winner_map", winner_map(bands, delta=delta)
        if axes.floors.size > 1:
            yield "flips", flips(bands, Means(axes.floors, means[place]))


def conditional_pairs(pairs: Paired, axes: Axes, *, resampling: Resampling) -> Iterator[pl.DataFrame]:
    """Table `given_usable_pairs`: D(j) of both models of a pair, on the prompts that the two share and where both have j usable
    samples, at the interval floors."""
    floors = axes.floors[axes.interval_floors]
    for j in (j for j in EQUAL_COUNTS if j <= pairs.length):
        given = [usable.given_usable(cells, floors, [j])[0] for cells in pairs.own]
        for a, b in combinations(range(len(pairs.models)), 2):
            of_a, of_b = same_prompts(pairs.own[a], pairs.own[b])
            figures = _conditional_difference(given[a][of_a], given[b][of_b], resampling)
            names = {"model_a": pairs.models[a], "model_b": pairs.models[b], "domain": pairs.domain}
            fixed = [pl.lit(name, dtype=pl.String).alias(column) for column, name in names.items()]
            levels = pl.Series("floor", [None if np.isneginf(f) else float(f) for f in floors], dtype=pl.Float64)
            yield pl.DataFrame({"floor": levels, **figures}).with_columns(*fixed, pl.lit(j).alias("equal_count"))


def same_prompts(a: Cells, b: Cells) -> tuple[np.ndarray, np.ndarray]:
    """Positions in `a` and in `b` of the (prompt, domain) keys that both have, in the same order."""
    width = int(max(a.domain.max(initial=0), b.domain.max(initial=0))) + 1
    first, second = (cells.prompt * width + cells.domain for cells in (a, b))
    _, of_a, of_b = np.intersect1d(first, second, assume_unique=True, return_indices=True)
    return of_a, of_b


def _conditional_difference(a: np.ndarray, b: np.ndarray, resampling: Resampling) -> dict[str, np.ndarray]:
    """Columns of (floors,) values for D of two models on the same prompts, (prompts, floors) each, NaN where one has none."""
    both = ~np.isnan(a) & ~np.isnan(b)
    left = both.sum(axis=0)
    enough = left >= MIN_PROMPTS
    difference, low, high = resampling.interval(np.where(both, a - b, np.nan))
    means = {"value_a": _mean_where(a, both), "value_b": _mean_where(b, both), "difference": difference}
    shown = {name: np.where(enough, values, np.nan) for name, values in means.items()}
    return {**shown, "low": low, "high": high, "prompts": np.full(left.size, len(a)), "prompts_left": left}


def why_no_bands(pairs: Paired) -> NotRun | None:
    """The reason why differences in this domain carry no verdict, if there is one."""
    if len(pairs) >= MIN_PROMPTS:
        return None
    where = "all domains" if pairs.domain is None else f"domain {pairs.domain}"
    return NotRun(
        analysis=f"verdicts in {where}", reason=f"needs {MIN_PROMPTS} prompts that all compared models share, got {len(pairs)}"
    )


def _on(cells: Cells, shared: set[Key]) -> Cells:
    return cells.select(np.array([key in shared for key in keys_of(cells)], dtype=bool))


def _mean_where(values: np.ndarray, mask: np.ndarray) -> np.ndarray:
    total = np.where(mask, values, 0.0).sum(axis=0)
    means: np.ndarray = np.divide(total, mask.sum(axis=0), out=np.full(values.shape[1], np.nan), where=mask.any(axis=0))
    return means
