"""The whole population of a store: its tables, what cannot run, and planted answers."""

import numpy as np
import polars as pl
import pytest

from tests.measure.population.planted import axes_of, block_of, random_cells, rows_of, sharing_store, store_from
from tests.measure.samples import batch, shuffled, store_of
from triaxis.errors import InputError
from triaxis.measure.options import Options
from triaxis.measure.outcome import Outcome
from triaxis.measure.population import population_of_counts
from triaxis.measure.population.blocks import joined_models
from triaxis.measure.population.curves import Population, split_rows
from triaxis.measure.store import RunStore
from triaxis.measure.tables import Resampling, assemble
from triaxis.results import TABLES

OPTIONS = Options(draws=200)
NAMES = ("population", "population_pairs", "population_models", "model_clusters")


def table(outcome: Outcome, name: str = "population") -> pl.DataFrame:
    return assemble(name, "gate", outcome.tables.get(name, ()))


def measured(store: RunStore, *floors: float, budgets: tuple[int, ...] = (1, 2, 3)) -> Outcome:
    return population_of_counts(store, axes_of(*floors, budgets=budgets), OPTIONS)


def row_of(frame: pl.DataFrame, measure: str, *, floor: float | None = None, budget: int | None = None) -> dict[str, object]:
    at = pl.col("floor").is_null() if floor is None else pl.col("floor") == floor
    of = pl.col("budget").is_null() if budget is None else pl.col("budget") == budget
    return frame.filter(pl.col("domain").is_null(), pl.col("measure") == measure, at, of).row(0, named=True)


class TestTables:
    def test_all_four_have_the_columns_of_the_schema(self) -> None:
        outcome = measured(sharing_store(0, prompts=12), 1.0, 2.0)
        assert set(outcome.tables) == set(NAMES)
        for name in NAMES:
            frame = table(outcome, name)
            assert list(frame.columns) == list(TABLES[name])
            assert frame.height
            assert not frame.select(pl.col(pl.Float64).is_infinite().any()).row(0).count(True)

    def test_every_floor_has_every_curve(self) -> None:
        frame = table(measured(sharing_store(0, prompts=12), 1.0, 2.0))
        counts = frame.filter(pl.col("measure").is_in(["within", "mixture"])).group_by("measure", "budget", "domain").len()
        assert counts["len"].unique().to_list() == [3]

    def test_each_domain_stands_beside_all_of_them(self) -> None:
        cells = random_cells(0, prompts=24, sizes=[3])
        store = store_from(cells, {f"p{p}": "xy"[p % 2] for p in range(24)})
        frame = table(measured(store))
        assert frame["domain"].unique().sort().to_list() == [None, "x", "y"]
        within = dict(frame.filter(measure="within", budget=2).select("domain", "value").iter_rows())
        assert within[None] == pytest.approx((within["x"] + within["y"]) / 2)

    def test_one_domain_is_repeated_under_its_name(self) -> None:
        frame = table(measured(sharing_store(0, prompts=12)))
        assert frame["domain"].unique().sort().to_list() == [None, "(none)"]

    def test_row_order_changes_nothing(self) -> None:
        rows = batch(rows_of(random_cells(1, prompts=12, sizes=[3])))
        first, second = (measured(store_of(r, "column:label@prompt"), 1.0) for r in (rows, shuffled(rows, 5)))
        for name in NAMES:
            assert table(first, name).equals(table(second, name))


class TestPlanted:
    def test_models_that_share_all_differ_by_nothing(self) -> None:
        covered, in_null = 0, 0
        for seed in range(20):
            population = Population(block_of(sharing_store(seed, prompts=20)), axes_of(budgets=(3,)), Resampling(200))
            found = next(f for f in split_rows(population) if f["measure"][0] == "between").row(0, named=True)
            covered += found["low"] <= 0 <= found["high"]
            in_null += found["null_low"] <= found["value"] <= found["null_high"]
        assert min(covered, in_null) >= 16

    def test_models_that_share_nothing_are_all_effective(self) -> None:
        frame = table(measured(sharing_store(0, share=0.0, prompts=20)))
        effective, between = row_of(frame, "effective models"), row_of(frame, "between", budget=3)
        assert effective["value"] == pytest.approx(4)
        assert effective["null_high"] < 4
        assert between["low"] > between["null_high"]
        assert row_of(frame, "same between")["value"] == 0

    def test_effective_models_of_equals_lie_among_those_of_permuted_labels(self) -> None:
        found = row_of(table(measured(sharing_store(3, prompts=30))), "effective models")
        assert 1 < found["null_low"] <= found["null"] <= found["null_high"] < found["ceiling"] == 4
        assert found["value"] == pytest.approx(found["null"], abs=0.1)

    def test_a_random_floor_takes_answers_and_no_differences(self) -> None:
        # qualities are independent of classes, so random thinning is what the floor does
        frame = table(measured(sharing_store(1, share=0.5, prompts=60), 3.0))
        share = row_of(frame, "usable share, change", floor=3.0)
        assert share["value"] == pytest.approx(-0.6, abs=0.05)
        for name, budget in (("between", 3), ("ratio", 3), ("within", 3), ("same between", None), ("effective models", None)):
            found = row_of(frame, f"{name}, change", floor=3.0, budget=budget)
            assert found["low"] < found["null"] < found["high"]

    def test_a_floor_above_which_all_say_the_same_is_seen(self) -> None:
        cells = {
            (f"p{p:02}", m): [("shared", 9.0)] * 3 + [(m, 1.0)] * 3 for p in range(20) for m in "abc"
        }
        frame = table(measured(store_from(cells), 9.0))
        assert row_of(frame, "same between", floor=9.0)["value"] == 1
        change = row_of(frame, "same between, change", floor=9.0)
        assert change["value"] == pytest.approx(1 - 9 / 36)
        between = row_of(frame, "between, change", floor=9.0, budget=3)
        assert between["high"] < min(0, between["null"])
        assert row_of(frame, "effective models", floor=9.0)["value"] == pytest.approx(1)


