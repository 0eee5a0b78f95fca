"""What stands beside a topical gate: how its threshold was found, and the mean cosine distance."""

from typing import Any

import polars as pl

from triaxis.report.dense import Axes, dense
from triaxis.report.text import number, plural
from triaxis.report.view import GateView


def calibrated(view: GateView) -> str | None:
    """Encoder, zero, ceiling and its source, threshold, and the share of unrelated pairs above it; None without one."""
    found = view.summary.gate.calibration
    if found is None:
        return None
    above = number(100 * found.share_above, 1 if found.share_above >= 0.001 else 3)
    return (
        f"Topical by {found.encoder}: zero {number(found.zero, 3)}, of answers to different prompts; ceiling "
        f"{number(found.ceiling, 3)}, {found.ceiling_source}; threshold {number(found.threshold, 3)}. {above} % of "
        f"{plural(found.pairs, 'cross-prompt pair')} lie above it: the rule would call these the same."
    )


def extract(view: GateView, axes: Axes) -> dict[str, Any] | None:
    """`cosine_distance` over all domains as arrays over model and floor; None without rows."""
    rows = view.table("cosine_distance").filter(pl.col("value").is_not_null())
    if not rows.height:
        return None
    found, shape = axes.located(rows), [("model", len(axes.models)), ("floor", len(axes.floors))]
    figures = {name: dense(found, name, shape) for name in ("value", "low", "high")}
    return {**figures, "left": dense(found, "prompts_left", shape, 1)}
