"""What is read off one answer before two are compared: its pieces for the encoder, its words, names, numbers and list items.

The one idea: all of it is counted once for each text, so that comparing two answers is arithmetic on what is here.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

READ = 20_000
"""Characters of an answer that are looked at; some 3,000 words."""

PIECE_WORDS = 48
"""Most words of a piece: two or three sentences, about what the encoder was trained on."""

PIECES = 12
"""Most pieces of an answer; the rest is seen through its words and counts only."""

_LONGEST_WORD = 40
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_INSIDE_A_SENTENCE = re.compile(r"(?<=[\w,;)'\"’”] )[^\W\d_]{2,}")
_ITEM = re.compile(r"^[ \t]*(?:\d+[.)]|[-*\u2022]|#+)[ \t]", re.MULTILINE)


class Reading(NamedTuple):
    """One answer, counted: pieces in order; distinct words, names and numbers; how many words and list items there are."""

    pieces: tuple[str, ...]
    words: frozenset[str]
    names: frozenset[str]
    numbers: frozenset[str]
    length: int
    items: int


def read_answer(text: str) -> Reading:
    """`text` as a `Reading`; words are case folded under NFKC. Only the first `READ` characters are looked at.

    >>> read_answer("Go to Rome in 1999.")[1:]
    (frozenset({...}), frozenset({'rome'}), frozenset({'1999'}), 5, 0)
    """
    shown = text[:READ]
    folded = words_of(shown)
    return Reading(
        pieces=tuple(pieces_of(shown)),
        words=frozenset(folded),
        names=frozenset(names_of(shown)),
        numbers=frozenset(_NUMBER.findall(shown)),
        length=len(folded),
        items=len(_ITEM.findall(shown)),
    )


def words_of(text: str) -> list[str]:
    """Runs of letters and digits of `text` under NFKC, case folded."""
    return _WORD.findall(unicodedata.normalize("NFKC", text[:READ]).casefold())


def names_of(text: str) -> Iterable[str]:
    """Capitalised words inside a sentence, case folded: mostly names of people, places and things.

    >>> list(names_of("We met Anna in Rome. She waved."))
    ['anna', 'rome']
    """
    return (word.casefold() for word in _INSIDE_A_SENTENCE.findall(text) if word[0].isupper() and word[1:].islower())


def pieces_of(text: str) -> list[str]:
    """Up to `PIECES` runs of whole sentences (or lines) of at most `PIECE_WORDS` words; longer sentences are cut. Never empty.

    >>> pieces_of("One. Two.\\nThree.")
    ['One. Two. Three.']
    """
    found: list[list[str]] = [[]]
    for words in _sentences(text):
        if len(found[-1]) + len(words) > PIECE_WORDS:
            found.append([])
        if len(found) > PIECES:
            break
        found[-1].extend(words)
    pieces = [" ".join(words) for words in found[:PIECES] if words]
    return pieces or [text.strip()]


def _sentences(text: str) -> Iterable[list[str]]:
    """The words of each sentence, cut where there are more than `PIECE_WORDS` of them or one is longer than a word can be."""
    for sentence in _SENTENCE_END.split(text):
        words = [word[:_LONGEST_WORD * PIECE_WORDS] for word in sentence.split()]
        for start in range(0, len(words), PIECE_WORDS):
            yield words[start : start + PIECE_WORDS]
