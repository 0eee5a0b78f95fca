"""The Markdown summary, the terminal table and the share card."""

import re
import struct
from io import StringIO

import polars as pl
import pytest
from rich.console import Console

from tests.report import synthetic
from triaxis import report
from triaxis.report.card import fitted, svg, width_of, wrapped
from triaxis.report.terminal import shortened
from triaxis.results import TABLES, NotRun, Results


@pytest.fixture(scope="module")
def found() -> Results:
    return synthetic.measured(synthetic.corpus(4, prompts=60))


def printed(results: Results, width: int) -> str:
    console = Console(file=StringIO(), width=width, force_terminal=False)
    console.print(report.terminal(results))
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def test_the_summary_has_sentences_a_table_by_rank_flips_and_gate(found: Results):
    text = report.summary(found)
    lines = text.splitlines()
    table = [line for line in lines if line.startswith("| model-")]
    values = [float(line.split("|")[2].split()[0]) for line in table]
    assert len(table) == 4
    assert values == sorted(values, reverse=True)
    assert "At floor 1 (10 draws per prompt) model-a" in text
    assert "**Flips**" in text
    assert "Gate: reward >= floor \\| column:partition." in text


def test_every_row_of_the_summary_table_has_the_columns_of_its_head():
    lines = report.summary(synthetic.hostile()).splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("| model |"))
    cells = [line.replace("\\|", "").count("|") for line in lines[start : start + 8]]
    assert len(set(cells)) == 1


def test_the_summary_says_what_was_not_measured(found: Results):
    text = report.summary(
        synthetic.without_tables(found, "utility", not_run=[NotRun(analysis="utility", reason="needs sample_index")])
    )
    assert "**Not measured**" in text
    assert "- utility: needs sample_index" in text


def test_hostile_text_is_inert_in_the_summary():
    text = report.summary(synthetic.hostile())
    assert "<script" not in text
    assert "<img" not in text
    assert "](javascript" not in text.replace("\\](", "")


@pytest.mark.parametrize("width", [80, 100, 140])
def test_the_terminal_table_fits_and_is_ranked(found: Results, width: int):
    lines = printed(found, width).splitlines()
    rows = [line.split() for line in lines if line.strip().startswith("model-")]
    assert [row[0] for row in rows] == ["model-a", "model-b", "model-c", "model-d"]
    assert all(row[-1] == "60" for row in rows)
    assert max(map(len, lines)) <= width


def test_intervals_of_later_floors_need_room(found: Results):
    def brackets(width: int) -> int:
        return next(line for line in printed(found, width).splitlines() if line.strip().startswith("model-a")).count("[")

    assert brackets(80) == 1
    assert brackets(120) > 1


def test_markup_and_escape_sequences_in_names_are_printed_as_they_are():
    data = synthetic.corpus(2, prompts=12)
    names = ["[bold red]x[/]", "\x1b[31mred"]
    text = printed(synthetic.measured(synthetic.Corpus(names, data.labels, data.quality)), 140)
    assert "[bold red]x[/]" in text
    assert "\x1b" not in text
    assert "␛[31mred" in text


def test_the_card_is_a_png_of_1200_by_630(found: Results):
    png = report.card(found)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", png[16:24]) == (1200, 630)


def test_the_card_says_the_finding_and_the_caution():
    data = synthetic.corpus(4, prompts=60)
    text = svg(synthetic.measured(synthetic.Corpus(data.models, data.labels, data.quality, warned=("model-a",))))
    words = " ".join(re.findall(r">([^<]+)</text>", text))
    assert "At floor 1 model-a† gives the most different usable answers" in words
    assert "† The reward model is of the Gemma family" in words


def test_the_card_of_a_hostile_result_has_only_our_elements():
    import xml.etree.ElementTree as tree

    root = tree.fromstring(svg(synthetic.hostile()))  # noqa: S314
    assert {node.tag.split("}")[1] for node in root.iter()} == {"svg", "rect", "path", "text"}


