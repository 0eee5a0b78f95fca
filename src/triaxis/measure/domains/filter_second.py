"""The classes that a quality bar loses, and how many of them a second quality would have accepted.

"The bar that helps code harms prose": a class is lost when no answer in it reaches the floor, and would have been accepted when
one of its answers reaches the floor of the second quality.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from triaxis.measure.domains.filter_effect import ANALYSIS, Thinning, missed
from triaxis.measure.domains.groups import DomainGroup, domain_groups
from triaxis.measure.domains.ratios import ratio_of_sums
from triaxis.measure.levels.cells import LevelCell
from triaxis.measure.options import Options, Progress
from triaxis.measure.outcome import Outcome, Seen
from triaxis.measure.tables import Resampling
from triaxis.results import NotRun

LOST = f"{ANALYSIS}, second quality"
UNGATED = NotRun(analysis=LOST, reason="needs a first quality whose floor loses classes; type --quality COLUMN")
NO_VALUES = NotRun(analysis=LOST, reason="no answer looked at has a second quality; check the column of --second-quality")
OF_SETS = NotRun(analysis=LOST, reason="needs several answers of a model to a prompt; a set has one; type --unit prompt")


class Judged(NamedTuple):
    """Answers of one cell that have a class: `klass` (n,) dense from 0, `quality` (n,), `second` (n,), NaN where unmeasured."""

    domain: str
    klass: np.ndarray
    quality: np.ndarray
    second: np.ndarray


class Losses(NamedTuple):
    """What a floor loses of each cell, (cells, floors): all classes `lost`, those `judged` by the second quality, `accepted`.

    `kept_judged` and `kept_accepted` count the same of the classes that stay: what the share is where nothing is lost.
    """

    lost: np.ndarray
    judged: np.ndarray
    accepted: np.ndarray
    kept_judged: np.ndarray
    kept_accepted: np.ndarray


def filter_effect_of_texts(seen: Seen, options: Options, *, progress: Progress | None = None) -> Outcome:
    """Rows of `filter_effect` with `second` set: classes lost at each floor, and the share that a second quality would accept.

    Classes none of whose answers has a second quality are lost, but neither accepted nor refused. Nothing where no second quality
    was asked for.
    """
    name = options.answers.second_column
    if name is None:
        return Outcome()
    if not seen.is_gated or seen.unit == "set":
        return Outcome(not_run=(OF_SETS if seen.is_gated else UNGATED,))
    judged = [(cell.model, found) for cell in seen.cells if (found := judged_answers(cell)) is not None]
    values = np.concatenate([found.second for _, found in judged] or [np.zeros(0)])
    if np.isnan(values).all():
        return Outcome(not_run=(NO_VALUES,))
    asked = options.answers.second_floor
    floor = float(np.nanmedian(values)) if asked is None else asked
    job = _Job(name, floor, seen.floors, Resampling(options.draws, options.seed))
    models = list(dict.fromkeys(model for model, _ in judged))
    frames: list[pl.DataFrame] = []
    for number, model in enumerate(models, start=1):
        frames += job.rows(model, [found for owner, found in judged if owner == model and found.klass.size > 1])
        if progress is not None:
            progress(LOST, number, len(models))
    return Outcome({"filter_effect": frames}, () if frames else (OF_SETS,), tuple(_notes(name, floor, values, asked is None)))


def judged_answers(cell: LevelCell) -> Judged | None:
    """The answers of `cell` that have a class; None where no second quality or no class was asked for."""
    labels = cell.responses.labels
    if cell.second is None or labels is None:
        return None
    at = np.flatnonzero(labels >= 0)
    return Judged(cell.domain, np.unique(labels[at], return_inverse=True)[1], cell.quality[at], cell.second[at])


def _notes(name: str, floor: float, values: np.ndarray, is_median: bool) -> Iterator[str]:
    if is_median:
        yield f"the floor of the second quality {name} is {floor:g}, its median; --second-quality '{name}>=FLOOR' sets another"
    unmeasured = int(np.isnan(values).sum())
    if unmeasured:
        yield f"{unmeasured:,} of {values.size:,} answers have no second quality {name}"


class _Job(NamedTuple):
    name: str
    second_floor: float
    floors: np.ndarray
    resampling: Resampling

    def rows(self, model: str, cells: Sequence[Judged]) -> Iterator[pl.DataFrame]:
        if not cells:
            return
        each = [losses_of(cell, self.floors, self.second_floor) for cell in cells]
        losses = Losses(*(np.array(part) for part in zip(*(one for one, _ in each), strict=True)))
        left = Thinning(*(np.array(part) for part in zip(*(one for _, one in each), strict=True)))
        sizes = np.array([cell.klass.size for cell in cells])
        for group in domain_groups(np.array([cell.domain for cell in cells], dtype=object)):
            yield from group.rows(self._columns(group, losses, left, sizes), model=model, second=self.name)

    def _columns(self, group: DomainGroup, losses: Losses, left: Thinning, sizes: np.ndarray) -> dict[str, np.ndarray]:
        lost, judged, accepted, kept_judged, kept_accepted = (part[group.members] for part in losses)
        kept, by_chance, usable = (part[group.members] for part in left)
        count = self.floors.size
        value, low, high = ratio_of_sums(kept, by_chance, self.resampling)
        share, least, most = ratio_of_sums(accepted, judged, self.resampling)
        return {
            "floor": self.floors,
            "value": value,
            "low": low,
            "high": high,
            "kept_classes": kept.mean(axis=0),
            "by_chance": by_chance.mean(axis=0),
            "usable_share": (usable / sizes[group.members, None]).mean(axis=0),
            "second_floor": np.full(count, self.second_floor),
            "lost_classes": lost.mean(axis=0),
            "accepted": share,
            "accepted_low": np.maximum(least, 0.0),
            "accepted_high": np.minimum(most, 1.0),
            "accepted_kept": ratio_of_sums(kept_accepted, kept_judged, self.resampling)[0],
            "prompts": np.full(count, len(lost)),
            "prompts_left": np.count_nonzero(usable > 0, axis=0),
        }


def losses_of(cell: Judged, floors: np.ndarray, second_floor: float) -> tuple[Losses, Thinning]:
    """`Losses` and `Thinning` of one cell, (floors,) each."""
    klass, samples = cell.klass, cell.klass.size
    count = int(klass.max(initial=-1)) + 1
    best, best_second = (_best(klass, values, count) for values in (cell.quality, cell.second))
    lost = best[:, None] < floors
    is_judged, is_accepted = ~np.isnan(best_second)[:, None], (best_second >= second_floor)[:, None]
    counts = (lost, lost & is_judged, lost & is_accepted, ~lost & is_judged, ~lost & is_accepted)
    usable = (cell.quality[:, None] >= floors).sum(axis=0)
    hit = 1.0 - missed(np.full((count, 1), samples), np.bincount(klass, minlength=count)[:, None], usable[None, :])
    left = Thinning(count - lost.sum(axis=0), hit.sum(axis=0), usable)
    return Losses(*(count.sum(axis=0) for count in counts)), left


def _best(klass: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """(classes,) largest of `values` in each class, NaN left out; NaN where there is none."""
    best = np.full(count, -np.inf)
    known = ~np.isnan(values)
    np.maximum.at(best, klass[known], values[known])
    return np.where(np.isneginf(best), np.nan, best)
