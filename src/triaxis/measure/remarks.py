"""What is to be said of the samples of a run store, whatever the unit: what is odd, what is lost, what is not there at all."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from triaxis.measure.bucket import REPEATED, REPEATS_REMEDY
from triaxis.measure.store import RunStore
from triaxis.results import NotRun

MOST_NAMED = 5


@dataclass(frozen=True)
class Missed:
    """Analyses that did not run, each reason once with the models it holds for; `every` is the number of models."""

    every: int
    models: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def add(self, analysis: str, reason: str, model: str | None = None) -> None:
        """`analysis` did not run for `reason`, for `model` or, with None, for all."""
        whom = self.models.setdefault((analysis, reason), [])
        if model is not None and model not in whom:
            whom.append(model)

    def lines(self) -> Iterator[NotRun]:
        """What did not run."""
        for (analysis, reason), whom in self.models.items():
            yield NotRun(analysis=analysis, reason=reason + of_models(whom, self.every))


def notes_of(store: RunStore) -> Iterator[str]:
    """What is to be known of the samples of `store`."""
    yield from store.header.notes
    yield from _repeats(store)
    yield from _crowded(store)


def _repeats(store: RunStore) -> Iterator[str]:
    repeats = int(store.lost.filter(pl.col("reason") == REPEATED)["samples"].sum())
    if repeats:
        yield f"{repeats} samples repeat a sample_index of their cell and were left out; {REPEATS_REMEDY}"


def _crowded(store: RunStore) -> Iterator[str]:
    """A caution where cells hold more samples than their numbers allow: only stores that overlap, added, can come to that."""
    columns = pl.col("count").cast(pl.Int64).sum().alias("samples"), pl.col("first_index").min(), pl.col("last_index").max()
    cells = [frame.group_by("model", "prompt", "domain").agg(columns) for frame in store.frames()]
    room = pl.col("last_index") - pl.col("first_index") + 1
    crowded = sum(c.filter((pl.col("first_index") >= 0) & (pl.col("samples") > room)).height for c in cells)
    if crowded:
        yield (
            f"{crowded} cells hold more samples than there are values of sample_index, as when the runs that were added share"
            " samples: such samples count twice; measure the files together in one command to leave repeats out"
        )


def nothing_measured(store: RunStore) -> Iterator[NotRun]:
    """Why there are no figures at all, where there are none."""
    if not store.models:
        reasons = store.lost.group_by("reason").agg(pl.col("samples").sum()).sort("reason").iter_rows()
        told = "; ".join(f"{samples} x {reason}" for reason, samples in reasons)
        yield NotRun(
            analysis="every measure", reason=f"no sample could be measured: {told}; another --equivalence or --quality may"
        )


def lost_counts(store: RunStore) -> dict[tuple[str, str | None], int]:
    """Samples that were not measured by (model, domain), and by (model, None) over all domains."""
    counts: dict[tuple[str, str | None], int] = {}
    for model, domain, _, samples in store.lost.iter_rows():
        for key in ((model, domain), (model, None)):
            counts[key] = counts.get(key, 0) + samples
    return counts


def of_models(models: list[str], every: int) -> str:
    """The models that a reason holds for, in parentheses; nothing when it holds for all."""
    if not models or len(models) == every:
        return ""
    more = f" and {len(models) - MOST_NAMED} more" if len(models) > MOST_NAMED else ""
    return f" ({', '.join(models[:MOST_NAMED])}{more})"
