"""A dry run: what there is and what can run, the same story as the run itself."""

from pathlib import Path
from typing import Any

import pytest

from tests.measure.samples import batch, cell_rows
from triaxis.diversity.equivalence import parse_equivalence
from triaxis.measure import Plan, plan
from triaxis.measure.api import Reading, open_samples

CELL = [("a", 1.0), ("b", 2.0)]


@pytest.fixture
def planned(tmp_path: Path) -> Any:
    def make(rows: list[dict[str, Any]]) -> Plan:
        frame = batch(rows).drop("row")
        frame.select(c for c in frame.columns if frame[c].null_count() < frame.height).write_parquet(tmp_path / "samples.parquet")
        return plan(open_samples([tmp_path / "samples.parquet"], Reading(), parse_equivalence("exact"), examples=True))

    return make


def rows_of(prompts: int, models: str = "ab") -> list[dict[str, Any]]:
    return [row for p in range(prompts) for m in models for row in cell_rows(CELL, prompt=f"p{p}", model=m)]


def not_run(found: Plan) -> dict[str, str]:
    return {line.analysis: line.reason for line in found.not_run}


def test_it_counts_models_prompts_and_samples(planned: Any) -> None:
    found = planned([*rows_of(12), *cell_rows([("a", None), ("b", 1.0), ("c", 1.0)], prompt="p99", model="a")])
    assert (found.rows, found.prompts, found.shared_prompts) == (51, 13, 12)
    first = found.models[0]
    assert (first.model, first.samples, first.prompts, first.with_quality) == ("a", 27, 13, 26)
    assert (first.smallest_cell, first.median_cell, first.largest_cell) == (2, 2.0, 3)
    assert found.domains == {"(none)": 51}
    assert found.quality_sources == {"(not stated)": 50}


def test_with_everything_there_everything_runs(planned: Any) -> None:
    assert planned([{**row, "tokens": 3} for row in rows_of(12)]).not_run == ()
    assert [missing.analysis for missing in planned(rows_of(12)).not_run] == ["figures per cost"]


@pytest.mark.parametrize(
    ("rows", "analysis", "reason"),
    [
        (rows_of(9), "intervals", "needs 10 prompts, got 9"),
        (rows_of(12, "a"), "comparisons, flips, winner map", "needs at least two models"),
        (
            [{**row, "prompt_id": f"{row['model']}{row['prompt_id']}"} for row in rows_of(9)],
            "intervals",
            "needs 10 prompts, got 9",
        ),
        ([{**row, "quality": row["quality"] - 2} for row in rows_of(12)], "utility_k", "at least 0, got -1"),
        (
            [row for n in range(4) for m in "a" + "b" * (n == 0) for row in cell_rows(CELL, prompt=f"p{n}", model=m)],
            "comparisons, flips, winner map",
            "name models with --compare",
        ),
        ([{**row, "quality": None} for row in rows_of(12)], "figures above a quality floor", "type --quality COLUMN"),
        ([{**row, "sample_index": None} for row in rows_of(12)], "utility_k", "needs column sample_index"),
        (rows_of(12)[::2], "diversity inside a prompt (given usable, pairwise, richness)", "got 1 everywhere"),
        (
            [{**row, "prompt_id": row["prompt_id"] + row["model"]} for row in rows_of(12)],
            "comparisons, flips, winner map",
            "no prompt is",
        ),
        ([{**row, "prompt_id": None} for row in rows_of(12)], "usable diversity U(tau, n)", "type --map prompt=COLUMN"),
    ],
)
def test_what_cannot_run_says_what_it_needs(planned: Any, rows: list[dict[str, Any]], analysis: str, reason: str) -> None:
    found = planned(rows)
    assert reason in not_run(found)[analysis]
    assert analysis not in found.runs


COMPARED = "comparisons, flips, winner map"


def test_two_models_that_share_prompts_are_enough_for_comparisons(planned: Any) -> None:
    found = planned([*rows_of(12), *cell_rows(CELL, prompt="lonely", model="c")])
    assert found.shared_prompts == 0
    assert COMPARED in found.runs


def test_models_scored_by_different_sources_are_not_compared(planned: Any) -> None:
    found = planned([{**row, "quality_source": row["model"]} for row in rows_of(12)])
    assert found.shared_prompts == 12
    assert "no other model shares" in not_run(found)[COMPARED]


def test_a_cell_is_of_one_domain_as_in_the_measurement(planned: Any) -> None:
    rows = [{**row, "domain": f"d{row['sample_index']}"} for row in rows_of(12)]
    first = planned(rows).models[0]
    assert (first.prompts, first.smallest_cell, first.largest_cell) == (12, 1, 1)


def test_a_plan_is_json(planned: Any) -> None:
    found = planned(rows_of(12))
    assert Plan.model_validate_json(found.model_dump_json()) == found


def test_missing_qualities_and_nan_are_not_counted_as_scored(planned: Any) -> None:
    rows = rows_of(12)
    rows[0]["quality"], rows[1]["quality"] = None, float("nan")
    found = planned(rows)
    assert sum(model.with_quality for model in found.models) == 46
    assert sum(model.samples for model in found.models) == 48
