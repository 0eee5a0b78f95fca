"""Rare words: how far the vocabulary of an English text lies from everyday English, by the frequencies of `wordfreq`.

Zipf frequency is log10 of occurrences in a billion words (van Heuven et al. 2014): `the` has 7.7, `photon` 3.2, words under 3 are
rarer than one in a million. The data come with the package and end in 2021 (its authors stopped, because newer text is full of
models' own), so that newer names count as rare.
"""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from triaxis.complexity.prose import is_english, words
from triaxis.complexity.text_measure import TextMeasure, measure
from triaxis.errors import InputError, MissingDependency, Undefined
from triaxis.registry import register

RARE = 3.0
UNSEEN = 1.0
"""Zipf frequency given to words that are not in the list: what is in it starts at 1."""

SHARE_SAYS = "The share of words that are rarer in English than one in a million."


@lru_cache(maxsize=1)
def frequencies() -> Mapping[str, float]:
    """English words in lower case with their share of all words; `MissingDependency` without `wordfreq`."""
    try:
        from wordfreq import get_frequency_dict
    except ImportError as error:
        raise MissingDependency("rare words need wordfreq; type: pip install 'triaxis[words]'") from error
    found: Mapping[str, float] = get_frequency_dict("en")
    return found


@lru_cache(maxsize=1 << 16)
def zipf(word: str) -> float:
    """Zipf frequency of a word in lower case, `UNSEEN` where it is in no list; a compound is as frequent as its rarest part."""
    known = frequencies()
    share = known.get(word) or min((known.get(part, 0.0) for part in word.replace("’", "'").split("-")), default=0.0)
    return float(np.log10(share) + 9) if share else UNSEEN


def english_words(text: str) -> list[str]:
    """Words of English prose in lower case without those that hold a digit; `Undefined` where there are none."""
    found = words(text)
    kept = [word.lower() for word in found if not any(map(str.isdigit, word))]
    if not kept:
        raise Undefined("no words")
    if not is_english(text, found):
        raise Undefined("not English prose")
    return kept


def rare_share(text: str, *, below: float = RARE) -> float:
    """Share of the words of `text` whose Zipf frequency is under `below`; a fraction in 0-1.

    Misleads: names, misspellings and words newer than 2021 count as rare, and one word in a text of five is 20 %.

    >>> rare_share("the sesquipedalian cat sat")
    0.25
    """
    found = english_words(text)
    return sum(zipf(word) < below for word in found) / len(found)


@measure("word-surprisal", says="How unexpected the words of the text are in everyday English, on average.", unit="bits per word",
         ready=frequencies)  # fmt: skip
def word_surprisal(text: str) -> float:
    """Mean of -log2 of each word's share of English, in bits, from about 4; unseen words count as one in 100 million (26.6 bits).

    A unigram model: it knows words and not what stands before them. Misleads where `rare-words` does.
    """
    found = english_words(text)
    return float(np.mean([(9 - zipf(word)) * np.log2(10) for word in found]))


@register("complexity", "rare-words")
def rare_words(below: str = "") -> TextMeasure:
    """`rare-words`, or `rare-words:4` for words under a Zipf frequency of 4 (one in 100,000)."""
    bound = _bound(below)
    says = f"The share of words with a Zipf frequency under {bound:g} in English." if below else SHARE_SAYS
    name = f"rare-words:{below}" if below else "rare-words"
    return TextMeasure(name, lambda text: rare_share(text, below=bound), says, "fraction", ready=frequencies)


def _bound(text: str) -> float:
    try:
        bound = float(text) if text else RARE
    except ValueError:
        bound = float("nan")
    if not 1 < bound <= 8:
        raise InputError(f"expected a Zipf frequency above 1 and up to 8, got {text!r}; type for example rare-words:3")
    return bound