class TestHostile:
    def test_classes_of_a_cell_cannot_be_compared(self) -> None:
        outcome = measured(store_of(rows_of(random_cells(0)), "column:label"))
        assert not outcome.tables
        assert "type --equivalence column:label@prompt" in outcome.not_run[0].reason

    def test_a_set_has_no_prompts_to_compare_at(self) -> None:
        outcome = measured(store_of(rows_of(random_cells(0)), "exact", unit="set"))
        assert "type --unit prompt" in outcome.not_run[0].reason

    def test_one_model_is_no_population(self) -> None:
        outcome = measured(store_from({("p", "a"): [("x", 1.0)]}))
        assert "at least two models" in outcome.not_run[0].reason

    def test_models_without_a_shared_prompt_are_told_so(self) -> None:
        store = store_from({("p", "a"): [("x", 1.0)], ("q", "b"): [("x", 1.0)]})
        assert "no other model shares half" in measured(store).not_run[0].reason
        asked = population_of_counts(store, axes_of(), Options(draws=200, compare=("a", "b")))
        assert "no prompt is shared by a, b" in asked.not_run[0].reason

    def test_one_sample_a_cell_leaves_repetition_open_and_the_mixture_goes_on(self) -> None:
        cells = random_cells(0, models=4, prompts=12, sizes=[1])
        outcome = measured(store_from(cells), budgets=(1,))
        frame = table(outcome)
        assert row_of(frame, "same within")["value"] is None
        assert row_of(frame, "same within")["reason"] == "no prompt has two usable samples of one model"
        assert row_of(frame, "same between")["value"] is not None
        assert row_of(frame, "same between")["null"] is None
        assert row_of(frame, "mixture", budget=4)["value"] > row_of(frame, "mixture", budget=2)["value"] > 1
        assert row_of(frame, "between", budget=4)["value"] is None
        assert "one sample" in str(row_of(frame, "between", budget=4)["reason"])
        own = table(outcome, "population_models").filter(measure="repetition")
        assert own["value"].null_count() == own.height

    def test_a_floor_that_nobody_passes_has_no_likeness_and_no_models(self) -> None:
        frame = table(measured(store_from(random_cells(0, prompts=12, sizes=[3])), 99.0))
        assert row_of(frame, "usable share", floor=99.0)["value"] == 0
        assert row_of(frame, "mixture", floor=99.0, budget=2)["value"] == 0
        assert row_of(frame, "ratio", floor=99.0, budget=2)["value"] is None
        assert row_of(frame, "same between", floor=99.0)["prompts_left"] == 0
        assert row_of(frame, "effective models", floor=99.0)["models"] == 0

    def test_few_prompts_have_values_and_no_intervals(self) -> None:
        frame = table(measured(store_from(random_cells(0, prompts=4, sizes=[3]))))
        assert frame["low"].null_count() == frame.height
        assert row_of(frame, "mixture", budget=2)["value"] is not None

    def test_prompts_that_one_model_answers_too_rarely_are_left_out(self) -> None:
        cells = random_cells(0, models=2, prompts=20, sizes=[4]) | {("p0", "m0"): [("a", 1.0)]}
        found = row_of(table(measured(store_from(cells))), "within", budget=3)
        assert found["prompts"] == 19


class TestModels:
    def test_those_that_share_too_little_are_left_out_and_named(self) -> None:
        keys = {"a": {(p, 0) for p in range(10)}, "b": {(p, 0) for p in range(9)}, "c": {(p, 0) for p in range(8, 12)}}
        models, left, shared = joined_models(keys, ())
        assert (models, len(shared)) == (("a", "b"), 9)
        assert left == ("population: 1 models share under half of the prompts and are left out (c); --compare includes them",)

    def test_those_asked_for_join_whatever_they_share(self) -> None:
        keys = {"a": {(p, 0) for p in range(10)}, "c": {(9, 0)}}
        assert joined_models(keys, ("c", "a"))[0] == ("a", "c")
        with pytest.raises(InputError, match="no model 'd'"):
            joined_models(keys, ("a", "d"))

    def test_at_most_200_are_compared(self) -> None:
        models, left, _ = joined_models({f"m{i:03}": {(0, 0)} for i in range(203)}, ())
        assert len(models) == 200
        assert "3 are left out" in left[0]
        assert np.array_equal(models, sorted(models))
