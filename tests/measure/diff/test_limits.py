"""The grammar of limits: what it reads, where it points when it cannot, and that nothing is ever evaluated."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaxis.errors import InputError
from triaxis.measure.diff.figures import Figure
from triaxis.measure.diff.limits import Limit, parse_limit

UNGATED = -np.inf


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("U(7,10) drops > 10%", Limit("", Figure("U", 7.0, 10), "drops", 0.1, is_relative=True)),
        ("U( 7 , 10 )drops 10 %", Limit("", Figure("U", 7.0, 10), "drops", 0.1, is_relative=True)),
        ("U(5) rises > 0.5", Limit("", Figure("U", UNGATED, 5), "rises", 0.5)),
        ("D(7.5,5) changes > .25", Limit("", Figure("D", 7.5, 5), "changes", 0.25)),
        ("share(-1) < 50%", Limit("", Figure("share", -1.0), "<", 0.5)),
        ("quality > 1e1", Limit("", Figure("quality"), ">", 10.0)),
        ("samples drops > 1%", Limit("", Figure("samples"), "drops", 0.01, is_relative=True)),
        ("quality < -2", Limit("", Figure("quality"), "<", -2.0)),
        ("U(1,2) of gpt-4o-2024 in math drops 0", Limit("", Figure("U", 1.0, 2), "drops", 0.0, False, "gpt-4o-2024", "math")),
        ("U(2) of 'a | b (1)' in \"x y\" drops 1%", Limit("", Figure("U", UNGATED, 2), "drops", 0.01, True, "a | b (1)", "x y")),
        ("quality of hf/model:v2=x drops 2%", Limit("", Figure("quality"), "drops", 0.02, True, "hf/model:v2=x")),
    ],
)  # fmt: skip
def test_limits_are_read(text: str, limit: Limit) -> None:
    assert parse_limit(text)._replace(text="") == limit


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("", 1, "a figure"),
        ("V(7,10) drops 1%", 1, "a figure: U, D, share, quality or samples, got 'V'"),
        ("U 7 drops 1%", 3, "(FLOOR,DRAWS)"),
        ("U(7,10 drops 1%", 8, "(FLOOR,DRAWS) or (DRAWS), as in U(7,10), got 'drops'"),
        ("U(7,10) falls 1%", 9, "drops, rises, changes, < or >, got 'falls'"),
        ("U(7,10) drops < 1%", 15, "a number, got '<'"),
        ("U(7,10) drops ten", 15, "a number, got 'ten'"),
        ("U(7,10) drops 1% please", 18, "the end, got 'please'"),
        ("U(7,10) of", 11, "a name after of, got nothing more"),
        ("U(7,2.5) drops 1%", 3, "a whole number from 1 on"),
        ("U(7,0) drops 1%", 3, "a whole number from 1 on"),
        ("D(7,1) drops 1%", 3, "a whole number from 2 on"),
        ("U(1,2,3) drops 1%", 3, "(FLOOR,DRAWS)"),
        ("share(1,2) drops 1%", 7, "(FLOOR), as in share(7)"),
        ("U(7,10) < 10%", 11, "without %"),
        ("U(7,10) drops 200%", 15, "at most 100%"),
        ("U(7,10) drops -1", 15, "at least 0"),
    ],
)
def test_a_limit_that_cannot_be_read_points_at_the_place(text: str, place: int, expected: str) -> None:
    with pytest.raises(InputError) as error:
        parse_limit(text)
    message = str(error.value)
    assert expected in message
    assert f"at character {place}:" in message
    assert "'U(7,10) drops > 10%'" in message
    if text:
        _, shown, pointer, _ = message.split("\n")
        assert len(pointer) == place + 2
        assert shown.strip() == text


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('id')",
        "U(__import__('os'),10) drops 1%",
        "U(7,10) drops 10%; import os",
        "U(7,10) drops 10**9",
        "U(9e999,10) drops 1%",
        "U(nan,10) drops 1%",
        "U(inf,10) drops 1%",
        "U(7,10) drops 0x10",
        "U(7,10)\x00 drops 1%",
        "{0.__class__}",
        "U(" * 200,
        "U(7,10) drops " + "9" * 400,
    ],
)
def test_nothing_is_evaluated(text: str) -> None:
    with pytest.raises(InputError, match=r"--fail-if|at most 500"):
        parse_limit(text)


@given(st.text(max_size=60))
def test_any_text_is_a_limit_or_an_input_error(text: str) -> None:
    for tried in (text, f"U(7,10){text}", f"U(7,10) drops {text}", f"U({text}) drops 1%"):
        with suppress(InputError):
            assert isinstance(parse_limit(tried), Limit)


def test_figures_are_named_as_they_are_typed() -> None:
    for text in ("U(7,10)", "U(5)", "D(0.5,3)", "share(7)", "quality", "samples"):
        assert str(parse_limit(f"{text} drops 1%").figure) == text
