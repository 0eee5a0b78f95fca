"""The value of a set is the value of a tally that has seen it: one definition for metrics that stream."""

from abc import ABC, abstractmethod

from triaxis.errors import Undefined
from triaxis.protocols import Tally
from triaxis.responses import Responses


class Streamed(ABC):
    """Base of metrics with a tally: they give `tally()`, and get `value` from it."""

    @abstractmethod
    def tally(self) -> Tally:
        """An empty tally."""

    def value(self, responses: Responses) -> float:
        """See `triaxis.protocols.Diversity`."""
        tally = self.tally()
        tally.add(responses)
        return tally.value()


def need(count: int, least: int) -> None:
    """Raises `Undefined` where a set has fewer than `least` responses."""
    if count < least:
        raise Undefined(f"{count} of at least {least} responses")
