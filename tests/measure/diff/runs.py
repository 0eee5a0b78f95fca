"""Folders of runs that `measure` has written, made from small cells."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.measure.samples import batch, cell_rows, store_of
from triaxis.measure.store import RunStore, StoreHeader

Sample = tuple[str, float]
Cell = Callable[[int], Sequence[Sample]]

FULL: list[Sample] = [("a", 1.0), ("b", 1.0), ("c", 1.0), ("d", 1.0)]
HALF: list[Sample] = [("a", 1.0), ("a", 1.0), ("b", 0.0), ("c", 0.0)]
ALIKE: list[Sample] = [("a", 1.0)] * 4


def rows(cell: Cell, *, prompts: int = 12, model: str = "m", domains: str = "x", first: int = 0) -> list[dict[str, Any]]:
    return [
        {**row, "domain": domains[p % len(domains)]}
        for p in range(first, first + prompts)
        for row in cell_rows(cell(p), prompt=f"p{p:03}", model=model)
    ]


def run(folder: Path, *parts: Sequence[dict[str, Any]], equivalence: str = "column:label", **header: Any) -> Path:
    """A folder with one run store of all `parts`."""
    store = store_of(batch([row for part in parts for row in part]), equivalence)
    save(folder, store, **header)
    return folder


def save(folder: Path, store: RunStore, *, number: int = 0, **header: Any) -> None:
    told = StoreHeader.model_validate(store.header.model_dump() | header)
    RunStore(told, *(getattr(store, n) for n in ("models", "prompts", "domains", "parts", "lost", "totals", "spread"))).save(
        folder / "store" / str(number)
    )
