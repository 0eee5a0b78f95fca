"""A complexity measure as a pure function of one text, bound to the column that it reads.

The mathematics is a function `text -> number` that raises `Undefined` with a reason; `@measure` gives it a name and says what the
number means. The one idea: a text without a value is NaN with its reason, never 0, and what a row gets depends on that row alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, get_args

import numpy as np
import polars as pl

from triaxis.errors import InputError, MissingDependency, Undefined, near
from triaxis.protocols import Complexity
from triaxis.registry import create, names, register

Field = Literal["response", "prompt"]
Direction = Literal["more complex", "less complex"]
Function = Callable[[str], float]

NO_TEXT = "no text"


class Scored(NamedTuple):
    """(n,) float64 values, and for each NaN among them the reason (None beside a value)."""

    values: np.ndarray
    reasons: Sequence[str | None]


@dataclass(frozen=True)
class TextMeasure:
    """A function of one text, with what it says of it; `reads` names the column of the text.

    Meets `triaxis.protocols.Complexity`; `scored` tells the reasons, too. `ready` raises `MissingDependency` where the function
    needs what is not installed.
    """

    name: str
    function: Function
    says: str
    unit: str
    higher_is: Direction = "more complex"
    reads: Field = "response"
    ready: Callable[[], object] = lambda: None

    def value(self, text: str) -> float:
        """The value of one text; raises `Undefined` with the reason where there is none."""
        return float(self.function(text))

    def scores(self, samples: pl.DataFrame) -> np.ndarray:
        """(samples,) float64, NaN where a text has no value; equal texts are looked at once."""
        return self.scored(samples).values

    def scored(self, samples: pl.DataFrame) -> Scored:
        """`scores`, with the reason of each NaN."""
        texts = samples[self.reads]
        found = {text: self._outcome(text) for text in texts.unique()}
        outcomes = [found[text] for text in texts]
        return Scored(np.array([value for value, _ in outcomes], dtype=np.float64), [reason for _, reason in outcomes])

    def _outcome(self, text: str | None) -> tuple[float, str | None]:
        if text is None:
            return float("nan"), NO_TEXT
        try:
            return self.value(text), None
        except Undefined as error:
            return float("nan"), str(error)


def measure(
    name: str, *, says: str, unit: str, higher_is: Direction = "more complex", reads: Field = "response",
    ready: Callable[[], object] = lambda: None,
) -> Callable[[Function], Function]:  # fmt: skip
    """A decorator that registers a function of one text as the complexity measure `name`, and returns it unchanged."""

    def remember(function: Function) -> Function:
        made = TextMeasure(name, function, says, unit, higher_is, reads, ready)

        def make() -> TextMeasure:
            return made

        make.__module__, make.__qualname__ = function.__module__, function.__qualname__
        register("complexity", name)(make)
        return function

    return remember


def parse_measure(spec: str) -> Complexity:
    """The measure that `spec` names: NAME, NAME:ARGUMENT, and with @prompt or @response behind it the text to read.

    >>> parse_measure("words@prompt").name
    'words@prompt'

    Raises `InputError` naming near names, `MissingDependency` where a package is needed that is not there.
    """
    named, at, field = spec.partition("@")
    made: Complexity = create("complexity", named)
    if not at:
        _require(made)
        return made
    if field not in get_args(Field):
        raise InputError(f"expected {named}@prompt or {named}@response, got {spec!r}{near(field, get_args(Field))}")
    if not isinstance(made, TextMeasure):
        raise InputError(f"complexity {named!r} chooses by itself what it reads; leave {at}{field} out")
    _require(made)
    return replace(made, name=spec, reads=field)


def _require(made: Complexity) -> None:
    if isinstance(made, TextMeasure):
        made.ready()


def all_measures() -> tuple[Complexity, ...]:
    """Every registered measure that can run here, by name; those that need a package that is not there are left out."""
    found = []
    for name in names("complexity"):
        try:
            found.append(parse_measure(name))
        except MissingDependency:
            continue
    return tuple(found)
