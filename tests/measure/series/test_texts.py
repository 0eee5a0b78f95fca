"""Series of formats: shares, spread, accuracy by format, and how soon one takes over."""

import numpy as np
import pytest

from tests.measure.series.planted import OPTIONS, Sample, seen, table
from triaxis.measure.options import Options
from triaxis.measure.outcome import Outcome
from triaxis.measure.series import series_of_texts
from triaxis.results import TABLES

PROSE, LATEX, LIST = "It is seven.", "It is \\boxed{7}.", "- one\n- two\n- three"


def mixed(latex: int, *, right: float = 1.0) -> list[Sample]:
    """Ten answers, `latex` of them LaTeX and right, the others prose and wrong."""
    return [(LATEX, right)] * latex + [(PROSE, 0.0)] * (10 - latex)


def collapsing(prompt: int, step: int) -> list[Sample]:
    return mixed([3, 5, 10, 10][step])


def found(texts=collapsing, options: Options = OPTIONS, **how: object) -> Outcome:  # type: ignore[no-untyped-def]
    return series_of_texts(seen(texts, **how), options)  # type: ignore[arg-type]


def values(outcome: Outcome, **where: object) -> list[float]:
    return table(outcome, **where).sort("step")["value"].to_list()


def test_shares_entropy_and_mixing_by_hand() -> None:
    outcome = found()
    assert values(outcome, measure="format share", label="latex", floor=None) == pytest.approx([0.3, 0.5, 1, 1])
    assert values(outcome, measure="dominant share", floor=None) == pytest.approx([0.7, 0.5, 1, 1])
    entropy = -(0.3 * np.log2(0.3) + 0.7 * np.log2(0.7))
    assert values(outcome, measure="format entropy", floor=None) == pytest.approx([entropy, 1, 0, 0])
    assert values(outcome, measure="formats differ", floor=None) == pytest.approx([42 / 90, 50 / 90, 0, 0])


def test_above_the_floor_only_usable_answers_count() -> None:
    outcome = found()
    assert values(outcome, measure="format share", label="latex", floor=1.0) == pytest.approx([1, 1, 1, 1])
    assert values(outcome, measure="accuracy", label="latex", floor=1.0) == pytest.approx([1, 1, 1, 1])
    accuracy = values(outcome, measure="accuracy", label="prose", floor=1.0)
    assert accuracy[:2] == pytest.approx([0, 0])
    assert np.isnan(accuracy[2:]).all()


def test_a_prompt_without_a_usable_answer_leaves_and_is_counted() -> None:
    outcome = found(lambda p, s: mixed(5, right=0.0 if p < 2 else 1.0))
    assert set(table(outcome, measure="format share", floor=1.0)["prompts_left"]) == {10}
    assert set(table(outcome, measure="format share", floor=None)["prompts_left"]) == {12}


def test_the_change_of_a_share_is_found() -> None:
    outcome = found(lambda p, s: mixed(3 if s < 20 else 9 - p % 2), steps=(0, 10, 20, 30, 40))
    change = table(outcome, "change_points", measure="format share", label="latex", floor=None)
    assert change.select("step", "verdict").rows() == [(20, "change")]
    assert change["difference"][0] > 0.4


def test_three_prompts_of_fourteen_are_no_change() -> None:
    """A pseudo-value of an entropy moves for every prompt when a few do, and a sign test would believe it."""
    outcome = found(lambda p, s: mixed(7 if p < 3 and s == 0 else 10), prompts=14)
    assert set(table(outcome, "change_points")["verdict"]) == {"no change seen"}


def test_the_time_until_one_format_takes_over() -> None:
    frame = table(found(), "series_times", floor=None)
    assert frame.select("label", "share", "step", "low", "high", "reason").rows() == [("latex", 0.9, 2, 2.0, 2.0, None)]
    assert {*frame.columns, "gate"} == set(TABLES["series_times"])


def test_never_says_how_far_it_came() -> None:
    frame = table(found(lambda p, s: mixed(4 + s)), "series_times", floor=None)
    assert frame["step"][0] is None
    assert frame["reason"][0] == "never: the largest share is 0.7, of latex at step 3"


def test_a_share_on_the_edge_is_never_in_some_resamples() -> None:
    frame = table(found(lambda p, s: mixed(10 if p % 2 else 8) if s else mixed(0 if p % 2 else 5)), "series_times", floor=None)
    step, high, reason = frame.select("step", "high", "reason").row(0)
    assert (step, high) == (1, None)
    assert reason.startswith("never in ")


def test_few_prompts_have_a_time_and_no_interval() -> None:
    frame = table(found(prompts=3), "series_times", floor=None)
    assert frame.select("step", "reason").rows() == [(2, "fewer than 10 prompts: no interval")]
    assert np.isnan(frame["low"].fill_null(float("nan"))[0])


def test_missing_steps_and_one_format_do_no_harm() -> None:
    outcome = found(lambda p, s: [] if (p, s) == (0, 1) else [(LIST, 1.0)] * 4)
    assert set(table(outcome)["prompts_left"]) == {11}
    assert table(outcome, "change_points").height == 0 if outcome.tables["change_points"] else True


def test_nothing_without_series_or_in_a_set() -> None:
    assert found(options=Options(draws=200)).tables == {}
    assert series_of_texts(seen(collapsing)._replace(unit="set"), OPTIONS).tables == {}
