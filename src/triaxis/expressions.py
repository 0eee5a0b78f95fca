"""Arithmetic expressions as text: parsed without `eval`, valued exactly, and brought to one form where only order differs.

Integers, `+ - * /`, signs in front and parentheses; `×`, `·`, `÷` and the longer dashes are read as what they stand for. The one
idea: texts come from models, so that anything may come. Length and depth are bounded, and what does not parse is `Undefined`
with the reason.
"""

import re
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from triaxis.errors import Undefined

MAX_LENGTH = 500
"""Characters of a text that is read at all; an answer in the tasks that we know has fewer than 100."""

MAX_DEPTH = 50
"""Parentheses and signs inside one another; far below where Python's own stack ends."""

_OPERATORS = str.maketrans({"×": "*", "·": "*", "⋅": "*", "÷": "/", "−": "-", "–": "-"})
_TOKEN = re.compile(r"\s*(?:([0-9]+)|(\S))")


class Number(NamedTuple):
    """A non-negative integer, written without a zero in front."""

    value: int


class Sum(NamedTuple):
    """Terms, each with its sign 1 or -1; a sign in front of something is a sum of one term."""

    terms: tuple[tuple[int, "Expression"], ...]


class Product(NamedTuple):
    """Factors, each with its exponent: 1 where it multiplies, -1 where it divides. The first one multiplies."""

    factors: tuple[tuple[int, "Expression"], ...]


Expression = Number | Sum | Product


def parse(text: str) -> Expression:
    """The expression that the whole of `text` is, operators of one rank read from the left.

    Raises `Undefined` for anything else, for more than `MAX_LENGTH` characters and for more than `MAX_DEPTH` levels.
    """
    if len(text) > MAX_LENGTH:
        raise Undefined(f"expected an expression of at most {MAX_LENGTH} characters, got {len(text)}")
    reader = _Reader(_tokens(text))
    found = reader.sum(0)
    if reader.symbol is not None:
        raise Undefined(f"expected an operator or the end, got {reader.symbol!r}")
    return found


def value(expression: Expression) -> Fraction:
    """The exact value; `Undefined` where it divides by zero."""
    match expression:
        case Number(integer):
            return Fraction(integer)
        case Sum(terms):
            return sum((sign * value(term) for sign, term in terms), Fraction(0))
        case Product(factors):
            return _multiplied((exponent, value(factor)) for exponent, factor in factors)


def numbers(expression: Expression) -> tuple[int, ...]:
    """All integers written in the expression, ascending, repeated as often as they stand there."""
    match expression:
        case Number(integer):
            return (integer,)
        case Sum(parts) | Product(parts):
            return tuple(sorted(integer for _, part in parts for integer in numbers(part)))


def canonical(expression: Expression) -> str:
    """One text for all expressions that differ only in order, grouping and where signs and divisions are written.

    Counted as the same: a+b = b+a, (a+b)+c = a+(b+c), and so for products; a-(b-c) = a-b+c; a/(b/c) = a*c/b;
    (-a)*b = -(a*b), and with it (a-b)*(c-d) = (b-a)*(d-c). Counted as different: what needs the distributive law
    (2*3+2*4, 2*(3+4)), arithmetic (2+2, 4, 2*2) or a neutral number (5, 5*1, 5/1, 5+0). The form has the value of the
    expression where there is one; 2/(1/0) has none, and becomes 0*2/1.

    >>> canonical(parse("7 - (2 - 4*3)")), canonical(parse("3*4 + 7 - 2"))
    ('3*4+7-2', '3*4+7-2')
    """
    return _sum_text(_terms(expression))


