"""Syntax of programs: trees and tokens worked out by hand, what is left out, and programs that would break a recursive reader."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from triaxis.diversity.syntactic import code, grammars
from triaxis.diversity.syntactic.code import AstSubtrees, CodeNgrams, parsed_share, subtrees_of, tokens_of
from triaxis.diversity.syntactic.grammars import code_in
from triaxis.errors import InputError, MissingDependency, Undefined
from triaxis.registry import create
from triaxis.responses import Responses

ASSIGNMENT = ("module", ("expression_statement", ("assignment", ("name",), ("integer",))))


def test_names_and_constants_are_blotted_out() -> None:
    assert subtrees_of(["x = 1", "total = 25  # a note", "x = 'a'"]) == [
        [ASSIGNMENT], [ASSIGNMENT], [("module", ("expression_statement", ("assignment", ("name",), ("string",))))],
    ]  # fmt: skip
    assert AstSubtrees().value(Responses(["x = 1", "y = 2", "z = 'a'"])) == 2 / 3


def test_operators_and_booleans_stay() -> None:
    plus, minus, true, false = subtrees_of(["a + 1", "b - 2", "x = True", "x = False"])
    assert plus != minus
    assert true == false


def test_only_subtrees_of_height_four_count() -> None:
    # f(g(1)): integer 1, argument_list 2, call 3, argument_list 4, call 5 ...
    (found,) = subtrees_of(["f(g(1))"])
    assert found == [("argument_list", ("call", ("name",), ("argument_list", ("integer",))))]


def test_a_program_too_small_for_such_a_tree_adds_nothing() -> None:
    with pytest.raises(Undefined, match="hold no syntax subtrees of height 4"):
        AstSubtrees().value(Responses(["x", "y"]))


def test_tokens_keep_names_and_drop_comments_and_layout() -> None:
    program = "def f(a):\n    # hm\n    return a + 'b c'\n"
    assert tokens_of([program]) == [["def", "f", "(", "a", ")", ":", "return", "a", "+", "'b c'"]]
    # x =, = 1 | y =, = 1: four bigrams, three different.
    assert CodeNgrams(n=2).value(Responses(["x = 1", "y = 1"])) == 3 / 4


def test_what_does_not_parse_is_left_out_and_counted() -> None:
    texts = ["x = 1", "Boil the potatoes until soft.", "def broken(:", "", "# only a comment", "y = 2"]
    assert parsed_share(texts) == 2 / 6
    assert AstSubtrees().value(Responses(texts)) == AstSubtrees().value(Responses(["x = 1", "y = 2"]))
    with pytest.raises(Undefined, match="needs at least 2 responses that parse as python, got 1"):
        CodeNgrams().value(Responses(texts[:5]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sure:\n```python\nx = 1\n```\nIt works.", "x = 1"),
        ("```py\nx = 1\n```\nand\n```python\ny = 2\n```", "x = 1\ny = 2"),
        ("```\nx = 1\n```\n```output\n1\n```", "x = 1"),
        ("```js\nlet x;\n```", None),
        ("```python\nx = 1", "x = 1"),
        ("    return x", "return x"),
        ("x = 1", "x = 1"),
        ("   ", None),
        ("~~~python\nx = '''\n```\n'''\n~~~", "x = '''\n```\n'''"),
    ],
)
def test_code_is_found_in_markdown(text: str, expected: str | None) -> None:
    assert code_in(text, "python") == expected


def test_javascript_has_its_own_grammar() -> None:
    texts = ["const add = (a, b) => a + b;", "let sum = (x, y) => x + y;", "function f() { return `a${1}`; }"]
    first, second, _ = subtrees_of(texts, "javascript")
    assert first is not None
    assert first[0] != second
    assert parsed_share(texts, "javascript") == 1.0
    assert parsed_share(texts[1:], "python") == 0.0
    assert CodeNgrams("javascript", 2).value(Responses(["f(1);", "f(2);"])) == 6 / 8


@pytest.mark.parametrize(
    "text", ["(" * 30_000 + "1" + ")" * 30_000, "-" * 30_000 + "1", "1+" * 30_000 + "1", "[" * 50_000, "\x00" * 100]
)
def test_deep_programs_need_no_recursion(text: str) -> None:
    trees, tokens = subtrees_of([text])[0], tokens_of([text])[0]
    assert (trees is None) == (tokens is None)


def test_a_text_longer_than_any_program_is_not_parsed() -> None:
    assert parsed_share(["x = 1\n" * (grammars.LONGEST // 6 + 1)]) == 0.0


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("ast-subtrees", "ast-subtrees:python"), ("ast-subtrees:javascript", "ast-subtrees:javascript"),
        ("code-ngrams", "code-ngrams:python:4"), ("code-ngrams:javascript:2", "code-ngrams:javascript:2"),
    ],
)  # fmt: skip
def test_a_metric_is_made_by_name(spec: str, name: str) -> None:
    assert create("diversity", spec).name == name


@pytest.mark.parametrize(
    "spec", ["ast-subtrees:pyton", "code-ngrams:cobol", "ast-subtrees:", "code-ngrams:python:", "code-ngrams:python:x"]
)
def test_a_language_without_a_grammar_is_refused(spec: str) -> None:
    with pytest.raises(InputError, match=r"no grammar for|expected"):
        create("diversity", spec)


def test_without_the_parser_the_message_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grammars, "find_spec", lambda name: None)
    with pytest.raises(MissingDependency, match=r"^needs a parser of python: pip install tree-sitter tree-sitter-python$"):
        AstSubtrees()


def test_chat_models_write_programs_of_fewer_shapes_than_base_models(real_data: Callable[[str], Path]) -> None:
    rows = pl.read_parquet(real_data("code_samples_dev")).filter(pl.col("model").is_in(["codegen", "chatgpt"]))
    some = rows.filter(pl.col("prompt_id").hash(0) % 8 == 0)
    values: dict[str, list[float]] = {}
    for (model, _), cell in some.group_by("model", "prompt_id", maintain_order=True):
        try:
            values.setdefault(str(model), []).append(code.AstSubtrees().value(Responses(cell["response"].to_list())))
        except Undefined:
            continue
    base, chat = (sum(values[model]) / len(values[model]) for model in ("codegen", "chatgpt"))
    assert min(map(len, values.values())) >= 20
    assert chat < base
