"""Code measures: published and hand-worked values, what counts as code, and what has no value."""

import sys

import pytest

from triaxis.complexity import TextMeasure, parse_measure
from triaxis.complexity.code import BROKEN, NO_CODE, NO_GRAMMAR, TOO_LONG, Block, blocks, parser
from triaxis.errors import MissingDependency, Undefined


def value(name: str, text: str) -> float:
    made = parse_measure(name)
    assert isinstance(made, TextMeasure)
    return made.value(text)


def reason(text: str) -> str:
    with pytest.raises(Undefined) as error:
        value("cyclomatic", text)
    return str(error.value)


SUM_OF_PRIMES = """function sumOfPrimes(max) {
  let total = 0;
  OUT: for (let i = 1; i <= max; ++i) {
    for (let j = 2; j < i; ++j) {
      if (i % j == 0) { continue OUT; }
    }
    total += i;
  }
  return total;
}"""
GET_WORDS = """function getWords(number) {
  switch (number) {
    case 1: return "one";
    case 2: return "a couple";
    case 3: return "a few";
    default: return "lots";
  }
}"""


def test_the_two_examples_of_the_paper_on_cognitive_complexity() -> None:
    """Campbell 2018, introduction: equal by McCabe, 7 against 1 by cognitive complexity."""
    assert [value("cyclomatic", code) for code in (SUM_OF_PRIMES, GET_WORDS)] == [4.0, 4.0]
    assert [value("cognitive", code) for code in (SUM_OF_PRIMES, GET_WORDS)] == [7.0, 1.0]


def test_runs_of_one_logical_operator_count_once() -> None:
    """Campbell 2018: `a && b && c || d || e && f` adds 3."""
    assert value("cognitive", "if (a && b && c || d || e && f) { g(); }") == 1 + 3
    assert value("cognitive", "if a and b and c or d:\n    f()\n") == 1 + 2
    assert value("cyclomatic", "if a and b and c or d:\n    f()\n") == 1 + 1 + 3


def test_else_if_is_one_branch_and_not_a_deeper_one() -> None:
    python = "if a:\n    f()\nelif b:\n    g()\nelse:\n    h()\n"
    javascript = "if (a) { f(); } else if (b) { g(); } else { h(); }"
    assert value("cognitive", python) == value("cognitive", javascript) == 3.0
    assert value("cyclomatic", python) == value("cyclomatic", javascript) == 3.0


def test_branches_inside_others_and_nested_functions_cost_more() -> None:
    assert value("cognitive", "def f():\n    while x:\n        if y:\n            g()\n") == 1 + 2
    assert value("cognitive", "def f():\n    def g():\n        if y:\n            h()\n    return g\n") == 2
    assert value("cognitive", "f(lambda x: 1 if x else 2)") == 2


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x = 1", 1), ("for x in y:\n    f(x)\n", 2), ("x = a if b else c", 2), ("z = [f(x) for x in y if x]", 3),
        ("try:\n    f()\nexcept A:\n    g()\nexcept B:\n    h()\n", 3),
        ("match x:\n    case 1:\n        f()\n    case _:\n        g()\n", 2),
        ("match x:\n    case 1:\n        f()\n    case _ if y:\n        g()\n", 3),
    ],
)  # fmt: skip
def test_decisions_of_python(code: str, expected: int) -> None:
    assert value("cyclomatic", code) == expected


def test_halstead_counts_tokens_and_different_tokens() -> None:
    """f, (), x; then = y f () x: operators () = (), operands f x y f x; 8 tokens, f x y () = are 5 different."""
    assert value("halstead-volume", "f(x)\ny = f(x)\n") == pytest.approx(8 * 2.321928094887362)


def test_comments_and_layout_change_nothing() -> None:
    plain, airy = "def f(x):\n  return x+1\n", "# why\ndef f( x ):\n\n        return x + 1  # so\n"
    for name in ("cyclomatic", "cognitive", "halstead-volume", "ast-nodes", "ast-depth", "distinct-calls"):
        assert value(name, plain) == value(name, airy), name


def test_calls_inside_strings_that_are_filled_in_are_seen() -> None:
    assert value("distinct-calls", 'print(f"{len(x)} of {max(y)}")') == 3
    assert value("distinct-calls", "```js\nlog(`${size(x)} of ${y}`);\n```") == 2


def test_code_comes_from_fences_or_from_a_whole_text() -> None:
    assert value("cyclomatic", "Sure!\n```python\nif x:\n    f()\n```\nThat is it.") == 2
    assert value("cyclomatic", "```\nif x:\n    f()\n```") == 2
    assert value("cyclomatic", "    if x:\n        return 1\n    return 2\n") == 2
    assert value("cyclomatic", "    if x:\n        return 1\n    return 2\n\nprint(3)\n") == 2


def test_blocks_of_one_language_are_read_together_and_the_longer_language_counts() -> None:
    text = "```py\nif x:\n    f()\n```\nand\n```python\nif y:\n    g(y, 1, 2, 3)\n```\nor\n```js\nwhile (x) {}\n```"
    assert value("cyclomatic", text) == 3


def test_a_fence_that_is_not_closed_ends_with_the_text() -> None:
    assert list(blocks("```python\nx = 1\n~~~\ny")) == [Block("python", "x = 1\n~~~\ny")]
    assert list(blocks("no fence")) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Hello world, how are you?", NO_CODE), ("yes", NO_CODE), ("42", NO_CODE), ("a, b, c", NO_CODE), ("", NO_CODE),
        ("```rust\nfn main() {}\n```", NO_GRAMMAR), ("```python\nif x\n  f(\n```", BROKEN), ("x = 1\n" * 40_000, TOO_LONG),
    ],
)  # fmt: skip
def test_what_is_no_code_has_no_value_and_a_reason(text: str, why: str) -> None:
    assert reason(text) == why


def test_nesting_deeper_than_pythons_stack_is_walked() -> None:
    assert value("ast-depth", "f(" * 3000 + "1" + ")" * 3000) > 6000


def test_a_missing_parser_is_told_with_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tree_sitter", None)
    parser.cache_clear()
    try:
        with pytest.raises(MissingDependency, match="pip install"):
            parse_measure("cyclomatic")
    finally:
        parser.cache_clear()
