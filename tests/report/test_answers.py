"""Sections that answer questions: sentences, tables and charts as data, what is left out, hostile and empty input."""

import re
from io import StringIO

import polars as pl
import pytest
from rich.console import Console

from tests.report import answering, answering_more, synthetic
from tests.report.wider import filled
from triaxis import report
from triaxis.report import answers
from triaxis.report.answers.blocks import Figure, Room, Section, Table, digits_of, heads
from triaxis.report.page import page
from triaxis.report.phrase import plain
from triaxis.report.view import views
from triaxis.results import TABLES, Results
from triaxis.results.answer_tables import ANSWER_TABLES

PARTS = ["population", "ensemble", "domains", "filter", "series", "profile"]


@pytest.fixture(scope="module")
def everything() -> Results:
    return answering_more.everything(6)


def sections(results: Results, share: float = 1.0) -> dict[str, Section]:
    return {section.part: section for section in answers.answers(views(results)[0], Room(share))}


def said(results: Results, part: str) -> list[str]:
    section = sections(results)[part]
    return [plain(sentence) for sentence in (section.sentence, *section.more)]


def chart(results: Results, part: str, key: str) -> Figure:
    return next(block for block in sections(results)[part].blocks if isinstance(block, Figure) and block.key == key)


def table(results: Results, part: str, title: str) -> Table:
    return next(block for block in sections(results)[part].blocks if isinstance(block, Table) and block.title == title)


def test_every_question_that_has_rows_gets_a_section_in_the_order_of_the_page(everything: Results):
    assert list(sections(everything)) == PARTS


def test_without_rows_there_is_no_section_and_an_older_folder_has_no_tables():
    bare = answering.base(3)
    assert sections(bare) == {}
    older = {name: frame for name, frame in bare.tables.items() if name not in ANSWER_TABLES}
    assert sections(Results(bare.manifest, older, bare.examples)) == {}
    assert "data-answer" not in page(Results(bare.manifest, older, bare.examples)).split("<script")[0]


@pytest.mark.parametrize("part", PARTS)
def test_each_sentence_has_a_figure_with_its_interval_and_says_on_how_much_it_rests(everything: Results, part: str):
    first = said(everything, part)[0]
    assert re.search(r"\d \[−?\d", first)
    assert re.search(r"\d (of \d+ )?(prompts|rows|domains)", first)


def test_models_are_said_to_behave_like_fewer_with_null_and_at_a_high_floor(everything: Results):
    first, second, *rest = said(everything, "population")
    assert first == (
        "6 models behave like 2.22 [1.82, 2.62] with no floor (100 prompts); indistinguishable ones would look like 1.40 "
        "[1.30, 1.50]; at floor 8 it is 1.53 [1.13, 1.93] (null 1.40 [1.30, 1.50], 36 of 100 prompts)."
    )
    assert second.startswith("10 draws from all models give 6.20 [6.00, 6.40] different answers against 3.10 [2.90, 3.30]")
    assert rest == []


def test_the_corrected_figure_goes_before_the_plain_one(everything: Results):
    own = everything.tables["population"]
    more = own.filter(pl.col("measure") == "effective models").with_columns(
        pl.lit("effective models (order 2, corrected)").alias("measure"), pl.lit(3.25).alias("value")
    )
    told = said(Results(everything.manifest, {**everything.tables, "population": pl.concat([own, more])}), "population")
    assert told[0].startswith("6 models behave like 3.25 ")


def test_without_effective_models_the_clusters_are_told(everything: Results):
    own = everything.tables["population"]
    cut = own.filter(~pl.col("measure").is_in(["effective models", "mixture"]))
    told = said(Results(everything.manifest, {**everything.tables, "population": cut}), "population")
    assert told[0] == "They fall into 3 clusters by same, no floor (silhouette 0.53 where shuffled labels stay under 0.08)."


def test_a_curve_has_every_floor_with_no_floor_first_and_its_null_dashed(everything: Results):
    name, lines = chart(everything, "population", "population-effective").variants[0]
    value, null = lines["s"]
    assert name == "all domains"
    assert [point[0] for point in value["p"]] == list(answering.FLOORS)
    assert value["p"][0] == [None, 2.22, 1.82, 2.62]
    assert (null["n"], null["d"]) == ("effective models, null", 1)


