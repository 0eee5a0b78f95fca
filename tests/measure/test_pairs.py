"""Models against each other: only shared prompts, one set of them, counted."""

import polars as pl
import pytest

from tests.measure.samples import batch, cell_rows, measured
from triaxis.results import Results

RICH, POOR = [("a", 2.0), ("b", 2.0), ("c", 1.0)], [("a", 2.0), ("a", 2.0), ("a", 2.0)]


def results_of(models: dict[str, list[tuple[str, list[tuple[str, float]]]]]) -> Results:
    """Results of {model: [(prompt, cell), ...]}."""
    rows = [
        row for model, cells in models.items() for prompt, cell in cells for row in cell_rows(cell, prompt=prompt, model=model)
    ]
    return measured(batch(rows))


def on(prompts: range, cell: list[tuple[str, float]]) -> list[tuple[str, list[tuple[str, float]]]]:
    return [(f"p{p:02}", cell) for p in prompts]


def row(results: Results, table: str, **where: object) -> dict[str, object]:
    frame = results.to_frame(table).filter(pl.col("domain").is_null(), **where)
    (found,) = frame.to_dicts()
    return found


def test_a_difference_is_over_shared_prompts_only() -> None:
    # on p00 to p11 both; b alone has p12 and p13, where it is rich: they count for b, never for the comparison
    results = results_of({"a": on(range(12), RICH), "b": [*on(range(12), POOR), *on(range(12, 14), RICH)]})
    found = row(results, "comparisons", floor=2.0, budget=3)
    assert (found["prompts"], found["difference"], found["verdict"]) == (12, pytest.approx(1.0), "a leads")
    alone = results.to_frame().filter(pl.col("domain").is_null(), model="b", floor=2.0, budget=3)
    assert alone.select("prompts", "value").row(0) == (14, pytest.approx((12 * 1 + 2 * 2) / 14))


def test_models_that_hardly_ever_differ_cannot_be_told_apart() -> None:
    # under 5 prompts of non-zero difference no band is tested (design 5.2), not even for twins
    results = results_of({"a": on(range(12), RICH), "b": on(range(12), RICH)})
    assert set(results.to_frame("comparisons")["verdict"]) == {"cannot tell"}
    assert set(results.to_frame("comparisons")["difference"]) == {0.0}


def test_a_comparison_goes_as_far_as_both_models_do() -> None:
    results = results_of({"a": on(range(12), RICH * 2), "b": on(range(12), POOR)})
    assert results.to_frame("comparisons")["budget"].max() == 3
    assert results.to_frame().filter(model="a")["budget"].max() == 6


def test_diversity_given_usable_is_compared_where_both_have_enough() -> None:
    thin = [("a", 2.0), ("b", 1.0), ("c", 1.0)]  # one usable sample at floor 2
    results = results_of({"a": on(range(12), RICH), "b": [*on(range(10), POOR), *on(range(10, 12), thin)]})
    found = row(results, "given_usable_pairs", floor=2.0, equal_count=2)
    # two usable draws: RICH {a, b} -> 2, POOR -> 1, on the ten prompts where both have two
    assert (found["value_a"], found["value_b"], found["difference"]) == pytest.approx((2, 1, 1))
    assert (found["prompts"], found["prompts_left"]) == (12, 10)


def test_a_pair_uses_all_prompts_that_the_two_share_not_only_those_of_all_models() -> None:
    # c lacks p12 to p15: a and b are compared given usable on 16 prompts, each of them with c on 12
    wide, narrow = range(16), range(12)
    results = results_of({"a": on(wide, RICH), "b": on(wide, POOR), "c": on(narrow, RICH)})
    rows = results.to_frame("given_usable_pairs").filter(pl.col("domain").is_null(), floor=1.0, equal_count=2)
    found = {(r["model_a"], r["model_b"]): (r["prompts"], r["prompts_left"], r["difference"]) for r in rows.to_dicts()}
    assert found == {("a", "b"): (16, 16, 1.0), ("a", "c"): (12, 12, 0.0), ("b", "c"): (12, 12, -1.0)}


def test_under_ten_prompts_with_enough_there_is_no_conditional_difference() -> None:
    thin = [("a", 2.0), ("b", 1.0), ("c", 1.0)]
    results = results_of({"a": on(range(12), RICH), "b": [*on(range(9), POOR), *on(range(9, 12), thin)]})
    found = row(results, "given_usable_pairs", floor=2.0, equal_count=2)
    assert (found["value_a"], found["difference"], found["low"], found["prompts_left"]) == (None, None, None, 9)


def test_a_pair_that_never_changes_sign_has_one_row_with_no_flip() -> None:
    results = results_of({"a": on(range(12), RICH), "b": on(range(12), POOR)})
    assert row(results, "flips", budget=3)["verdict"] == "none"


def test_a_flip_lies_between_two_observed_qualities() -> None:
    # a: three classes of quality 1; b: two of quality 3. Up to 1 a leads by one class, from 3 on b leads by two
    many, good = [("a", 1.0), ("b", 1.0), ("c", 1.0)], [("a", 3.0), ("b", 3.0), ("b", 3.0)]
    results = results_of({"a": on(range(12), many), "b": on(range(12), good)})
    found = row(results, "flips", budget=3)
    names = ("verdict", "leader_below", "leader_above", "last_floor_below", "floor", "low", "high")
    assert [found[name] for name in names] == ["flip", "a", "b", 1.0, 3.0, 1.0, 3.0]
    winners = results.to_frame("winner_map").filter(pl.col("domain").is_null(), budget=3)
    assert dict(winners.select("floor", "winner").iter_rows()) == {None: "a", 1.0: "a", 3.0: "b"}
