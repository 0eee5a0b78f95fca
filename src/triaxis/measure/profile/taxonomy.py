"""A taxonomy of what a data set should cover, label by label: which have no usable row, and how much of each level is there.

Labels are matched to the column `domain`. What is said is of the rows that were seen: with no share to expect, no chance is told.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from triaxis.errors import InputError
from triaxis.measure.ingest import NO_DOMAIN
from triaxis.measure.profile.figures import DIVERSITY, NONE, Figure, profile_row
from triaxis.measure.profile.labels import matched, shown
from triaxis.measure.profile.rows import DataSet
from triaxis.measure.profile.verdicts import COVERED, HOLE
from triaxis.measure.profile.verdicts import OUTSIDE as OUTSIDE_WORD
from triaxis.records import read_rows

OUTSIDE = "outside the taxonomy"
COLUMNS = ("label", "domain")
MOST_LABELS = 100_000
_TEXTS = (".txt", ".text", ".list")


class Label(NamedTuple):
    """One label, `name` as it is shown; `key` and `parent` as they are matched, `parent` None at the top."""

    name: str
    key: str
    parent: str | None


class Tree(NamedTuple):
    """Labels of a taxonomy in order of their names; `leaves` of each label (itself where nothing is under it), by key."""

    labels: list[Label]
    leaves: dict[str, frozenset[str]]


def read_taxonomy(path: str | Path) -> Tree:
    """The labels of a file: one on each line of a .txt, else the column `label` or `domain`, under `parent` where that is given.

    Raises `InputError` for a file without labels, with more than 100,000, or whose parents go in a circle.
    """
    rows = list(_rows(Path(path)))
    pairs: dict[str, tuple[str, str | None]] = {}
    for name, parent in rows:
        if matched(name):
            pairs.setdefault(matched(name), (name, matched(parent or "") or None))
    names = {matched(parent or ""): parent for _, parent in rows if parent}
    for key, name in names.items():  # a parent that has no row of its own is at the top
        if key:
            pairs.setdefault(key, (str(name), None))
    if not 0 < len(pairs) <= MOST_LABELS:
        raise InputError(f"expected 1 to {MOST_LABELS:,} labels in {path}, got {len(pairs):,}; type one label a line")
    labels = [Label(shown(name), key, None if parent == key else parent) for key, (name, parent) in sorted(pairs.items())]
    return Tree(labels, _leaves(labels, str(path)))


def _rows(path: Path) -> Iterator[tuple[str, str | None]]:
    """(label, parent) of each row of the file."""
    if path.suffix.lower() in _TEXTS:
        try:
            lines = path.read_text(encoding="utf-8").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"expected a readable UTF-8 file of labels, got {path}: {error}") from error
        yield from ((line, None) for line in lines)
        return
    for row in read_rows(path, check=_check):
        name = next((row[column] for column in COLUMNS if row.get(column) is not None), None)
        parent = row.get("parent")
        if name is not None:
            yield str(name), None if parent is None else str(parent)


def _check(columns: Sequence[str]) -> None:
    if not set(COLUMNS) & set(columns):
        raise InputError(f"expected a column `label` or `domain` in the taxonomy, got {', '.join(columns)}")


def _leaves(labels: Sequence[Label], path: str) -> dict[str, frozenset[str]]:
    parent = {label.key: label.parent for label in labels}
    inner = {above for above in parent.values() if above is not None}
    found: dict[str, set[str]] = {label.key: set() for label in labels}
    for label in labels:
        above: str | None = label.key
        seen: set[str] = set()
        while above is not None:
            if above in seen:
                raise InputError(f"expected parents that lead to a top in {path}, got a circle at {shown(above, 50)!r}")
            seen.add(above)
            if label.key not in inner:
                found[above].add(label.key)
            above = parent[above]
    return {key: frozenset(leaves) for key, leaves in found.items()}


def taxonomy_holes(data: DataSet, tree: Tree) -> Iterator[dict[str, Any]]:
    """Rows of `holes` for every label, at every floor, and for rows of no label.

    A label holds the rows of its own name and of all labels under it. `reference_rows` are the leaves under a label.
    """
    own, under = _own(data, tree), _under(tree)
    held = np.stack([_counts(own[data.level > place], tree) for place in range(data.floors.size)])
    for label in tree.labels:
        rows = held[:, under[label.key]].sum(axis=1)
        leaves = tree.leaves[label.key]
        yield from _label_rows(data, label.name, len(leaves), rows, "taxonomy" if leaves == {label.key} else "level")
    others = np.array([(own[data.level > place] < 0).sum() for place in range(data.floors.size)])
    yield from _label_rows(data, OUTSIDE, 0, others, "outside")


def _counts(own: np.ndarray, tree: Tree) -> np.ndarray:
    """(labels,) int64: rows of each label's own name."""
    return np.asarray(np.bincount(own[own >= 0], minlength=len(tree.labels)))


def _label_rows(data: DataSet, region: str, leaves: int, rows: np.ndarray, kind: str) -> Iterator[dict[str, Any]]:
    for usable, floor in zip(rows.tolist(), data.floors, strict=True):
        word = OUTSIDE_WORD if kind == "outside" else COVERED if usable else HOLE
        yield {
            "model": data.model, "domain": data.domain, "kind": kind, "region": region, "example": None,
            "reference_rows": leaves, "rows": int(rows[0]), "floor": None if floor == -np.inf else float(floor),
            "usable_rows": usable, "expected": None, "verdict": word,
        }  # fmt: skip


def _own(data: DataSet, tree: Tree) -> np.ndarray:
    """(rows,) int64: the label that each row's domain is, -1 for none."""
    place = {label.key: number for number, label in enumerate(tree.labels)}
    of_domain = [-1 if name == NO_DOMAIN else place.get(matched(name), -1) for name in data.domain_names]
    return np.asarray(np.array(of_domain, dtype=np.int64)[data.domains])


def _under(tree: Tree) -> dict[str, list[int]]:
    """Places of each label and of all under it."""
    parent = {label.key: label.parent for label in tree.labels}
    found: dict[str, list[int]] = {key: [] for key in parent}
    for place, key in enumerate(parent):
        above: str | None = key
        while above is not None:
            found[above].append(place)
            above = parent[above]
    return found


def taxonomy_coverage(data: DataSet, tree: Tree) -> Iterator[dict[str, Any]]:
    """Rows of `profile`: the share of leaves that have a usable row, of all and under each label that has some under it."""
    own = _own(data, tree)
    place = {label.key: number for number, label in enumerate(tree.labels)}
    leaves = frozenset(key for key, under in tree.leaves.items() if under == {key})
    inner = [label for label in tree.labels if label.key not in leaves]
    groups = [("", leaves), *((f" under {label.name}", tree.leaves[label.key]) for label in inner)]
    for suffix, group in groups:
        codes = np.array(sorted(place[key] for key in group), dtype=np.int64)
        for number, floor in enumerate(data.floors):
            held = own[(data.level > number) & np.isin(own, codes)]
            figure = Figure(np.unique(held).size / codes.size if codes.size else NONE)
            measure = f"share of taxonomy labels covered{suffix}"
            yield profile_row(data, DIVERSITY, measure, figure, floor=float(floor), rows=int(held.size))
