"""Tables of one model: which prompts a figure rests on, per domain and over all, and where it is null."""

from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.measure.samples import Cell, average_distinct, batch, cell_rows, measured, random_batch
from triaxis.measure import Options
from triaxis.results import Results

CELL = [("a", 10.0), ("a", 4.0), ("b", 10.0), ("c", 2.0)]
ALIKE = [("a", 4.0)] * 4


def results_of(*cells: Cell, domains: str = "x", options: Options | None = None) -> Results:
    """Results of one model; cell i is of prompt i, in the domains in turn."""
    rows = [{**row, "domain": domains[p % len(domains)]} for p, c in enumerate(cells) for row in cell_rows(c, prompt=f"p{p:02}")]
    return measured(batch(rows), options=options)


def value(results: Results, table: str, column: str = "value", *, domain: str | None = None, **where: object) -> object:
    """One entry of one row; `floor=None` is ungated."""
    frame = results.to_frame(table).filter(pl.col("domain").eq_missing(pl.lit(domain, dtype=pl.String)))
    for name, wanted in where.items():
        frame = frame.filter(pl.col(name).eq_missing(pl.lit(wanted)))
    (found,) = frame[column].to_list()
    return found


def test_the_row_over_all_domains_is_the_mean_over_prompts() -> None:
    results = results_of(CELL, ALIKE, CELL, domains="xyx")
    # n = 2 from floor 4: CELL 4/3, ALIKE 1; x holds two of CELL, y one of ALIKE
    assert value(results, "usable_diversity", domain="x", floor=4.0, budget=2) == pytest.approx(4 / 3)
    assert value(results, "usable_diversity", domain="y", floor=4.0, budget=2) == pytest.approx(1)
    assert value(results, "usable_diversity", floor=4.0, budget=2) == pytest.approx((4 / 3 + 1 + 4 / 3) / 3)
    assert value(results, "usable_diversity", "prompts", floor=4.0, budget=2) == 3


def test_rows_without_a_domain_have_domain_none() -> None:
    results = measured(batch(cell_rows(CELL)))
    assert set(results.to_frame()["domain"]) == {None, "(none)"}


def test_the_ungated_row_has_no_floor_and_equals_the_lowest_observed_one() -> None:
    table = results_of(CELL, ALIKE, CELL).to_frame()
    for _, rows in table.group_by("domain", "budget"):
        lowest, ungated = rows.filter(floor=2.0), rows.filter(pl.col("floor").is_null())
        assert lowest.drop("floor").equals(ungated.drop("floor"))


def test_figures_given_usable_are_null_under_ten_prompts_and_values_from_ten_on() -> None:
    few, enough = results_of(*[CELL] * 9), results_of(*[CELL] * 10)
    assert value(few, "given_usable", floor=4.0, equal_count=2) is None
    assert value(few, "given_usable", "prompts_left", floor=4.0, equal_count=2) == 9
    assert value(enough, "given_usable", floor=4.0, equal_count=2) == pytest.approx(5 / 3)
    assert value(enough, "pairwise", floor=4.0, form="all pairs") == pytest.approx(2 / 6)
    assert value(enough, "pairwise", floor=4.0, form="usable pairs") == pytest.approx(2 / 3)


def test_prompts_without_enough_usable_samples_leave_and_are_counted() -> None:
    results = results_of(*[CELL] * 10, ALIKE, ALIKE)
    # at floor 10 ALIKE has nothing usable: the figure rests on the ten others, U on all twelve
    assert value(results, "given_usable", floor=10.0, equal_count=2) == pytest.approx(2)
    assert value(results, "given_usable", "prompts_left", floor=10.0, equal_count=2) == 10
    assert value(results, "given_usable", "prompts", floor=10.0, equal_count=2) == 12
    assert value(results, "usable_diversity", floor=10.0, budget=2) == pytest.approx(10 / 12)


def test_richness_is_over_prompts_with_a_usable_sample() -> None:
    results = results_of(CELL, ALIKE)
    # CELL ungated: 3 seen, 2 once, 1 twice: chao1 3 + 2 / (2 * 2) = 3.5, coverage 1 - 2/4; ALIKE: 1, 1, 1
    row = {c: value(results, "richness", c, floor=None) for c in ("observed", "chao1", "coverage", "prompts_left")}
    assert row == pytest.approx({"observed": 2, "chao1": 2.25, "coverage": 0.75, "prompts_left": 2})
    assert value(results, "richness", "prompts_left", floor=10.0) == 1


