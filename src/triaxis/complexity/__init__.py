"""Complexity: how much there is to a text, from the text up, and how hard a prompt is for a model.

`prose` counts words, sentences and syllables; `length`, `readability`, `vocabulary`, `syntax`, `code`, `constraints` and
`reasoning` are the measures, functions of one text that are registered by name; `difficulty` is what pass rates tell.
"""

from triaxis.complexity import code_measures, constraints, length, readability, reasoning, syntax, vocabulary  # noqa: F401 - registers them
from triaxis.complexity.text_measure import Scored, TextMeasure, all_measures, measure, parse_measure

__all__ = ["TextMeasure", "Scored", "measure", "parse_measure", "all_measures"]
