"""Different n-grams over all n-grams: distinct-n, the sum of it over n, and the form adjusted for length (EAD).

All three rest on two numbers, how many n-grams there are and how many of them differ, so one tally serves them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import ClassVar

import numpy as np

from triaxis.diversity.lexical.distinct_count import STANDARD_ERROR, DistinctCount
from triaxis.diversity.lexical.ngrams import Flat, flat, ngrams, whole_number
from triaxis.diversity.lexical.streamed import Streamed, need
from triaxis.diversity.lexical.tokens import words
from triaxis.errors import InputError, Undefined
from triaxis.registry import register
from triaxis.responses import Responses, Traits

VOCABULARY = 30_522
"""Size of the BERT vocabulary, the one that EAD is usually given."""

_ERROR = f"exact up to 2,097,152 different n-grams, above that a standard error of {100 * STANDARD_ERROR:.1f} % (HyperLogLog)"


def distinct_share(tokens: Sequence[np.ndarray], *, n: int = 2) -> float:
    """Different n-grams over all n-grams in `tokens`, a share in 0-1; higher is more diverse.

    tokens: for each text (tokens,) ids. N-grams never cross texts. Falls as the set grows, so compare sets of equal token count.
    After Li et al. 2016 (distinct-n). Raises `Undefined` when no text has `n` tokens.

    >>> distinct_share([np.array([1, 2, 3]), np.array([1, 2])], n=2)
    0.6666666666666666
    """
    return _share(*_seen(flat(tokens), n))


def distinct_sum(tokens: Sequence[np.ndarray], *, longest: int = 4) -> float:
    """`distinct_share` summed over n = 1 to `longest`: 0 to `longest`; higher is more diverse.

    The n-gram diversity of Padmakumar and He 2023 and of the `diversity` package, whose n-grams do cross texts: give it one array
    with all tokens to get that.
    """
    texts = flat(tokens)
    return sum(_share(*_seen(texts, n)) for n in range(1, longest + 1))


def expectation_adjusted(different: float, total: float, *, vocabulary: int = VOCABULARY) -> float:
    """`different` n-grams over the number expected among `total` draws from `vocabulary` equally likely ones.

    EAD = D / (V (1 - ((V - 1) / V)^C)), Liu et al. 2022 (arXiv 2202.13587), equation 4. At least 0, about 1 for even use of the
    whole vocabulary; above 1 where n-grams outnumber it. Raises `Undefined` for no n-grams.
    """
    if total < 1:
        raise Undefined("no response has that many tokens")
    return float(different / (vocabulary * -np.expm1(total * np.log1p(-1 / vocabulary))))


def _seen(texts: Flat, n: int) -> tuple[float, int]:
    """How many different n-grams, and how many n-grams."""
    ids = ngrams(texts, n).ids
    counter = DistinctCount()
    counter.add(ids)
    return counter.count(), ids.size


def _share(different: float, total: int) -> float:
    if not total:
        raise Undefined("no response has that many tokens")
    return min(1.0, different / total)


class NgramTally:
    """Counts of n-grams and of different ones, for some n."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self.responses = 0
        self.totals = dict.fromkeys(sizes, 0)
        self._different = {n: DistinctCount() for n in sizes}

    def add(self, responses: Responses) -> None:
        """Takes in a block of responses."""
        texts = flat(responses.view("words", words))
        self.responses += len(responses)
        for n, counter in self._different.items():
            ids = ngrams(texts, n).ids
            self.totals[n] += ids.size
            counter.add(ids)

    def merge(self, other: "NgramTally") -> None:
        """Takes in what `other` has seen."""
        self.responses += other.responses
        for n, counter in self._different.items():
            self.totals[n] += other.totals[n]
            counter.merge(other._different[n])

    def different(self, n: int) -> float:
        """How many different n-grams there were."""
        return self._different[n].count()

    def value(self) -> float:
        """Sum of the shares."""
        need(self.responses, 2)
        return sum(_share(self.different(n), total) for n, total in self.totals.items())


