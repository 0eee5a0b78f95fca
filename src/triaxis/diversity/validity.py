"""What is known about how far each diversity metric agrees with people: the table that `triaxis lab validity` made, shipped.

The one idea: a metric is recommended for what it was seen to do. Temperature changes words and is easy to see; content is what
people mean by diversity, and is where metrics differ, so content decides. The data is not shipped, the table and its origin are.
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl

from triaxis.responses import Level

CONTENT = (("conTest", "human"), ("conTest", "label"), ("McDiv", "label"), ("McDiv_nuggets", "human"))
"""Tests and targets in which sets differ in content: people's judgement, or 1 for different content and 0 for the same."""

TEMPERATURE = (("decTest", "human"), ("decTest", "label"))
"""Tests and targets in which sets differ in the temperature that they were sampled at."""

SPOKEN_OF: tuple[Level, ...] = ("lexical", "syntactic", "semantic")
"""Levels of which these sets tell something: sentences of everyday talk have one format, no actions and no final answers."""

FILE = "validity.json"


def evidence(metric: str | None = None) -> pl.DataFrame:
    """Rows of the table: all of them, or those of `metric` with whatever argument it was run; empty where there are none.

    `rho` is Spearman's correlation with the target, -1 to 1, with a 95 % interval; `minus_reference` is rho less that of the best
    published metric; `length_rho` the metric's correlation with the mean length of responses on these sets.
    """
    table = pl.DataFrame(_shipped()["rows"], schema=_SCHEMA, orient="row")
    if metric is None:
        return table
    own = table.filter(pl.col("metric") == metric)
    return own if own.height else table.filter(pl.col("metric").str.split(":").list.first() == metric)


def origin() -> dict[str, Any]:
    """How the table was made: `command`, `data` and its SHA-256, `encoder`, `draws`, `seed`, `sets`, `not_run`."""
    return {key: value for key, value in _shipped().items() if key not in {"rows", "columns"}}


def recommended(level: Level) -> str | None:
    """The metric of `level` whose agreement on content is surest; None for a level that the sets tell nothing of.

    Rule: the largest mean, over `CONTENT` and tasks, of the lower ends of the intervals; only metrics that have all of these.
    Rows by rules of classes are left out: they are about the rule.
    """
    if level not in SPOKEN_OF:
        return None
    scores = content_scores(evidence().filter(pl.col("level") == level, ~pl.col("reading").str.starts_with("classes")))
    return str(scores["metric"][0]) if scores.height else None


def content_scores(rows: pl.DataFrame) -> pl.DataFrame:
    """`metric`, `reading` and `score`, the mean lower end over content, best first; of those with a row for every part."""
    parts = pl.struct("test", "target").is_in([{"test": test, "target": target} for test, target in CONTENT])
    found = rows.filter(parts, pl.col("low").is_not_null())
    tasks = found.select("test", "target", "task").n_unique()
    score = found.group_by("metric", "reading").agg(pl.col("low").mean().alias("score"), pl.len().alias("parts"))
    return score.filter(pl.col("parts") == tasks).sort(["score", "metric"], descending=[True, False]).drop("parts")


_SCHEMA = {
    **dict.fromkeys(("metric", "level", "reading", "test", "task", "target"), pl.String),
    **dict.fromkeys(("rho", "low", "high"), pl.Float64),
    **dict.fromkeys(("sets", "undefined", "prompts"), pl.Int64),
    **dict.fromkeys(("minus_reference", "minus_low", "minus_high", "length_rho"), pl.Float64),
}


@cache
def _shipped() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((files("triaxis.diversity") / FILE).read_text(encoding="utf-8"))
    if found["columns"] != list(_SCHEMA):
        raise ValueError(f"{FILE} has other columns than expected; make it again: {found['command']}")
    return found
