"""Rows of one bucket -> counts: one sort of packed integers groups them and leaves them in the order that `Cells` need."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from triaxis.measure.cells import key_order, packed_key
from triaxis.measure.store import CELL, COUNT_SCHEMA


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


def has_repeats(rows: pl.DataFrame) -> bool:
    """Whether a (model, prompt, domain, index) occurs twice; one sort of packed keys, since nearly always the answer is no."""
    if rows.height < 2:
        return False
    key = packed_key(*(rows[name].to_numpy() for name in (*CELL, "index")))
    if key is None:
        return bool(rows.select(*CELL, "index").is_duplicated().any())
    key.sort()
    return bool((key[1:] == key[:-1]).any())
