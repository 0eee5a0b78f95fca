"""Whether a flip is there again under another rule, row by row, and the share of rules under which it is.

A flip is the same when the same two models lead on the same two sides; where on the scale it lies may differ. It is sure again
when both its ends are beyond doubt there too.
"""

from collections.abc import Iterable
from typing import NamedTuple

import polars as pl

from triaxis.measure.flips import FLIP, UNDECIDED
from triaxis.measure.robust.choice import Alternative
from triaxis.results import TABLES

SURE, DOUBTED, GONE, NOT_RUN = "same flip", "same order, in doubt", "no such flip", "not run"
KEY = ("model_a", "model_b", "domain", "budget", "crossing")
MOST_ROWS = 2000
"""Flips of one gate that are counted again; sure ones first."""


class Recount(NamedTuple):
    """One alternative and the flips found under it; None where it did not run."""

    alternative: Alternative
    flips: pl.DataFrame | None


def crossings(flips: pl.DataFrame) -> pl.DataFrame:
    """The rows of table `flips` that are crossings: sure ones first, then those in doubt, at most `MOST_ROWS`."""
    found = flips.filter(pl.col("verdict").is_in([FLIP, UNDECIDED]))
    return found.sort(pl.col("verdict") == UNDECIDED, maintain_order=True).head(MOST_ROWS)


def robust_runs(base: pl.DataFrame, recounts: Iterable[Recount]) -> pl.DataFrame:
    """Table `robust_flip_runs`: each crossing of `base` under each alternative, in the order of both."""
    frames = [_against(base, recount) for recount in recounts]
    return pl.concat([pl.DataFrame(schema=dict(TABLES["robust_flip_runs"])), *frames])


def robust_flips(base: pl.DataFrame, runs: pl.DataFrame) -> pl.DataFrame:
    """Table `robust_flips`: each crossing of `base` with how many alternatives ran, and under which share it is there again.

    `share` is null where none ran.
    """
    is_there, ran = pl.col("found").is_in([SURE, DOUBTED]), pl.col("found") != NOT_RUN
    counts = runs.group_by(KEY, maintain_order=True).agg(
        ran.sum().cast(pl.Int64).alias("tried"), is_there.sum().cast(pl.Int64).alias("holds"),
        (pl.col("found") == SURE).sum().cast(pl.Int64).alias("sure"), (~ran).sum().cast(pl.Int64).alias("not_run"),
    )  # fmt: skip
    whole = base.join(counts, on=KEY, how="left", nulls_equal=True, maintain_order="left").with_columns(
        pl.col("tried", "holds", "sure", "not_run").fill_null(0)
    )
    share = pl.when(pl.col("tried") > 0).then(pl.col("holds") / pl.col("tried"))
    sure = pl.when(pl.col("tried") > 0).then(pl.col("sure") / pl.col("tried"))
    shown = whole.with_columns(share.alias("share"), sure.alias("share_sure"))
    return shown.select(pl.col(column).cast(kind) for column, kind in TABLES["robust_flips"].items())


def _against(base: pl.DataFrame, recount: Recount) -> pl.DataFrame:
    there = recount.flips
    rows = [
        {name: row[name] for name in ("gate", *KEY)} | recount.alternative._asdict() | _found(row, there, recount)
        for row in base.iter_rows(named=True)
    ]
    renamed = [{("alternative" if name == "spec" else name): value for name, value in row.items()} for row in rows]
    schema = TABLES["robust_flip_runs"]
    return pl.DataFrame(renamed, schema=dict(schema)) if renamed else pl.DataFrame(schema=dict(schema))


def _found(row: dict[str, object], there: pl.DataFrame | None, recount: Recount) -> dict[str, object]:
    """`found`, the floor at which the flip is there, and the reason where it was not looked for."""
    if there is None:
        return {"found": NOT_RUN, "floor": None, "reason": recount.alternative.reason}
    same = there.filter(*(pl.col(name).eq_missing(pl.lit(row[name])) for name in ("model_a", "model_b", "domain", "budget")))
    if not same.height:
        reason = f"too few samples are left for {row['budget']} draws of both models, once cells are cut to one N"
        return {"found": NOT_RUN, "floor": None, "reason": reason}
    alike = same.filter(
        pl.col("crossing") > 0, pl.col("leader_below") == row["leader_below"], pl.col("leader_above") == row["leader_above"]
    )
    if not alike.height:
        return {"found": GONE, "floor": None, "reason": None}
    best = alike.sort(pl.col("verdict") == UNDECIDED, maintain_order=True).row(0, named=True)
    return {"found": SURE if best["verdict"] == FLIP else DOUBTED, "floor": best["floor"], "reason": None}
