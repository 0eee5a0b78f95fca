"""Class labels by rules that compare samples: cells are cut to one N first, or larger cells would look more alike."""

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import polars as pl

from triaxis.diversity.spread import spread_steps
from triaxis.measure.counting import SUMMED
from triaxis.measure.sampling import seeded_rank
from triaxis.measure.store import CELL, SPREAD_SCHEMA
from triaxis.protocols import CellsEquivalence, Equivalence, VectorEquivalence

SET_CELL = ("model", "domain")
"""What a cell is where the unit is a set."""


class Labelled(NamedTuple):
    """Rows that stayed, with their `class`; what was left out, by reason; `spread` of vectors, where the rule has them."""

    rows: pl.DataFrame
    left_out: list[tuple[str, pl.DataFrame]]
    spread: pl.DataFrame


def cut_and_label(
    rows: pl.DataFrame, rule: Equivalence, *, sizes: np.ndarray, seed: int, salts: np.ndarray, cell: Sequence[str] = CELL,
    ranks: np.ndarray | None = None,
) -> Labelled:  # fmt: skip
    """`rows` of whole cells, cut to one N a cell and labelled (`class`).

    `sizes` is that N for each domain code. Which samples stay is a seeded choice among the cell's samples in their order:
    `sample_index`, else a hash of the content. It differs between prompts by `salts` (one int64 for each prompt code), so that no
    setting that goes with a number is always cut; a cell that spans prompts keeps the same prompts for every model.
    `index` counts 0, 1, ... within what stays, where it was given. `ranks` is the place of each model code among all names: where
    models share classes their answers take turns in it, so that no model's answers are all first members.
    """
    ordered = _in_order(rows, cell, salts)
    keep, short = _chosen(ordered, sizes, seed, salts, cell)
    stated = f"N = {', '.join(map(str, np.unique(sizes[ordered['domain'].to_numpy()])))}"
    left_out = [
        (f"cell has fewer than the common {stated} samples", ordered.filter(short)),
        (f"not among the {stated} samples that every cell is cut to", ordered.filter(~(keep | short))),
    ]
    kept = ordered.filter(keep)
    labels, spread = _labels(kept, rule, cell, ranks)
    numbered = kept.with_columns(_renumbered(kept)) if tuple(cell) == CELL else kept
    return Labelled(numbered.with_columns(labels), left_out, spread)


