"""Which metrics to distrust on these samples: the table `trust` of one gate, the worst first, each with its reasons.

The one idea: a reader wants the reasons against a metric, then what could not be told, and the rest only as a count.
"""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from triaxis.report.text import plural
from triaxis.report.view import GateView

DISTRUST, TRUST, UNKNOWN = "distrust", "trust", "cannot tell"
MOST_METRICS = 60
MOST_LINES = 8


class Verdict(NamedTuple):
    """One metric: `tone` is its worst verdict; reasons against it, what is in doubt, and the checks that it passed."""

    metric: str
    level: str
    tone: str
    against: list[str]
    unknown: list[str]
    passed: list[str]


class Trust(NamedTuple):
    """All metrics of a gate, those with most against them first; `distrusted` of them have something, `left` are not shown."""

    metrics: list[Verdict]
    distrusted: int
    left: int

    @property
    def sentence(self) -> str:
        """How many metrics have something against them."""
        total = plural(len(self.metrics) + self.left, "metric")
        if not self.distrusted:
            return f"On these samples nothing speaks against any metric, of {total}."
        return f"On these samples something speaks against {self.distrusted} of {total}."


def trust(view: GateView) -> Trust | None:
    """What the page shows of the table `trust`; None without rows."""
    rows = view.table("trust") if "trust" in view.results.tables else pl.DataFrame()
    if not rows.height:
        return None
    found = [_verdict(own) for own in rows.partition_by("metric", maintain_order=True)]
    found.sort(key=lambda one: (one.tone != DISTRUST, -len(one.against)))
    return Trust(found[:MOST_METRICS], sum(one.tone == DISTRUST for one in found), max(0, len(found) - MOST_METRICS))


def _verdict(rows: pl.DataFrame) -> Verdict:
    def told(verdict: str, column: str) -> list[str]:
        return [str(text) for text in rows.filter(pl.col("verdict") == verdict)[column]]

    against = told(DISTRUST, "reason")
    tone = DISTRUST if against else TRUST if told(TRUST, "check") else UNKNOWN
    return Verdict(rows["metric"][0], rows["level"][0], tone, against, told(UNKNOWN, "reason"), told(TRUST, "check"))


def lines(view: GateView) -> list[str]:
    """For the terminal: a sentence, then each distrusted metric with its first reason; empty without the table."""
    found = trust(view)
    if found is None:
        return []
    told = [_line(one.metric, one.against) for one in found.metrics if one.tone == DISTRUST][:MOST_LINES]
    left = found.distrusted - len(told)
    return [found.sentence, *told, *([f"and {plural(left, 'more metric')}: see tables/trust.parquet"] if left else [])]


def _line(metric: str, against: Sequence[str]) -> str:
    others = "" if len(against) == 1 else f" ({plural(len(against) - 1, 'more reason')})"
    return f"distrust {metric}: {against[0]}{others}"
