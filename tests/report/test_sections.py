"""Units, costs, lineage, own floors and topical gates as text and as extracts."""

import re
from io import StringIO
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from tests.report import synthetic, wider
from triaxis import report
from triaxis.report import costs, extract, lineage, own_floors, topical, wording
from triaxis.report.both_units import twin_of
from triaxis.report.card import svg
from triaxis.report.costs import MULTIPLES, figure, names_in, of, per
from triaxis.report.view import GateView, views
from triaxis.results import Results


@pytest.fixture(scope="module")
def everything() -> Results:
    return wider.everything()


@pytest.fixture(scope="module")
def both() -> Results:
    return wider.both_units()


def view(results: Results) -> GateView:
    return views(results)[0]


def printed(results: Results, width: int) -> str:
    console = Console(file=StringIO(), width=width, force_terminal=False)
    console.print(report.terminal(results))
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


# Units


def test_the_tables_of_a_set_answer_the_questions_of_a_set_gate(both: Results):
    across, inside = views(both)
    assert across.usable.height == both.tables["set_diversity"].filter(pl.col("domain").is_null()).height
    assert inside.usable.height == both.tables["usable_diversity"].filter(pl.col("domain").is_null()).height
    assert across.stored("flips") == "set_flips"
    assert inside.stored("flips") == "flips"
    assert (twin_of(across, views(both)), twin_of(inside, views(both))) == (1, 0)


def test_sentences_of_a_set_have_no_draws_and_nothing_per_prompt():
    first, second, third = report.sentences(wider.as_set(synthetic.measured(synthetic.corpus(4, prompts=60))))
    assert first.startswith("At floor 1 (10 samples of the set) model-a gives the most different usable answers across prompts, ")
    assert "; for each model one set with 60 prompts, 95 % intervals in brackets." in third
    assert not re.search("per prompt|draw", first + second + third)


def test_sets_of_several_domains_are_a_mean_over_domains():
    first, _, third = report.sentences(wider.as_set(synthetic.measured(synthetic.corpus(3, prompts=60, domains=2))))
    assert "(10 samples of each domain's set)" in first
    assert "for each model means over the sets of its domains with 60 prompts" in third


def test_labels_that_mean_nothing_across_prompts_are_said_to_keep_them_apart():
    found = wider.as_set(synthetic.measured(synthetic.corpus(3, prompts=60)))
    apart = wider.gated(found, equivalence="column:partition", scope="cell")
    assert "answers to different prompts are never the same here" in report.sentences(apart)[2]
    assert "The same answer to two prompts counts once." in report.sentences(found)[2]
    assert "never the same here" not in report.sentences(wider.gated(apart, scope="set"))[2]
    assert "never the same here" not in report.sentences(wider.gated(apart, equivalence="lexical"))[2]


def test_a_set_prefers_a_larger_budget_without_intervals_to_one_sample():
    found = wider.as_set(synthetic.measured(synthetic.corpus(3, prompts=60), budgets=[1, 2, 3]))
    told = found.manifest.gates[0].model_copy(update={"interval_budgets": (1, 10)})
    cut = Results(found.manifest.model_copy(update={"gates": (told,)}), found.tables)
    assert view(cut).budget == 3


def test_models_that_tie_uncompared_are_not_put_in_an_order():
    data = synthetic.corpus(3, prompts=12, samples=3)
    same = synthetic.Corpus(data.models, data.labels * 0, data.quality)
    found = wider.as_set(synthetic.measured(same))
    bare = synthetic.without_tables(found, "set_winner_map", "set_comparisons", "set_flips")
    first = report.sentences(bare)[0]
    assert "all 3 models tie for the most different usable answers across prompts" in first
    assert first.endswith("; the sets were not compared, so this is no verdict.")


def test_both_units_stand_in_summary_and_terminal_under_their_names(both: Results):
    for text in (printed(both, 400), report.summary(both)):
        assert "Within a prompt and across prompts are two numbers" in text
        assert "Different usable answers across prompts, among 10 samples of the set" in text
        assert "Different usable answers in 10 draws per prompt" in text


