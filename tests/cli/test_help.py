"""Help pages: each flag is a sentence in its panel, and no Python type shows."""

import re
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from triaxis.cli import app
from triaxis.records import CANONICAL

VERBS = ("measure", "demo", "report", "schema")


def page(*arguments: str) -> str:
    shown = CliRunner().invoke(app, [*arguments, "--help"], env={"COLUMNS": "160", "NO_COLOR": "1", "TERM": "dumb"})
    assert shown.exit_code == 0
    return shown.output


def words(text: str) -> str:
    return " ".join(re.sub(r"[│╭╮╰╯─]", " ", text).split())


@pytest.mark.parametrize("verb", [(), *((verb,) for verb in VERBS)])
def test_no_type_of_python_and_no_braces_show(verb: tuple[str, ...]) -> None:
    assert re.findall(r"<\w+[^>]*>|list\[|\{", page(*verb)) == []


def test_flags_stand_in_panels_in_order() -> None:
    panels = re.findall(r"╭─ ([\w ]+?) ─", page("measure"))
    assert panels == ["Samples", "Input", "Quality and equivalence", "What is shown", "Statistics", "Output"]


def test_the_usage_line_reads_as_one_types() -> None:
    assert "Usage: triaxis measure FILE... [OPTIONS]" in words(page("measure")).replace("root", "triaxis")
    assert "report DIR [OPTIONS]" in words(page("report"))


def test_each_flag_is_a_sentence() -> None:
    verbs: Any = typer.main.get_command(app)
    helps = [parameter.help for verb in verbs.commands.values() for parameter in verb.params]
    assert len(helps) > 20
    assert [text for text in helps if not re.fullmatch(r"[A-Z].*\.", text)] == []


def test_map_lists_the_names_that_it_knows() -> None:
    assert ", ".join(CANONICAL) in words(page("measure"))


def test_labels_are_explained_in_plain_words() -> None:
    assert "labels only mean something among one model's answers to one prompt" in words(page("measure"))
