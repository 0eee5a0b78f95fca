"""Which gate, which models, which prompts two runs have in common; and what to type where they were measured differently."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from triaxis.errors import InputError, StoreError, near
from triaxis.measure.api import store_folders
from triaxis.measure.cells import Cells
from triaxis.measure.gate import gate_of
from triaxis.measure.store import RunStore, add

ASKED = {
    "quality": "--quality",
    "quality_source": "--quality-source",
    "equivalence": "--equivalence",
    "unit": "--unit",
    "bars": "--gates",
}
"""What makes two gates one and the same, by field of a store's header, and the flag that sets it."""


class Matched(NamedTuple):
    """Two runs under one gate."""

    old: RunStore
    new: RunStore
    gate: str


class Both(NamedTuple):
    """Two models in one domain (None is all): their cells, and which of them are compared.

    `old_at`, `new_at` are positions in the cells, row by row the same prompts where `is_paired`.
    """

    old: Cells
    new: Cells
    old_at: np.ndarray
    new_at: np.ndarray
    is_paired: bool

    @property
    def sizes(self) -> tuple[np.ndarray, np.ndarray]:
        """Samples of the compared cells of both."""
        return self.old.size[self.old_at], self.new.size[self.new_at]


def matched(old: Path, new: Path, gate: str | None) -> Matched:
    """The stores of both runs under one gate: the only one they share, or the one that `gate` names by number or label.

    Raises `InputError` when runs were measured differently, or when it is not clear which gate is meant.
    """
    first, second = _gates(old), _gates(new)
    shared = [key for key in first if key in second]
    if not shared:
        raise InputError(_differently(next(iter(first.values())), next(iter(second.values()))))
    labels = [gate_of(first[key]).label for key in shared]
    key = shared[_chosen(labels, gate)]
    a, b = first[key], second[key]
    _refuse_other_n(a, b)
    if a.header.unit == "set":
        raise InputError("expected runs measured by prompt, got --unit set, whose intervals need the texts; leave --unit set out")
    return Matched(a, b, gate_of(a).label)


def _gates(folder: Path) -> dict[tuple[object, ...], RunStore]:
    """The run stores of `folder` by what was measured; stores of one gate are added."""
    found = store_folders(folder)
    if not found:
        raise InputError(f"expected a folder that `triaxis measure --out` wrote, got {folder}: it holds no run store")
    gates: dict[tuple[object, ...], list[RunStore]] = {}
    for store in map(RunStore.load, found):
        header = store.header
        key = (header.quality, header.quality_source, header.equivalence, header.unit, frozenset(header.bars.items()))
        gates.setdefault(key, []).append(store)
    return {key: stores[0] if len(stores) == 1 else add(stores) for key, stores in gates.items()}


def _chosen(labels: Sequence[str], asked: str | None) -> int:
    listed = "; ".join(f"{number}: {label}" for number, label in enumerate(labels, start=1))
    if asked is None:
        if len(labels) > 1:
            raise InputError(f"both runs have {len(labels)} gates, say which one: --gate NUMBER; there are {listed}")
        return 0
    if asked.isascii() and asked.isdecimal() and 1 <= int(asked) <= len(labels):
        return int(asked) - 1
    if asked in labels:
        return labels.index(asked)
    raise InputError(f"no gate {asked!r} in both runs{near(asked, labels)}; there are {listed}")


def _differently(old: RunStore, new: RunStore) -> str:
    """What differs between the gates of two runs, and what to type."""
    parts = [
        f"{flag} {getattr(old.header, field)!r} and {getattr(new.header, field)!r}"
        for field, flag in ASKED.items() if getattr(old.header, field) != getattr(new.header, field)
    ]  # fmt: skip
    return f"expected runs measured alike, got {'; '.join(parts)}; measure one of them again with the flags of the other"


