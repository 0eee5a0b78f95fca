"""All models of a store as one: the classes that they give together to each prompt."""

from collections.abc import Collection

import polars as pl

from triaxis.measure.cells import Cells
from triaxis.measure.store import RunStore, cells_of
from triaxis.results import NotRun

KEY = ("prompt", "domain", "class", "quality")


def pooled(store: RunStore, *, without: Collection[str] = ()) -> Cells:
    """One cell for each prompt and domain: all samples of all models but those in `without`, counted together.

    Every sample counts alike, so a model with more samples weighs more. Call it only where `shares_classes(store)`.
    """
    left_out = [code for code, name in enumerate(store.models) if name in without]
    parts = [_summed(frame.filter(~pl.col("model").is_in(left_out))) for frame in store.frames()]
    whole = _summed(pl.concat(parts)) if parts else pl.DataFrame(schema=dict.fromkeys((*KEY, "count"), pl.Int64))
    nobody = [pl.lit(0).alias("model"), *(pl.lit(-1).alias(name) for name in ("first_index", "last_index"))]
    return cells_of(whole.with_columns(nobody))


def _summed(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.group_by(KEY).agg(pl.col("count").cast(pl.Int64).sum())


def shares_classes(store: RunStore) -> bool:
    """Whether a class means the same for all models of a prompt."""
    return store.header.scope != "cell"


def needs_shared_classes(store: RunStore, analysis: str) -> NotRun:
    """Why `analysis` did not run on classes that each cell has for itself, and what to type."""
    rule = store.header.equivalence
    reason = f"needs classes that models share, got --equivalence {rule} (cell); type --equivalence {rule}@prompt"
    return NotRun(analysis=analysis, reason=reason)
