"""Equivalences that need an encoder: the one place where a rule of the diversity axis meets a model."""

from triaxis.diversity.equivalence import Topical, parse_topical
from triaxis.models.embedding import open_embedder
from triaxis.registry import register


@register("equivalence", "topical")
def topical(text: str = "") -> Topical:
    """`topical`, `topical:0.9`, `topical:ENCODER`, `topical:ENCODER@0.9`: cosine of an encoder's vectors; see `Topical`."""
    spec = parse_topical(text)
    return Topical(open_embedder(spec.encoder), threshold=spec.threshold, name=f"topical:{text}" if text else "topical")
