"""Text on its way out of a report."""

import pytest

from tests.report.synthetic import HOSTILE
from triaxis.report.text import (
    floor_name,
    floor_names,
    interval,
    markdown,
    number,
    percent,
    shared_start,
    signed,
    trimmed,
    visible,
)


def test_controls_become_pictures_and_the_rest_stays():
    assert visible("a\x00b\x1b[31m\x7f\tc\nd é 漢 👩‍🔬") == "a␀b␛[31m␡\tc\nd é 漢 👩‍🔬"


@pytest.mark.parametrize("code", [0x202E, 0x2066, 0x200F, 0x2028, 0xFEFF, 0xD800, 0xDFFF, 0x85, 0xE0041])
def test_a_character_that_acts_is_shown_as_its_code_point(code: int):
    assert visible(f"a{chr(code)}b") == f"a⟦U+{code:04X}⟧b"


def test_windows_line_ends_are_line_ends():
    assert visible("a\r\nb") == "a\nb"


def test_trimming_counts_what_it_cut():
    assert trimmed("x" * 1_000_000, 10) == "xxxxxxxxxx… [999,990 more characters]"
    assert trimmed("short", 10) == "short"


def test_numbers_have_a_true_minus_and_no_negative_zero():
    assert number(-1.234) == "−1.23"
    assert number(-0.001) == "0.00"
    assert number(1234.5, 1) == "1,234.5"
    assert number(None) == "–"
    assert signed(0.5) == "+0.50"
    assert interval(-1, 2) == "[−1.00, 2.00]"
    assert interval(None, 2) == ""
    assert percent(0.736) == "74 %"


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_of_a_hostile_text_is_one_line_without_live_pipes_or_tags(text: str):
    escaped = markdown(text)
    assert "\n" not in escaped
    assert "<" not in escaped
    assert "|" not in escaped.replace("\\|", "")
    assert "`" not in escaped.replace("\\`", "")
    assert "](" not in escaped.replace("\\](", "")


def test_markdown_at_the_start_of_a_line_opens_no_heading_or_list():
    assert markdown("# a") == "\\# a"
    assert markdown("- a") == "\\- a"
    assert markdown("1. a") == "1\\. a"


@pytest.mark.parametrize(
    "text", ["numpy 2.4.6", "2.4.6", "0.1.0", "sample_index", "anthropic__claude", "-0.5", "R&D", "a - b", "10 rows"]
)
def test_markdown_leaves_alone_what_means_nothing_to_it(text: str):
    assert markdown(text).removeprefix("\\") == text
    assert not markdown(text)[:1].isdigit() or markdown(text) == text


@pytest.mark.parametrize(
    ("text", "escaped"),
    [("1. one", "1\\. one"), ("2) two", "2\\) two"), ("_x_ and __y__", "\\_x\\_ and \\_\\_y\\_\\_"), ("&lt;b", "&amp;lt;b")],
)
def test_markdown_escapes_the_character_that_acts_and_no_digit(text: str, escaped: str):
    assert markdown(text) == escaped


def test_a_shared_start_ends_at_a_separator_and_leaves_every_name_something():
    assert shared_start(["org/olmo-7b", "org/olmo-7b-dpo"]) == "org/olmo-"
    assert shared_start(["a/", "a/b"]) == ""
    assert shared_start(["alpha", "alphabet"]) == ""
    assert shared_start(["only/one"]) == ""
    assert shared_start([]) == ""


def test_a_floor_just_below_a_round_number_is_not_called_that_number():
    assert [floor_name(f) for f in (1.0, 0.999921, 0.9999997, -0.5, 0.1 + 0.2, 1e-09, 73.6)] == [
        "1", "0.999921", "0.9999997", "−0.5", "0.3", "1e−09", "73.6",
    ]  # fmt: skip


def test_floors_that_six_digits_cannot_tell_apart_are_named_in_full():
    assert floor_names([None, 0.12345678, 0.12345679, 2.0]) == ["no floor", "0.12345678", "0.12345679", "2"]
