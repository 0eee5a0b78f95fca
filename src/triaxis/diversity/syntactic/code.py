"""Syntactic diversity of programs: distinct subtrees of their canonical syntax trees, and distinct runs of their tokens.

Texts that hold no program of the language, or one with an error, are left out; `parsed_share` says how many are left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from triaxis.diversity.sequences import distinct_ngrams, distinct_share, enough, known_order, whole_number
from triaxis.diversity.syntactic.grammars import Language, Shape, leaves, parsed, require, shapes
from triaxis.errors import InputError, Undefined
from triaxis.registry import register
from triaxis.responses import Responses, Traits

HEIGHT = 4
LANGUAGE: Language = "python"

Subtrees = list[Shape] | None
Tokens = list[str] | None


def parsed_share(texts: Sequence[str], language: str = LANGUAGE) -> float:
    """Share of `texts` that hold a program of `language` without a syntax error, 0-1; raises `Undefined` for no texts."""
    require(language)
    if not texts:
        raise Undefined("no responses, so no share of them is a program")
    return sum(parsed(text, language) is not None for text in texts) / len(texts)


def subtrees_of(texts: Sequence[str], language: str = LANGUAGE) -> list[Subtrees]:
    """Canonical subtrees of height 4 of each program; None where a text holds none."""
    roots = (parsed(text, language) for text in texts)
    return [None if root is None else shapes(root, language, height=HEIGHT) for root in roots]


def tokens_of(texts: Sequence[str], language: str = LANGUAGE) -> list[Tokens]:
    """Tokens of each program; None where a text holds none."""
    roots = (parsed(text, language) for text in texts)
    return [None if root is None else leaves(root, language) for root in roots]


@dataclass(frozen=True)
class AstSubtrees:
    """Distinct canonical subtrees of height 4 over all of them."""

    language: Language = LANGUAGE

    traits = Traits(
        level="syntactic",
        says="The share of different syntax subtrees of height 4 in programs, names and constants blotted out.",
        high=1.0,
        source="Shypula et al. 2025, arXiv 2504.12522 (without the resampling of pairs)",
    )

    def __post_init__(self) -> None:
        require(self.language)

    @property
    def name(self) -> str:
        return f"ast-subtrees:{self.language}"

    def value(self, responses: Responses) -> float:
        found = [trees for trees in self._view(responses) if trees is not None]
        enough(len(found), self.traits.smallest, what=f"responses that parse as {self.language}")
        return distinct_share((tree for trees in found for tree in trees), of=f"syntax subtrees of height {HEIGHT}")

    def reads(self, responses: Responses) -> np.ndarray:
        """See `triaxis.protocols.SelectiveDiversity`: responses that parse."""
        return np.array([trees is not None for trees in self._view(responses)], dtype=bool)

    def _view(self, responses: Responses) -> Sequence[Subtrees]:
        return responses.view(self.name, lambda texts: subtrees_of(texts, self.language))


@dataclass(frozen=True)
class CodeNgrams:
    """Distinct n-grams of the tokens of programs over all of them."""

    language: Language = LANGUAGE
    n: int = 4

    traits = Traits(
        level="syntactic",
        says="The share of different runs of n tokens in programs, comments and layout left out.",
        high=1.0,
        source="distinct-n (Li et al. 2016) over tokens of code, as in Shypula et al. 2025, arXiv 2504.12522",
    )

    def __post_init__(self) -> None:
        require(self.language)
        known_order(self.n, of=f"code-ngrams:{self.language}")

    @property
    def name(self) -> str:
        return f"code-ngrams:{self.language}:{self.n}"

    def value(self, responses: Responses) -> float:
        found = [tokens for tokens in self._view(responses) if tokens is not None]
        enough(len(found), self.traits.smallest, what=f"responses that parse as {self.language}")
        return distinct_ngrams(found, self.n, of="tokens of code")

    def reads(self, responses: Responses) -> np.ndarray:
        """See `triaxis.protocols.SelectiveDiversity`: responses that parse."""
        return np.array([tokens is not None for tokens in self._view(responses)], dtype=bool)

    def _view(self, responses: Responses) -> Sequence[Tokens]:
        return responses.view(f"tokens:{self.language}", lambda texts: tokens_of(texts, self.language))


@register("diversity", "ast-subtrees")
def ast_subtrees(language: str = LANGUAGE) -> AstSubtrees:
    """`ast-subtrees` (Python) or `ast-subtrees:LANGUAGE`."""
    return AstSubtrees(_known(language))


@register("diversity", "code-ngrams")
def code_ngrams(argument: str = LANGUAGE) -> CodeNgrams:
    """`code-ngrams` (Python, n = 4), `code-ngrams:LANGUAGE` or `code-ngrams:LANGUAGE:N`."""
    language, colon, n = argument.partition(":")
    known = _known(language)
    if not colon:
        return CodeNgrams(known)
    return CodeNgrams(known, whole_number(n, of=f"code-ngrams:{known}", example=f"code-ngrams:{known}:4"))


def _known(language: str) -> Language:
    if not language:
        raise InputError("expected the name of a language after the colon; type for example ast-subtrees:python")
    require(language)
    return cast(Language, language)
