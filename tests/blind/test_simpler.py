"""Simplification: a simpler twin where there is one, else the text without its end."""

from pathlib import Path

import pytest

from tests.blind.given import cell, opened
from triaxis.blind.planting import edition
from triaxis.blind.simpler import shorter, simplification

STORY = "It was a day like any other in the town. The baker had gone to the mill. He saw a bird (a grey one). Then it was over."


def test_a_simpler_answer_of_the_same_class_and_quality_is_taken(tmp_path: Path) -> None:
    rows = cell("p", "aab", [1, 1, 1])
    rows[0]["response"] = "a rather long answer with many words in it"
    rows[1]["response"] = "a short one"
    samples = opened(tmp_path, rows)
    made = edition(samples, simplification(samples), 1.0)
    assert made.samples.texts.to_list() == ["a short one", "a short one", "b answer 2"]
    assert made.samples.complexity.tolist() == [3, 3, 3]
    assert made.table.column("label") == ["a", "a", "b"]


def test_a_simpler_answer_of_another_quality_is_not(tmp_path: Path) -> None:
    rows = cell("p", "aab", [1, 0, 1])
    rows[0]["response"] = "a = rather_long(answer) + with[many] * words_in_it"
    assert simplification(opened(tmp_path, rows)).most == 0


def test_prose_loses_its_second_half_and_asides(tmp_path: Path) -> None:
    rows = [one | {"response": STORY} for one in cell("p", "a", [2])]
    samples = opened(tmp_path, rows)
    made = edition(samples, simplification(samples), 1.0)
    assert made.samples.texts[0] == "It was a day like any other in the town. The baker had gone to the mill."
    assert made.samples.quality.tolist() == [2]


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("One thing. Two things.", "One thing."),
        ("Only one sentence (with an aside).", "Only one sentence."),
        ("A. B. C.", "A. B."),
        ("No end", "No end"),
        ("Pi is 3.14 and e is 2.71. That is all.", "Pi is 3.14 and e is 2.71."),
    ],
)
def test_sentences_are_counted_as_people_do(text: str, short: str) -> None:
    assert shorter(text) == short


def test_code_is_left_alone(tmp_path: Path) -> None:
    rows = [one | {"response": STORY, "domain": "code"} for one in cell("p", "ab")]
    assert simplification(opened(tmp_path, rows)).most == 0


def test_a_long_text_of_one_character_does_not_hang() -> None:
    assert shorter("(" * 200_000) == "(" * 200_000
    assert shorter("." * 200_000) == "." * 200_000
