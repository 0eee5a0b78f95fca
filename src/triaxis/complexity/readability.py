"""Readability of English prose: school grades and scores from the lengths of words and sentences.

The one idea: these formulas were fitted to English school texts of the last century. They have no value for other
languages, code or formulas, and say nothing of ideas: a short word can be hard.
"""

import re
from typing import NamedTuple

from triaxis.complexity.prose import is_english, sentences, syllables, words
from triaxis.complexity.text_measure import measure
from triaxis.errors import Undefined

_CHARACTER = re.compile(r"[^\W_]")


class Lengths(NamedTuple):
    """Words and sentences of an English text, both at least 1."""

    words: list[str]
    sentences: int

    @property
    def words_per_sentence(self) -> float:
        """Mean length of a sentence in words."""
        return len(self.words) / self.sentences

    @property
    def syllables_per_word(self) -> float:
        """Mean length of a word in syllables, by spelling."""
        return sum(map(syllables, self.words)) / len(self.words)

    @property
    def characters_per_word(self) -> float:
        """Mean length of a word in letters and digits."""
        return sum(len(_CHARACTER.findall(word)) for word in self.words) / len(self.words)


def lengths(text: str) -> Lengths:
    """Words and sentences of English prose; `Undefined` for a text without words, or in which they do not look English."""
    found = words(text)
    if not found:
        raise Undefined("no words")
    if not is_english(text, found):
        raise Undefined("not English prose")
    return Lengths(found, len(sentences(text)))


@measure("flesch-kincaid", says="The school grade (US) that English prose asks for, by Flesch and Kincaid.", unit="school grade")
def flesch_kincaid(text: str) -> float:
    """0.39 words per sentence + 11.8 syllables per word - 15.59 (Kincaid et al. 1975); can be negative.

    Misleads: in short texts one long word moves it by grades; in lists sentences are not sentences.
    Two sentences of 3 words, 6 syllables in all: 0.39 * 3 + 11.8 * 1 - 15.59.

    >>> round(flesch_kincaid("The cat sat. The dog ran."), 2)
    -2.62
    """
    found = lengths(text)
    return 0.39 * found.words_per_sentence + 11.8 * found.syllables_per_word - 15.59


@measure("flesch-reading-ease", says="How easily English prose reads, by Flesch: 100 is easy, 0 is hard.", unit="points",
         higher_is="less complex")  # fmt: skip
def flesch_reading_ease(text: str) -> float:
    """206.835 - 1.015 words per sentence - 84.6 syllables per word (Flesch 1948); at most 121.22, can be negative.

    Higher is *easier*. Misleads where `flesch-kincaid` does.

    >>> round(flesch_reading_ease("The cat sat. The dog ran."), 2)
    119.19
    """
    found = lengths(text)
    return 206.835 - 1.015 * found.words_per_sentence - 84.6 * found.syllables_per_word


@measure("automated-readability", says="The school grade (US) that English prose asks for, from letters instead of syllables.",
         unit="school grade")  # fmt: skip
def automated_readability(text: str) -> float:
    """4.71 characters per word + 0.5 words per sentence - 21.43 (Senter and Smith 1967); can be negative.

    Needs no syllables, so that its error is that of the sentences alone.
    Two sentences of 3 words, 18 letters: 4.71 * 3 + 0.5 * 3 - 21.43.

    >>> round(automated_readability("The cat sat. The dog ran."), 2)
    -5.8
    """
    found = lengths(text)
    return 4.71 * found.characters_per_word + 0.5 * found.words_per_sentence - 21.43
