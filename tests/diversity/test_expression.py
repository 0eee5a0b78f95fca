"""Answers that are expressions, and all answers as one class."""

import polars as pl

from triaxis.diversity.equivalence import parse_equivalence
from triaxis.diversity.equivalence.labels import NO_CLASS


def classes(spec: str, *texts: str | None) -> list[int]:
    """Labels renamed 0, 1, ... in order of appearance, -1 kept."""
    order: dict[int, int] = {NO_CLASS: NO_CLASS}
    labels = parse_equivalence(spec).labels(pl.DataFrame({"response": pl.Series(texts, dtype=pl.String)}))
    return [order.setdefault(int(label), len(order) - 1) for label in labels]


def test_expressions_are_the_same_up_to_order_and_signs() -> None:
    assert classes("expression", "3*7+3", "3 + 7*3", "3+21", "7*3--3", "(3*7)+3", None) == [0, 0, 1, 0, 0, -1]


def test_all_that_does_not_parse_is_one_class_of_its_own() -> None:
    assert classes("expression", "3*", "hello", "", "(" * 1000, "3") == [0, 0, 0, 0, 1]


def test_a_division_by_zero_is_still_an_expression() -> None:
    assert classes("expression", "1/0", "no", "1/(2-2)") == [0, 1, 2]


def test_one_class_puts_all_answers_together_and_leaves_missing_ones_out() -> None:
    assert classes("one-class", "a", "b", None, "") == [0, 0, -1, 0]


def test_both_hold_in_a_whole_set() -> None:
    for name in ("expression", "one-class"):
        rule = parse_equivalence(name)
        assert (rule.name, rule.scope, rule.is_pairwise) == (name, "set", False)
