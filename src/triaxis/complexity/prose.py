"""Words, sentences and syllables of a text, and whether it is English prose: what the measures of text count.

The one idea: each rule is short enough to state, and every regular expression is linear, because texts come from models and
may be a megabyte of one character.
"""

import re

CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Kana and Chinese characters: written without spaces, so that each counts as a word."""

MARKS = "\u0300-\u036f\u0900-\u0dff\u0e00-\u0eff"
"""Combining marks, and scripts of South Asia, Thailand and Laos, whose vowel signs Python does not count as parts of words."""

_ASCII_WORD = re.compile(r"\w+(?:['-]\w+)*")
_WORD = re.compile(rf"[{CJK}]|(?:[^\W{CJK}{MARKS}]|[{MARKS}])+(?:['’\-](?:[^\W{CJK}{MARKS}]|[{MARKS}])+)*")
_TITLES = "".join(rf"(?<!\b{title})" for title in ("Dr", "Mr", "Ms", "St", "vs", "Mrs", "e.g", "i.e"))
_SENTENCE_END = re.compile(
    rf"(?<![.!?…]){_TITLES}[.!?…]++[\"'”’)\]]*+(?=\s(?![a-z])|\Z)"
    r"|(?<![。！？])[。！？]++"
    r"|\n[ \t]{0,20}\n|\n(?=[ \t]{0,20}(?:[-*•#>|]|[0-9]{1,3}[.)]))"
)
_VOWELS = re.compile(r"[aeiouy]+")
_APART = re.compile(
    r"(?<![tcsg])ia(?!ge)|(?<![tscgxl])io(?!us)|(?<=[rdvnb])ious|(?<![tcfhsp])ie(?=nc|nt|t)|(?<![qg])ua(?![rd]d)|(?<![qg])u(?=ous|ity)"
    r"|(?<![pg])eo(?!u)|cre(?=at)|rea(?=l[^ml]|ct)|(?<=[dr])ea(?=s?$)|(?<=[aeouy])i(?=ng)|e(?=um$|us$)|sm$|thm$|^mc|(?<=^sc)ie(?=n)|(?<=soc)ie|[^aeiou]ie(?=r$|st$)"
)
"""Where neighbouring vowels are two syllables, or consonants are one."""

_JOINED = re.compile(r"some(?=[a-z])|every|business|(?<![aeiouyl])e(?=ly$|ment|ful|less|ness)")
"""Where an e inside a word is silent."""

_INSIDE = re.compile(r"['’\-_]")
_CLITICS = frozenset(("", "s", "t", "d", "ll", "re", "ve", "m"))
_CODE_SIGN = re.compile(r"[=_{}\[\]<>;\\]|\w\(")
_LETTERS = re.compile(r"[^\W\d_]")

_FUNCTION_WORDS = """
the of and to a in is that it for was on are as with be by this at from or have an not they which you we has but were all
can there been if more when will would who so no he she his her its i my your our their what do does how about out up them
then than into could should these those because each also let since thus where here find get must make
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
"""Frequent English words that carry grammar; a third to a half of English prose, under a tenth of any other language we tried."""

ENGLISH_SHARE = 0.12
LEAST_WORDS = 8
"""Shorter texts are too short to tell their language by function words: letters of the Latin alphabet are enough."""


def words(text: str) -> list[str]:
    """Runs of letters, digits and underscores in `text`, hyphens and apostrophes inside them; a Chinese character is a word.

    >>> words("It's a state-of-the-art idea, no?")
    ["It's", 'a', 'state-of-the-art', 'idea', 'no']
    """
    return (_ASCII_WORD if text.isascii() else _WORD).findall(text)


def sentences(text: str) -> list[str]:
    """Parts of `text` that hold a word and end with . ! ? or …, an empty line, or before a list item or heading.

    A stop before a small letter ends nothing (`e.g. this`), nor does one after a common title; a line break alone does not,
    so that a poem may be one sentence.

    >>> sentences("Dr. Who left. Pi is 3.14! See:\\n- one\\n- two")
    ['Dr. Who left', ' Pi is 3.14', ' See:', '- one', '- two']
    """
    return [part for part in _SENTENCE_END.split(text) if words(part)]


def syllables(word: str) -> int:
    """Syllables of an English word by spelling, at least 1: groups of vowels, silent endings taken off, hiatus counted apart.

    Right for 94 % of the words of the CMU Pronouncing Dictionary that occur at least once in a million, 98 % when they are
    weighted by how often they occur (docs/complexity.md).

    >>> [syllables(word) for word in ("make", "table", "created", "walked", "idea", "beautiful", "through")]
    [1, 2, 3, 1, 3, 3, 1]
    """
    return sum(_syllables_of_part(part) for part in _INSIDE.split(word.lower()) if part not in _CLITICS) or 1


def _syllables_of_part(word: str) -> int:
    stem = _without_silent_end(word)
    return max(1, len(_VOWELS.findall(stem)) + len(_APART.findall(stem)) - len(_JOINED.findall(stem)))


def _without_silent_end(word: str) -> str:
    """`word` without a last e that is not spoken: made, makes, walked; but table, wanted, boxes."""
    if len(word) < 3 or re.search(r"[^aeiouyl]les?$|[aeiouy]e$|(?:[sxzgc]|[cs]h|i|e|o)es$|[tdaeiou]ed$", word):
        return word
    if word.endswith(("es", "ed")):
        return word[:-2] if len(word) > 3 else word
    return word[:-1] if word.endswith("e") else word


def is_english(text: str, found: list[str]) -> bool:
    """Whether `text`, whose words are `found`, looks like English prose: an eighth of its words are function words.

    A text under 8 words needs letters of the Latin alphabet alone and no sign of code. Code, formulas, tables and other languages
    are no English prose.
    """
    if len(found) < LEAST_WORDS:
        letters = _LETTERS.findall(" ".join(found))
        return bool(letters) and all(map(str.isascii, letters)) and not _CODE_SIGN.search(text)
    return sum(word.lower() in FUNCTION_WORDS for word in found) >= ENGLISH_SHARE * len(found)