def test_utility_takes_the_smallest_cell_as_k() -> None:
    results = results_of(CELL, CELL[:2])
    # k = 2: both cells are 10 and a copy: 10 * 0.2 / (1 - 0.64)
    assert value(results, "utility", "k") == 2
    assert value(results, "utility") == pytest.approx(10 * 0.2 / 0.36)


def test_a_curve_rests_on_one_set_of_prompts() -> None:
    results = results_of(*[CELL] * 9, CELL[:1])
    rows = results.to_frame().filter(pl.col("domain").is_null())
    assert set(rows["prompts"]) == {9}
    assert set(rows["budget"]) == {1, 2, 3, 4}
    kept = ("prompts", "prompts_left", "smallest_cell", "largest_cell", "largest_budget")
    assert [value(results, "cells", c) for c in kept] == [10, 9, 1, 4, 4]


def test_asked_floors_and_budgets_are_shown_with_intervals() -> None:
    results = results_of(*[CELL, ALIKE] * 6, options=Options(floors=(3.0,), budgets=(3,), draws=200))
    low, high = (value(results, "usable_diversity", c, floor=3.0, budget=3) for c in ("low", "high"))
    found = value(results, "usable_diversity", floor=3.0, budget=3)
    assert low < found < high  # type: ignore[operator]
    # 3 of 4 draws from floor 3 on: CELL a always hit, b with 3/4; ALIKE one class
    assert found == pytest.approx((1 + 3 / 4 + 1) / 2)


def test_intervals_start_at_ten_prompts() -> None:
    for prompts, has_interval in ((9, False), (10, True)):
        results = results_of(*[CELL if p % 2 else ALIKE for p in range(prompts)])
        assert (value(results, "usable_diversity", "low", floor=4.0, budget=2) is not None) == has_interval


@given(st.integers(0, 10**6))
@settings(max_examples=4)
def test_every_value_is_the_mean_over_prompts_of_the_average_over_all_draws(seed: int) -> None:
    frame = random_batch(seed, gaps=False)
    table = measured(frame).to_frame().filter(pl.col("domain").is_null())
    for (model,), rows in frame.group_by("model"):
        cells = [list(zip(g["label"], g["quality"], strict=True)) for _, g in rows.group_by("prompt_id")]
        for row in table.filter(model=model).iter_rows(named=True):
            floor = float("-inf") if row["floor"] is None else row["floor"]
            sizes = sorted(len(c) for c in cells)
            kept = [c for c in cells if len(c) >= sizes[len(sizes) // 10]]
            expected = sum(average_distinct(c, floor, row["budget"]) for c in kept) / len(kept)
            assert (row["prompts"], row["value"]) == (len(kept), pytest.approx(expected))


@given(st.integers(0, 10**6))
@settings(max_examples=5)
def test_in_the_table_a_higher_floor_never_raises_u_and_a_larger_budget_never_lowers_it(seed: int) -> None:
    table = measured(random_batch(seed)).to_frame().with_columns(pl.col("floor").fill_null(float("-inf")))
    for _, rows in table.group_by("model", "domain", "budget"):
        assert all(b <= a + 1e-12 for a, b in pairwise(rows.sort("floor")["value"]))
    for _, rows in table.group_by("model", "domain", "floor"):
        assert all(b >= a - 1e-12 for a, b in pairwise(rows.sort("budget")["value"]))


def test_the_only_domain_has_the_figures_of_all_domains() -> None:
    rows = [row for p in range(12) for m in "xy" for row in cell_rows([("a", 1.0), ("b", 2.0 + p)], prompt=f"p{p}", model=m)]
    results = measured(batch([{**row, "domain": "d"} for row in rows]))
    filled = {name for name, frame in results.tables.items() if frame.height and "domain" in frame.columns} - {"unmeasured"}
    assert {"usable_diversity", "given_usable", "pairwise", "richness", "comparisons", "winner_map", "cells"} <= filled
    for name, frame in results.tables.items():
        if name in filled:
            every, only = frame.filter(pl.col("domain").is_null()), frame.filter(pl.col("domain") == "d")
            assert every.height, name
            assert every.drop("domain").equals(only.drop("domain")), name
