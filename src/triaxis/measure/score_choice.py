"""Which measures a run of `triaxis score` takes: those that are named, or all that have a value for the data at hand."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from triaxis.complexity import all_measures, parse_measure
from triaxis.errors import InputError, near
from triaxis.measure.complexity import score_rows
from triaxis.measure.scoring import ALL, FROM_PASSES
from triaxis.protocols import Complexity
from triaxis.records import RecordStream
from triaxis.registry import create, names

HEAD_ROWS = 1000
NO_QUALITY = "needs a quality column; type --quality COLUMN"


@dataclass(frozen=True)
class Chosen:
    """Measures of texts, and the names of those that come from pass rates."""

    of_texts: tuple[Complexity, ...]
    of_cells: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return (*(m.name for m in self.of_texts), *self.of_cells)


def chosen_measures(specs: Sequence[str], stream: RecordStream, *, has_quality: bool) -> tuple[Chosen, tuple[str, ...]]:
    """The measures that `specs` name, each once, and notes on those that `all` leaves out.

    `all` are those that have a value for one of the first 1,000 samples.
    """
    asked = list(dict.fromkeys(spec.strip() for spec in specs if spec.strip()))
    if not asked:
        raise InputError("expected the names of measures, got none; type --with words, or --list to see all")
    cells = tuple(spec for spec in asked if spec in FROM_PASSES)
    if cells and not has_quality:
        raise InputError(f"{cells[0]} {NO_QUALITY}")
    texts = [_parsed(spec) for spec in asked if spec not in FROM_PASSES and spec != ALL]
    notes: tuple[str, ...] = ()
    if ALL in asked:
        named = {m.name for m in texts}
        applying, notes = _applying([m for m in all_measures() if m.name not in named], stream)
        texts += applying
    return Chosen(tuple(texts), cells), notes


def _parsed(spec: str) -> Complexity:
    """A measure by its spec; an unknown one is told all names, those from pass rates included."""
    name = spec.partition("@")[0].partition(":")[0]
    known = (*names("complexity"), *FROM_PASSES, ALL)
    if name not in known:
        raise InputError(f"unknown measure {spec!r}{near(name, known)}; triaxis score --list tells all")
    return parse_measure(spec)


def _applying(measures: Sequence[Complexity], stream: RecordStream) -> tuple[list[Complexity], tuple[str, ...]]:
    head = next(iter(stream)).head(HEAD_ROWS)
    kept, notes = [], []
    for measure, scored in zip(measures, score_rows(head, measures).values(), strict=True):
        if np.isnan(scored.values).all():
            reason = Counter(filter(None, scored.reasons)).most_common(1)[0][0]
            notes.append(f"{measure.name} left out: no value in the first {head.height:,} samples ({reason})")
        else:
            kept.append(measure)
    return kept, tuple(notes)


class Listed(NamedTuple):
    """A measure as `--list` tells it; `reads` is the column of its text, or quality."""

    name: str
    says: str
    unit: str
    higher_is: str
    reads: str


def listed() -> Iterator[Listed]:
    """Every measure there is, those included whose package is not installed."""
    for name in names("complexity"):
        made: Complexity = create("complexity", name)
        yield Listed(name, made.says, made.unit, made.higher_is, getattr(made, "reads", "response"))
    for name in FROM_PASSES:
        yield Listed(name, *described(name, ()), "quality")


def described(name: str, texts: Sequence[Complexity]) -> tuple[str, str, str]:
    """What a measure says, its unit and its direction."""
    if name in FROM_PASSES:
        unit = "share of samples" if name == "difficulty" else "p (1 - p)"
        return FROM_PASSES[name], unit, "more complex" if name == "difficulty" else "more to learn"
    found = next(m for m in texts if m.name == name)
    return found.says, found.unit, found.higher_is
