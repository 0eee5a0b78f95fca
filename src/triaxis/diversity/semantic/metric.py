"""What every semantic metric is made of: a name, its traits, and one function of vectors or a tally.

The one idea: mathematics lives in pure functions of arrays; here they are bound to a set of responses, and a number in a name
(`vendi:2`) is read once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isnan

import numpy as np

from triaxis.diversity.semantic.rows import unit_rows32
from triaxis.errors import InputError, Undefined
from triaxis.protocols import Tally
from triaxis.responses import Responses, Traits


@dataclass(frozen=True)
class VectorMetric:
    """A metric that needs all vectors at once: `measure` gets (n, d) float32 unit rows, of responses that have a vector."""

    name: str
    traits: Traits
    measure: Callable[[np.ndarray], float]

    def value(self, responses: Responses) -> float:
        """See `protocols.Diversity`; more responses than the declared limit are undefined, not slow."""
        units = unit_rows32(vectors_of(responses))
        check_enough(len(units), self.traits.smallest, lost=len(responses) - len(units))
        if self.traits.limit is not None and len(units) > self.traits.limit:
            raise Undefined(f"{self.name} takes at most {self.traits.limit:,} responses, got {len(units):,}; measure a sample")
        return bounded(self.measure(units), self.traits)


@dataclass(frozen=True)
class TalliedMetric:
    """A metric whose states add up: `make` gives an empty tally."""

    name: str
    traits: Traits
    make: Callable[[], Tally]

    def tally(self) -> Tally:
        """See `protocols.StreamedDiversity`."""
        return self.make()

    def value(self, responses: Responses) -> float:
        """See `protocols.Diversity`: the value of a tally that has seen the whole set."""
        tally = self.make()
        tally.add(responses)
        return tally.value()


def vectors_of(responses: Responses) -> np.ndarray:
    """(n, d) vectors of the responses; raises `Undefined` where the set has none."""
    if responses.vectors is None:
        raise Undefined("needs vectors of the responses, and this set has none; embed them first")
    return responses.vectors


def check_enough(count: int, smallest: int, *, lost: int = 0, have: str = "a vector") -> None:
    """Raises `Undefined` unless `count` responses, those that have what is needed, reach `smallest`."""
    if count < smallest:
        raise Undefined(f"needs {smallest} responses with {have}, got {count} ({lost} have none)")


def bounded(value: float, traits: Traits) -> float:
    """`value`, with rounding past the declared range taken off."""
    return float(min(max(value, traits.low), traits.high))


def number(name: str, text: str, *, what: str, low: float = -inf, high: float = inf) -> float:
    """The number that `text`, the argument of metric `name`, gives; raises `InputError` unless it lies in `low` to `high`."""
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    if isnan(found) or not low <= found <= high:
        raise InputError(f"{what} of {name!r} must be a number from {low:g} to {high:g}, got {text!r}; type for example {name}")
    return found


def whole(name: str, text: str, *, what: str, low: int = 1) -> int:
    """Like `number`, a whole one from `low`."""
    found = number(name, text, what=what, low=low)
    if not found.is_integer():
        raise InputError(f"{what} of {name!r} must be a whole number from {low}, got {text!r}")
    return int(found)
