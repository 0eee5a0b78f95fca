"""Depth of syntax without a parser: three counts that grow with it, named for what they count.

A dependency parse would give the depth itself; no parser ships here, so none is claimed. The one idea: a subordinate clause
announces itself by a word (because, which, although), and a parenthesis by a bracket.
"""

import re

from triaxis.complexity.prose import is_english, sentences, words
from triaxis.complexity.text_measure import measure
from triaxis.errors import Undefined

SUBORDINATORS = frozenset(
    (
        "although", "as", "because", "before", "if", "lest", "since", "than", "that", "though", "till", "unless", "until", "when",
        "whenever", "where", "whereas", "wherever", "whether", "which", "while", "who", "whoever", "whom", "whose", "why",
    )
)  # fmt: skip
"""Words that open subordinate and relative clauses in English (Quirk et al. 1985, 14.12, and the relative pronouns)."""

_OPEN, _CLOSE = "([{（【「", ")]}）】」"
_BRACKETS = re.compile(rf"[{re.escape(_OPEN + _CLOSE)}]")


@measure("sentence-length", says="How many words a sentence has on average.", unit="words per sentence")
def sentence_length(text: str) -> float:
    """Words over sentences, at least 1; the part of readability that is about syntax.

    Misleads: lists without stops and poems are long sentences; dialogue is short ones.

    >>> sentence_length("I came. I saw and I won.")
    3.5
    """
    found = sentences(text)
    if not found:
        raise Undefined("no words")
    return len(words(text)) / len(found)


@measure("subordination", says="How many words that open a subordinate clause an English sentence has on average.",
         unit="subordinators per sentence")  # fmt: skip
def subordination(text: str) -> float:
    """Subordinators over sentences, 0 or more: a proxy of clause depth, not a parse.

    Misleads: `that` may point and `as` may compare, so that the level is too high; the order of texts is what it is for.

    >>> subordination("I left because it rained, although she stayed. He slept.")
    1.0
    """
    found = words(text)
    if not found:
        raise Undefined("no words")
    if not is_english(text, found):
        raise Undefined("not English prose")
    return sum(word.lower() in SUBORDINATORS for word in found) / len(sentences(text))


@measure("bracket-depth", says="How deep brackets are nested at most.", unit="levels")
def bracket_depth(text: str) -> float:
    """Greatest number of brackets open at one place, 0 or more, in any language; one that closes nothing is passed over.

    Misleads: a citation is a level and a dash is none; in code and formulas it is about those.

    >>> bracket_depth("f(a[0], (b))")
    2.0
    """
    depth = deepest = 0
    for bracket in _BRACKETS.findall(text):
        depth = depth + 1 if bracket in _OPEN else max(0, depth - 1)
        deepest = max(deepest, depth)
    return float(deepest)
