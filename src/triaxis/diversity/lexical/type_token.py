"""Moving-average type-token ratio: how varied the wording is inside each response.

It looks within texts, one at a time: copies of a varied text are as varied as that text. So it tells loops and poor wording
inside responses, and nothing about how alike they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from triaxis.diversity.lexical.ngrams import flat, order_of, whole_number
from triaxis.diversity.lexical.streamed import Streamed, need
from triaxis.diversity.lexical.tokens import words
from triaxis.errors import Undefined
from triaxis.registry import register
from triaxis.responses import Responses, Traits

_FINE = 1 << 40
"""Ratios are added as whole multiples of 2^-40, so that a sum is the same to the bit however the texts are cut into parts."""


def type_token_ratios(tokens: Sequence[np.ndarray], *, window: int = 50) -> np.ndarray:
    """(texts,) float64: of each text the mean over its windows of different tokens over `window`, a share in 0-1.

    tokens: for each text (tokens,) ids. NaN for a text of fewer than `window` tokens. Covington and McFall 2010 (MATTR).

    >>> type_token_ratios([np.array([1, 1, 2]), np.array([1])], window=2)
    array([0.75,  nan])
    """
    texts = flat(tokens)
    ends = np.cumsum(texts.lengths)
    windows = texts.lengths - window + 1
    place = np.arange(texts.tokens.size) - np.repeat(ends - texts.lengths, texts.lengths)
    first = np.maximum(_before(texts.tokens, place) + 1, place - window + 1)
    last = np.minimum(place, np.repeat(windows, texts.lengths) - 1)
    seen = np.r_[0, np.cumsum(np.maximum(last - np.maximum(first, 0) + 1, 0))]
    totals = seen[ends] - seen[ends - texts.lengths]
    return np.where(windows > 0, totals / (np.maximum(windows, 1) * window), np.nan)


def _before(tokens: np.ndarray, place: np.ndarray) -> np.ndarray:
    """(tokens,) place in its text of the same token's last appearance before, -1 where it is new.

    A token is counted in a window where it has not been seen yet: in windows that start after its last appearance.
    """
    order = order_of(tokens)
    ranked, places = tokens[order], place[order]
    start = order - places  # of the text: two tokens of one text have it in common
    is_repeat = np.r_[False, (ranked[1:] == ranked[:-1]) & (start[1:] == start[:-1])][: order.size]
    before = np.empty(tokens.size, dtype=np.int64)
    before[order] = np.where(is_repeat, np.r_[-1, places[:-1]][: order.size], -1)
    return before


class RatioTally:
    """Sum of the ratios of texts that are long enough, and how many those are."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._sum = 0
        self.responses = self.measured = 0

    def add(self, responses: Responses) -> None:
        """Takes in a block of responses."""
        ratios = type_token_ratios(responses.view("words", words), window=self._window)
        known = ratios[~np.isnan(ratios)]
        self._sum += sum(np.rint(known * _FINE).astype(np.int64).tolist())
        self.responses += len(responses)
        self.measured += known.size

    def merge(self, other: "RatioTally") -> None:
        """Takes in what `other` has seen."""
        self._sum += other._sum
        self.responses += other.responses
        self.measured += other.measured

    def value(self) -> float:
        """Mean over the texts that are long enough."""
        need(self.responses, 1)
        if not self.measured:
            raise Undefined(f"no response has {self._window} words")
        return self._sum / _FINE / self.measured


@dataclass(frozen=True)
class MovingAverageTypeTokenRatio(Streamed):
    """`mattr:WINDOW`: mean over responses of `type_token_ratios`; shorter ones than the window are left out."""

    window: int = 50
    traits: ClassVar[Traits] = Traits(
        "lexical", "Share of different words in a moving window, inside each response.", high=1.0, growth="mergeable",
        smallest=1, is_size_free=True, is_within_texts=True,
        source="Covington and McFall 2010, doi 10.1080/09296171003643098",
    )  # fmt: skip

    @property
    def name(self) -> str:
        """Name with its window."""
        return f"mattr:{self.window}"

    def tally(self) -> RatioTally:
        """An empty tally."""
        return RatioTally(self.window)


@register("diversity", "mattr")
def mattr(argument: str = "50") -> MovingAverageTypeTokenRatio:
    """`mattr` or `mattr:WINDOW`."""
    window = whole_number(argument, what="window of mattr", example="mattr:50", least=2, most=1_000_000)
    return MovingAverageTypeTokenRatio(window)
