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

    `twin` names the only domain there is, whose figures are those of all domains.
    """

    models: tuple[str, ...]
    domain: str | None
    cells: tuple[Cells, ...]
    length: int
    twin: str | None = None

    def __len__(self) -> int:
        return len(self.cells[0])


def keys_of(cells: Cells) -> list[Key]:
    """(prompt, domain) codes of each cell."""
    return list(zip(cells.prompt.tolist(), cells.domain.tolist(), strict=True))


def paired(store: RunStore, models: tuple[str, ...], shared: set[Key], budgets: tuple[int, ...]) -> Iterator[Paired]:
    """All shared prompts first, then those of each domain; in each, the prompts on which every model reaches the same length."""
    mine = [_on(store.cells_of_model(model), shared) for model in models]
    domains = sorted({domain for _, domain in shared})
    twin = store.domains[domains[0]] if len(domains) == 1 else None
    for domain in (None, *(domains if twin is None else ())):
        group = mine if domain is None else [c.select(c.domain == domain) for c in mine]
        least = np.min([c.size for c in group], axis=0)
        length = curve_length(least, budgets)
        kept = tuple(c.select(least >= length) for c in group)
        yield Paired(models, None if domain is None else store.domains[domain], kept, length, twin)


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
    """Table `given_usable_pairs`: D(j) of both models on prompts where both have j usable samples, at the interval floors."""
    counts = [j for j in EQUAL_COUNTS if j <= pairs.length]
    floors = axes.floors[axes.interval_floors]
    if not counts:
        return
    given = [usable.given_usable(c, floors, counts).transpose(1, 0, 2).reshape(len(c), -1) for c in pairs.cells]
    for (a, first), (b, second) in combinations(zip(pairs.models, given, strict=True), 2):
        both = ~np.isnan(first) & ~np.isnan(second)
        left = both.sum(axis=0)
        enough = left >= MIN_PROMPTS
        mean, low, high = resampling.interval(np.where(both, first - second, np.nan))
        means = [_mean_where(values, both) for values in (first, second)]
        yield pl.DataFrame({
            "model_a": [a] * left.size, "model_b": [b] * left.size,
            "domain": pl.Series([pairs.domain] * left.size, dtype=pl.String),
            "floor": [None if np.isneginf(f) else float(f) for f in np.tile(floors, len(counts))],
            "equal_count": np.repeat(counts, floors.size), "value_a": np.where(enough, means[0], np.nan),
            "value_b": np.where(enough, means[1], np.nan), "difference": np.where(enough, mean, np.nan), "low": low, "high": high,
            "prompts": [len(pairs)] * left.size, "prompts_left": left,
        })  # fmt: skip


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
