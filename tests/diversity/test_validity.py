"""The shipped table of agreement with people: whole, true to its rule, and the one in the docs."""

from pathlib import Path

import polars as pl
import pytest

from triaxis.diversity import recommended, validity
from triaxis.lab.validity import Validity, markdown
from triaxis.responses import LEVELS

DOCS = Path(__file__).resolve().parents[2] / "docs" / "validity.md"


def test_every_figure_lies_in_its_interval_and_range() -> None:
    rows = validity.evidence()
    assert rows.height > 300
    assert rows.filter(pl.col("rho").abs() > 1).height == 0
    known = rows.filter(pl.col("low").is_not_null())
    assert known.filter((pl.col("low") > pl.col("rho") + 0.02) | (pl.col("high") < pl.col("rho") - 0.02)).height == 0
    assert rows.filter((pl.col("metric") == "sent_bert") & (pl.col("minus_reference") != 0)).height == 0


def test_the_origin_says_how_to_make_it_again() -> None:
    origin = validity.origin()
    assert origin["command"].startswith("triaxis lab validity diversity_human_scores_dev.parquet")
    assert "/tmp" not in origin["command"]
    assert len(origin["data_sha256"]) == 64


def test_evidence_of_a_metric_is_found_by_its_name_with_or_without_argument() -> None:
    assert validity.evidence("distinct").equals(validity.evidence("distinct:2"))
    assert validity.evidence("distinct").height == 14
    assert validity.evidence("no-such-metric").height == 0


def test_the_recommended_metric_has_the_largest_mean_lower_end_on_content() -> None:
    rows = validity.evidence().filter(pl.col("level") == "lexical")
    best = validity.recommended("lexical")
    means = {}
    for metric in rows["metric"].unique():
        ends = [
            row["low"]
            for row in rows.filter(pl.col("metric") == metric).iter_rows(named=True)
            if (row["test"], row["target"]) in validity.CONTENT and row["low"] is not None
        ]
        means[metric] = sum(ends) / len(ends) if len(ends) == 8 else -1
    assert best == max(means, key=means.__getitem__)


@pytest.mark.parametrize("level", LEVELS)
def test_the_default_of_a_level_is_what_the_table_recommends_where_it_can(level: str) -> None:
    found = validity.recommended(level)  # type: ignore[arg-type]
    assert (found is None) == (level in {"behavioural", "format"})
    assert found is None or found.partition(":")[0] == recommended(level)  # type: ignore[arg-type]


def test_the_semantic_default_is_nowhere_beyond_doubt_under_the_best_published_metric_on_content_labels() -> None:
    rows = validity.evidence(validity.recommended("semantic")).filter(
        pl.col("target") == "label", pl.col("test").is_in(["conTest", "McDiv"])
    )
    assert rows.height == 4
    assert (rows["minus_high"] >= 0).all()
    assert rows["minus_reference"].mean() > 0  # type: ignore[operator]


def test_content_separates_levels_that_temperature_does_not() -> None:
    hard = {row["metric"]: row["rho"] for row in _rows("McDiv_nuggets", "resp_gen", "label")}
    warm = {row["metric"]: row["rho"] for row in _rows("decTest", "resp_gen", "label")}
    assert float(str(hard["content-distance"])) > 2 * float(str(hard["ead:1"]))
    assert float(str(warm["ead:1"])) > float(str(warm["content-distance"])) > 0.7


def _rows(test: str, task: str, target: str) -> list[dict[str, object]]:
    return list(validity.evidence().filter(test=test, task=task, target=target).iter_rows(named=True))


def test_the_docs_show_the_shipped_table() -> None:
    shipped = markdown(Validity(validity.evidence(), {}, 0, 0, 0))
    assert shipped.strip() in DOCS.read_text(encoding="utf-8")