class AdjustedTally(NgramTally):
    """The same counts, adjusted for length."""

    def __init__(self, n: int, vocabulary: int) -> None:
        super().__init__([n])
        self._n, self._vocabulary = n, vocabulary

    def value(self) -> float:
        """`expectation_adjusted` of the counts."""
        need(self.responses, 2)
        return expectation_adjusted(self.different(self._n), self.totals[self._n], vocabulary=self._vocabulary)


@dataclass(frozen=True)
class DistinctNgrams(Streamed):
    """`distinct:N`, see `distinct_share`."""

    n: int = 2
    traits: ClassVar[Traits] = Traits(
        "lexical", "Share of runs of n words that differ from all others in the set.", high=1.0, growth="bounded", error=_ERROR,
        source="Li et al. 2016, arXiv 1510.03055",
    )  # fmt: skip

    @property
    def name(self) -> str:
        """Name with its n."""
        return f"distinct:{self.n}"

    def tally(self) -> NgramTally:
        """An empty tally."""
        return NgramTally([self.n])


@dataclass(frozen=True)
class NgramDiversity(Streamed):
    """`ngram-diversity:LONGEST`, see `distinct_sum`."""

    longest: int = 4

    @property
    def traits(self) -> Traits:
        """What it declares; its values reach up to `longest`."""
        return Traits(
            "lexical", f"Share of runs of n words that differ, summed over n = 1 to {self.longest}.", high=float(self.longest),
            growth="bounded", error=_ERROR,
            source="Padmakumar and He 2023, arXiv 2309.05196; Shaib et al. 2024, arXiv 2403.00553",
        )  # fmt: skip

    @property
    def name(self) -> str:
        """Name, with the longest n where it is not 4."""
        return "ngram-diversity" if self.longest == 4 else f"ngram-diversity:{self.longest}"

    def tally(self) -> NgramTally:
        """An empty tally."""
        return NgramTally(range(1, self.longest + 1))


@dataclass(frozen=True)
class AdjustedDistinct(Streamed):
    """`ead:N` or `ead:N,VOCABULARY`, see `expectation_adjusted`."""

    n: int = 1
    vocabulary: int = VOCABULARY
    traits: ClassVar[Traits] = Traits(
        "lexical", "Different runs of n words over the number expected from a vocabulary of fixed size.", high=inf,
        growth="bounded", error=_ERROR, source="Liu et al. 2022, arXiv 2202.13587",
    )  # fmt: skip

    def __post_init__(self) -> None:
        if self.vocabulary < 2:
            raise InputError(f"vocabulary of ead must be at least 2, got {self.vocabulary}; type for example ead:1,50000")

    @property
    def name(self) -> str:
        """Name with its n, and the vocabulary where it is not the usual one."""
        return f"ead:{self.n}" if self.vocabulary == VOCABULARY else f"ead:{self.n},{self.vocabulary}"

    def tally(self) -> AdjustedTally:
        """An empty tally."""
        return AdjustedTally(self.n, self.vocabulary)


@register("diversity", "distinct")
def distinct(argument: str = "2") -> DistinctNgrams:
    """`distinct` or `distinct:N`."""
    return DistinctNgrams(whole_number(argument, what="n of distinct", example="distinct:2"))


@register("diversity", "ngram-diversity")
def ngram_diversity(argument: str = "4") -> NgramDiversity:
    """`ngram-diversity` or `ngram-diversity:LONGEST`."""
    return NgramDiversity(whole_number(argument, what="longest n of ngram-diversity", example="ngram-diversity:4"))


@register("diversity", "ead")
def ead(argument: str = "1") -> AdjustedDistinct:
    """`ead`, `ead:N` or `ead:N,VOCABULARY`."""
    n, _, vocabulary = argument.partition(",")
    example = f"ead:1,{VOCABULARY}"
    size = whole_number(vocabulary or str(VOCABULARY), what="vocabulary of ead", example=example, least=2, most=1_000_000_000)
    return AdjustedDistinct(whole_number(n, what="n of ead", example="ead:1"), size)