def test_intervals_of_a_set_are_not_said_to_be_drawn(both: Results):
    only = wider.as_set(synthetic.measured(synthetic.corpus(3, prompts=60)))
    assert "Intervals from leaving out each prompt of a set in turn, seed 0." in report.summary(only)
    assert "Intervals from 1,000 draws of prompts and from leaving out each" in report.summary(both)
    assert "each prompt in turn is left out with all its samples" in report.page(only)
    assert "draws of prompts (never" not in report.page(only)


def test_the_card_of_a_set_says_that_it_is_one():
    text = svg(wider.as_set(synthetic.measured(synthetic.corpus(4, prompts=60))))
    assert "gives the most different usable answers across prompts" in re.sub(r"</text>.*?<text[^>]*>", " ", text)
    assert "Different usable answers across prompts, among 10 samples of the set" in text


def test_names_of_models_keep_their_room_beside_large_figures():
    data = synthetic.corpus(3, prompts=60)
    names = [f"organisation-{i}/instruct-70b" for i in range(3)]
    found = wider.as_set(synthetic.measured(synthetic.Corpus(names, data.labels, data.quality)))
    scaled = found.tables["set_diversity"].with_columns(pl.col("value", "low", "high") * 100)
    lines = printed(Results(found.manifest, {**found.tables, "set_diversity": scaled}), 100).splitlines()
    assert max(map(len, lines)) <= 100
    assert sum(line.strip().startswith("organisation-") for line in lines) == 3


def test_a_quality_with_the_name_of_its_source_is_named_once():
    found = synthetic.measured(synthetic.corpus(2))
    assert (
        "usable means expression at or above"
        in report.sentences(wider.gated(found, quality="expression", quality_source="expression"))[2]
    )
    assert "usable means quality from a reward model (1-10) at" in report.sentences(found)[2]


# Costs


def test_a_multiple_is_the_smallest_by_which_the_middle_figure_is_at_least_one():
    assert per("tokens", [0.5, 2.0, 3.0]).one == "token"
    assert per("tokens", [0.0004, 0.002, 5.0]).one == "1,000 tokens"
    assert per("price", [8260.0]).one == "thousandth of one unit of currency"
    assert per("FLOP", [1.6e-13]).one == "PFLOP (10¹⁵ FLOP)"
    assert per("parameters", [0.52]).one == "trillion parameters"
    assert per("tokens", []).one == "token"
    assert per("tokens", [1e-30]) == MULTIPLES["tokens"][-1]


def test_amounts_are_counted_in_the_largest_multiple_that_the_smallest_reaches():
    assert of("price", [9e-6, 2e-3]).many == "millionths of one unit of currency"
    assert of("tokens", [12.0, 5000.0]).many == "tokens"
    assert of("FLOP", [3e11]).many == "GFLOP (billion FLOP)"


def test_figures_of_cost_have_three_digits():
    one = MULTIPLES["tokens"][0]
    assert [figure(value, one) for value in (1234.5, 123.4, 12.34, 0.012345, 0.0, None)] == [
        "1,230",
        "123",
        "12.3",
        "0.0123",
        "0",
        "–",
    ]


def test_names_beyond_reach_may_hold_the_separator():
    assert names_in("a, b, c", ("a", "b, c")) == ("a", "b, c")
    assert names_in("gone, a", ("a",)) == ("gone", "a")
    assert names_in(None, ("a",)) == ()
    assert len(names_in(", ".join("x" * 5000), ())) == 5000


def test_the_line_of_costs_names_the_highest_figures_and_no_parameters(everything: Results):
    line = wording.plain(costs.sentence(view(everything)) or ())
    assert line.startswith("Per cost, at floor 1 with 10 draws per prompt, the highest figures are those of model-a (")
    assert "per 1,000 tokens" in line
    assert "parameters" not in line
    assert line.endswith("; each with its own interval, no verdict.")
    assert line in printed(everything, 1000)
    assert report.summary(everything).count("Per cost, ") == 1
    assert "Highest figures for the cost, at floor 1: model-a per price" in svg(everything)
    assert costs.sentence(view(synthetic.measured(synthetic.corpus(2)))) is None


def test_the_extract_of_costs_holds_every_unit_apart(everything: Results):
    found = costs.extract(view(everything), extract.chosen_axes(view(everything), extract.Limits()), 16)
    assert [unit["name"] for unit in found["units"]] == ["price", "tokens", "FLOP", "parameters"]
    assert found["units"][3]["map"] == []
    assert {len(unit["amounts"]) for unit in found["units"][:3]} == {5}


