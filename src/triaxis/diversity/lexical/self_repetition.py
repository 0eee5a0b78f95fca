"""Self-repetition: how many long runs of words of each response stand in other responses as well."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from triaxis.diversity.lexical.ngrams import counted, flat, ngrams, whole_number
from triaxis.diversity.lexical.streamed import need
from triaxis.diversity.lexical.tokens import words
from triaxis.registry import register
from triaxis.responses import Responses, Traits


def self_repetition_score(tokens: Sequence[np.ndarray], *, n: int = 4) -> float:
    """Mean over texts of ln(1 + how often their different n-grams appear in other texts), at least 0; higher is less diverse.

    For a text d the sum over its different n-grams g of df(g) - 1, where df(g) is how many texts have g. A text of fewer than `n`
    tokens counts 0. After Salkar et al. 2022 and Shaib et al. 2024 (arXiv 2403.00553). Grows with the set, since more texts
    repeat more. `tokens`: two texts or more.

    >>> self_repetition_score([np.array([1, 2, 3, 4]), np.array([1, 2, 3, 4])])
    0.6931471805599453
    """
    counts = counted(ngrams(flat(tokens), n))
    others = np.diff(np.r_[counts.starts, counts.texts.size]) - 1
    elsewhere = np.bincount(counts.texts, weights=others[counts.grams], minlength=len(tokens))
    return float(np.sort(np.log1p(elsewhere)).mean())


@dataclass(frozen=True)
class SelfRepetition:
    """`self-repetition:N`, see `self_repetition_score`."""

    n: int = 4
    traits: ClassVar[Traits] = Traits(
        "lexical", "How often runs of n words of a response stand in others, on a log scale.", "less diverse", limit=100_000,
        source="Salkar et al. 2022, aclanthology 2022.aacl-short.42; Shaib et al. 2024, arXiv 2403.00553",
    )  # fmt: skip

    @property
    def name(self) -> str:
        """Name with its n."""
        return f"self-repetition:{self.n}"

    def value(self, responses: Responses) -> float:
        """See `triaxis.protocols.Diversity`."""
        need(len(responses), 2)
        return self_repetition_score(responses.view("words", words), n=self.n)


@register("diversity", "self-repetition")
def self_repetition(argument: str = "4") -> SelfRepetition:
    """`self-repetition` or `self-repetition:N`."""
    return SelfRepetition(whole_number(argument, what="n of self-repetition", example="self-repetition:4"))