def test_a_far_ceiling_is_in_the_table_and_not_on_the_chart(everything: Results):
    lines = chart(everything, "population", "population-effective").variants[0][1]["s"]
    assert not [line for line in lines if "ceiling" in line["n"]]
    row = next(row for row in table(everything, "population", "The figures").rows if row[0].lines == ["effective models"])
    assert row[1].small == "null 1.40 [1.30, 1.50] · ceiling 6.00 · 100 prompts"


def test_the_map_of_models_holds_each_pair_once_in_the_order_of_clusters(everything: Results):
    rows = everything.tables["population_pairs"]
    spec = chart(everything, "population", "population-pairs").variants[0][1]
    names, size = spec["names"], len(spec["names"])
    assert len(spec["v"]) == size * (size + 1) // 2
    assert spec["blocks"] == [[0, 2], [2, 2], [4, 2]]
    assert spec["null"] == 120
    for a, b in ((0, 0), (1, 4), (4, 5)):
        pair = rows.filter(pl.col("model_a") == names[a], pl.col("model_b") == names[b], pl.col("floor").is_null())
        (value,) = pair.filter(pl.col("measure") == "same")["value"]
        assert spec["v"][a * size - a * (a - 1) // 2 + b - a] == round(1000 * value)


def test_a_mixture_is_told_with_its_draws_and_its_lead_over_the_best_single_model(everything: Results):
    assert said(everything, "ensemble")[0] == (
        "At floor 5 model-a alone gives 4.00 [3.70, 4.30] different usable answers for 10 draws per prompt (60 prompts); "
        "a mixture of 4 draws of model-a, 3 of model-b, 3 of model-c gives 4.43 [4.13, 4.73], better beyond doubt than the best "
        "single model (+0.43 [0.23, 0.63])."
    )
    words, bars = chart(everything, "ensemble", "ensemble-draws").variants[0]
    assert words == "10 draws per prompt, ≥ 5, 3 models"
    assert [(name, draws) for name, draws, _, _ in bars["p"]] == [("model-a", 4), ("model-b", 3), ("model-c", 3)]
    lead = {row[0].lines[0]: row[3].lines for row in table(everything, "ensemble", "10 draws per prompt, ≥ 5").rows}
    assert (lead["1"], lead["2"]) == (["–"], ["+0.30 [0.10, 0.50]"])


def test_a_mixture_that_is_not_better_beyond_doubt_is_not_recommended(everything: Results):
    told = said(everything, "ensemble")[1]
    assert told.startswith("With no floor model-a alone gives 4.00 [3.70, 4.30]")
    assert "; no mixture is better beyond doubt: the most promising one, 2 draws of model-a, 2 of model-b" in told
    assert "is not better beyond doubt (+0.56 [−1.44, 2.56])" in told
    rows = {tuple(cell.lines[0] for cell in row[:2]): row for row in table(everything, "ensemble", "Every budget and floor").rows}
    assert [cell.lines for cell in rows["10 draws", "no floor"][4:7]] == [["nothing"], ["–"], ["–"]]
    assert rows["10 draws", "≥ 5"][4].lines == ["model-a", "model-b", "model-c"]


def test_a_budget_of_money_has_its_own_sentence_and_cost(everything: Results):
    assert "for 0.002 of price per prompt" in said(everything, "ensemble")[2]
    rows = table(everything, "ensemble", "Every budget and floor").rows
    assert rows[-1][-1].lines == ["0.00196"]


def test_changes_by_domain_are_counted_and_shown_with_openness(everything: Results):
    first, second, third = said(everything, "domains")
    assert first.startswith(
        "From model-a to model-b, by usable diversity: with no floor it narrows in 1, widens in 2, is the same "
    )
    assert "of 4 domains, largest in domain 3: +0.68 [0.48, 0.88]" in first
    assert second == (
        "Over all metrics and domains, no floor: narrows in 4, widens in 8, is the same within delta in 1 and cannot be told "
        "in 3 of 16 places."
    )
    assert third.endswith("rank correlation 0.60 [0.20, 0.80]; open tasks are widened more, or narrowed less.")
    grid = chart(everything, "domains", "domain-changes").variants[0][1]
    assert grid["rows"] == ["all domains", "domain 0", "domain 1", "domain 2", "domain 3"]
    assert grid["cells"][1][0] == [0, -0.52, -0.72, -0.32, 28]
    assert grid["besides"] == [2.5, 1.2, 2.2, 3.2, 4.2]


def test_without_pairs_of_models_openness_alone_is_told(everything: Results):
    cut = synthetic.without_tables(everything, "domain_changes", "openness_effect")
    section = sections(cut)["domains"]
    assert section.title == "How open is each domain?"
    assert plain(section.sentence).startswith("Most open is domain 3 with 4.20 [4.00, 4.40] different usable answers among 5")


def test_the_bar_is_held_against_chance_and_against_the_second_bar(everything: Results):
    first, second = said(everything, "filter")
    assert first.startswith("At floor 8 the bar keeps 0.510 [0.460, 0.560] times as many different answers as chance would")
    assert "least in domain 0: 0.608 [0.558, 0.658], most in domain 3: 0.902 [0.852, 0.952]" in first
    assert (
        second
        == "Of 2.5 lost classes per prompt at floor 8, judge at 3 would have accepted 31 % [24, 39] (of the kept ones 74 %)."
    )
    assert chart(everything, "filter", "filter-effect").variants[0][1]["h"] == [[1, "chance"]]


def test_a_run_tells_its_change_and_marks_it_on_the_chart(everything: Results):
    first, second = said(everything, "series")
    assert first == (
        "Run grpo from step 0 to 475: 2 of 3 series change. At step 200 [175, 225] usable diversity, ≥ 5, 10 draws: 2.90 → 2.10, "
        "−0.80 [−1.00, −0.60] (40 prompts, p = 0.003)."
    )
    assert second == "Time to dominant format: 90 % json from step 250 [225, 300], no floor."
    stack = chart(everything, "series", "series-0").variants[0][1]
    assert (stack["k"], [one["n"] for one in stack["s"]]) == ("stack", ["json", "code", "prose"])
    assert stack["v"][0][:3] == [200, 175, 225]
    assert all(sum(column) == pytest.approx(1, abs=2e-3) for column in zip(*(one["p"] for one in stack["s"]), strict=True))


def test_a_label_that_only_names_the_leader_makes_one_line(everything: Results):
    titles = {block.title: block for block in sections(everything)["series"].blocks if isinstance(block, Figure)}
    assert len(titles["Dominant share"].variants[0][1]["s"]) == 1
    assert [line["n"] for line in titles["Pass@k"].variants[0][1]["s"]] == ["k = 1", "k = 2", "k = 4", "k = 8"]


def test_lines_over_steps_start_at_zero(everything: Results):
    charts = [block for block in sections(everything)["series"].blocks if isinstance(block, Figure)]
    lines = [spec for block in charts for _, spec in block.variants if spec["k"] == "lines"]
    assert len(lines) > 5
    assert all(spec["zero"] for spec in lines)


def test_links_without_an_interval_are_not_told(everything: Results):
    own = everything.tables["openness_effect"].with_columns(pl.lit(None, pl.Float64).alias("low"))
    assert len(said(Results(everything.manifest, {**everything.tables, "openness_effect": own}), "domains")) == 2


def test_a_run_in_which_nothing_changes_says_so(everything: Results):
    own = everything.tables["change_points"].filter(pl.col("verdict") == "no change seen")
    first, second, *_ = said(Results(everything.manifest, {**everything.tables, "change_points": own}), "series")
    assert first == "Run grpo from step 0 to 475: no change is beyond doubt in any of 1 series."
    assert second.startswith("Usable diversity, ≥ 8, 10 draws per prompt: 3.00 [2.80, 3.20] at step 0, ")


def test_a_profile_sets_three_axes_beside_each_other_and_names_the_largest_hole(everything: Results):
    first, second, third = said(everything, "profile")
    assert first.startswith(
        "model-a (1,000 rows): quality (mean) 6.80 [6.70, 6.90]; diversity (near-duplicates (share of rows)) "
    )
    assert second.startswith(
        "Of 6 regions looked at (over all floors), 4 are holes and 2 thin; the largest hole, ≥ 5: fractions, "
    )
    assert "rho −0.30 [−0.40, −0.20] over 900 rows" in third
    heads_ = [column.title for column in table(everything, "profile", "By domain").columns]
    assert heads_ == ["data set", "domain", "quality", "diversity", "complexity"]
    verdicts = [row[0].lines[0] for row in table(everything, "profile", "Holes").rows]
    assert verdicts == ["hole"] * 4 + ["thin"] * 2 + ["cannot tell"] * 2 + ["covered"] * 4


def test_little_room_shortens_lists_and_counts_what_is_left_out(everything: Results):
    full, short = (sections(everything, share) for share in (1.0, 0.0))
    phrases = [block for block in short["population"].blocks if isinstance(block, Table) and block.title.startswith("Phrases")]
    assert phrases[0].left == "7 more phrases: see tables/shared_phrases.parquet."
    assert len(str(short)) < len(str(full)) / 2


@pytest.mark.parametrize("name", sorted(ANSWER_TABLES))
def test_a_single_row_of_nulls_in_any_table_makes_a_page(name: str):
    bare = answering.base(2)
    gate = bare.manifest.gates[0].gate.label
    words = {column: "x" for column, kind in TABLES[name].items() if kind == pl.String and column != "domain"}
    row = dict.fromkeys(TABLES[name]) | words | {"gate": gate}
    told = filled(bare, **{name: [row]})
    assert len(page(told)) > 100_000
    assert report.summary(told)


@pytest.mark.parametrize("name", sorted(ANSWER_TABLES))
def test_a_table_that_is_missing_spoils_no_other(everything: Results, name: str):
    told = sections(synthetic.without_tables(everything, name))
    assert len(told) >= len(PARTS) - 1


def nothing(frame: pl.DataFrame) -> list[pl.Expr]:
    """Nulls for every figure of a table."""
    figures = [name for name, kind in frame.schema.items() if kind == pl.Float64 and name != "floor"]
    return [pl.lit(None, pl.Float64).alias(name) for name in figures]


def test_rows_without_values_intervals_or_nulls_are_dashes_and_never_zero(everything: Results):
    emptied = {name: frame.with_columns(nothing(frame)) for name, frame in everything.tables.items() if name in ANSWER_TABLES}
    told = Results(everything.manifest, {**everything.tables, **emptied}, everything.examples)
    text = page(told).split("<script")[0]
    assert not re.search(r"\bNone\b|\bnan\b", text)


def test_terminal_and_summary_answer_each_question_in_a_line(everything: Results):
    console = Console(file=StringIO(), width=4000, force_terminal=False)
    console.print(report.terminal(everything))
    for text in (console.file.getvalue(), report.summary(everything)):  # type: ignore[attr-defined]
        lines = [line for line in text.splitlines() if "6 models behave like 2.22" in line or "Run grpo from step 0" in line]
        assert len(lines) == 2
        assert "Do the models say the same?" in lines[0]


def test_hostile_names_are_text_everywhere():
    found = answering_more.hostile()
    html = page(found)
    static = html.split('<script type="application/json"')[0]
    assert "<script>window" not in static
    assert "<img src=x" not in static
    assert "&lt;script&gt;window.__pwned" in static
    assert not re.search("[\u202a-\u202e\u2066-\u2069\ud800-\udfff]", html)
    assert "<script" not in report.summary(found)


def test_the_answers_of_several_gates_stand_apart(everything: Results):
    both = synthetic.many_gates(everything, answering.with_population(answering.base(3)))
    html = page(both).split("<script")[0]
    assert re.findall(r'class="folds answered" data-gate="(\d)"', html) == ["0", "1"]
    assert html.count('data-part="population"') == 2
    assert html.count('data-part="series"') == 1


@pytest.mark.slow
def test_two_hundred_models_in_forty_domains_stay_within_five_mebibytes():
    html = page(answering_more.huge())
    assert len(html.encode()) <= report.MOST_BYTES
    assert all(f'data-part="{part}"' in html for part in PARTS)
    assert re.search(r"[\d,]+ more (pairs|domains|models|charts): see tables/\w+\.parquet", html)


@pytest.mark.parametrize(("value", "digits"), [(0.0, 3), (0.999, 3), (-0.5, 3), (1.0, 2), (-42.0, 2), (100.0, 1), (None, 2)])
def test_small_values_are_shown_with_more_decimals(value: float | None, digits: int):
    assert digits_of(value) == digits


def test_heads_say_what_holds_numbers_and_what_is_long():
    assert [tuple(column) for column in heads("a", "b#", "c~")] == [("a", False, False), ("b", True, False), ("c", False, True)]
