"""Stores of several models that share classes, and mixtures worked out the slow way: for the tests of ensembles."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from math import comb

import numpy as np
import polars as pl

from tests.measure.samples import Cell
from tests.measure.spending import Says, store_with
from triaxis.measure.axes import Axes, interval_budgets, interval_floors, shown_budgets, shown_floors
from triaxis.measure.ensemble import ensemble_of_counts
from triaxis.measure.options import Options
from triaxis.measure.outcome import Outcome
from triaxis.measure.store import RunStore

Cells = Mapping[str, Sequence[Cell]]
"""{model: [cell of prompt p00, cell of p01, ...]}"""


def shared_store(cells: Cells, says: Says | None = None, domain: str | None = None) -> RunStore:
    """A store whose classes mean the same for all models of a prompt."""
    return store_with(cells, says, domain=domain, equivalence="column:label@prompt")


def axes_of(store: RunStore, budgets: Sequence[int] = ()) -> Axes:
    """All floors of `store` and budgets up to its largest cell."""
    floors = shown_floors(*store.qualities(), ()) if store.header.quality else np.array([-np.inf])
    shown = shown_budgets(int(str(store.sizes()["size"].max())), budgets)
    return Axes(floors, interval_floors(floors, ()), shown, interval_budgets(shown, budgets))


def mixed(store: RunStore, *budgets: int, **options: object) -> Outcome:
    """What `ensemble_of_counts` says, at these budgets first."""
    asked = Options(draws=200, budgets=budgets, **options)  # type: ignore[arg-type]
    return ensemble_of_counts(store, axes_of(store, budgets), asked)


def rows(found: Outcome, name: str = "ensemble", **where: object) -> list[dict[str, object]]:
    """Rows of one table over all domains together."""
    frame = pl.concat(found.tables[name]).filter(pl.col("domain").is_null())
    for column, value in where.items():
        frame = frame.filter(pl.col(column).is_null() if value is None else pl.col(column) == value)
    return frame.to_dicts()


def by_drawing(cells: Cells, draws: Mapping[str, int], floor: float = -np.inf) -> float:
    """Mean number of different usable classes over every way to draw `draws` samples of each model, then over prompts."""
    return float(np.mean([np.mean(list(_outcomes(cells, draws, floor, p))) for p in range(len(next(iter(cells.values()))))]))


def _outcomes(cells: Cells, draws: Mapping[str, int], floor: float, prompt: int) -> Iterator[int]:
    for chosen in product(*(combinations(cells[model][prompt], k) for model, k in draws.items())):
        yield len({label for drawn in chosen for label, quality in drawn if quality >= floor})


def by_formula(cells: Cells, draws: Mapping[str, int], floor: float = -np.inf) -> float:
    """The same by sum over classes of 1 - product of C(N - m, k) / C(N, k)."""
    total, prompts = 0.0, len(next(iter(cells.values())))
    for p in range(prompts):
        for label in {label for model in cells for label, _ in cells[model][p]}:
            missed = 1.0
            for model, k in draws.items():
                members = sum(one == label and quality >= floor for one, quality in cells[model][p])
                missed *= comb(len(cells[model][p]) - members, k) / comb(len(cells[model][p]), k)
            total += 1 - missed
    return total / prompts


def best_by_force(cells: Cells, budget: int, members: int, floor: float = -np.inf) -> float:
    """The best value of any allocation of `budget` draws over at most `members` models."""
    reach = {model: min(map(len, given)) for model, given in cells.items()}
    every = product(*(range(min(n, budget) + 1) for n in reach.values()))
    fitting = [k for k in every if sum(k) == budget and np.count_nonzero(k) <= members]
    return max(by_formula(cells, dict(zip(cells, k, strict=True)), floor) for k in fitting)


def random_cells(seed: int, *, models: int, prompts: int, samples: int) -> dict[str, list[list[tuple[str, float]]]]:
    """Models that know different parts of a shared list of answers, some of them more careful than others."""
    rng = np.random.default_rng(seed)
    found = {}
    for model in range(models):
        known = rng.choice(12, rng.integers(2, 9), replace=False)
        cells = [[(f"c{rng.choice(known)}", float(rng.integers(1, 4))) for _ in range(samples)] for _ in range(prompts)]
        found[f"m{model}"] = cells
    return found
