"""Series from counts: figures by hand, prompts that are kept, tails, capacity, and what cannot be told."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tests.measure.samples import batch, store_of
from tests.measure.series.planted import of_counts, rows, store, table
from triaxis.measure.options import Options
from triaxis.measure.outcome import AnswerOptions
from triaxis.measure.series.changes import holm_factors
from triaxis.results import TABLES

HALF = [("a", 1.0), ("a", 1.0), ("b", 0.0), ("c", 0.0)]
NONE, ALIKE = [("a", 0.0)] * 4, [("a", 1.0)] * 4
FULL = [("a", 1.0), ("b", 1.0), ("c", 1.0), ("d", 1.0)]


def values(frame: pl.DataFrame) -> list[float]:
    return frame.sort("step")["value"].to_list()


def test_figures_of_every_step_by_hand() -> None:
    outcome = of_counts(store(lambda p, step: HALF if step == 0 else FULL))
    assert values(table(outcome, measure="usable share", floor=1.0)) == pytest.approx([0.5, 1, 1, 1])
    assert values(table(outcome, measure="pass@k", floor=1.0, budget=2)) == pytest.approx([1 - 1 / 6, 1, 1, 1])
    assert values(table(outcome, measure="pass@k", floor=1.0, budget=4)) == pytest.approx([1, 1, 1, 1])
    assert values(table(outcome, measure="usable diversity", floor=1.0, budget=4)) == pytest.approx([1, 4, 4, 4])
    assert values(table(outcome, measure="usable diversity", floor=None, budget=4)) == pytest.approx([3, 4, 4, 4])
    assert values(table(outcome, measure="classes", floor=1.0)) == pytest.approx([1, 4, 4, 4])
    assert set(table(outcome)["model"]) == {"m"}


def test_frames_have_the_columns_of_their_tables() -> None:
    outcome = of_counts(store(lambda p, step: HALF if (p + step) % 3 else FULL))
    for name in ("series", "change_points"):
        assert {*outcome.tables[name][0].columns, "gate"} == set(TABLES[name])


def test_a_change_of_the_share_is_found_at_its_step() -> None:
    found = of_counts(store(lambda p, step: FULL if step >= 30 else HALF, steps=(0, 10, 20, 30, 40)))
    change = table(found, "change_points", measure="usable share", floor=1.0)
    told = change.select("step", "step_low", "step_high", "before", "after", "verdict").rows()
    assert told == [(30, 30, 30, 0.5, 1.0, "change")]
    same = table(found, "change_points", measure="pass@k", floor=1.0)
    assert same.select("step", "verdict", "p").rows() == [(None, "no change seen", 1.0)]


def test_few_prompts_or_steps_cannot_tell_and_say_why() -> None:
    for few in (store(lambda p, s: FULL if s else HALF, prompts=9), store(lambda p, s: FULL if s else HALF, steps=(0, 1, 2))):
        outcome = of_counts(few)
        assert set(table(outcome, "change_points")["verdict"]) == {"cannot tell"}
        assert any(one.analysis == "change points of m" for one in outcome.not_run)
    lone = of_counts(store(lambda p, s: FULL, prompts=1))
    assert table(lone)["low"].fill_nan(None).is_null().all()


def test_one_step_is_no_series() -> None:
    outcome = of_counts(store(lambda p, s: FULL, steps=(5,)))
    assert outcome.tables == {}
    assert "needs two steps of a run" in outcome.not_run[0].reason


def test_without_series_there_is_nothing() -> None:
    assert of_counts(store(lambda p, s: FULL), Options(draws=200)).tables == {}


def test_steps_rest_on_the_prompts_that_all_of_them_have() -> None:
    made = rows(lambda p, s: HALF, prompts=14, steps=(0, 1, 2, 3))
    missing = [r for r in made if (r["prompt_id"], r["model"]) != ("p03", "m | 2")]
    outcome = of_counts(store_of(batch(missing), "column:label@prompt", by="model,step"))
    frame = table(outcome, measure="usable share", floor=1.0)
    assert set(frame["prompts_left"]) == {13}
    assert set(frame["prompts"]) == {14}


def test_steps_of_different_prompts_rest_on_their_own_and_say_so() -> None:
    made = rows(lambda p, s: HALF if s < 2 else FULL, prompts=12, steps=(0, 1, 2, 3))
    apart = [{**r, "prompt_id": r["prompt_id"] + r["model"]} for r in made]
    outcome = of_counts(store_of(batch(apart), "column:label@prompt", by="model,step"))
    assert values(table(outcome, measure="usable share", floor=1.0)) == pytest.approx([0.5, 0.5, 1, 1])
    assert any("share too few prompts" in note for note in outcome.notes)
    assert set(table(outcome, "change_points")["verdict"]) == {"cannot tell"}


def test_tails_are_thirds_by_the_first_step_and_shares_add_up_to_one() -> None:
    good = lambda p: 8 if p < 6 else 4 if p < 12 else 1  # noqa: E731
    cell = lambda p, s: [("a", 1.0)] * good(p) + [("b", 0.0)] * (8 - good(p))  # noqa: E731
    outcome = of_counts(store(cell, prompts=18))
    frame = table(outcome, measure="tail share", floor=1.0)
    assert set(frame["label"]) == {f"{name} third of first step" for name in ("easy", "middle", "hard")}
    assert frame.group_by("step").agg(pl.col("value").sum())["value"].to_list() == pytest.approx([1.0] * 4)
    easy = table(outcome, measure="tail share", floor=1.0, label="easy third of first step")
    assert values(easy)[1] == pytest.approx(6 * 8 / (6 * (8 + 4 + 1)), abs=0.15)
    reached = table(outcome, measure="prompts reached", floor=1.0, label="easy third of first step")
    assert values(reached)[1] == pytest.approx(6, abs=1)


def test_difficulty_by_luck_alone_does_not_come_back_by_itself() -> None:
    rng = np.random.default_rng(1)
    cell = lambda p, s: [("a", float(q)) for q in rng.integers(0, 2, 8)]  # noqa: E731
    outcome = of_counts(store(cell, prompts=300, steps=(0, 1, 2)))
    frame = table(outcome, measure="tail share", floor=1.0, label="hard third of first step")
    first, *later = values(frame)
    assert abs(first - sum(later) / 2) < 0.06


def test_prompts_of_one_difficulty_have_no_thirds() -> None:
    outcome = of_counts(store(lambda p, s: NONE if p == 0 else ALIKE))
    assert table(outcome).filter(pl.col("measure") == "tail share").height == 0
    assert any("cannot be told apart by difficulty" in one.reason for one in outcome.not_run)


def test_capacity_left_by_hand() -> None:
    """Four draws, two of which name the first step's classes: a, a, b, c."""
    found = of_counts(store(lambda p, s: [("a", 1.0), ("a", 1.0), ("b", 1.0), ("c", 1.0)] if s == 0 else [("a", 1.0)] * 4))
    first, later, *_ = values(table(found, measure="capacity left", floor=None))
    named_a, named_b = 5 / 6, 1 / 2
    assert first == pytest.approx((2 * named_a - 1) / (named_a + 2 * named_b))
    assert later == pytest.approx(named_a / (named_a + 2 * named_b))


