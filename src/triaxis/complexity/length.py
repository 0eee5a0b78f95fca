"""Length: the measure that every other one is held against, because most of them grow with it."""

from triaxis.complexity.prose import sentences, words
from triaxis.complexity.text_measure import measure


@measure("words", says="How many words the text has.", unit="words")
def word_count(text: str) -> float:
    """Number of words (`prose.words`), 0 or more.

    Misleads: a longer text is not a harder one, and models differ in length by habit. Scripts without spaces other than Chinese
    and Japanese (Thai, Khmer) count a phrase as one word.

    >>> word_count("To be, or not to be.")
    6.0
    """
    return float(len(words(text)))


@measure("characters", says="How many characters the text has, spaces included.", unit="characters")
def character_count(text: str) -> float:
    """Number of Unicode code points, 0 or more; a letter with a combining accent is two.

    >>> character_count("a b")
    3.0
    """
    return float(len(text))


@measure("sentences", says="How many sentences the text has.", unit="sentences")
def sentence_count(text: str) -> float:
    """Number of sentences (`prose.sentences`), 0 or more.

    Misleads: in lists, tables and code, where each item counts as a sentence or none does.

    >>> sentence_count("I came. I saw! Did I conquer?")
    3.0
    """
    return float(len(sentences(text)))
