"""Formats: prose, lists, code, LaTeX, JSON, think tags, tables; the language; and how evenly a set spreads over them."""

from triaxis.diversity.formats.detectors import DETECTORS, formats_of, primary_format, register_format
from triaxis.diversity.formats.language import language_of
from triaxis.diversity.formats.metrics import DominantFormat, FormatCombinations, FormatEntropy, OpeningEntropy, format_shares

__all__ = [
    "DETECTORS", "DominantFormat", "FormatCombinations", "FormatEntropy", "OpeningEntropy", "format_shares", "formats_of",
    "language_of", "primary_format", "register_format",
]  # fmt: skip