def test_capacity_of_a_run_that_stays_as_it_is_stays_where_it_began() -> None:
    rng = np.random.default_rng(0)
    cell = lambda p, s: [(str(k), 1.0) for k in rng.integers(0, 6, 8)]  # noqa: E731
    shares = values(table(of_counts(store(cell, prompts=300)), measure="capacity left", floor=None))
    assert max(shares) - min(shares) < 0.04


def test_capacity_needs_classes_that_steps_share() -> None:
    alone = store_of(batch(rows(lambda p, s: HALF, prompts=12, steps=(0, 1))), "column:label", by="model,step")
    reasons = [one.reason for one in of_counts(alone).not_run if one.analysis == "capacity left of m"]
    (reason,) = reasons
    assert reason.endswith("got --equivalence column:label (cell); type --equivalence column:label@prompt")


def test_one_sample_a_prompt_has_no_capacity_and_no_pass_at_two() -> None:
    outcome = of_counts(store(lambda p, s: [("a", float((p + s) % 2))]))
    assert any("2 samples of each prompt" in one.reason for one in outcome.not_run)
    assert set(table(outcome, measure="pass@k")["budget"]) == {1}


def test_unequal_numbers_of_samples_leave_classes_out() -> None:
    outcome = of_counts(store(lambda p, s: HALF if s else HALF + FULL))
    assert table(outcome, measure="classes").height == 0
    assert set(table(outcome, measure="usable diversity")["prompts_left"]) == {12}


def test_a_set_is_not_a_series() -> None:
    found = store(lambda p, s: HALF)
    as_set = replace(found, header=found.header.model_copy(update={"unit": "set"}))
    assert "leave --unit set out" in of_counts(as_set).not_run[0].reason


def test_an_order_says_in_a_note_which_step_is_which_model() -> None:
    options = Options(draws=200, answers=AnswerOptions(series="model=m | 3,m | 0"))
    outcome = of_counts(store(lambda p, s: HALF if s else FULL, steps=(0, 3)), options)
    assert "series m: step 0 is m | 3, step 1 is m | 0" in outcome.notes
    assert values(table(outcome, measure="usable share", floor=1.0)) == pytest.approx([0.5, 1.0])


def test_the_same_seed_gives_the_same_tables_whatever_the_order_of_rows() -> None:
    cell = lambda p, s: HALF if (p * 7 + s) % 3 else FULL  # noqa: E731
    made = rows(cell, prompts=14, steps=(0, 1, 2, 3))
    first, second = (store_of(batch(r), "column:label@prompt", by="model,step") for r in (made, made[::-1]))
    for name in ("series", "change_points"):
        assert pl.concat(of_counts(first).tables[name]).equals(pl.concat(of_counts(second).tables[name]))


def test_holm_by_hand() -> None:
    first, second, unknown, third = holm_factors([0.04, 0.01, float("nan"), 0.03])
    assert (0.04 * first, 0.01 * second, 0.03 * third) == pytest.approx((0.06, 0.03, 0.06))
    assert unknown == 1.0
