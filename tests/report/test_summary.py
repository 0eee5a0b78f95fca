"""The Markdown summary, the terminal table and the share card."""

import re
import struct
from io import StringIO

import pytest
from rich.console import Console

from tests.report import synthetic
from triaxis import report
from triaxis.report.card import fitted, svg, width_of, wrapped
from triaxis.results import NotRun, Results


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
    assert "- utility: needs sample\\_index" in text


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
