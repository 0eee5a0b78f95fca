"""Openness of domains: worked out by hand, from all models or from all but a pair, and what is refused."""

import numpy as np
import polars as pl
import pytest

from tests.measure.domains.worlds import axes_of, table, world
from tests.measure.samples import Cell
from triaxis.measure.domains.openness import middle_floor, openness_of_counts, openness_of_prompts
from triaxis.measure.options import Options
from triaxis.measure.outcome import Outcome

OPTIONS = Options(draws=200)
A: Cell = [("x", 1.0), ("y", 1.0)]
B: Cell = [("x", 1.0), ("z", 0.0)]


def openness_table(outcome: Outcome) -> pl.DataFrame:
    return table("openness", outcome.tables["openness"])


def test_it_is_the_expected_number_of_classes_among_equally_many_usable_samples_of_all_models() -> None:
    store = world({("a", "verse"): [A], ("b", "verse"): [B]})
    found = openness_table(openness_of_counts(store, axes_of(store), OPTIONS)).filter(pl.col("domain").is_null())
    assert found["floor"].to_list() == [None, 0.0, 1.0]
    assert found["equal_count"].to_list() == [3, 3, 3]  # x, x, y are usable at 1
    assert found["value"].to_list() == pytest.approx([2.5, 2.5, 2.0])  # x surely, y and z in 3 of 4 draws of three
    assert found["chao1"].to_list() == pytest.approx([3.5, 3.5, 2.0])
    assert found["low"].null_count() == 3  # one prompt has no interval


def test_every_domain_is_asked_with_the_same_count() -> None:
    wide: Cell = [(f"c{n}", 1.0) for n in range(12)]
    narrow: Cell = [("c0", 1.0)] * 4
    store = world({("a", "verse"): [wide] * 12, ("a", "sums"): [narrow] * 12})
    found = openness_table(openness_of_counts(store, axes_of(store), OPTIONS)).filter(pl.col("floor").is_null())
    assert set(found["equal_count"]) == {3}
    assert dict(found.select("domain", "value").iter_rows()) == pytest.approx({None: 2.0, "verse": 3.0, "sums": 1.0})


def test_the_pair_that_is_compared_can_be_left_out() -> None:
    closed: Cell = [("x", 1.0)] * 3
    open_: Cell = [("x", 1.0), ("y", 1.0), ("z", 1.0)]
    store = world({("base", "verse"): [closed] * 12, ("tuned", "verse"): [closed] * 12, ("other", "verse"): [open_] * 12})
    found = openness_table(openness_of_counts(store, axes_of(store), OPTIONS, changes=[("base", "tuned")]))
    rows = found.filter(pl.col("domain").is_null(), pl.col("floor").is_null())
    values = dict(rows.select("left_out", "value").iter_rows())
    assert values["base, tuned"] == pytest.approx(3.0)
    assert values[None] == pytest.approx(1 + 2 * (1 - 56 / 84))  # 3 of 9: y is missed by C(8, 3) / C(9, 3)


def test_openness_by_prompt_is_found_by_names() -> None:
    store = world({("a", "verse"): [A], ("b", "verse"): [B], ("c", "verse"): [A]})
    opened = openness_of_prompts(store, axes_of(store), [("a", "b")])
    assert opened is not None
    found = opened.of_prompts(("a", "b"), ["verse000", "gone"], ["verse", "verse"], np.array([-np.inf, 2.0]))
    np.testing.assert_array_equal(found, [[2.0, np.nan], [np.nan, np.nan]])


def test_a_pair_without_other_models_is_not_run_and_says_why() -> None:
    store = world({("a", "verse"): [A] * 3, ("b", "verse"): [B] * 3})
    outcome = openness_of_counts(store, axes_of(store), OPTIONS, changes=[("a", "b")])
    assert [line.reason for line in outcome.not_run] == ["needs samples of models other than a and b"]
    assert openness_table(outcome)["left_out"].null_count() == openness_table(outcome).height


def test_classes_of_one_cell_are_refused_with_what_to_type() -> None:
    store = world({("a", "verse"): [A], ("b", "verse"): [B]}, equivalence="lexical")
    (line,) = openness_of_counts(store, axes_of(store), OPTIONS).not_run
    assert line.reason.endswith("type --equivalence lexical@prompt")


def test_floors_that_nobody_passes_have_no_value() -> None:
    store = world({("a", "verse"): [[("x", 0.0), ("y", 0.0), ("z", 9.0)]] * 12})
    found = openness_table(openness_of_counts(store, axes_of(store), OPTIONS))
    assert found.filter(pl.col("floor") == 9.0)["value"].null_count() == 2  # all domains and the only one
    assert set(found.filter(pl.col("floor") == 9.0)["prompts_left"]) == {0}


@pytest.mark.parametrize(
    ("floors", "middle"), [([-np.inf], -np.inf), ([-np.inf, 3], -np.inf), ([-np.inf, 0, 1], 1), ([-np.inf, 1, 2, 3, 4], 3)]
)
def test_the_middle_floor_is_above_the_lowest_quality(floors: list[float], middle: float) -> None:
    assert middle_floor(np.array(floors)) == middle
