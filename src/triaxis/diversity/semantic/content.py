"""How far apart responses are in what they chose to say: mean cosine distance beyond the prompt, the default of the level."""

from dataclasses import dataclass, field

import numpy as np

from triaxis.diversity.semantic.beyond import beyond_prompt
from triaxis.diversity.semantic.distances import cosine_distance
from triaxis.diversity.semantic.metric import vectors_of
from triaxis.errors import Undefined
from triaxis.registry import register
from triaxis.responses import Responses, Traits

CONTENT = Traits(
    level="semantic",
    says="how far apart two responses are in the encoder's space once the direction of their prompt is taken out",
    high=2.0,
    needs=frozenset({"vectors", "prompts"}),
    growth="in-memory",
    limit=1_000_000,
    is_size_free=True,
    source="mean pairwise cosine distance (Tevet & Berant 2021) of residuals on the prompt's vector; chosen by docs/validity.md",
)


def content_distance(vectors: np.ndarray, prompts: np.ndarray) -> float:
    """Mean cosine distance over pairs of rows of `vectors` (n, d) beyond `prompts`, (d,) or (n, d): 0 to 2, more diverse upward.

    Responses that only repeat their prompt are alike, and unlike all others. Raises `Undefined` for under two responses.

    >>> content_distance(np.array([[0.6, 0.8, 0.0], [0.6, 0.0, 0.8]]), np.array([1.0, 0.0, 0.0]))
    1.0
    """
    return cosine_distance(beyond_prompt(vectors, prompts))


@register("diversity", "content-distance")
@dataclass(frozen=True)
class ContentDistance:
    """`content-distance`."""

    name: str = field(default="content-distance", init=False)
    traits: Traits = field(default=CONTENT, init=False)

    def value(self, responses: Responses) -> float:
        """See `protocols.Diversity`."""
        if responses.prompts is None or np.isnan(responses.prompts).any(axis=1).all():
            raise Undefined("needs the text of the prompt")
        return content_distance(vectors_of(responses), responses.prompts)
