"""Run stores with tokens and money beside the counts, for the tests of cost."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from tests.measure.samples import Cell, batch, cell_rows, store_of
from triaxis.measure.store import TOTALS_SCHEMA, RunStore

Says = Callable[[str, str], Mapping[str, float | None]]
"""(model, prompt) -> tokens and money of one sample: `prompt_tokens`, `tokens`, `cost`; what is None or absent is not said."""

SAID = ("prompt_tokens", "tokens", "cost")


def spent(store: RunStore, says: Says, *, share: float = 1.0) -> RunStore:
    """`store` with totals of its cells, where `share` of the samples of each cell say what `says` tells."""
    rows: list[dict[str, Any]] = []
    for model, prompt, domain, size in store.sizes().iter_rows():
        told = says(store.models[model], store.prompts[prompt])
        with_it = round(share * size)
        row: dict[str, Any] = {"model": model, "prompt": prompt, "domain": domain, "samples": size}
        for name in SAID:
            value = told.get(name)
            row[name], row[f"with_{name}"] = (0, 0) if value is None else (value * with_it, with_it)
        rows.append(row)
    columns = [pl.col(name).cast(kind) for name, kind in TOTALS_SCHEMA.items()]
    return replace(store, totals=pl.DataFrame(rows, infer_schema_length=None).select(columns).sort("model", "prompt", "domain"))


def store_with(
    cells: Mapping[str, Sequence[Cell]], says: Says | None = None, *, domain: str | None = None, **how: Any
) -> RunStore:
    """The store of {model: [cell of prompt p00, cell of p01, ...]}, with totals when `says` is given."""
    rows = [
        {**row, "domain": domain} if domain else row
        for model, given in cells.items()
        for number, cell in enumerate(given)
        for row in cell_rows(cell, prompt=f"p{number:02}", model=model)
    ]
    store = store_of(batch(rows), **how)
    return store if says is None else spent(store, says)
