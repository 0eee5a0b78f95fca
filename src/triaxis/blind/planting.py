"""What planting is: rows that can be damaged, what becomes of each, and from which dose on.

The one idea: a planter decides once, for every row, what its damaged form is and at which dose it arrives. A dose then takes the
rows that arrived, so that doses are nested (half the damage is part of all of it) and a dose is the same in every resample.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import polars as pl

from triaxis.blind.samples import Samples, labels_of
from triaxis.blind.table import Table
from triaxis.errors import InputError
from triaxis.measure.sampling import prompt_rank

AXES = ("diversity", "quality", "complexity")
QUALITY_COLUMNS = ("quality", "quality_source")
OF_THE_TEXT = ("response", "tokens", "complexity")
OF_THE_PLACE = ("model", "domain", "step", "sample_index", "row")
"""Columns that say where a sample stands, not what it is: they stay when a whole pair of prompt and answer is replaced."""


@dataclass(frozen=True)
class Damage:
    """One way to damage samples. (n,) arrays: `donor` row (a row itself where none), `arrival` dose in 0-1 (inf: never).

    `texts` are new texts of rows that have one. `moves_quality`: quality comes from the donor with the text; else it stays.
    `axis` is the one that is meant to fall; `says` what the planter does and keeps.
    """

    axis: str
    name: str
    says: str
    donor: np.ndarray
    arrival: np.ndarray
    texts: dict[int, str] = field(default_factory=dict)
    moves_quality: bool = False

    @property
    def most(self) -> float:
        """Share of rows that can be damaged, a fraction in 0-1: where planting saturates."""
        return float(np.isfinite(self.arrival).mean()) if self.arrival.size else 0.0

    def rows(self, dose: float) -> np.ndarray:
        """Positions of the rows that are damaged at `dose`, ascending."""
        return np.flatnonzero(self.arrival < dose)


class Edition(NamedTuple):
    """The samples as damaged at one dose, the table that evaluations see, and which rows are damaged, (n,) bool."""

    samples: Samples
    table: Table
    is_damaged: np.ndarray


def generator(samples: Samples, row: int, seed_words: str) -> np.random.Generator:
    """A generator for the cell of `row`, from its names and the seed: which other cells there are does not matter."""
    one = samples.frame.row(row, named=True)
    key = f"{seed_words}|{one['model']}|{one['prompt_id'] if samples.rules.unit == 'prompt' else ''}|{one['domain']}"
    return np.random.default_rng(prompt_rank(key, samples.rules.seed))


def arrivals(units: Sequence[np.ndarray], size: int, rng: np.random.Generator) -> Iterator[tuple[np.ndarray, float]]:
    """(rows of a unit, dose at which they are damaged) for `units` of rows that are damaged together, in a random order.

    The units lie one behind the other on a line of length `size`, each arriving at a point inside its own stretch, so that the
    expected share of damaged rows of a cell of `size` rows is the dose, up to where the units end.
    """
    start, offset = 0, rng.random()
    for place in rng.permutation(len(units)):
        rows = units[int(place)]
        yield rows, float(start + offset * rows.size) / size
        start += rows.size


def classes_in(samples: Samples, rows: np.ndarray) -> list[np.ndarray]:
    """`rows` of one cell, a group for each class, in order of first members; rows without a class are left out."""
    labels = samples.klass[rows]
    return [rows[labels == label] for label in dict.fromkeys(labels.tolist()) if label >= 0]


def edition(samples: Samples, damage: Damage, dose: float, *, carried: Sequence[str] = ()) -> Edition:
    """`samples` with `damage` at `dose`: classes and complexity are measured anew wherever a text changed.

    `carried` are the user's columns that belong to a text and go with it.
    """
    rows = damage.rows(dose)
    origin = np.arange(len(samples))
    origin[rows] = damage.donor[rows]
    texts = {int(row): damage.texts[int(row)] for row in rows if int(row) in damage.texts}
    columns = _moving(samples, damage, carried)
    table = samples.table.with_donors(origin, columns, texts)
    frame = _damaged_frame(samples, origin, [samples_name(samples, name) for name in columns], texts)
    quality = samples.quality[origin] if damage.moves_quality else samples.quality
    changed = np.zeros(len(samples), dtype=bool)
    changed[rows] = True
    made = replace(samples, frame=frame, table=table, quality=quality)
    return Edition(_measured_again(made, samples, changed), table, changed)


def _measured_again(made: Samples, before: Samples, changed: np.ndarray) -> Samples:
    """`made` with labels of the cells and complexity of the rows that `changed`."""
    klass, complexity = before.klass.copy(), before.complexity.copy()
    touched = [rows for rows in before.rows_of_cells if changed[rows].any()]
    if touched:
        every = np.concatenate(touched)
        klass[every] = labels_of(made, touched)[every]
        places = np.flatnonzero(changed)
        complexity[places] = made.rules.complexity.scores(made.frame[places])
    return replace(made, klass=klass, complexity=complexity)


def _moving(samples: Samples, damage: Damage, carried: Sequence[str]) -> list[str]:
    """The user's columns that go with a text from donor to damaged row."""
    table, label = samples.table, getattr(samples.rules.equivalence, "column", None)
    quality = {table.own(name) for name in QUALITY_COLUMNS} | _root(samples.quality_name, table)
    if samples.rules.unit == "set":  # the prompt goes along, or the answer would be to another one
        stays = {table.own(name) for name in OF_THE_PLACE} | (set() if damage.moves_quality else quality)
        return [name for name in table.columns if name not in stays]
    goes = [*(table.own(name) for name in OF_THE_TEXT), *carried, *_root(label, table)]
    if not damage.moves_quality and quality & set(goes):
        raise InputError(
            f"quality and label both lie in {', '.join(sorted(quality & set(goes)))}, of which one stays and one goes; "
            "write the label into a column of its own"
        )
    return list(dict.fromkeys([*goes, *(sorted(quality) if damage.moves_quality else ())]))


def _root(name: str | None, table: Table) -> set[str]:
    """The top-level column of the user's column `name`, which may be COLUMN.KEY."""
    if name is None:
        return set()
    return {name} if name in table.columns else {table.own(name.split(".", 1)[0])}


def samples_name(samples: Samples, own: str) -> str:
    """The canonical name of the user's column `own`."""
    return next((canonical for canonical, name in samples.table.names.items() if name == own), own)


def _damaged_frame(samples: Samples, origin: np.ndarray, columns: Sequence[str], texts: dict[int, str]) -> pl.DataFrame:
    frame = samples.frame
    there = [name for name in dict.fromkeys(columns) if name in frame.columns and name not in QUALITY_COLUMNS]
    label = getattr(samples.rules.equivalence, "column", None)
    there += [label] if label is not None and label in frame.columns and label not in there else []
    made = frame.with_columns(frame[name].gather(origin.tolist()).alias(name) for name in there)
    if texts:
        said = pl.Series(list(texts.values()), dtype=pl.String)
        made = made.with_columns(made["response"].scatter(list(texts), said).alias("response"))
    return made
