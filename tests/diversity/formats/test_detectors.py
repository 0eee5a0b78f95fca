"""Formats of texts that people would name without a doubt, the traps of published detectors, and real solutions with a label."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from triaxis.diversity.fences import Fence, fenced
from triaxis.diversity.formats import detectors
from triaxis.diversity.formats.detectors import DETECTORS, formats_of, primary_format, register_format, without_thinking
from triaxis.errors import InputError

FUNCTION = "def total(numbers):\n    result = 0\n    for number in numbers:\n        result += number\n    return result"
TABLE = "| city | people |\n|---|---:|\n| Oslo | 700000 |"
KNOWN = {
    "prose": ["It rained all day.", "One - two - three.", "I paid $5 and $7.", "Is 3 < 4?", "1. Only one item", "{curly} prose"],
    "list": ["- a\n- b", "1. First\n2. Second\n\nthat is all", "Ideas:\n* one\n* two", "a) x\nb) y"],
    "headings": ["## One\nText.\n## Two\nText.", "**Morning**\nEggs.\n**Evening**\nSoup."],
    "latex": [r"So \(x\) is \boxed{7}.", "Here $x^2$ grows.", "$$a + b$$", r"\begin{align}x\end{align}"],
    "json": ['{"a": 1}', "[1, 2]", '```json\n{"a": 1}\n```', 'Here:\n{"reasoning": "cut off by the lim', '```\n{"a": 1}\n```'],
    "code": [
        FUNCTION, "    return x", "import re\nprint(re.escape(x))", "function f(a) {\n  return a + 1;\n}",
        'x = {"a": 1}\nassert x["a"]',
    ],
    "code-block": ["```python\nx = 1\n```", "Look:\n```\nls\n```\nThere.", "~~~\nx\n~~~", "```python\nnever closed"],
    "tagged-code": ["<llm-code>\nx = 1\n</llm-code>", "[PYTHON]x = 1[/PYTHON]"],
    "table": [TABLE, f"Cities:\n\n{TABLE}\n\nThat is all."],
    "empty": ["", " \n\t"],
    "think+latex": [r"<think>Hm.</think>\boxed{7}", r"Hm, the prompt opened it.</think>\boxed{7}"],
    "think+prose": ["<think>- a\n- b</think>Twelve."],
    "think+empty": ["<think>never closed", "<thinking>a</thinking>"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in KNOWN.items() for text in texts])
def test_the_primary_format_is_what_people_would_say(name: str, text: str) -> None:
    assert primary_format(text) == name


@pytest.mark.parametrize("text", ["We define x as 3.", "The definition is clear.", "By default, def is short for define.", "def"])
def test_define_is_no_definition(text: str) -> None:
    # openrlhf-pretrain looks for the letters "def" and takes these for programs.
    assert primary_format(text) == "prose"


@pytest.mark.parametrize("text", ["B = the number of insects\nC = twice as many", "Cost = 3 * 4 = <<3*4=12>>12 dollars\nA: 12"])
def test_equations_in_words_are_no_code(text: str) -> None:
    assert primary_format(text) == "prose"


def test_a_text_has_every_format_that_is_found() -> None:
    text = f"<think>Hm.</think>\n## One\n- $x^2$\n- y\n\n## Two\n{TABLE}\n```python\nx\n```"
    assert formats_of(text) == {"think", "code-block", "table", "latex", "headings"}
    assert formats_of("<think>Hm.</think> Seven.") == {"think", "prose"}
    assert formats_of("Seven.") == {"prose"}
    assert formats_of(" ") == {"empty"}


def test_thinking_is_set_aside_however_often_it_comes() -> None:
    assert without_thinking("a<think>b</think>c<think>d</think>e") == "ace"
    assert without_thinking("a<think>b<think>c</think>d") == "ad"
    assert without_thinking("a") == "a"


def test_fences_nest_by_their_length() -> None:
    assert fenced("````md\n```\nx\n```\n````\nafter").blocks == [Fence("md", "```\nx\n```", True)]
    assert fenced("```x``` is no fence").blocks == []
    assert fenced("~~~\na").blocks == [Fence("", "a", False)]


HOSTILE = (
    "```" * 60_000, "```\n" * 30_000, "<think>" * 30_000, "</think>" * 30_000, "{" * 200_000, '{"' * 100_000, "|---" * 50_000,
    "|" + " " * 150_000, "$a" * 100_000, "\\" * 200_000, "- a\n" * 30_000, "def f(" * 30_000, "x = " * 50_000,
    "if " + ":   " * 40_000,
    "\x00" * 100_000, " " * 200_000, "'" * 100_000, '"""' * 50_000, "**" * 100_000, "word " * 40_000, "((" * 100_000,
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_has_a_format(text: str) -> None:
    rest = primary_format(text).removeprefix("think+")
    assert rest in {*DETECTORS, "prose", "empty"}
    assert formats_of(text)


@pytest.fixture
def own_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detectors, "DETECTORS", dict(DETECTORS))


@pytest.mark.usefixtures("own_row")
def test_a_detector_is_added_in_one_line() -> None:
    register_format("haiku", before="list")(lambda text: len(text.splitlines()) == 3)
    assert primary_format("old pond\na frog leaps in\nwater's sound") == "haiku"
    assert list(detectors.DETECTORS).index("haiku") == list(detectors.DETECTORS).index("list") - 1
    for name in ("haiku", "prose", "a+b", " "):
        with pytest.raises(InputError, match="must be new"):
            register_format(name)
    with pytest.raises(InputError, match="no format 'song'"):
        register_format("poem", before="song")


def test_formats_of_real_solutions_are_those_that_their_label_names(real_data: Callable[[str], Path]) -> None:
    frame = pl.read_parquet(real_data("gsm8k_solutions_dev"))
    expected = {"json-reasoning": "json", "calculator-annotated": "prose", "program-aided": "code-block"}
    rows = frame.select("response", "meta").iter_rows()
    found = Counter((json.loads(meta)["format"], primary_format(text)) for text, meta in rows)
    assert found["calculator-annotated", "prose"] == 3_260
    assert found["program-aided", "code-block"] == 652
    agreed = sum(count for (label, name), count in found.items() if expected[label] == name)
    assert agreed / found.total() > 0.997