def test_lines_of_the_card_stay_within_their_room():
    lines = wrapped("several words and averyveryverylongwordthatneverends" * 3, 300, 30)
    assert all(width_of(line, 30) <= 300 for line in lines)
    assert fitted("short", 300, 30) == "short"
    assert fitted("x" * 10_000, 300, 30).endswith("…")


def lost(results: Results, *rows: tuple[str, int]) -> Results:
    gate = results.manifest.gates[0].gate.label
    table = [{"gate": gate, "model": "model-a", "domain": "(none)", "reason": reason, "samples": count} for reason, count in rows]
    return Results(results.manifest, {**results.tables, "unmeasured": pl.DataFrame(table, schema=dict(TABLES["unmeasured"]))})


def test_versions_and_names_stand_in_the_summary_without_backslashes(found: Results):
    made = found.manifest.model_copy(update={"versions": {"numpy": "2.4.6", "triaxis": "0.1.0"}})
    assert report.summary(Results(made, found.tables)).rstrip().endswith("numpy 2.4.6, triaxis 0.1.0.")


def test_notes_on_the_input_and_on_models_are_shown_everywhere_a_reader_looks(found: Results):
    told = "12 rows were rejected (12 x no response)"
    left_out = tuple(f"{model}: only 2 models are compared at once" for model in ("model-a", "model-b"))
    gate = found.manifest.gates[0].model_copy(update={"notes": left_out})
    noted = Results(found.manifest.model_copy(update={"notes": (told,), "gates": (gate,)}), found.tables)
    for text in (printed(noted, 200), report.summary(noted), report.page(noted)):
        assert told in text
        assert "2 models (model-a, model-b): only 2 models are compared at once" in text


def test_samples_left_out_are_counted_by_reason_and_not_called_a_failure(found: Results):
    some = lost(found, ("not among the N = 8", 800), ("no quality", 10), ("not among the N = 8", 4))
    assert "814 samples were not measured; the page says why" in printed(some, 100)
    assert "814 samples were not measured (804: not among the N = 8; 10: no quality)" in report.summary(some)
    assert re.search(r"not among the N = 8</td><td[^>]*>804</td>", report.page(some))
    assert "1 sample was not measured" in printed(lost(found, ("no quality", 1)), 100)


@pytest.mark.parametrize("width", [80, 100])
def test_names_with_a_long_common_start_stay_distinct(width: int):
    data = synthetic.corpus(4, prompts=30)
    names = [f"an-organisation/with-a-long-name/OLMo-2-1124-7B{end}" for end in ("", "-SFT", "-DPO", "-Instruct")]
    text = printed(synthetic.measured(synthetic.Corpus(names, data.labels, data.quality)), width)
    rows = [line.split()[0] for line in text.splitlines() if line.strip().startswith("…7B")]
    assert sorted(rows) == ["…7B", "…7B-DPO", "…7B-Instruct", "…7B-SFT"]
    assert "… stands for an-organisation/with-a-long-name/OLMo-2-1124-" in text
    assert max(map(len, text.splitlines())) <= width


def test_long_names_without_a_common_start_are_cut_in_the_middle_while_they_stay_distinct():
    start, names = shortened(["codex", "qwen2.5-1.5b-instruct-greedy", "qwen2.5-1.5b-instruct-steered"], 20)
    assert start == ""
    assert names == ["codex", "qwen2.5-1…uct-greedy", "qwen2.5-1…ct-steered"] or len(set(names)) == 3
    alike = ["aaaaaaaaaa-1-zzzzzzzzzz", "aaaaaaaaaa-2-zzzzzzzzzz", "b"]
    assert shortened(alike, 12) == ("", alike)


def test_without_a_floor_nothing_is_called_usable():
    text = printed(synthetic.measured(synthetic.corpus(3, has_quality=False)), 100)
    assert "Different answers in 10 draws per prompt" in text
    assert "usable" not in text
