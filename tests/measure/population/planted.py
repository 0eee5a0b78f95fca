"""Planted populations: stores of models whose shared classes are known, and every answer by brute force."""

from collections.abc import Sequence
from itertools import combinations, product

import numpy as np

from tests.measure.samples import store_of
from triaxis.measure.axes import Axes
from triaxis.measure.population.blocks import Block, blocks, joined_models, keys_of_models
from triaxis.measure.store import RunStore

Sample = tuple[str, float]
LABELLED = "column:label@prompt"


def axes_of(*floors: float, budgets: tuple[int, ...] = (1, 2, 3)) -> Axes:
    """Ungated and `floors`, all with intervals."""
    every = np.array([-np.inf, *floors])
    return Axes(every, np.arange(every.size), budgets, budgets)


def rows_of(cells: dict[tuple[str, str], Sequence[Sample]], domain: dict[str, str] | None = None) -> list[dict[str, object]]:
    """Rows of {(prompt, model): samples}, with a domain for each prompt where given."""
    return [
        {
            "prompt_id": prompt, "model": model, "response": label, "label": label, "quality": quality, "sample_index": index,
            "domain": (domain or {}).get(prompt),
        }
        for (prompt, model), cell in cells.items()
        for index, (label, quality) in enumerate(cell)
    ]  # fmt: skip


def store_from(cells: dict[tuple[str, str], Sequence[Sample]], domain: dict[str, str] | None = None) -> RunStore:
    """The run store of {(prompt, model): samples}, its classes shared by the models of a prompt."""
    return store_of(rows_of(cells, domain), LABELLED)


def block_from(cells: dict[tuple[str, str], Sequence[Sample]], *, budgets: tuple[int, ...] = ()) -> Block:
    """All domains of a store together."""
    return block_of(store_from(cells), budgets=budgets)


def block_of(store: RunStore, *, budgets: tuple[int, ...] = ()) -> Block:
    """All domains of `store` together."""
    models, _, shared = joined_models(keys_of_models(store), ())
    return next(iter(blocks(store, models, shared, budgets)))


def random_cells(
    seed: int, *, models: int = 3, prompts: int = 3, sizes: Sequence[int] = (2, 3), labels: str = "abcd"
) -> dict[tuple[str, str], list[Sample]]:
    """Cells of random labels and qualities 0, 1 or 2; their sizes are drawn from `sizes`."""
    rng = np.random.default_rng(seed)
    return {
        (f"p{p}", f"m{m}"): [(labels[rng.integers(len(labels))], float(rng.integers(3))) for _ in range(rng.choice(sizes))]
        for p in range(prompts)
        for m in range(models)
    }


def sharing_store(
    seed: int, *, models: int = 4, prompts: int = 40, samples: int = 10, share: float = 1.0, classes: int = 8, groups: int = 1
) -> RunStore:
    """Models of equal class frequencies, whose first `share` of the classes all have in common; qualities 0 to 4 at random.

    With `groups` the models of a group have all of their classes in common, and different groups the share.
    """
    rng = np.random.default_rng(seed)
    common, cells = round(share * classes), {}
    for prompt in range(prompts):
        for model in range(models):
            owner = model % groups if groups > 1 else model
            drawn = rng.integers(classes, size=samples)
            names = [f"c{c}" if c < common else f"g{owner}c{c}" for c in drawn]
            qualities = rng.integers(5, size=samples).astype(float)
            cells[f"p{prompt:03}", f"m{model:02}"] = list(zip(names, qualities.tolist(), strict=True))
    return store_from(cells)


def even_draws(cells: Sequence[Sequence[Sample]], floor: float, n: int) -> float:
    """Distinct usable classes of `n` draws from the even mixture: every choice of models and samples, one by one."""
    each, extra = divmod(n, len(cells))
    means = []
    for more in combinations(range(len(cells)), extra):
        draws = [list(combinations(cell, each + (m in more))) for m, cell in enumerate(cells)]
        means.append(np.mean([len({c for part in drawn for c, q in part if q >= floor}) for drawn in product(*draws)]))
    return float(np.mean(means))
