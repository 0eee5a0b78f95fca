"""The filter effect: by hand, against simulation, with a second quality, and where there is nothing to thin."""

from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.measure.domains.worlds import axes_of, seen_of, table, world
from tests.measure.samples import Cell, cells_from
from triaxis.measure.domains.filter_effect import filter_effect_of_counts, missed, thinned
from triaxis.measure.domains.filter_second import filter_effect_of_texts
from triaxis.measure.options import Options
from triaxis.measure.outcome import AnswerOptions, Outcome

OPTIONS = Options(draws=200)
CELL: Cell = [("x", 1.0), ("x", 1.0), ("y", 0.0), ("z", 1.0)]


def effects(outcome: Outcome, **where: Any) -> pl.DataFrame:
    return table("filter_effect", outcome.tables["filter_effect"]).filter(pl.col("domain").is_null(), **where)


def test_classes_by_chance_are_the_average_over_all_ways_to_thin() -> None:
    cells = cells_from(CELL)
    found = thinned(cells, np.array([-np.inf, 1.0, 2.0]))
    labels = [label for label, _ in CELL]
    by_hand = [4, 3, 0]
    chance = [np.mean([len({labels[i] for i in some}) for some in combinations(range(4), u)]) for u in by_hand]
    np.testing.assert_allclose(found.by_chance, [chance])
    np.testing.assert_array_equal(found.kept, [[3, 2, 0]])
    np.testing.assert_array_equal(found.usable, [by_hand])


MISSES = [(4, 2, 1, 0.5), (4, 2, 3, 0.0), (4, 1, 3, 0.25), (9, 3, 0, 1.0), (2000, 1, 500, 0.75)]


@pytest.mark.parametrize(("size", "members", "drawn", "expected"), MISSES)
def test_the_chance_to_miss_a_class(size: int, members: int, drawn: int, expected: float) -> None:
    assert missed(np.array(size), np.array(members), np.array(drawn)) == pytest.approx(expected)


def test_a_bar_that_takes_the_rare_class_is_under_one() -> None:
    store = world({("m", "verse"): [CELL] * 12})
    found = effects(filter_effect_of_counts(store, axes_of(store), OPTIONS), model="m")
    ungated, _, at_one = found.to_dicts()
    assert ungated["value"] == 1.0  # nothing was thinned
    assert ungated["low"] is None
    assert at_one["value"] == pytest.approx(0.8)  # x, z of 1 + 0.75 + 0.75
    assert (at_one["kept_classes"], at_one["by_chance"], at_one["usable_share"]) == pytest.approx((2.0, 2.5, 0.75))
    assert (at_one["prompts"], at_one["prompts_left"]) == (12, 12)


def test_all_models_together_count_the_classes_they_share_once() -> None:
    store = world({("a", "verse"): [[("x", 1.0)]], ("b", "verse"): [[("x", 1.0), ("x", 0.0)]]})
    found = effects(filter_effect_of_counts(store, axes_of(store), OPTIONS))
    pool = found.filter(pl.col("model").is_null(), floor=1.0).to_dicts()[0]
    assert (pool["kept_classes"], pool["by_chance"], pool["value"]) == (1.0, 1.0, 1.0)
    assert found.filter(model="a").is_empty()  # one sample cannot be thinned


def test_classes_of_one_cell_have_no_pool() -> None:
    store = world({("a", "verse"): [CELL] * 2, ("b", "verse"): [CELL] * 2}, equivalence="lexical")
    outcome = filter_effect_of_counts(store, axes_of(store), OPTIONS)
    assert set(effects(outcome)["model"]) == {"a", "b"}
    assert "lexical@prompt" in outcome.not_run[0].reason


def test_single_samples_are_not_run() -> None:
    store = world({("a", "verse"): [[("x", 1.0)]] * 12})
    outcome = filter_effect_of_counts(store, axes_of(store), OPTIONS)
    assert [line.analysis for line in outcome.not_run] == ["filter effect"]
    assert outcome.tables["filter_effect"] == []


def test_intervals_need_ten_prompts_of_which_five_vary() -> None:
    mild: Cell = [("x", 1.0), ("y", 1.0), ("y", 0.0)]
    for cells, has in (([CELL, mild] * 5, True), ([CELL, mild] * 4, False), ([[("x", 1.0), ("y", 1.0)]] * 12 + [CELL], False)):
        store = world({("m", "verse"): cells})
        row = effects(filter_effect_of_counts(store, axes_of(store), OPTIONS), model="m", floor=1.0).to_dicts()[0]
        assert (row["low"] is not None) is has


SECOND = {"b": 5.0, "c": 1.0}


class TestSecondQuality:
    """Classes that one bar loses and another would have kept."""

    def options(self, second: str = "taste>=3") -> Options:
        return Options(draws=200, answers=AnswerOptions(second=second))

    def seen(self, count: int = 12, **given: Any) -> Any:
        answers = [("a", 1.0), ("b", 0.0), ("c", 0.0), ("d", 0.0)]
        return seen_of({("m", "verse"): [answers] * count}, **{"floors": [0.5], "second": SECOND, **given})

    def test_lost_classes_without_a_second_quality_are_neither_accepted_nor_refused(self) -> None:
        outcome = filter_effect_of_texts(self.seen(), self.options())
        row = effects(outcome, floor=0.5).to_dicts()[0]
        assert (row["lost_classes"], row["accepted"]) == (3.0, 0.5)  # b yes, c no, d unknown
        assert (row["second"], row["second_floor"], row["kept_classes"]) == ("taste", 3.0, 1.0)
        assert row["by_chance"] == pytest.approx(1.0)  # one of four, all different
        assert row["accepted_kept"] is None  # a has no second quality
        assert any("24 of 48 answers have no second quality taste" in note for note in outcome.notes)

    def test_ungated_nothing_is_lost(self) -> None:
        ungated = effects(filter_effect_of_texts(self.seen(), self.options())).filter(pl.col("floor").is_null()).to_dicts()[0]
        assert (ungated["lost_classes"], ungated["accepted"], ungated["accepted_kept"]) == (0.0, None, 0.5)

    def test_the_floor_left_out_is_the_median_and_said(self) -> None:
        outcome = filter_effect_of_texts(self.seen(), self.options("taste"))
        assert set(effects(outcome)["second_floor"]) == {3.0}  # of 5 and 1
        assert any("its median" in note for note in outcome.notes)

    def test_a_second_quality_that_nothing_has_is_not_run(self) -> None:
        outcome = filter_effect_of_texts(self.seen(second={}), self.options())
        assert [line.analysis for line in outcome.not_run] == ["filter effect, second quality"]

    def test_without_being_asked_there_is_nothing(self) -> None:
        assert filter_effect_of_texts(self.seen(), OPTIONS) == Outcome()

    def test_floors_nobody_passes_lose_everything(self) -> None:
        row = effects(filter_effect_of_texts(self.seen(floors=[9.0]), self.options()), floor=9.0).to_dicts()[0]
        assert (row["lost_classes"], row["kept_classes"], row["value"]) == (4.0, 0.0, None)
