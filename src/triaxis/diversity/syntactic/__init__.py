"""Syntactic diversity: how differently prose is built (parts of speech) and how differently programs are (syntax trees)."""

from triaxis.diversity.syntactic.code import AstSubtrees, CodeNgrams, parsed_share
from triaxis.diversity.syntactic.prose import (
    PosCompression,
    PosNgrams,
    TemplateRate,
    TemplatesPerToken,
    compression_ratio,
    template_rate,
    templates,
    templates_per_token,
)
from triaxis.diversity.syntactic.taggers import Tagger, tagger

__all__ = [
    "AstSubtrees", "CodeNgrams", "PosCompression", "PosNgrams", "TemplateRate", "TemplatesPerToken", "Tagger",
    "compression_ratio", "parsed_share", "tagger", "template_rate", "templates", "templates_per_token",
]  # fmt: skip
