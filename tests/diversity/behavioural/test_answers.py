"""Final answers: how they are found, how they are written, and that they agree with published extractions on real solutions."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from triaxis.diversity.behavioural.answers import canonical, final_answer
from triaxis.diversity.behavioural.distinct import DistinctAnswers, DistinctBehaviours, distinct_kinds
from triaxis.errors import InputError, Undefined
from triaxis.registry import create
from triaxis.responses import Responses
from triaxis.stats.hypergeometric import expected_distinct


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"First \boxed{1}, no: \boxed{\frac{1}{2}}.", "1/2"),
        (r"\(\boxed{\$15,\!400}\)", "15400"),
        (r"\boxed{120\text{ minutes}}", "120"),
        (r"\boxed{never closed 7", "7"),
        ('```json\n{"reasoning": "3 + 4 = 7", "answer": "7"}\n```', "7"),
        ('{"reasoning": "she said "no"", "answer": "$70,000"}', "70000"),
        ('{"final_answer": 0.50}', "0.5"),
        ("3 + 4 = <<3+4=7>>7\n#### 7", "7"),
        ("#### A heading of level 4\nand text", None),
        ("So 60.\nA: 60", "60"),
        ("The answer is (B) because the others are wrong.", "b"),
        ("**Answer:** C", "c"),
        ("Final Answer: The final answer is $(2, 3)$", "(2,3)"),
        ("The answer is 42 apples.", "42"),
        ("So the answer is **Paris**. I hope this helps.", "paris"),
        ("I cannot answer the question.", None),
        ("Thinking...\n(D)", "d"),
        ("Answer: A cat.", "acat"),
        ("She has 3 boxes.\nThat makes 12 eggs in 2 rows.", "2"),
        ("12 eggs\nfor everybody", None),
        ("", None),
    ],
)
def test_the_most_explicit_sign_is_believed(text: str, expected: str | None) -> None:
    assert final_answer(text) == expected


@pytest.mark.parametrize(
    "alike", [("1,200", "$1200.00", "1200 dollars", "+1200"), ("0", "-0", "0.0"), ("1/2", r"\frac{1}{2}"), ("Rome", "**rome**.")]
)
def test_one_answer_has_one_form(alike: tuple[str, ...]) -> None:
    assert len({canonical(answer) for answer in alike}) == 1


@pytest.mark.parametrize("unlike", [("12", "-12"), ("1.5", "15"), ("3x", "3"), ("2 and 3", "2"), ("9" * 40, "9" * 39 + "8")])
def test_different_answers_keep_different_forms(unlike: tuple[str, str]) -> None:
    assert len({canonical(answer) for answer in unlike}) == 2


HOSTILE = (
    "answer is " * 20_000, "answer" + " " * 200_000, r"\boxed{" * 20_000, '"answer":"' * 20_000, "1," * 100_000, "[" * 100_000,
    r"\boxed{1e999999999}", r"\boxed{" + "9" * 200_000 + "}", "\x00" * 1_000, r"\frac{1}{" * 20_000, '{"answer":' * 20_000,
    "\n####" * 40_000, "answer is nan", "answer is Infinity",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_has_an_answer_or_none(text: str) -> None:
    found = final_answer(text)
    assert found is None or isinstance(found, str)


def test_distinct_answers_are_counted_among_those_that_answer() -> None:
    # 7, 7, 9 and one without an answer.
    responses = Responses(["It is 7.", r"\boxed{7}", "The answer is 9", "No idea"])
    assert DistinctAnswers().value(responses) == 2 / 3
    # Two of three: 7 7 (1 kind) with 1/3, 7 9 (2 kinds) with 2/3.
    assert DistinctAnswers(2).value(responses) == pytest.approx(5 / 3)
    with pytest.raises(Undefined, match="needs at least 4 responses with a final answer, got 3"):
        DistinctAnswers(4).value(responses)


def test_distinct_behaviours_are_the_labels_that_are_given(labelled: Responses) -> None:
    assert DistinctBehaviours().value(labelled) == 2 / 3
    assert DistinctBehaviours(2).value(labelled) == pytest.approx(5 / 3)
    with pytest.raises(Undefined, match="needs class labels"):
        DistinctBehaviours().value(Responses(["a", "b"]))


@pytest.fixture
def labelled() -> Responses:
    import numpy as np

    return Responses(["", "", "", ""], labels=np.array([5, -1, 8, 5]))


def test_kinds_that_are_drawn_are_rarefied() -> None:
    kinds = list("aaabbc")
    assert distinct_kinds(kinds) == 3 / 6
    assert distinct_kinds(kinds, 4) == expected_distinct([3, 2, 1], 4)
    assert distinct_kinds(kinds * 2, 1) == 1.0


def test_names_and_traits_follow_the_number_of_draws() -> None:
    share, drawn = create("diversity", "distinct-answers"), create("diversity", "distinct-answers:5")
    assert (share.name, share.traits.high, share.traits.is_size_free) == ("distinct-answers", 1.0, False)
    assert (drawn.name, drawn.traits.high, drawn.traits.is_size_free) == ("distinct-answers:5", 5.0, True)
    for spec in ("distinct-answers:1", "distinct-behaviours:0", "distinct-answers:many"):
        with pytest.raises(InputError, match="whole number"):
            create("diversity", spec)


def test_answers_agree_with_the_published_extraction_of_boxes(real_data: Callable[[str], Path]) -> None:
    rows = pl.read_parquet(real_data("rlvr_rollouts_dev")).select("response", "meta").iter_rows()
    boxed = [(text, meta) for text, said in rows if (meta := json.loads(said))["extract_method"] == "boxed"]
    assert len(boxed) == 869
    assert [final_answer(text) for text, _ in boxed] == [canonical(meta["pred"]) for _, meta in boxed]


def test_answers_agree_with_the_marks_of_gsm8k_solutions(real_data: Callable[[str], Path]) -> None:
    frame = pl.read_parquet(real_data("gsm8k_solutions_dev")).select("response", "meta", "quality")
    is_right = [final_answer(text) == canonical(json.loads(meta)["gold"]) for text, meta, _ in frame.iter_rows()]
    agreed = sum(right == bool(quality) for right, quality in zip(is_right, frame["quality"], strict=True)) / len(is_right)
    assert agreed > 0.994
