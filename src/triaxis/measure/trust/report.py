"""The axiom report: every check on every metric, as rows with a verdict and a sentence."""

from collections.abc import Callable, Sequence

import polars as pl

from triaxis.measure.levels.cells import LevelCell
from triaxis.measure.levels.choice import DEFAULT_SIZE
from triaxis.measure.trust import checks
from triaxis.measure.trust.seen import Finding, Seen, sampled
from triaxis.protocols import Diversity, Progress

SCHEMA = {
    "metric": pl.String, "level": pl.String, "check": pl.String, "verdict": pl.String, "value": pl.Float64, "low": pl.Float64,
    "high": pl.Float64, "reason": pl.String,
}  # fmt: skip

CHECKS: dict[str, Callable[[Seen], Finding | None]] = {
    "people": checks.people,
    "length": checks.length,
    "copies": checks.duplication,
    "shuffled words": checks.nonsense,
    "size": checks.size,
    "convergence": checks.convergence,
    "saturation": checks.saturation,
    "ties": checks.ties,
}
"""Checks of one metric by itself, in the order in which they are told; `meaning` compares it with another."""

OF_MEANING = ("content-distance", "cosine-distance")


def trust_report(
    cells: Sequence[LevelCell], metrics: Sequence[Diversity], seed: int, *, size: int = DEFAULT_SIZE,
    progress: Progress | None = None,
) -> pl.DataFrame:  # fmt: skip
    """One row for each metric and check: `verdict` is trust, distrust or cannot tell; `value` the number behind it; `reason`.

    At most 300 `cells` are looked at, of whole prompts chosen by `seed`. The metric of meaning that others are compared with is
    `content-distance` among `metrics`, else `cosine-distance`.
    """
    some = sampled(cells, seed=seed) if cells else []
    seen = [Seen(metric, some, size, seed) for metric in metrics]
    by_name = {one.metric.name: one for one in seen}
    meaning = next((by_name[name] for name in OF_MEANING if name in by_name), None)
    rows = []
    for number, one in enumerate(seen, start=1):
        rows += _rows(one, meaning)
        if progress is not None:
            progress("asking metrics", number, len(seen))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _rows(seen: Seen, meaning: Seen | None) -> list[tuple[object, ...]]:
    found = {name: check(seen) for name, check in CHECKS.items()} | {"meaning": checks.agreement(seen, meaning)}
    key = (seen.metric.name, seen.metric.traits.level)
    return [(*key, name, *_plain(finding)) for name, finding in found.items() if finding is not None]


def _plain(finding: Finding) -> tuple[object, ...]:
    reason = finding.reason[:1].upper() + finding.reason[1:]
    return (finding.verdict, finding.value, finding.low, finding.high, f"{reason}.")
