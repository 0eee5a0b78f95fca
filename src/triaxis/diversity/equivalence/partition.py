"""From pair decisions to classes: the one place where "A is like B" becomes a partition.

Pairs need not agree with one another (A is like B, B like C, A not like C), so a rule has to say what then becomes of them; there
are three, and classes are a fact about the rule as much as about the answers. `partition` is the way in.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple, Protocol, get_args, runtime_checkable

import numpy as np

from triaxis.errors import InputError, near
from triaxis.protocols import Equivalence

Similar = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""(rows,) and (columns,) positions to a (rows, columns) bool matrix: which are alike."""

Likeness = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""(rows,) and (columns,) positions to a (rows, columns) float matrix: how alike; higher is more alike, and symmetric."""

PartitionRule = Literal["first-member", "union-find", "average-linkage"]
DEFAULT_RULE: PartitionRule = "first-member"
RULES: tuple[PartitionRule, ...] = get_args(PartitionRule)
RULE_WORDS = {
    "first-member": "with the first member of a class joins it, in sample order",
    "union-find": "joins two classes, so that neighbours chain (union-find)",
    "average-linkage": "on average between all members of two classes joins them, nearest first (average linkage)",
}
"""How each rule goes on after "a likeness of at least T ..."."""

AVERAGE_LINKAGE_LIMIT = 4096
"""Most items of one average-linkage partition: all their pairs are held, 64 MiB as float64 for this many."""

_BLOCK = 256
_ROUNDING = 1e-9
"""Equal texts stay together at a threshold of 1 whatever the order of the sum."""


@runtime_checkable
class Partitioned(Protocol):
    """An equivalence that compares pairs, and so has a partition rule that can be chosen: `SPEC/RULE`."""

    def partitioned(self, rule: PartitionRule) -> Equivalence:
        """The same comparison of pairs under partition rule `rule`; its `name` ends in `/rule` unless that is the default."""
        ...


class Specified(NamedTuple):
    """A spec without its suffix, and the partition rule that the suffix named (None without one)."""

    spec: str
    rule: PartitionRule | None


def split_rule(text: str) -> Specified:
    """`SPEC/RULE` taken apart; only the name of a rule after the last slash is one, so that `topical:hf:org/model` stays whole.

    >>> split_rule("topical:hf:org/model@0.7/union-find")
    Specified(spec='topical:hf:org/model@0.7', rule='union-find')
    """
    spec, slash, last = text.rpartition("/")
    return Specified(spec, known_rule(last)) if slash and last in RULES else Specified(text, None)


def known_rule(name: str) -> PartitionRule:
    """`name` if it is a partition rule; `InputError` naming near ones if it is not."""
    for rule in RULES:
        if rule == name:
            return rule
    raise InputError(f"unknown partition rule {name!r}{near(name, RULES)}; there are: {', '.join(RULES)}")


def with_rule(name: str, rule: PartitionRule) -> str:
    """What a rule called `name` is called under partition `rule`: as before under the default one."""
    return name if rule == DEFAULT_RULE else f"{name}/{rule}"


def partition(size: int, likeness: Likeness, threshold: float, *, rule: PartitionRule = DEFAULT_RULE) -> np.ndarray:
    """(size,) int64 labels of items 0, 1, ..., numbered from 0 by who comes first; two items are alike from `threshold` up.

    `likeness(rows, columns)` gives the (rows, columns) float matrix for two arrays of positions, and is asked for blocks. It must
    be symmetric; rounding of 1e-9 below the threshold counts as reaching it. Rules, where pairs do not agree with one another:

    - `first-member`: each item, in order, joins the first class whose first member it is like, else opens one. Order matters.
    - `union-find`: items joined by any chain of alike pairs are one class (transitive closure). Order does not matter; classes
      run together as items are added.
    - `average-linkage`: the two classes with the highest mean likeness over all pairs between them join, again and again, while
      that mean reaches the threshold (UPGMA, exact). Order decides ties only. At most `AVERAGE_LINKAGE_LIMIT` items.

    Raises `InputError` for an unknown rule, and for more items than average linkage can hold.

    >>> chain = np.array([[1, 0.9, 0.2], [0.9, 1, 0.9], [0.2, 0.9, 1]])
    >>> {r: partition(3, lambda i, j: chain[np.ix_(i, j)], 0.8, rule=r).tolist() for r in RULES}
    {'first-member': [0, 0, 1], 'union-find': [0, 0, 0], 'average-linkage': [0, 0, 1]}
    """
    if known_rule(rule) == "average-linkage":
        return average_linkage(size, likeness, threshold)
    make = first_member if rule == "first-member" else union_find
    return make(size, lambda rows, columns: reaches(likeness(rows, columns), threshold))


def reaches(likeness: np.ndarray, threshold: float) -> np.ndarray:
    """Which of `likeness` are at least `threshold`, up to rounding; NaN is not."""
    return np.asarray(likeness >= threshold - _ROUNDING)


def first_member(size: int, similar: Similar) -> np.ndarray:
    """(size,) int64 labels: each item, in order, joins the first class whose first member it is similar to, else opens one.

    `similar(rows, columns)` gives the (rows, columns) bool matrix for two arrays of positions; it is asked for blocks, never
    for all pairs at once. Labels count up from 0 in order of first members. The result depends on the order of the items, so
    callers sort first. This is the rule of NoveltyBench; unlike union-find it cannot chain unlike items together.
    """
    labels = np.empty(size, dtype=np.int64)
    leaders: list[int] = []
    for start in range(0, size, _BLOCK):
        block = np.arange(start, min(start + _BLOCK, size))
        known = len(leaders)
        old = similar(block, np.asarray(leaders, dtype=np.int64)) if known else np.zeros((block.size, 0), dtype=bool)
        own = similar(block, block)
        _label_block(block, old, own, leaders, labels)
    return labels


def union_find(size: int, similar: Similar) -> np.ndarray:
    """(size,) int64 labels: connected components of the graph of similar pairs, numbered by who comes first.

    Memory is one block of pairs. The same components whatever the order of items or blocks.
    """
    component = np.arange(size)
    for start in range(0, size, _BLOCK):
        block = np.arange(start, min(start + _BLOCK, size))
        for other in range(0, start + 1, _BLOCK):
            columns = np.arange(other, min(other + _BLOCK, size))
            rows, found = np.nonzero(similar(block, columns))
            component = _joined(component, component[block[rows]], component[columns[found]])
    return _numbered(component)


def average_linkage(size: int, likeness: Likeness, threshold: float) -> np.ndarray:
    """(size,) int64 labels of exact average linkage (UPGMA), cut where the mean likeness of two classes falls below `threshold`.

    Classes are numbered by who comes first. Holds all pairs, so at most `AVERAGE_LINKAGE_LIMIT` items: `InputError` beyond.
    """
    if size > AVERAGE_LINKAGE_LIMIT:
        raise too_many(size)
    if size < 2:
        return np.zeros(size, dtype=np.int64)
    from scipy.cluster.hierarchy import fcluster, linkage  # 0.1 s to import, and rarely asked for

    every = np.arange(size)
    pairs = np.asarray(likeness(every, every), dtype=np.float64)[np.triu_indices(size, k=1)]
    top = pairs.max()  # distances must not be negative; a constant added to them changes no average's rank
    merges = linkage(top - pairs, method="average")
    return _numbered(fcluster(merges, t=top - threshold + _ROUNDING, criterion="distance"))


def too_many(size: int) -> InputError:
    """What to say where `size` items are more than average linkage holds."""
    return InputError(
        f"average-linkage holds all pairs of a cell, so at most {AVERAGE_LINKAGE_LIMIT} answers, got {size}; "
        "type /first-member or /union-find"
    )


def _joined(component: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(size,) components after `first[i]` and `second[i]` were joined for all i; each is called by its lowest number."""
    edges = np.unique(np.stack([first, second])[:, first != second], axis=1)
    if not edges.size:
        return component
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    names, places = np.unique(edges, return_inverse=True)
    start, end = places.reshape(edges.shape)
    graph = coo_array((np.ones(start.size, dtype=bool), (start, end)), shape=(names.size, names.size))
    groups = connected_components(graph, directed=False)[1]
    lowest = np.full(groups.max() + 1, component.size)
    np.minimum.at(lowest, groups, names)
    table = np.arange(component.size)
    table[names] = lowest[groups]
    return np.asarray(table[component])


def _numbered(classes: np.ndarray) -> np.ndarray:
    """`classes` renamed 0, 1, ... in order of first appearance."""
    _, first, inverse = np.unique(classes, return_index=True, return_inverse=True)
    rank = np.empty(first.size, dtype=np.int64)
    rank[np.argsort(first)] = np.arange(first.size)
    return rank[inverse] if first.size else np.zeros(0, dtype=np.int64)


def _label_block(block: np.ndarray, old: np.ndarray, own: np.ndarray, leaders: list[int], labels: np.ndarray) -> None:
    """Labels one block: against the leaders known before it (`old`), then against those that it opens itself (`own`)."""
    opened: list[int] = []
    known = old.shape[1]
    for row, item in enumerate(block):
        if known and old[row].any():
            labels[item] = int(old[row].argmax())
            continue
        alike = own[row, opened]
        if alike.any():
            labels[item] = known + int(alike.argmax())
            continue
        opened.append(row)
        labels[item] = len(leaders)
        leaders.append(int(item))
