"""What came out: for every evaluation, damage and dose the score before and after, beside what was planted on three axes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from triaxis.blind.evaluations import Evaluation
from triaxis.blind.halves import Change, change, smallest_seen
from triaxis.blind.options import Trial
from triaxis.blind.planting import Damage
from triaxis.blind.samples import Samples
from triaxis.blind.scoring import Scores
from triaxis.blind.truth import Gauge
from triaxis.results import NotRun

OWN = "triaxis"
MAIN = {"diversity": 0, "quality": 2, "complexity": 3}
"""The figure of ours that measures each axis."""

TOLERANCE = 0.05
"""An axis that was to stay counts as kept when it moved by at most this share of itself."""


class Setting(NamedTuple):
    """What is tested: samples, what is read of them, halves (replicates, prompts), the test, axes that cannot be damaged."""

    samples: Samples
    gauge: Gauge
    kept: np.ndarray
    trial: Trial
    not_planted: tuple[NotRun, ...]


class Dosed(NamedTuple):
    """One dose: the share of samples asked for and reached, our figures (1 + replicates, figures), scores by evaluation.

    `mismatch` is how much better or worse the texts that came are than those they stand for, in quality, over all samples.
    """

    damage: Damage | None
    dose: float
    reached: float
    own: np.ndarray
    scores: Mapping[str, Scores]
    mismatch: float | None = None


SCHEMA = {
    "evaluation": pl.String, "is_own": pl.Boolean, "axis": pl.String, "damage": pl.String, "dose": pl.Float64,
    "reached": pl.Float64, "before": pl.Float64, "after": pl.Float64, "change": pl.Float64, "low": pl.Float64, "high": pl.Float64,
    "percent": pl.Float64, "percent_low": pl.Float64, "percent_high": pl.Float64, "seen": pl.Boolean, "replicates": pl.Int64,
    "reason": pl.String, "diversity": pl.Float64, "usable_diversity": pl.Float64, "quality": pl.Float64, "complexity": pl.Float64,
    "quality_mismatch": pl.Float64,
}  # fmt: skip
"""Columns of the response table.

