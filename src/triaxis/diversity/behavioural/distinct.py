"""How many different things a set of responses comes to: final answers, or behaviours that somebody else has labelled."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from triaxis.diversity.behavioural.answers import final_answers
from triaxis.diversity.sequences import enough, whole_number
from triaxis.errors import InputError, Undefined
from triaxis.registry import register
from triaxis.responses import Need, Responses, Traits
from triaxis.stats.hypergeometric import expected_distinct

_SOURCE = "Shypula et al. 2025, arXiv 2504.12522 (share); Hurlbert 1971 (rarefied to equal n)"


def distinct_kinds(kinds: Sequence[Hashable], draws: int | None = None) -> float:
    """Different `kinds` over all of them, 0-1; with `draws`, the expected number of different ones among that many, 1 to `draws`.

    Draws are without replacement, so the second form does not depend on how many there are. Raises `Undefined` for no kinds, and
    for fewer than `draws`.

    >>> distinct_kinds(["7", "7", "9", "7"]), distinct_kinds(["7", "7", "9", "7"], 2)
    (0.5, 1.5)
    """
    enough(len(kinds), 1 if draws is None else draws, what="responses to draw from")
    counts = sorted(Counter(kinds).values())
    return len(counts) / len(kinds) if draws is None else min(float(draws), expected_distinct(counts, draws))


def _traits(says: str, need: Need, draws: int | None) -> Traits:
    return Traits(
        level="behavioural",
        says=says,
        high=1.0 if draws is None else float(draws),
        needs=frozenset({need}),
        smallest=2 if draws is None else draws,
        is_size_free=draws is not None,
        source=_SOURCE,
    )


def _known_draws(name: str, draws: int | None) -> None:
    if draws is not None and (draws != int(draws) or draws < 2):
        raise InputError(f"expected a whole number of at least 2 draws, got {name}:{draws}; type for example {name}:5")


@dataclass(frozen=True)
class DistinctAnswers:
    """Different final answers over all final answers, or the expected number among `draws`."""

    draws: int | None = None

    def __post_init__(self) -> None:
        _known_draws("distinct-answers", self.draws)

    @property
    def name(self) -> str:
        return "distinct-answers" if self.draws is None else f"distinct-answers:{self.draws}"

    @property
    def traits(self) -> Traits:
        return _traits("How many different final answers there are, whatever the words around them.", "text", self.draws)

    def reads(self, responses: Responses) -> np.ndarray:
        """See `triaxis.protocols.SelectiveDiversity`: responses with a final answer."""
        return np.array([answer is not None for answer in responses.view("answers", final_answers)], dtype=bool)

    def value(self, responses: Responses) -> float:
        found = [answer for answer in responses.view("answers", final_answers) if answer is not None]
        enough(len(found), self.traits.smallest, what="responses with a final answer")
        return distinct_kinds(found, self.draws)


@dataclass(frozen=True)
class DistinctBehaviours:
    """Different class labels over all labelled responses, or the expected number among `draws`."""

    draws: int | None = None

    def __post_init__(self) -> None:
        _known_draws("distinct-behaviours", self.draws)

    @property
    def name(self) -> str:
        return "distinct-behaviours" if self.draws is None else f"distinct-behaviours:{self.draws}"

    @property
    def traits(self) -> Traits:
        return _traits("How many different behaviours there are, by class labels that are given.", "labels", self.draws)

    def value(self, responses: Responses) -> float:
        if responses.labels is None:
            raise Undefined("needs class labels of what each response does; type --equivalence column:NAME")
        found = responses.labels[responses.labels >= 0].tolist()
        enough(len(found), self.traits.smallest, what="responses with a class")
        return distinct_kinds(found, self.draws)


@register("diversity", "distinct-answers")
def distinct_answers(draws: str = "") -> DistinctAnswers:
    """`distinct-answers` (a share) or `distinct-answers:DRAWS` (an expected number)."""
    return DistinctAnswers(_draws(draws, "distinct-answers"))


@register("diversity", "distinct-behaviours")
def distinct_behaviours(draws: str = "") -> DistinctBehaviours:
    """`distinct-behaviours` (a share) or `distinct-behaviours:DRAWS` (an expected number)."""
    return DistinctBehaviours(_draws(draws, "distinct-behaviours"))


def _draws(text: str, name: str) -> int | None:
    return whole_number(text, of=name, example=f"{name}:5", high=1_000_000) if text else None
