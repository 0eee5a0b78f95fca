"""Verdicts in sentences, and numbers as people read them."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from triaxis.blind.response import OWN, Blindness, Verdict

LOST = {
    "copies": "the diversity gone",
    "swap": "the quality gone",
    "noise": "the answers with their words shuffled",
    "simpler": "the complexity gone",
}


def sentences(found: Blindness) -> Iterator[str]:
    """One sentence for each evaluation of the user's and each damage; ours in one sentence at the end."""
    for verdict in found.verdicts:
        if not verdict.evaluation.startswith(f"{OWN}: "):
            yield sentence(found, verdict)
    own = own_sentence(found)
    if own:
        yield own


def sentence(found: Blindness, verdict: Verdict) -> str:
    """`51 % of the diversity gone (dose 50 %), mean:quality moved +0.2 % [-0.1, +0.5]: it does not see ...`."""
    rows = found.of(verdict.evaluation, verdict.axis).filter(pl.col("dose") > 0)
    row = _telling(rows, verdict.axis)
    if row["change"] is None:
        return f"{verdict.damage}: {verdict.evaluation} has no score here ({row['reason']})."
    return f"{planted(row)}, {verdict.evaluation} moved {moved(row)}: it {sees(verdict, rows)}."


def _telling(rows: pl.DataFrame, axis: str) -> Mapping[str, Any]:
    """The row of the dose at which the damaged axis has lost nearest to half; the largest dose where that is not known."""
    known = rows.filter(pl.col(axis).is_not_null() & pl.col("change").is_not_null() & (pl.col("damage") != "noise"))
    if not known.height:
        return rows.sort("dose").row(-1, named=True)
    return known.sort((pl.col(axis) + 0.5).abs(), "dose").row(0, named=True)


def planted(row: Mapping[str, Any]) -> str:
    """What was truly planted: `51 % of the diversity gone (50 % of the samples)`."""
    truth = row[row["axis"]]
    if row["damage"] == "noise" or truth is None:
        return f"{row['reached']:.0%} of {LOST[row['damage']] if row['damage'] == 'noise' else 'the samples damaged'}"
    return f"{-truth:.0%} of {LOST[row['damage']]} ({row['reached']:.0%} of the samples)"


def moved(row: Mapping[str, Any]) -> str:
    """`+0.2 % [-0.1, +0.5]`, in score units where the score before is 0."""
    unit = "percent" if row["percent"] is not None else "change"
    sign = " %" if unit == "percent" else ""
    value = f"{signed(row[unit])}{sign}"
    low, high = (row["percent_low"], row["percent_high"]) if unit == "percent" else (row["low"], row["high"])
    return value if low is None else f"{value} [{signed(low)}, {signed(high)}]"


def signed(value: float) -> str:
    """A number with its sign and three figures; 0 without a sign."""
    return "0" if abs(value) < 5e-4 else f"{value:+.3g}" if abs(value) < 10 else f"{value:+.1f}"


def sees(verdict: Verdict, rows: pl.DataFrame) -> str:
    """`sees this damage from dose 25 % on, as a loss`, or what keeps it from it."""
    if verdict.smallest is not None:
        return f"sees this damage from a dose of {verdict.smallest:.0%} on, as a {verdict.side}"
    if verdict.reason is not None:
        return f"cannot be judged ({verdict.reason})"
    top = rows.sort("dose").row(-1, named=True)
    return f"does not see this damage at any dose up to {top['dose']:.0%} ({top['reached']:.0%} of the samples reached)"


def own_sentence(found: Blindness) -> str:
    """What the figures of ours see, by damage; empty when they were not run."""
    parts = []
    for damage in found.damages:
        seen = [
            f"{v.evaluation.removeprefix(f'{OWN}: ')} from {v.smallest:.0%}"
            for v in found.verdicts
            if v.axis == damage.axis and v.evaluation.startswith(f"{OWN}: ") and v.smallest is not None
        ]
        if any(v.evaluation.startswith(f"{OWN}: ") for v in found.verdicts):
            parts.append(f"{damage.axis} damage is seen by {', '.join(seen) if seen else 'none of its figures'}")
    return f"triaxis on the same doses: {'; '.join(parts)}." if parts else ""