def test_amounts_that_the_page_leaves_out_are_counted(everything: Results):
    lines = extract.left_out(view(everything), extract.Limits(amounts=2))
    assert "6 of 15 amounts of money and other costs are on this page" in lines


# Base against tuned, sizes


def test_small_table_of_tuning_stands_at_the_lowest_and_a_high_floor(everything: Results):
    seen = view(everything)
    assert lineage.ends(seen) == [1.0, seen.shown_floors[-1]]
    found = extract.gate_extract(seen, extract.Limits())["lineage"]
    assert found["pairs"] == [["model-a", "model-d", "rl"], ["model-b", "model-c", "rl"]]
    assert len(found["rows"]) == 2 * len(found["floors"])


def test_one_size_is_no_curve(everything: Results):
    one = everything.tables["size_curves"].with_columns(parameters=pl.lit(7e9))
    seen = view(Results(everything.manifest, {**everything.tables, "size_curves": one}))
    assert extract.gate_extract(seen, extract.Limits())["lineage"]["sizes"] == []
    assert len(extract.gate_extract(view(everything), extract.Limits())["lineage"]["sizes"]) == 4


# Own floors


def test_models_stand_in_the_order_of_their_mean_over_all_domains(everything: Results):
    found = own_floors.own_floors(everything)
    assert found is not None
    assert found.budget == 10
    assert [(bar.domain, bar.floor) for bar in found.bars] == [("domain 0", 3.0), ("domain 1", 5.0)]
    means = [mean["value"] for _, mean, _ in found.rows if mean]
    assert means == sorted(means, reverse=True)
    assert own_floors.line(found) in printed(everything, 1000)
    assert own_floors.own_floors(synthetic.measured(synthetic.corpus(2))) is None


def test_the_largest_budget_that_every_domain_reaches_is_shown(everything: Results):
    own = everything.tables["own_floor"]
    cut = own.filter(~((pl.col("budget") == 10) & (pl.col("domain") == "domain 1") & (pl.col("model") == "model-a")))
    found = own_floors.own_floors(Results(everything.manifest, {**everything.tables, "own_floor": cut}))
    assert found is not None
    assert found.budget == 5


# Topical


def test_a_gate_without_calibration_says_nothing_of_it(everything: Results):
    assert topical.calibrated(view(synthetic.measured(synthetic.corpus(2)))) is None
    assert "threshold 0.500" in str(topical.calibrated(view(everything)))
    assert (
        topical.extract(view(synthetic.measured(synthetic.corpus(2))), extract.chosen_axes(view(everything), extract.Limits()))
        is None
    )


def test_a_warning_that_stands_by_no_model_has_no_mark(everything: Results):
    caution = synthetic.Caution(kind="topical", sentence="classes are topics")
    gate = everything.manifest.gates[0].model_copy(update={"warnings": (caution,)})
    told = Results(everything.manifest.model_copy(update={"gates": (gate,)}), everything.tables)
    assert report.sentences(told)[2].endswith(". Classes are topics.")
    assert extract.gate_extract(view(told), extract.Limits())["warnings"] == []


# Bounds


@pytest.mark.slow
def test_two_hundred_models_in_nine_domains_stay_within_five_mebibytes(tmp_path: Path):
    written = report.write(wider.huge(), tmp_path)
    assert written.page.stat().st_size <= report.MOST_BYTES
    assert "own_floor" not in re.findall(r"more model.*are in tables/(\w+)", written.page.read_text(encoding="utf-8"))
    assert written.summary.stat().st_size < 40_000


@pytest.mark.parametrize("room", [400_000, 60_000])
def test_extracts_of_many_models_with_every_table_fit_into_their_room(room: int):
    found, _ = extract.bounded(view(wider.huge(models=60, domains=2, floors=16)), room)
    assert len(extract.encoded(found)) <= room


def test_hostile_names_are_inert_in_summary_card_and_terminal():
    found = wider.hostile()
    assert "<script" not in report.summary(found)
    assert "<script>window" not in svg(found)
    assert "\x1b" not in printed(found, 120)
