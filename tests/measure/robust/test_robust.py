"""Flips counted again under other rules: what is the same flip, which share it holds under, and what did not run."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from tests.measure.robust.varied import flipping
from tests.measure.samples import measured
from triaxis.measure.api import Reading, measure_paths, run
from triaxis.measure.options import Options
from triaxis.measure.robust.choice import Alternative, RobustOptions
from triaxis.measure.robust.match import MOST_ROWS, Recount, crossings, robust_flips, robust_runs
from triaxis.results import TABLES, Results

ROBUST = Options(draws=200, robust=RobustOptions(is_on=True, rules=("exact", "lexical", "one-class")))


@pytest.fixture(scope="module")
def results() -> Results:
    return measured(flipping(), options=ROBUST)


def flip(**changes: object) -> dict[str, object]:
    """A row of table `flips`."""
    row: dict[str, object] = {
        "gate": "g", "model_a": "a", "model_b": "b", "domain": None, "budget": 2, "crossing": 1, "last_floor_below": 1.0,
        "floor": 2.0, "low": 1.0, "high": 2.0, "leader_below": "a", "leader_above": "b", "verdict": "flip", "prompts": 10,
    }  # fmt: skip
    return row | changes


def table(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=dict(TABLES["flips"]))


def recount(name: str, *rows: dict[str, object]) -> Recount:
    return Recount(Alternative(name, "threshold"), table(*rows))


def test_a_flip_is_the_same_when_the_same_models_lead_on_the_same_sides() -> None:
    base = table(flip())
    runs = robust_runs(base, [
        recount("elsewhere", flip(floor=5.0)),
        recount("in doubt", flip(verdict="undecided")),
        recount("other way round", flip(leader_below="b", leader_above="a")),
        recount("no crossing", flip(crossing=0, leader_above="a", verdict="none", floor=None)),
        recount("both", flip(verdict="undecided", floor=3.0), flip(crossing=2, floor=4.0)),
    ])  # fmt: skip
    assert dict(zip(runs["alternative"], runs["found"], strict=True)) == {
        "elsewhere": "same flip", "in doubt": "same order, in doubt", "other way round": "no such flip",
        "no crossing": "no such flip", "both": "same flip",
    }  # fmt: skip
    assert runs["floor"].to_list() == [5.0, 2.0, None, None, 4.0]


def test_shares_are_over_the_rules_that_ran() -> None:
    base = table(flip())
    runs = robust_runs(base, [
        recount("same", flip()), recount("doubt", flip(verdict="undecided")), recount("gone", flip(crossing=0, verdict="none")),
        Recount(Alternative("dear", "equivalence", "costs money"), None), recount("short", flip(budget=9)),
    ])  # fmt: skip
    assert runs.filter(pl.col("found") == "not run")["alternative"].to_list() == ["dear", "short"]
    assert runs.filter(pl.col("alternative") == "dear")["reason"].item() == "costs money"
    assert "too few samples" in runs.filter(pl.col("alternative") == "short")["reason"].item()
    row = robust_flips(base, runs).row(0, named=True)
    assert (row["tried"], row["holds"], row["sure"], row["not_run"]) == (3, 2, 1, 2)
    assert (row["share"], row["share_sure"]) == (2 / 3, 1 / 3)


def test_without_any_rule_that_ran_there_is_no_share() -> None:
    base = table(flip())
    row = robust_flips(base, robust_runs(base, [Recount(Alternative("x", "equivalence", "why"), None)])).row(0, named=True)
    assert (row["tried"], row["share"], row["share_sure"]) == (0, None, None)


def test_rows_without_a_crossing_are_not_counted_again_and_sure_ones_come_first() -> None:
    rows = [flip(crossing=0, verdict="none"), flip(budget=3, verdict="undecided"), flip(budget=4)]
    assert crossings(table(*rows))["budget"].to_list() == [4, 3]
    assert crossings(table(*[flip(budget=n) for n in range(MOST_ROWS + 5)])).height == MOST_ROWS


def test_each_crossing_of_the_run_has_a_row_for_each_rule(results: Results) -> None:
    base = crossings(results.tables["flips"])
    assert base.height
    runs = results.tables["robust_flip_runs"]
    assert runs.height == 3 * base.height
    assert results.tables["robust_flips"].height == base.height


def test_the_recount_is_what_a_run_under_that_rule_finds(results: Results) -> None:
    runs = results.tables["robust_flip_runs"]
    for rule in ("exact", "lexical", "one-class"):
        alone = measured(flipping(), rule).tables["flips"].filter(pl.col("crossing") > 0)
        key = ["model_a", "model_b", "domain", "budget"]
        there = alone.filter(pl.col("leader_below") == "wild", pl.col("leader_above") == "tame")
        expected = {tuple(row) for row in there.select(key).iter_rows()}
        mine = runs.filter(pl.col("alternative") == rule)
        found = {tuple(row) for row in mine.filter(pl.col("found").str.starts_with("same")).select(key).iter_rows()}
        assert found == expected & {tuple(row) for row in mine.select(key).iter_rows()}


def test_a_flip_of_variety_is_there_under_wording_and_gone_when_all_answers_are_one(results: Results) -> None:
    runs = results.tables["robust_flip_runs"].filter(pl.col("domain").is_null(), pl.col("budget") == 5)
    found = dict(runs.select("alternative", "found").iter_rows())
    assert found["exact"] == "same flip"
    assert found["one-class"] == "no such flip"


def test_what_it_cost_stands_in_the_notes(results: Results) -> None:
    (summary,) = results.manifest.gates
    assert "flips were counted again under 3 other rules, each one more pass over the samples" in summary.notes


def test_a_rule_that_fails_is_a_row_that_says_why() -> None:
    options = replace(ROBUST, robust=RobustOptions(is_on=True, rules=("exact", "lexical:2")))
    runs = measured(flipping(), options=options).tables["robust_flip_runs"]
    failed = runs.filter(pl.col("alternative") == "lexical:2")
    assert failed["found"].unique().to_list() == ["not run"]
    assert "must lie in (0, 1]" in failed["reason"][0]


def test_without_robust_there_are_no_rows_and_no_second_pass() -> None:
    passes = []

    class Counted(list[pl.DataFrame]):
        def __iter__(self):  # type: ignore[no-untyped-def]
            passes.append(1)
            return super().__iter__()

    plain = measured(Counted([flipping()]))
    assert plain.tables["robust_flips"].height == plain.tables["robust_flip_runs"].height == 0
    assert len(passes) == 1


def test_models_that_never_change_places_say_so() -> None:
    frame = flipping().with_columns(quality=pl.lit(1.0))
    found = measured(frame, options=ROBUST)
    assert any(reason.analysis == "flips under other rules" for reason in found.manifest.not_run)


def test_another_quality_source_is_a_gate_that_costs_nothing() -> None:
    both = pl.concat([flipping(source="judge A"), flipping(seed=1, source="judge B")])
    renumbered = both.with_columns(
        row=pl.int_range(pl.len(), dtype=pl.Int64),
        sample_index=pl.col("sample_index") + 100 * (pl.col("quality_source") == "judge B"),
    )
    once = replace(ROBUST, robust=RobustOptions(is_on=True, rules=("exact",)))
    runs = measured(renumbered, options=once).tables["robust_flip_runs"]
    gates = runs.filter(pl.col("kind") == "gate")
    assert gates["alternative"].n_unique() == 2
    assert (gates["gate"] != gates["alternative"]).all()
    assert "same flip" in gates["found"].to_list()


def test_sets_are_counted_again_too() -> None:
    frame = flipping(prompts=60, samples=1)
    runs = measured(frame, "exact", options=replace(ROBUST, robust=RobustOptions(is_on=True, rules=("normalised",))), unit="set")
    base = crossings(runs.tables["set_flips"])
    assert base.height
    assert runs.tables["robust_flip_runs"].height == base.height
    assert set(runs.tables["robust_flip_runs"]["found"]) <= {"same flip", "same order, in doubt"}


def test_label_columns_of_rules_are_read_from_files(tmp_path: Path) -> None:
    file = tmp_path / "samples.parquet"
    flipping().drop("row").write_parquet(file)
    found = run(file, equivalence="exact", draws=200, robust=True, robust_rules=["column:label"], examples=0)
    assert set(found.tables["robust_flip_runs"]["alternative"]) == {"column:label"}
    assert "not run" not in found.tables["robust_flip_runs"]["found"].to_list()


def test_counts_of_earlier_runs_cannot_be_counted_again(tmp_path: Path) -> None:
    file = tmp_path / "samples.parquet"
    flipping().drop("row").write_parquet(file)
    measure_paths([file], Reading(equivalence="exact"), Options(draws=200, examples=0)).save(tmp_path / "run")
    again = measure_paths([tmp_path / "run"], Reading(), replace(ROBUST, robust=RobustOptions(True, (), "pairs.csv"))).results
    told = {reason.analysis: reason.reason for reason in again.manifest.not_run}
    assert "measure the samples again" in told["flips under other rules"]
    assert "measure the samples again" in told["labelled pairs"]
