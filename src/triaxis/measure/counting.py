"""Rows of one bucket -> counts: one sort of packed integers groups them and leaves them in the order that `Cells` need."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from triaxis.measure.cells import key_order, packed_key
from triaxis.measure.store import CELL, COUNT_SCHEMA, TOTALS_SCHEMA

SUMMED = ("prompt_tokens", "tokens", "cost")
"""Columns whose sums a run store keeps."""

MOST_SAID = {"prompt_tokens": 2**40, "tokens": 2**40, "cost": 1e100}
"""No sample has more; what is below 0 or above says nothing, since it stands for "unknown" or would not survive being summed."""


def counted(rows: pl.DataFrame, tables: Mapping[str, np.ndarray]) -> pl.DataFrame:
    """Counts of (model, prompt, domain, class, quality) with the range of `index`, a frame of `COUNT_SCHEMA` in that order.

    `tables` turn the codes of `rows` into codes in alphabetical order of names. Qualities go from best to worst within a class.
    """
    if not rows.height:
        return pl.DataFrame(schema=COUNT_SCHEMA)
    columns = [tables[name][rows[name].to_numpy()] for name in CELL]
    columns += [rows["class"].to_numpy(), rows["quality"].to_numpy()]
    order = key_order(*columns[:-1], -columns[-1])
    ordered, index = [column[order] for column in columns], rows["index"].to_numpy()[order]
    starts = np.flatnonzero(np.r_[True, np.logical_or.reduce([c[1:] != c[:-1] for c in ordered])])
    keys = dict(zip((*CELL, "class", "quality"), (column[starts] for column in ordered), strict=True))
    count = np.diff(np.r_[starts, order.size])
    first, last = np.minimum.reduceat(index, starts), np.maximum.reduceat(index, starts)
    return pl.DataFrame({**keys, "count": count, "first_index": first, "last_index": last}, schema_overrides=COUNT_SCHEMA)


def totals(rows: pl.DataFrame, tables: Mapping[str, np.ndarray]) -> pl.DataFrame:
    """Sums of tokens and money over the samples of each cell, a frame of `TOTALS_SCHEMA`; no rows where `rows` hold neither.

    Money is added in order of its amount within a cell, so that the sum does not depend on the order of rows.
    """
    if not rows.height or "tokens" not in rows.columns:
        return pl.DataFrame(schema=TOTALS_SCHEMA)
    sums = [pl.col(name).sum() for name in SUMMED]
    told = [pl.col(name).count().cast(pl.Int64).alias(f"with_{name}") for name in SUMMED]
    ordered = rows.select(*CELL, *(pl.when(pl.col(n).is_between(0, MOST_SAID[n])).then(n).alias(n) for n in SUMMED)).sort("cost")
    cells = ordered.group_by(CELL, maintain_order=True).agg(pl.len().cast(pl.Int64).alias("samples"), *sums, *told)
    return recoded(cells, tables).select(pl.col(name).cast(kind) for name, kind in TOTALS_SCHEMA.items())


def recoded(frame: pl.DataFrame, tables: Mapping[str, np.ndarray]) -> pl.DataFrame:
    """`frame` with the codes of its cells in alphabetical order of names, sorted by them."""
    codes = [pl.Series(name, tables[name][frame[name].to_numpy()], dtype=pl.UInt32) for name in CELL]
    return frame.with_columns(codes).sort(CELL, maintain_order=True)


def has_repeats(rows: pl.DataFrame) -> bool:
    """Whether a (model, prompt, domain, index) occurs twice; one sort of packed keys, since nearly always the answer is no."""
    if rows.height < 2:
        return False
    key = packed_key(*(rows[name].to_numpy() for name in (*CELL, "index")))
    if key is None:
        return bool(rows.select(*CELL, "index").is_duplicated().any())
    key.sort()
    return bool((key[1:] == key[:-1]).any())