`dose` and `reached` are shares of samples; `percent` is the change over the absolute score before, times 100; `seen`: the
interval excludes 0. `diversity`, `usable_diversity`, `quality`, `complexity`: what triaxis measured of that axis at that dose, as
a relative change (-0.5: half of it is gone), null where it has no value.
"""


@dataclass(frozen=True)
class Verdict:
    """Whether one evaluation sees one damage: the smallest dose from which on it does, None where not even the largest.

    `side` is "loss" or "gain", what it takes the damage for. `sensitivity` is the relative change of the score over that of the
    damaged axis at the largest dose: 1 follows it, 0 is blind.
    """

    evaluation: str
    axis: str
    damage: str
    smallest: float | None
    side: str | None
    sensitivity: float | None
    reason: str | None = None


@dataclass(frozen=True)
class Blindness:
    """Everything: the response table, verdicts, what could not be planted, notes, and how it was made."""

    table: pl.DataFrame
    verdicts: tuple[Verdict, ...]
    damages: tuple[Damage, ...]
    not_planted: tuple[NotRun, ...]
    notes: tuple[str, ...]
    made: Mapping[str, Any]

    def of(self, evaluation: str, axis: str) -> pl.DataFrame:
        """Rows of one evaluation and one damaged axis, rising doses."""
        return self.table.filter((pl.col("evaluation") == evaluation) & (pl.col("axis") == axis)).sort("dose")


def blindness(setting: Setting, evaluations: Sequence[Evaluation], dosed: Sequence[Dosed]) -> Blindness:
    """The table and the verdicts of all doses; `dosed` starts with the undamaged file, then the same once more."""
    base, again, *planted = dosed
    damages = tuple({one.damage.axis: one.damage for one in planted if one.damage is not None}.values())
    rows: list[dict[str, Any]] = []
    for damage in damages:
        mine = [one for one in planted if one.damage is damage]
        doses = [again, *mine] if 0.0 in setting.trial.doses else mine
        rows += _rows(setting, evaluations, damage, base, doses)
    table = pl.DataFrame(rows, schema=SCHEMA)
    lower = {one.name: one.is_lower_better for one in evaluations}
    verdicts = tuple(_verdicts(table, damages, lower))
    return Blindness(table, verdicts, damages, setting.not_planted, tuple(_notes(setting, table)), _made(setting, evaluations))


def _rows(
    setting: Setting, evaluations: Sequence[Evaluation], damage: Damage, base: Dosed, doses: Sequence[Dosed]
) -> Iterator[dict[str, Any]]:
    prompts, family = setting.samples.prompts, len(setting.trial.planted_doses)
    for one in evaluations:
        for dose in doses:
            before, after = base.scores[one.name], dose.scores[one.name]
            found = change(before.values, after.values, prompts=prompts, family=family)
            yield _row(one.name, False, damage, dose, base, _with_reason(found, after.reasons or before.reasons))
    if setting.trial.has_own:
        for place, name in enumerate(setting.gauge.names):
            if np.isfinite(base.own[0, place]):
                for dose in doses:
                    found = change(base.own[:, place], dose.own[:, place], prompts=prompts, family=family)
                    yield _row(f"{OWN}: {name}", True, damage, dose, base, found)


def _with_reason(found: Change, reasons: Sequence[str]) -> Change:
    if not reasons:
        return found
    some = f"{found.reason or 'some resamples failed'}: {reasons[0]}"
    return found._replace(reason=reasons[0] if found.change is None else some)


def _row(name: str, is_own: bool, damage: Damage, dose: Dosed, base: Dosed, found: Change) -> dict[str, Any]:
    whole = abs(found.before) if found.before else None
    percent = [None if whole is None or value is None else 100 * value / whole for value in (found.change, found.low, found.high)]
    truth = [_relative(base.own[0, place], dose.own[0, place]) for place in range(4)]
    if damage.name == "noise":
        truth[2] = None  # the column keeps the scores of texts that are gone
    return {
        "evaluation": name, "is_own": is_own, "axis": damage.axis, "damage": damage.name, "dose": dose.dose,
        "reached": dose.reached, **found._asdict(), **dict(zip(("percent", "percent_low", "percent_high"), percent, strict=True)),
        "seen": found.is_clear if found.low is not None else None,
        **dict(zip(("diversity", "usable_diversity", "quality", "complexity"), truth, strict=True)),
        "quality_mismatch": dose.mismatch,
    }  # fmt: skip


def _relative(before: float, after: float) -> float | None:
    if not np.isfinite(before) or not np.isfinite(after) or before == 0:
        return None
    return float((after - before) / abs(before))


def _verdicts(table: pl.DataFrame, damages: Sequence[Damage], lower: Mapping[str, bool]) -> Iterator[Verdict]:
    for name in table["evaluation"].unique(maintain_order=True):
        for damage in damages:
            rows = table.filter((pl.col("evaluation") == name) & (pl.col("axis") == damage.axis) & (pl.col("dose") > 0))
            yield _verdict(name, damage, rows.sort("dose"), lower.get(name, False))


def _verdict(name: str, damage: Damage, rows: pl.DataFrame, is_lower_better: bool) -> Verdict:
    changes = [Change(*[row[key] for key in Change._fields]) for row in rows.iter_rows(named=True)]
    last, changed = rows.row(-1, named=True), changes[-1].change
    reason = next((one.reason for one in reversed(changes) if one.low is None), None)
    smallest = smallest_seen(rows["dose"].to_numpy(), changes)
    side = None
    if smallest is not None and changed:
        side = "gain" if (changed > 0) != is_lower_better else "loss"
    truth, percent = last[damage.axis], last["percent"]
    sensitivity = percent / 100 / truth if percent is not None and truth is not None and abs(truth) > 1e-9 else None
    return Verdict(name, damage.axis, damage.name, smallest, side, sensitivity, reason)


def _notes(setting: Setting, table: pl.DataFrame) -> Iterator[str]:
    if setting.samples.table.note:
        yield setting.samples.table.note
    if setting.samples.prompts < 10:
        yield f"{setting.samples.prompts} prompts are fewer than 10: no intervals, so nothing is seen or not seen"
    for (axis,), rows in table.filter(pl.col("dose") > 0).group_by("axis", maintain_order=True):
        top = rows.sort("dose").row(-1, named=True)
        if top["reached"] < 0.95 * top["dose"]:
            yield f"{top['damage']}: planting saturates at {top['reached']:.0%} of the samples, short of {top['dose']:.0%}"
        moved = {other: top[other] for other in MAIN if other != axis and top[other] is not None and abs(top[other]) > TOLERANCE}
        for other, value in moved.items():
            yield f"{top['damage']}: not clean; at {top['dose']:.0%} {other} moved, too, by {value:+.1%}"
        if top["damage"] == "noise":
            yield "noise: the quality of shuffled answers is not known; a quality column keeps its old values"


def _made(setting: Setting, evaluations: Sequence[Evaluation]) -> dict[str, Any]:
    samples, gauge = setting.samples, setting.gauge
    return {
        "samples": len(samples), "prompts": samples.prompts, "cells": len(samples.rows_of_cells), "unit": samples.rules.unit,
        "quality": samples.quality_name, "equivalence": samples.rules.equivalence.name,
        "rule": samples.rules.equivalence.rule, "complexity": samples.rules.complexity.name, "floor": gauge.floor,
        "budget": gauge.budget, "seed": samples.rules.seed, "replicates": len(setting.kept), "match": setting.trial.match,
        "confidence": 0.95, "family": "doses of one damage, for one evaluation (Bonferroni)",
        "evaluations": [one.name for one in evaluations],
    }  # fmt: skip
