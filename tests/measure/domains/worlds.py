"""Small worlds whose domains are known: cells of classes and qualities, the axes that a run would choose, and seen texts."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from tests.measure.samples import Cell, batch, cell_rows, store_of
from triaxis.measure.axes import Axes, interval_budgets, interval_floors, shown_budgets, shown_floors
from triaxis.measure.levels.cells import LevelCell
from triaxis.measure.outcome import Seen
from triaxis.measure.store import RunStore
from triaxis.measure.tables import assemble
from triaxis.protocols import Diversity
from triaxis.responses import Responses

Answers = Sequence[tuple[str, float]]


def world(cells: Mapping[tuple[str, str], Sequence[Cell]], *, equivalence: str = "column:label@prompt") -> RunStore:
    """The store of {(model, domain): [cell of its first prompt, ...]}; models share the prompts of a domain."""
    rows = [
        {**row, "domain": domain}
        for (model, domain), given in cells.items()
        for number, cell in enumerate(given)
        for row in cell_rows(cell, prompt=f"{domain}{number:03}", model=model)
    ]
    return store_of(batch(rows), equivalence)


def axes_of(store: RunStore) -> Axes:
    """Floors and budgets as `measure` would choose them."""
    floors = shown_floors(*store.qualities(), ())
    budgets = shown_budgets(int(store.sizes()["size"].max() or 0), ())  # type: ignore[arg-type]
    return Axes(floors, interval_floors(floors, ()), budgets, interval_budgets(budgets, ()))


def table(name: str, frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The table as it is saved: a frame that lacks a column, or has a wrong type, fails here."""
    return assemble(name, "gate", frames)


def seen_of(
    cells: Mapping[tuple[str, str], Sequence[Answers]], metrics: Sequence[Diversity] = (), *, floors: Sequence[float] = (),
    size: int = 2, second: Mapping[str, float] | None = None, unit: str = "prompt",
) -> Seen:  # fmt: skip
    """Sampled answers of {(model, domain): [answers to its first prompt, ...]}; a text is its own class."""
    every = sorted({text for given in cells.values() for answers in given for text, _ in answers})
    number = {text: place for place, text in enumerate(every)}
    found = []
    for (model, domain), given in cells.items():
        for prompt, answers in enumerate(given):
            texts = [text for text, _ in answers]
            responses = Responses(texts, labels=np.array([number[text] for text in texts]))
            judged = None if second is None else np.array([second.get(text, np.nan) for text in texts])
            quality = np.array([value for _, value in answers])
            order = np.random.default_rng(prompt).permutation(len(texts))
            found.append(LevelCell(model, domain, f"{domain}{prompt:03}", responses, quality, order, judged))
    return Seen(found, unit, bool(floors), np.array([-np.inf, *floors]), tuple(metrics), size)