class _Reader:
    """Recursive descent over tokens; `symbol` is the one that comes next, None at the end."""

    def __init__(self, tokens: list[str]) -> None:
        self._rest = iter(tokens)
        self.symbol: str | None = next(self._rest, None)

    def sum(self, depth: int) -> Expression:
        terms = [(1, self._product(depth))]
        while self.symbol in ("+", "-"):
            sign = 1 if self._take() == "+" else -1
            terms.append((sign, self._product(depth)))
        return Sum(tuple(terms)) if len(terms) > 1 else terms[0][1]

    def _product(self, depth: int) -> Expression:
        factors = [(1, self._factor(depth))]
        while self.symbol in ("*", "/"):
            exponent = 1 if self._take() == "*" else -1
            factors.append((exponent, self._factor(depth)))
        return Product(tuple(factors)) if len(factors) > 1 else factors[0][1]

    def _factor(self, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            raise Undefined(f"expected at most {MAX_DEPTH} levels of parentheses and signs, got more")
        symbol = self._take()
        if symbol in ("+", "-"):
            return Sum(((1 if symbol == "+" else -1, self._factor(depth + 1)),))
        if symbol == "(":
            return self._closed(self.sum(depth + 1))
        if symbol is None or not symbol.isdigit():
            raise Undefined(f"expected a number, a sign or '(', got {_shown(symbol)}")
        return Number(int(symbol))

    def _closed(self, inner: Expression) -> Expression:
        symbol = self._take()
        if symbol != ")":
            raise Undefined(f"expected ')', got {_shown(symbol)}")
        return inner

    def _take(self) -> str | None:
        taken, self.symbol = self.symbol, next(self._rest, None)
        return taken


def _shown(symbol: str | None) -> str:
    return "the end" if symbol is None else repr(symbol)


def _tokens(text: str) -> list[str]:
    found = _TOKEN.findall(text.translate(_OPERATORS))
    for number, sign in found:
        if sign not in "+-*/()":
            raise Undefined(f"expected numbers, + - * / and parentheses, got {sign!r}")
        if len(number) > 1 and number.startswith("0"):
            raise Undefined(f"expected a number without a zero in front, got {number!r}")
    return [number or sign for number, sign in found]


def _multiplied(factors: Iterable[tuple[int, Fraction]]) -> Fraction:
    total = Fraction(1)
    for exponent, factor in factors:
        if exponent < 0 and not factor:
            raise Undefined("a division by zero has no value")
        total *= factor if exponent > 0 else 1 / factor
    return total


class _Term(NamedTuple):
    """A signed product of factor texts: those that multiply, and those that divide.

    The sign is 0 where it makes no difference, because a factor is its own negative: (a-a)*b = -(a-a)*b.
    """

    sign: int
    over: tuple[str, ...]
    under: tuple[str, ...]

    @property
    def text(self) -> str:
        return "/".join(["*".join(sorted(self.over)), *sorted(self.under)])


def _terms(expression: Expression) -> list[_Term]:
    """What `expression` adds up, sums inside sums opened."""
    match expression:
        case Number(integer):
            return [_Term(1, (str(integer),), ())]
        case Sum(terms):
            return [term._replace(sign=sign * term.sign) for sign, inner in terms for term in _terms(inner)]
        case Product(factors):
            return [_product_term(factors)]


def _product_term(factors: Iterable[tuple[int, Expression]]) -> _Term:
    """One term, products inside products opened, all signs taken to the front."""
    whole = _Term(1, (), ())
    for exponent, factor in factors:
        sign, over, under = _as_factor(_terms(factor))
        if exponent < 0:
            over, under = under, over
        whole = _Term(whole.sign * sign, whole.over + over, whole.under + under)
    return whole


def _as_factor(terms: list[_Term]) -> _Term:
    """A sum as a factor: of its two forms s = -(-s) the one whose text comes last (5-2, not 2-5), in parentheses."""
    if len(terms) == 1:
        return terms[0]
    texts = {s: _sum_text([t._replace(sign=s * t.sign) for t in terms]) for s in (1, -1)}
    sign = max((1, -1), key=texts.__getitem__)
    return _Term(sign if texts[1] != texts[-1] else 0, (f"({texts[sign]})",), ())


def _sum_text(terms: list[_Term]) -> str:
    plus, minus = sorted(t.text for t in terms if t.sign >= 0), sorted(t.text for t in terms if t.sign < 0)
    return "+".join(plus) + "".join(f"-{text}" for text in minus)