def _chosen(
    ordered: pl.DataFrame, sizes: np.ndarray, seed: int, salts: np.ndarray, cell: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """(rows,) bool each: rows that stay, and rows of cells that are too small."""
    starts, ends = _cell_bounds(ordered, cell)
    keep, short = np.zeros((2, ordered.height), dtype=bool)
    key = _choice_keys(ordered) ^ salts[ordered["prompt"].to_numpy()]
    wanted = sizes[ordered["domain"].to_numpy()[starts]] if starts.size else sizes
    for start, end, size in zip(starts, ends, wanted[: starts.size], strict=True):
        if end - start < size:
            short[start:end] = True
        else:
            keep[start + np.sort(np.argsort(seeded_rank(key[start:end], seed), kind="stable")[:size])] = True
    return keep, short


def _in_order(rows: pl.DataFrame, cell: Sequence[str], salts: np.ndarray) -> pl.DataFrame:
    """`rows` sorted by cell and prompt, then `sample_index`, else content hash; `_key` is what the choice rests on.

    In a cell that spans prompts it is the place within the prompt, so that two models keep answers to the same prompts.
    """
    index = rows["index"].to_numpy()
    key = index.copy()
    for place in np.flatnonzero(index < 0):
        key[place] = _content_key(rows[given("response")][int(place)])
    salt = pl.Series("_salt", salts[rows["prompt"].to_numpy()])
    paid = [name for name in SUMMED if name in rows.columns]  # of samples that are else alike, the same ones are cut each time
    ordered = rows.with_columns(pl.Series("_key", key), salt).sort([*cell, "_salt", "_key", "quality", *paid])
    if tuple(cell) != CELL:
        ordered = ordered.with_columns(pl.int_range(pl.len()).over(CELL).alias("_key"))
    return ordered.drop("_salt")


def _choice_keys(ordered: pl.DataFrame) -> np.ndarray:
    """(rows,) int64 what the seeded choice rests on; equal texts of a cell differ by place, or all would stay or go together."""
    copies = ordered.select(pl.int_range(pl.len()).over([*CELL, "_key"])).to_series().to_numpy()
    return np.asarray(ordered["_key"].to_numpy() ^ seeded_rank(copies, 0).view(np.int64) * (copies > 0))


def _content_key(text: str | None) -> int:
    return int.from_bytes(blake2b((text or "").encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") >> 1


def _cell_bounds(ordered: pl.DataFrame, cell: Sequence[str] = CELL) -> tuple[np.ndarray, np.ndarray]:
    if not ordered.height:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    codes = ordered.select(list(cell)).to_numpy()
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


def _labels(
    kept: pl.DataFrame, rule: Equivalence, cell: Sequence[str], ranks: np.ndarray | None
) -> tuple[pl.Series, pl.DataFrame]:
    """Labels cell by cell, or for all models together where the rule's labels are shared by them; and the spread of vectors."""
    labels = np.full(kept.height, -1, dtype=np.int64)
    read = [pl.col(given(column)).alias(column) for column in read_columns(rule) if given(column) in kept.columns]
    vectors = rule.vectors(kept.select(read)) if isinstance(rule, VectorEquivalence) and kept.height else None
    groups = cell if rule.scope == "cell" else [name for name in cell if name != "model"]
    found_groups = _groups(kept, groups) if rule.scope == "cell" or ranks is None else _taking_turns(kept, groups, ranks)
    if isinstance(rule, CellsEquivalence):
        every = list(found_groups)
        for (places, _), found in zip(every, rule.labels_of_cells([group.select(read) for _, group in every]), strict=True):
            labels[places] = found
        return pl.Series("class", labels, dtype=pl.Int64), _spread(kept, vectors, cell)
    for places, group in found_groups:
        if vectors is None:
            labels[places] = rule.labels(group.select(read))
        elif isinstance(rule, VectorEquivalence):
            labels[places] = rule.labels_of(vectors[places])
    return pl.Series("class", labels, dtype=pl.Int64), _spread(kept, vectors, cell)


def _groups(kept: pl.DataFrame, by: Sequence[str]) -> Iterator[tuple[np.ndarray, pl.DataFrame]]:
    for _, group in kept.with_row_index("_place").group_by(by, maintain_order=True):
        yield group["_place"].to_numpy(), group


def _taking_turns(kept: pl.DataFrame, by: Sequence[str], ranks: np.ndarray) -> Iterator[tuple[np.ndarray, pl.DataFrame]]:
    """Groups of several models' answers: the first of each model, models by name, then the second of each, and so on."""
    ordered = kept.with_columns(
        pl.int_range(pl.len()).over(CELL).alias("_turn"),
        pl.Series("_rank", ranks[kept["model"].to_numpy()]),
    ).with_row_index("_place").sort("_turn", "_rank", maintain_order=True)
    for _, group in ordered.group_by(by, maintain_order=True):
        yield group["_place"].to_numpy(), group


def _spread(kept: pl.DataFrame, vectors: np.ndarray | None, cell: Sequence[str]) -> pl.DataFrame:
    """Rows of `SPREAD_SCHEMA` with the codes of `kept`: what mean cosine above any floor is made of, cell by cell."""
    found = [pl.DataFrame(schema=SPREAD_SCHEMA)]
    if vectors is None:
        return found[0]
    for places, group in _groups(kept, cell):
        steps = spread_steps(vectors[places], group["quality"].to_numpy(), np.arange(places.size))
        codes = {name: np.full(steps.count.size, group[name][0]) for name in CELL}
        sums = {"quality": steps.quality, "count": steps.count, "norm2": steps.norm2}
        found.append(pl.DataFrame({**codes, **sums}, schema_overrides=SPREAD_SCHEMA).select(list(SPREAD_SCHEMA)))
    return pl.concat(found)
