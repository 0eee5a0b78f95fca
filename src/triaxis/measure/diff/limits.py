"""Limits as people type them, `U(7,10) drops > 10%`, read by a small grammar of its own and never evaluated.

    LIMIT   = FIGURE [of MODEL] [in DOMAIN] TEST
    FIGURE  = U(FLOOR,DRAWS) | U(DRAWS) | D(FLOOR,COUNT) | D(COUNT) | share(FLOOR) | quality | samples
    TEST    = (drops | rises | changes) [>] NUMBER[%]  |  (< | >) NUMBER

A limit says when to fail. MODEL and DOMAIN are words, or quoted where they hold spaces.
"""

import re
from typing import Literal, NamedTuple, NoReturn

from triaxis.errors import InputError
from triaxis.measure.axes import UNGATED
from triaxis.measure.diff.figures import Figure

Test = Literal["drops", "rises", "changes", "<", ">"]

EXAMPLE = "U(7,10) drops > 10%"
LONGEST = 500
_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<number>[+-]?(?:\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})(?:[eE][+-]?\d{1,2})?)(?![\w.])"""
    r"""|(?P<quoted>"[^"]*"|'[^']*')|(?P<mark>[(),<>%])|(?P<word>[^\s(),<>%"']+)"""
)
_NAME = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|(\S+))""")
_TAKES = {
    "U": "(FLOOR,DRAWS) or (DRAWS), as in U(7,10)",
    "D": "(FLOOR,COUNT) or (COUNT), as in D(7,5)",
    "share": "(FLOOR), as in share(7)",
}


class Limit(NamedTuple):
    """When to fail: `figure` of `model` (None: every model) in `domain` (None: all domains together) `test` `amount`.

    `amount` is a share of the old value where `is_relative`, else in units of the figure.
    """

    text: str
    figure: Figure
    test: Test
    amount: float
    is_relative: bool = False
    model: str | None = None
    domain: str | None = None


def parse_limit(text: str) -> Limit:
    """The limit that `text` says.

    >>> parse_limit("U(7,10) of gpt drops > 10%").model
    'gpt'

    Raises `InputError` that points at the place and shows a right one.
    """
    if len(text) > LONGEST:
        raise InputError(f"expected a limit of at most {LONGEST} characters, got {len(text)}; type for example '{EXAMPLE}'")
    return _Reader(text).limit()


class _Reader:
    """Reads one limit from left to right; `at` is the place of the next character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def limit(self) -> Limit:
        figure = self._figure()
        names = {"of": "", "in": ""}
        for word in names:
            if self._peek() == word:
                self._next()
                names[word] = self._name(word)
        test = self._test()
        start = self._skip()
        amount = self._number("a number")
        is_relative = self._peek() == "%"
        if is_relative:
            self._next()
        if self._peek():
            self._fail("the end", self._skip())
        return self._checked(Limit(
            self.text.strip(), figure, test, amount / 100 if is_relative else amount, is_relative, names["of"] or None,
            names["in"] or None,
        ), start)  # fmt: skip

    def _checked(self, limit: Limit, start: int) -> Limit:
        """`limit`, if its amount can be meant."""
        if limit.test in ("<", ">"):
            if limit.is_relative and limit.figure.kind != "share":
                self._fail("a number without %, because < and > look at the new value alone", start)
            return limit._replace(is_relative=False)
        if limit.amount < 0:
            self._fail("a number of at least 0", start)
        if limit.test == "drops" and limit.is_relative and limit.amount > 1:
            self._fail("at most 100%, because nothing drops further", start)
        return limit

    def _figure(self) -> Figure:
        start = self._skip()
        kind = self._next()
        if kind in ("quality", "samples"):
            return Figure("quality" if kind == "quality" else "samples")
        if kind not in _TAKES:
            self._fail("a figure: U, D, share, quality or samples", start)
        self._mark("(", _TAKES[kind])
        start = self._skip()
        numbers = [self._number("a number")]
        while self._peek() == ",":
            self._next()
            numbers.append(self._number("a number"))
        self._mark(")", _TAKES[kind])
        return self._made(kind, numbers, start)

    def _made(self, kind: str, numbers: list[float], start: int) -> Figure:
        if kind == "share":
            if len(numbers) != 1:
                self._fail(_TAKES[kind], start)
            return Figure("share", numbers[0])
        if len(numbers) > 2:
            self._fail(_TAKES[kind], start)
        *floor, count = numbers
        least = 1 if kind == "U" else 2
        if count != int(count) or not least <= count < 10**6:
            self._fail(f"{'draws' if kind == 'U' else 'a count'}: a whole number from {least} on, as the last of {kind}", start)
        return Figure("U" if kind == "U" else "D", floor[0] if floor else UNGATED, int(count))

    def _test(self) -> Test:
        start = self._skip()
        word = self._next()
        if word in ("<", ">"):
            return "<" if word == "<" else ">"
        tests: dict[str, Test] = {"drops": "drops", "rises": "rises", "changes": "changes"}
        if word not in tests:
            self._fail("drops, rises, changes, < or >", start)
        if self._peek() == ">":
            self._next()
        return tests[word]

    def _name(self, word: str) -> str:
        """What stands after `of` or `in`: quoted, or up to the next space."""
        found = _NAME.match(self.text, self.at)
        name = next((part for part in found.groups() if part), "") if found else ""
        if not found or not name:
            self._fail(f"a name after {word}", self._skip())
        self.at = found.end()
        return name

    def _number(self, what: str) -> float:
        start = self._skip()
        found = _TOKEN.match(self.text, self.at)
        if found is None or found.lastgroup != "number":
            self._fail(what, start)
        self.at = found.end()
        return float(found[0])

    def _mark(self, mark: str, expected: str) -> None:
        start = self._skip()
        if self._next() != mark:
            self._fail(expected, start)

    def _skip(self) -> int:
        """The place of the next token."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.at

    def _peek(self) -> str:
        """The next token, empty at the end."""
        found = _TOKEN.match(self.text, self._skip())
        return found[0] if found else self.text[self.at : self.at + 1]

    def _next(self) -> str:
        token = self._peek()
        self.at += len(token)
        return token

    def _fail(self, expected: str, at: int) -> NoReturn:
        self.at = at
        got = repr(self._peek()) if self._peek() else "nothing more"
        shown = "".join(" " if c.isspace() or not c.isprintable() else c for c in self.text)
        raise InputError(
            f"cannot read --fail-if at character {at + 1}: expected {expected}, got {got}\n  {shown}\n  {' ' * at}^\n"
            f"type for example --fail-if '{EXAMPLE}'"
        )
