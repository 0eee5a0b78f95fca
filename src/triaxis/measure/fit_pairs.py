"""Pairs of answers with labels, from files: what people called the same, and cells whose classes some classifier gave.

Two shapes are read: two rows for each pair, with `sample_index` 0 and 1 and a label column; or one row for each pair, with
columns `first`, `second`, `same` and perhaps `prompt`.
"""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from triaxis.diversity.equivalence.labels import normalise
from triaxis.errors import InputError, RecordsError
from triaxis.records import read

FLAT = ("first", "second")
LABELS = ("same", "human_same")
"""Columns that hold the label unless another one is named; the latter is what robust flips read, too."""

WEAK_SAMPLES = 4
"""Samples of each cell whose pairs are used: six pairs; more of one cell say little new."""


class TextPairs(NamedTuple):
    """first, second: the texts. prompts: None where there is none. groups: what must not be split between folds. same: 0 or 1."""

    first: list[str]
    second: list[str]
    prompts: list[str | None]
    groups: list[str]
    same: np.ndarray

    def cut(self, start: int, end: int) -> "TextPairs":
        """The pairs from `start` up to `end`."""
        part = slice(start, end)
        return TextPairs(self.first[part], self.second[part], self.prompts[part], self.groups[part], self.same[part])


def read_pairs(path: str | Path, *, label: str | None = None) -> TextPairs:
    """The pairs in `path`, labelled by column (or meta.KEY) `label`, by default one of `LABELS`.

    Pairs without a label are left out. Raises `RecordsError` for a file without pairs or without that column, `InputError` for
    labels other than 0 and 1.
    """
    head = read([path], need=())
    columns = head.extra | head.available
    chosen = label or next((name for name in LABELS if name in columns), LABELS[0])
    return (_flat if set(FLAT) <= columns else _two_rows)(path, chosen)


def read_weak(path: str | Path, *, label: str, besides: Collection[str | None]) -> TextPairs:
    """Pairs of different texts inside each (prompt, model) cell of `path`, the same where column `label` is equal.

    Cells of prompts among `besides` are left out (compared by their words), so that no fold has seen its own prompts.
    """
    names = ["prompt_id", "prompt", "response", "model", "sample_index"]
    rows = _read(path, names, label).drop_nulls(["response", label])
    known = {normalise(prompt) for prompt in besides if prompt is not None}
    asked = rows["prompt"].unique().drop_nulls().to_list()
    seen = [prompt for prompt in asked if normalise(prompt) in known]
    rows = rows.filter(~pl.col("prompt").is_in(seen).fill_null(False))
    order = ["prompt_id", "model", "sample_index", "row"]
    cells = rows.sort(order).group_by("prompt_id", "model", maintain_order=True)
    pairs = [pair for _, cell in cells for pair in _cell(cell, label)]
    if not pairs:
        raise RecordsError(f"{path} has no two different answers of one model to a prompt that is not among the pairs")
    first, second, prompts, groups, same = zip(*pairs, strict=True)
    return TextPairs(list(first), list(second), list(prompts), list(groups), np.array(same, dtype=np.int64))


def _cell(cell: pl.DataFrame, label: str) -> list[tuple[str, str, str | None, str, int]]:
    texts, classes = cell["response"].to_list()[:WEAK_SAMPLES], cell[label].to_list()[:WEAK_SAMPLES]
    prompt, group = cell["prompt"][0], cell["prompt_id"][0]
    return [
        (texts[i], texts[j], prompt, group, int(classes[i] == classes[j]))
        for i in range(len(texts)) for j in range(i + 1, len(texts)) if texts[i] != texts[j]
    ]  # fmt: skip


def _flat(path: str | Path, label: str) -> TextPairs:
    rows = read([path], mapping={"response": "first"}, need=["prompt_id", "prompt", "response"], keep=["second", label]).frame()
    _require(rows, label, path)
    rows = rows.drop_nulls(["response", "second", label])
    second = [str(text) for text in rows["second"]]
    groups = [of or first for of, first in zip(rows["prompt"], rows["response"], strict=True)]
    return TextPairs(rows["response"].to_list(), second, rows["prompt"].to_list(), groups, _labels(rows[label], label, path))


def _two_rows(path: str | Path, label: str) -> TextPairs:
    rows = _read(path, ["prompt_id", "prompt", "response", "sample_index"], label)
    rows = rows.drop_nulls(["response", label])
    rows = rows.sort("sample_index", "row")
    pairs = rows.group_by("prompt_id", maintain_order=True).agg("prompt", "response", label).sort("prompt_id")
    whole = pairs.filter(pl.col("response").list.len() == 2)
    if not whole.height:
        raise RecordsError(
            f"{path} must hold pairs: two rows for each prompt_id with sample_index 0 and 1, or columns first, second and same; "
            f"got {rows.height:,} rows of {pairs.height:,} prompts, none with two"
        )
    texts, labels = whole["response"].to_list(), whole[label].to_list()
    if any(of[0] != of[1] for of in labels):
        raise RecordsError(f"`{label}` of {path} must be equal in both rows of a pair; look at its rows")
    return TextPairs(
        first=[pair[0] for pair in texts],
        second=[pair[1] for pair in texts],
        prompts=[of[0] for of in whole["prompt"]],
        groups=whole["prompt_id"].to_list(),
        same=_labels(pl.Series([of[0] for of in labels]), label, path),
    )


def _read(path: str | Path, names: Sequence[str], label: str) -> pl.DataFrame:
    rows = read([path], need=names, keep=[label]).frame()
    _require(rows, label, path)
    return rows


def _require(rows: pl.DataFrame, label: str, path: str | Path) -> None:
    if label not in rows.columns or rows[label].null_count() == rows.height:
        raise RecordsError(f"no column `{label}` with labels in {path}; name it, for example --label meta.human_same_meaning")


def _labels(values: pl.Series, label: str, path: str | Path) -> np.ndarray:
    """(pairs,) int64 of 0 and 1."""
    known = {"0": 0, "1": 1, "false": 0, "true": 1, "0.0": 0, "1.0": 1}
    texts = values.cast(pl.String).str.to_lowercase()
    strange = sorted({str(value) for value in texts if value not in known})
    if strange:
        raise InputError(f"`{label}` of {path} must be 1 (the same) or 0 (different), got {', '.join(strange[:3])}")
    return np.array([known[value] for value in texts], dtype=np.int64)
