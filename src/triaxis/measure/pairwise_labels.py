"""Class labels by rules that compare samples: cells are cut to one N first, or larger cells would look more alike."""

from hashlib import blake2b

import numpy as np
import polars as pl

from triaxis.measure.sampling import seeded_rank
from triaxis.measure.store import CELL
from triaxis.protocols import Equivalence


def cut_and_label(
    rows: pl.DataFrame, rule: Equivalence, *, size: int, seed: int, salts: np.ndarray
) -> tuple[pl.DataFrame, list[tuple[str, pl.DataFrame]]]:
    """`rows` of whole prompts, cut to `size` samples a cell and labelled (`class`), and what was left out with the reason.

    Which samples stay is a seeded choice among the cell's samples in their order: `sample_index`, else a hash of the content. It
    differs between prompts by `salts` (one int64 for each prompt code), so that no setting that goes with a number is always cut.
    `index` counts 0, 1, ... within what stays, where it was given.
    """
    ordered = _in_order(rows)
    starts, ends = _cell_bounds(ordered)
    keep = np.zeros(ordered.height, dtype=bool)
    short = np.zeros(ordered.height, dtype=bool)
    key = _choice_keys(ordered) ^ salts[ordered["prompt"].to_numpy()]
    for start, end in zip(starts, ends, strict=True):
        if end - start < size:
            short[start:end] = True
        else:
            keep[start + np.sort(np.argsort(seeded_rank(key[start:end], seed), kind="stable")[:size])] = True
    left_out = [
        (f"cell has fewer than the common N = {size} samples", ordered.filter(short)),
        (f"not among the N = {size} samples that every cell is cut to", ordered.filter(~(keep | short))),
    ]
    kept = ordered.filter(keep)
    return kept.with_columns(_renumbered(kept), _labels(kept, rule)), left_out


def _in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` sorted by cell, then `sample_index`, else content hash; `_key` is what the order rests on."""
    index = rows["index"].to_numpy()
    key = index.copy()
    for place in np.flatnonzero(index < 0):
        key[place] = _content_key(rows[given("response")][int(place)])
    return rows.with_columns(pl.Series("_key", key)).sort([*CELL, "_key", "quality"])


def _choice_keys(ordered: pl.DataFrame) -> np.ndarray:
    """(rows,) int64 what the seeded choice rests on; equal texts of a cell differ by place, or all would stay or go together."""
    copies = ordered.select(pl.int_range(pl.len()).over([*CELL, "_key"])).to_series().to_numpy()
    return np.asarray(ordered["_key"].to_numpy() ^ seeded_rank(copies, 0).view(np.int64) * (copies > 0))


def _content_key(text: str | None) -> int:
    return int.from_bytes(blake2b((text or "").encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") >> 1


def _cell_bounds(ordered: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    if not ordered.height:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    codes = ordered.select(list(CELL)).to_numpy()
    starts = np.flatnonzero(np.r_[True, (codes[1:] != codes[:-1]).any(axis=1)])
    return starts, np.r_[starts[1:], ordered.height]


def _renumbered(kept: pl.DataFrame) -> pl.Series:
    starts, ends = _cell_bounds(kept)
    position = np.arange(kept.height) - np.repeat(starts, ends - starts)
    return pl.Series("index", np.where(kept["index"].to_numpy() >= 0, position, -1), dtype=pl.Int64)


def read_columns(rule: Equivalence) -> tuple[str, ...]:
    """Columns that a pairwise rule reads: `response`, and what it declares as `columns`."""
    return tuple(dict.fromkeys(("response", *getattr(rule, "columns", ()))))


def given(column: str) -> str:
    """What a column of the records is called beside the codes, of which one is called `prompt`, too."""
    return f"given {column}"


def _labels(kept: pl.DataFrame, rule: Equivalence) -> pl.Series:
    """Labels cell by cell, or prompt by prompt for a rule whose labels are shared by all models."""
    labels = np.full(kept.height, -1, dtype=np.int64)
    groups = CELL if rule.scope == "cell" else ("prompt", "domain")
    numbered = kept.with_row_index("_place")
    read = [pl.col(given(column)).alias(column) for column in read_columns(rule)]
    for _, group in numbered.group_by(groups, maintain_order=True):
        labels[group["_place"].to_numpy()] = rule.labels(group.select(read))
    return pl.Series("class", labels, dtype=pl.Int64)