def _refuse_other_n(old: RunStore, new: RunStore) -> None:
    """A pairwise rule chains more answers together the more there are; and a threshold of its own makes another rule."""
    a, b = old.header, new.header
    if a.common_n != b.common_n:
        raise InputError(
            f"expected runs measured alike, got cells cut to N = {a.common_n} and N = {b.common_n}: classes of {a.equivalence} "
            f"depend on N; measure both with {min(a.common_n or 1, b.common_n or 1)} samples a prompt"
        )
    if a.calibration is not None and b.calibration is not None and a.calibration.threshold != b.calibration.threshold:
        raise InputError(
            f"expected runs measured alike, got thresholds {a.calibration.threshold:.4g} and {b.calibration.threshold:.4g}: each "
            f"run was calibrated on itself; measure both with --equivalence topical:{a.calibration.threshold:.4g}"
        )


def model_pairs(old: Sequence[str], new: Sequence[str], asked: Sequence[str], pairs: Sequence[str]) -> list[tuple[str, str]]:
    """(old, new) names of the models compared: `pairs` OLD=NEW, and those with one name; `asked` keeps some of them.

    Raises `InputError` when there is none, or a name is not there.
    """
    given = [_taken_apart(pair, old, new) for pair in pairs]
    renamed = {name for pair in given for name in pair}
    found = [*given, *((name, name) for name in old if name in new and name not in renamed)]
    if not found:
        raise InputError(
            f"the runs have no model of one name: {few_of(old)} and {few_of(new)}; type for example --pair '{old[0]}={new[0]}'"
            if old and new else "expected samples in both runs, got a run without any"
        )  # fmt: skip
    for name in asked:
        if not any(name in pair for pair in found):
            known = sorted({n for pair in found for n in pair})
            raise InputError(f"no model {name!r} in both runs{near(name, known)}; there are: {few_of(known)}")
    return [pair for pair in found if not asked or set(pair) & set(asked)]


def few_of(names: Sequence[str]) -> str:
    """At most ten of `names`, and how many more there are."""
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")


def _taken_apart(pair: str, old: Sequence[str], new: Sequence[str]) -> tuple[str, str]:
    """The two names in OLD=NEW; a name may hold `=` itself, as long as only one way to read it is known."""
    cuts = [(pair[:at].strip(), pair[at + 1 :].strip()) for at, mark in enumerate(pair) if mark == "="]
    known = [cut for cut in cuts if cut[0] in old and cut[1] in new]
    if len(known) == 1:
        return known[0]
    if not cuts or len(known) > 1:
        raise InputError(f"expected --pair OLD=NEW, got {pair!r}; type for example --pair '{old[0]}={new[0]}'")
    first, second = cuts[0]
    lost, names, run = (first, old, "old") if first not in old else (second, new, "new")
    raise InputError(f"no model {lost!r} in the {run} run{near(lost, names)}; there are: {few_of(names)}")


def domains_of(runs: Matched) -> list[str]:
    """Domains that both runs have."""
    return sorted(set(runs.old.domains) & set(runs.new.domains))


def cells_of_both(runs: Matched, pair: tuple[str, str], domain: str | None) -> Both:
    """The cells of both models in `domain`, on the prompts that both have; on all of each where they share none."""
    old, new = (_in_domain(store, store.cells_of_model(name), domain) for store, name in zip(runs[:2], pair, strict=True))
    first, second = _keys(runs.old, old), _keys(runs.new, new)
    shared = sorted(first.keys() & second.keys())
    if not shared:
        return Both(old, new, np.arange(len(old)), np.arange(len(new)), is_paired=False)
    return Both(old, new, np.array([first[k] for k in shared]), np.array([second[k] for k in shared]), is_paired=True)


def _keys(store: RunStore, cells: Cells) -> dict[tuple[str, str], int]:
    """Position of every (prompt, domain) by name."""
    return {
        (store.prompts[p], store.domains[d]): at
        for at, (p, d) in enumerate(zip(cells.prompt.tolist(), cells.domain.tolist(), strict=True))
    }


def _in_domain(store: RunStore, cells: Cells, domain: str | None) -> Cells:
    if domain is None:
        return cells
    if domain not in store.domains:
        raise StoreError(f"no domain {domain!r} in the run{near(domain, store.domains)}; there are: {', '.join(store.domains)}")
    return cells.select(cells.domain == store.domains.index(domain))
