"""The language of a text: by script where that settles it, by function words among languages that share one.

A small rule rather than a model: it answers only when it has seen enough. Detectors with trained weights know more languages, but
py3langid unpickles its weights, and we do not unpickle a stranger's file.
"""

import re
import unicodedata
from collections import Counter

UNKNOWN = "unknown"
_LEAST_WORDS = 2
_LEAST_LETTERS = 2
_READ = 20_000

_SCRIPTS = {
    "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "CJK": "zh", "THAI": "th", "GREEK": "el", "HEBREW": "he",
    "ARABIC": "ar", "DEVANAGARI": "hi", "BENGALI": "bn", "TAMIL": "ta", "TELUGU": "te", "GEORGIAN": "ka", "ARMENIAN": "hy",
}  # fmt: skip
"""First word of a character's Unicode name -> the language that most of its texts are in."""

_WORDS = {
    "en": """the of and to is that it for was with you this have are be not they from or which we were an by as what there his her
        in on at so if can will do no my but all one has had me he she your our their its into than then when who how would""",
    "de": """der die das und ist nicht ein eine zu den mit von sich auf für dem im auch es wie wir sie ich aber oder wird sind
        einen einer einem eines noch nach bei aus nur über""",
    "fr": """le la les et est des une un du dans que qui pour pas sur il elle nous vous avec ce cette sont au aux mais ou je ne se
        son sa ses leur plus être""",
    "es": "el la los las es un una de que en por con para se su del al lo como pero más este esta son hay muy sin yo ella y",
    "it": "il la le è un una di che per con non si del della gli lo come ma più questo questa sono nel al ha anche dei e",
    "pt": "os é um uma de que em por para não se da na ao como mas mais este esta são foi muito você eu dos das pelo uma e",
    "nl": "de het een en van niet dat die te op met voor zijn er aan maar om ook als bij naar wordt ik je hij zij deze",
    "sv": "och är det att en ett som på för med inte den av till har om jag men vi hon han var så ska kan efter från",
    "pl": "na nie się jest to że do jak po co ale dla jego od czy tak być przez są tylko był która który oraz ma",
    "ru": "и в не на что с как это по но из у за от так для же вы мы он она они его её бы был была было или есть к я",
    "uk": "і в не на що з як це по але із у за від так для ж ви ми він вона вони його її був була було або є до я та",
}
"""Common function words; single letters only where they are no name of a variable in English texts."""

_LISTS = {language: frozenset(words.split()) for language, words in _WORDS.items()}
_WORD = re.compile(r"[^\W\d_]+")


def language_of(text: str) -> str:
    """ISO 639-1 code of the language most of `text` is in; `unknown` with too little to tell or a tie.

    Reads the first 20,000 characters. Latin and Cyrillic texts need two function words of a language, more than of any other.

    >>> [language_of(text) for text in ("The cat is on the mat.", "Die Katze ist auf dem Dach.", "こんにちは世界", "xyzzy 42")]
    ['en', 'de', 'ja', 'unknown']
    """
    read = text[:_READ]
    return _by_script(read) or _by_words(read)


def _by_script(text: str) -> str | None:
    """The language of the script that at least half the letters are in, where the script tells; kana settle it for Japanese."""
    scripts = Counter(
        unicodedata.name(letter, "").split(" ")[0].split("-")[0] for letter in text if not letter.isascii() and letter.isalpha()
    )
    languages: Counter[str] = Counter()
    for script, count in scripts.items():
        if script in _SCRIPTS:
            languages[_SCRIPTS[script]] += count
    letters = sum(map(str.isalpha, text))
    known = languages.total()
    if known < _LEAST_LETTERS or 2 * known < letters:
        return None
    return "ja" if languages["ja"] else min(languages, key=lambda language: (-languages[language], language))


def _by_words(text: str) -> str:
    words = Counter(_WORD.findall(text.casefold()))
    seen = {language: sum(words[word] for word in known) for language, known in _LISTS.items()}
    first, second = sorted(seen.values(), reverse=True)[:2]
    return max(seen, key=lambda language: seen[language]) if first >= _LEAST_WORDS and first > second else UNKNOWN
