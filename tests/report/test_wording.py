"""The three sentences: composed from tables, honest about what the tables cannot say."""

import numpy as np
import polars as pl
import pytest

from tests.report import synthetic
from triaxis import report
from triaxis.report import phrase, turning, wording
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
    assert ", before model-b (difference " in first
    assert second.startswith("There is no quality column")
    assert "every sample counts" in third


def test_two_equal_models_cannot_be_told_apart():
    data = synthetic.corpus(2, prompts=40)
    twin = data.labels[[0, 0]].copy()
    twin[1] = twin[1][::-1]
    quality = data.quality[[0, 0]].copy() if data.quality is not None else None
    first, second, _ = report.sentences(synthetic.measured(synthetic.Corpus(["left", "right"], twin, quality)))
    assert "left and right tie for the most" in first
    assert "leads" not in first
    assert second == "left and right change places along the floors, but not beyond doubt."


def test_too_few_prompts_give_no_interval_and_no_verdict():
    first, _, third = report.sentences(synthetic.measured(synthetic.corpus(3, prompts=5)))
    assert "but 5 shared prompts are too few for an interval, so there is no verdict" in first
    assert "[" not in first
    assert "too few for an interval" in third


def without_bands(results: Results, **columns: object) -> Results:
    """The same results, as where no prompt count supports a band; `columns` replace those of the winner map."""
    blank = {"low": None, "high": None, "winner": None, "verdict": "cannot tell", **columns}
    winners = results.tables["winner_map"].with_columns(**{name: pl.lit(value) for name, value in blank.items()})
    return Results(results.manifest, {**results.tables, "winner_map": winners.cast(dict(synthetic.TABLES["winner_map"]))})


def test_a_missing_band_over_many_prompts_is_blamed_on_those_that_differ():
    first = report.sentences(without_bands(synthetic.measured(synthetic.corpus(3, prompts=40))))[0]
    assert "but fewer than 5 prompts tell them apart, too few for an interval, so there is no verdict" in first
    assert "shared prompts" not in first


def test_one_shared_prompt_is_singular():
    first = report.sentences(without_bands(synthetic.measured(synthetic.corpus(3, prompts=1)), prompts=1))[0]
    assert "but 1 shared prompt is too few for an interval" in first


def test_models_that_share_the_largest_value_tie_and_none_is_put_before_another():
    data = synthetic.corpus(3, prompts=12, samples=3)
    different = np.tile(np.arange(3), (3, 12, 1))
    first = report.sentences(synthetic.measured(synthetic.Corpus(data.models, different, data.quality)))[0]
    assert first.startswith("At floor 1 (3 draws per prompt) all 3 models tie for the most different usable answers, 3.00 per ")
    assert "every draw a different one" in first
    two = synthetic.Corpus(data.models[:2], different[:2], data.quality[:2] if data.quality is not None else None)
    assert "model-a and model-b tie for" in report.sentences(synthetic.measured(two))[0]


def test_a_lead_that_is_clear_at_every_floor_is_said_to_be():
    labels = np.stack([np.tile(np.arange(10), (30, 1)), np.zeros((30, 10), int)])
    quality = np.tile(np.array([1.0, 2.0] * 5), (2, 30, 1))
    first, second, _ = report.sentences(synthetic.measured(synthetic.Corpus(["wide", "narrow"], labels, quality)))
    assert first.startswith("At floor 1 (10 draws per prompt) wide gives the most")
    assert first.endswith("and leads at every floor.")
    assert second == "wide is behind narrow at no floor."


def test_a_leader_among_some_of_the_models_is_called_that(found: Results):
    gate = found.manifest.gates[0].model_copy(update={"compared": ("model-a", "model-b", "model-c")})
    some = Results(found.manifest.model_copy(update={"gates": (gate,)}), found.tables)
    assert "among the 3 compared of 4 models model-a gives" in report.sentences(some)[0]


def test_a_leader_that_the_bars_do_not_put_first_is_judged_on_shared_prompts(found: Results):
    winners = found.tables["winner_map"].with_columns(
        winner=pl.lit("model-b"), leader=pl.lit("model-b"), runner_up=pl.lit("model-a")
    )
    first = report.sentences(Results(found.manifest, {**found.tables, "winner_map": winners}))[0]
    assert "on the 60 prompts they share model-b" in first


def test_ahead_of_the_second_but_not_of_all_is_not_called_a_tie(found: Results):
    first = report.sentences(without_bands(found, low=0.1, high=0.9))[0]
    assert "but not beyond doubt of every other model" in first
    assert "cannot tell it from" not in first


