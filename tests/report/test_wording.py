"""The three sentences: composed from tables, honest about what the tables cannot say."""

import polars as pl
import pytest

from tests.report import synthetic
from triaxis import report
from triaxis.report import wording
from triaxis.report.view import views
from triaxis.results import Results


@pytest.fixture(scope="module")
def found() -> Results:
    return synthetic.measured(synthetic.corpus(4, prompts=60))


def test_the_first_sentence_names_the_leader_with_its_value_and_every_change(found: Results):
    view = views(found)[0]
    first = report.sentences(found)[0]
    leader = view.duel(1.0)
    assert leader is not None
    assert leader["winner"] == "model-a"
    assert first.startswith("At floor 1 (10 draws per prompt) model-a gives the most different usable answers, ")
    assert f"{view.ranking(1.0)[0]['value']:.2f} per prompt [" in first
    assert view.change is not None
    assert f"from floor {view.change.first:g} {view.change.model} leads" in first


def test_the_second_sentence_is_the_surest_flip_with_both_differences(found: Results):
    view = views(found)[0]
    row = view.flips[0]
    assert row["size"] == max(one["size"] for one in view.flips)
    second = report.sentences(found)[1]
    assert second.startswith(f"The order flips: {row['leader_below']} is ahead of {row['leader_above']} by ")
    assert f"{abs(row['above']['difference']):.2f} [" in second
    assert f"{len(view.flips)} of 6 pairs" in second


def test_the_third_sentence_names_quality_equivalence_and_prompts(found: Results):
    third = report.sentences(found)[2]
    assert "quality from a reward model (1-10)" in third
    assert "column:partition (labels as given)" in third
    assert "60 prompts" in third


def test_a_warned_leader_is_marked_and_the_warning_is_said():
    data = synthetic.corpus(4, prompts=60)
    marked = synthetic.Corpus(data.models, data.labels, data.quality, warned=("model-a",))
    first, _, third = report.sentences(synthetic.measured(marked))
    assert "model-a†" in first
    assert f"† {synthetic.FAMILY}" in third


def test_flips_that_no_warning_touches_come_first():
    data = synthetic.corpus(4, prompts=60)
    plain = views(synthetic.measured(data))[0].flips
    pair = {plain[0]["model_a"], plain[0]["model_b"]}
    marked = synthetic.Corpus(data.models, data.labels, data.quality, warned=(plain[0]["model_a"],))
    top = views(synthetic.measured(marked))[0].flips[0]
    assert {top["model_a"], top["model_b"]} != pair


def test_one_model_is_compared_to_nothing():
    first, second, _ = report.sentences(synthetic.measured(synthetic.corpus(1)))
    assert "nothing to compare it to" in first
    assert second.startswith("model-a keeps 100 % of its samples at floor ")


def test_without_quality_nothing_is_gated():
    first, second, third = report.sentences(synthetic.measured(synthetic.corpus(3, has_quality=False)))
    assert first.startswith("With no quality floor (10 draws per prompt) model-a ")
    assert "usable" not in first
    assert second.startswith("There is no quality column")
    assert "every sample counts" in third


def test_two_equal_models_cannot_be_told_apart():
    data = synthetic.corpus(2, prompts=40)
    twin = data.labels[[0, 0]].copy()
    twin[1] = twin[1][::-1]
    quality = data.quality[[0, 0]].copy() if data.quality is not None else None
    first, second, _ = report.sentences(synthetic.measured(synthetic.Corpus(["left", "right"], twin, quality)))
    assert "the data cannot tell it from" in first or "within the stated margin" in first
    assert "leads" not in first
    assert second.startswith("No two models change places beyond doubt")


def test_too_few_prompts_give_no_interval_and_no_verdict():
    first, _, third = report.sentences(synthetic.measured(synthetic.corpus(3, prompts=5)))
    assert "too few prompts for an interval" in first
    assert "[" not in first
    assert "too few for an interval" in third


def test_a_missing_band_over_many_prompts_is_not_blamed_on_their_number():
    results = synthetic.measured(synthetic.corpus(3, prompts=40))
    blank = results.tables["winner_map"].with_columns(low=None, high=None, winner=None, verdict=pl.lit("cannot tell"))
    tables = {**results.tables, "winner_map": blank.cast(dict(synthetic.TABLES["winner_map"]))}
    first = report.sentences(Results(results.manifest, tables))[0]
    assert "with no band on it, so no verdict" in first
    assert "too few" not in first


def test_no_table_at_all_is_said():
    empty = synthetic.without_tables(synthetic.measured(synthetic.corpus(2)), *synthetic.TABLES)
    assert report.sentences(empty)[0].startswith("No usable diversity could be measured")


def test_models_that_were_not_compared_get_no_verdict(found: Results):
    first = report.sentences(synthetic.without_tables(found, "winner_map", "comparisons", "flips"))[0]
    assert "this is no verdict" in first


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (1.0, 5.0, "beyond doubt up to 1 and from 5 up"),
        (None, 5.0, "undecided: the new lead is beyond doubt from 5 up, the old one nowhere"),
        (1.0, None, "undecided: the old lead is beyond doubt up to 1, the new one nowhere"),
        (None, None, "undecided: neither lead is beyond doubt anywhere"),
    ],
)
def test_a_flip_says_how_sure_each_end_is(found: Results, low: float | None, high: float | None, words: str):
    row = {
        "model_a": "a", "model_b": "b", "leader_below": "a", "leader_above": "b", "last_floor_below": 2.0, "floor": 3.0,
        "low": low, "high": high, "verdict": "flip" if low and high else "undecided", "below": None, "above": None,
    }  # fmt: skip
    said = wording.plain(wording.flip(views(found)[0], row))
    assert said == f"At floors up to 2 a leads, from 3 up b; {words}."


def test_a_difference_is_turned_to_the_side_of_the_model_that_is_ahead(found: Results):
    end = {"model_a": "a", "model_b": "b", "floor": 3.0, "difference": -1.0, "low": -1.5, "high": -0.5}
    assert wording._by(end, "b") == "1.00 [0.50, 1.50]"
    assert wording._by(end, "a") == "−1.00 [−1.50, −0.50]"
