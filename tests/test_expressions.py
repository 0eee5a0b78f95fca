"""Arithmetic as text: forms and values worked out by hand, and texts that break careless parsers."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaxis.errors import Undefined
from triaxis.expressions import MAX_DEPTH, MAX_LENGTH, Expression, Number, Product, Sum, canonical, numbers, parse, value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7", 7),
        ("10 - 4 - 3", 3),
        ("24/4/3", 2),
        ("2+3*4", 14),
        ("(2+3)*4", 20),
        ("6/(1-3/4)", 24),
        ("8/(3-8/3)", 24),
        ("1/3+1/3+1/3", 1),
        ("7/2", Fraction(7, 2)),
        ("--3", 3),
        ("2*-3", -6),
        ("-2*3+10", 4),
        ("4 × 6 ÷ 2 − 1", 11),
        (" ( (5) ) \n", 5),
        ("0", 0),
    ],
)
def test_values_are_exact(text: str, expected: Fraction | int) -> None:
    assert value(parse(text)) == expected


def test_a_tree_keeps_signs_and_exponents_beside_their_parts() -> None:
    assert parse("1-2*3/4") == Sum(((1, Number(1)), (-1, Product(((1, Number(2)), (1, Number(3)), (-1, Number(4)))))))
    assert parse("-5") == Sum(((-1, Number(5)),))


@pytest.mark.parametrize(
    ("same", "form"),
    [
        (("3*7+3", "3+7*3", "(7*3)+3", "3+(3*7)", "+3+7*3", "3--7*3"), "3+3*7"),
        (("1+2+3", "3+(2+1)", "(3+1)+2"), "1+2+3"),
        (("7-(2-4)", "7-2+4", "4+7-2", "-2+4+7"), "4+7-2"),
        (("8/(4/2)", "8*2/4", "2*8/4", "8/4*2"), "2*8/4"),
        (("(5-2)*3", "3*(5-2)", "-3*(2-5)", "-(2-5)*3"), "(5-2)*3"),
        (("(1-2)*(3-4)", "(2-1)*(4-3)"), "(2-1)*(4-3)"),
        (("2*(3+4)", "-2*(-3-4)", "(4+3)*2"), "(3+4)*2"),
        (("8/(2*2)", "8/2/2"), "8/2/2"),
        (("10+9", "9+10"), "10+9"),
        (("2*(3-3)", "-2*(3-3)", "(3-3)*-2", "(-3+3)*2"), "(3-3)*2"),
        (("1-2*(3-3)", "1+(3-3)*2"), "(3-3)*2+1"),
    ],
)
def test_order_grouping_and_signs_make_no_difference(same: tuple[str, ...], form: str) -> None:
    assert {canonical(parse(text)) for text in same} == {form}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2*3+2*4", "2*(3+4)"),
        ("2+2", "2*2"),
        ("2+2", "4"),
        ("5", "5*1"),
        ("5*1", "5/1"),
        ("5+0", "5"),
        ("5+1-1", "5"),
        ("3-2", "2-3"),
        ("6/3", "3/6"),
        ("8-(4-2)", "8-4-2"),
        ("12+3", "1+23"),
    ],
)
def test_what_needs_more_than_order_and_signs_stays_apart(one: str, other: str) -> None:
    assert canonical(parse(one)) != canonical(parse(other))


def test_numbers_are_given_with_repetition_in_order() -> None:
    assert numbers(parse("7*(3+10)-3/(2--7)")) == (2, 3, 3, 7, 7, 10)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "+", "3+", "*3", "3 4", "(3", "3)", "()", "3**2", "2^3", "3,4", "3.5", "1e3", "x", "3=3", "²", "٣", "\x00",
        "3\x00", "007", "1+07", "00",
        "__import__('os')", "0x10", "24 is the answer", "−", "((((", "(" * 200 + "1" + ")" * 200, "-" * 200 + "1",
    ],
)  # fmt: skip
def test_whatever_is_no_expression_is_undefined(text: str) -> None:
    with pytest.raises(Undefined, match="expected"):
        parse(text)


def test_length_and_depth_are_bounded_at_the_stated_values() -> None:
    assert value(parse("(" * MAX_DEPTH + "1" + ")" * MAX_DEPTH)) == 1
    with pytest.raises(Undefined, match="levels"):
        parse("(" * (MAX_DEPTH + 1) + "1" + ")" * (MAX_DEPTH + 1))
    longest = "1" + "+1" * ((MAX_LENGTH - 1) // 2)
    assert value(parse(longest)) == (MAX_LENGTH + 1) // 2
    with pytest.raises(Undefined, match="characters"):
        parse(longest + "+1")


def test_the_longest_number_and_the_longest_product_have_values() -> None:
    assert value(parse("9" * MAX_LENGTH)) == 10**MAX_LENGTH - 1
    assert value(parse("9" + "*9" * 249)) == 9**250


@pytest.mark.parametrize("text", ["1/0", "1/(2-2)", "3*(4/(5-5))", "0/0"])
def test_a_division_by_zero_parses_and_has_no_value(text: str) -> None:
    with pytest.raises(Undefined, match="zero"):
        value(parse(text))
    assert canonical(parse(text))


def written(tree: Expression) -> str:
    """`tree` as text, every part in parentheses."""
    match tree:
        case Number(integer):
            return str(integer)
        case Sum(terms):
            return "".join(f"{'+' if sign > 0 else '-'}({written(term)})" for sign, term in terms)
        case Product(factors):
            return "".join(f"{'*' if exponent > 0 else '/'}({written(factor)})" for exponent, factor in factors)[1:]


def sums(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    return st.lists(st.tuples(st.sampled_from((1, -1)), parts), min_size=1, max_size=3).map(lambda t: Sum(tuple(t)))


def products(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    more = st.lists(st.tuples(st.sampled_from((1, -1)), parts), min_size=1, max_size=2)
    return st.tuples(parts, more).map(lambda t: Product(((1, t[0]), *t[1])))


TREES = st.recursive(st.integers(0, 12).map(Number), lambda parts: sums(parts) | products(parts), max_leaves=8)


def exact(tree: Expression) -> Fraction | None:
    try:
        return value(tree)
    except Undefined:
        return None


def test_a_division_that_is_turned_round_may_lose_its_zero() -> None:
    assert canonical(parse("2/(1/0)")) == "0*2/1"


@given(TREES)
def test_a_form_keeps_value_and_numbers_and_is_its_own_form(tree: Expression) -> None:
    form = canonical(tree)
    again = parse(form)
    assert canonical(again) == form == canonical(parse(written(tree)))
    assert exact(tree) in (exact(again), None)
    assert numbers(again) == numbers(tree)


def turned(tree: Expression, rng: st.DataObject) -> Expression:
    """`tree` with terms and factors in another order."""
    match tree:
        case Number():
            return tree
        case Sum(terms):
            return Sum(tuple(rng.draw(st.permutations([(sign, turned(term, rng)) for sign, term in terms]))))
        case Product(factors):
            first, *rest = [(exponent, turned(factor, rng)) for exponent, factor in factors]
            return Product((first, *rng.draw(st.permutations(rest))))


@given(TREES, st.data())
def test_every_order_has_one_form(tree: Expression, data: st.DataObject) -> None:
    assert canonical(turned(tree, data)) == canonical(tree)


@given(st.text(alphabet="0123456789+-*/()×÷− \n.ax", max_size=60) | st.text(max_size=30))
def test_any_text_parses_or_is_undefined(text: str) -> None:
    try:
        tree = parse(text)
    except Undefined:
        return
    assert canonical(tree)