def test_a_floor_at_which_the_lead_was_not_tested_is_not_called_uncompared(found: Results):
    tested = found.tables["winner_map"].filter(pl.col("floor") > 3)
    first = report.sentences(Results(found.manifest, {**found.tables, "winner_map": tested}))[0]
    assert "the lead was not tested here, so this is no verdict" in first


PAIRS = [
    ({"flip": 0, "undecided": 0, "none": 3}, "none of 3 pairs reverses its order at any floor"),
    ({"flip": 0, "undecided": 1, "none": 2}, "1 of 3 pairs reverses its order somewhere, but not surely"),
    ({"flip": 0, "undecided": 2, "none": 1}, "2 of 3 pairs reverse their order somewhere, none of them surely"),
]


@pytest.mark.parametrize(("counts", "words"), PAIRS)
def test_pairs_without_a_flip_are_counted_in_words_that_fit_the_number(counts: dict[str, int], words: str):
    assert words in turning._no_flip(counts, 3)


def test_of_the_only_pair_no_count_is_given():
    _, second, _ = report.sentences(synthetic.measured(synthetic.corpus(2, prompts=60)))
    assert second.startswith("The order flips: ")
    assert "pair" not in second


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
        "begins": None, "ends": None, "crossings": 1, "is_sure_below": True, "is_sure_above": True,
    }  # fmt: skip
    said = wording.plain(wording.flip(views(found)[0], row))
    assert said == f"At floors up to 2 a leads, from 3 up b; {words}."


def test_a_difference_is_turned_to_the_side_of_the_model_that_is_ahead(found: Results):
    end = {"model_a": "a", "model_b": "b", "floor": 3.0, "difference": -1.0, "low": -1.5, "high": -0.5}
    assert phrase.lead_of(end, "b") == "1.00 [0.50, 1.50]"
    assert phrase.lead_of(end, "a") == "−1.00 [−1.50, −0.50]"


def a_flip(**changes: object) -> dict[str, object]:
    sure = {"crossings": 1, "is_sure_below": True, "is_sure_above": True, "below": None, "above": None, "verdict": "flip"}
    ends = {"last_floor_below": 2.0, "floor": 3.0, "low": 1.0, "high": 5.0, "begins": None, "ends": None}
    return {"model_a": "a", "model_b": "b", "leader_below": "a", "leader_above": "b", **sure, **ends, **changes}


def test_a_flip_between_others_claims_only_its_own_floors(found: Results):
    row = a_flip(begins=2.0, ends=6.0, is_sure_below=False, is_sure_above=False)
    said = wording.plain(wording.flip(views(found)[0], row))
    assert said == "At floor 2 a leads, at floors 3 to 6 b; beyond doubt at 1 and at 5."


def test_a_flip_across_small_crossings_says_where_it_is_sure_and_counts_them(found: Results):
    row = a_flip(begins=2.0, low=0.5, crossings=3)
    said = wording.plain(wording.flip(views(found)[0], row))
    assert said == ("At floor 0.5 a leads, at floor 5 b, both beyond doubt; between these floors the lead changes hands 3 times.")


def test_a_stretch_of_one_floor_at_either_end_is_called_a_floor(found: Results):
    view = views(found)[0]
    row = a_flip(last_floor_below=1.0, floor=10.0, low=None, high=None, verdict="undecided")
    said = wording.plain(wording.flip(view, row))
    assert said == "At floor 1 a leads, at floor 10 b; undecided: neither lead is beyond doubt anywhere."


def test_a_tie_also_names_the_model_with_fewest():
    labels = np.stack([np.tile(np.arange(4), (20, 1)), np.tile(np.arange(4), (20, 1)), np.zeros((20, 4), int)])
    first = report.sentences(synthetic.measured(synthetic.Corpus(["x", "y", "narrow"], labels, None)))[0]
    assert first == (
        "With no quality floor (4 draws per prompt) x and y tie for the most different answers, 4.00 per prompt, every draw "
        "a different one; narrow shows the fewest, 1.00 per prompt [1.00, 1.00]."
    )


def test_a_single_sure_floor_at_either_end_is_not_called_a_stretch(found: Results):
    for row in views(found)[0].flips:
        said = wording.plain(wording.flip(views(found)[0], row))
        assert "from 10 up" not in said
        assert "up to 1 " not in said
