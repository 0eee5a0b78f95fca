"""Text to sentences of words, cut as the Penn Treebank cuts them: `don't` is `do` `n't`, marks stand alone, hyphens too."""

import re

LONGEST = 200
"""Words after which a sentence is cut whatever comes; the tagger looks at two words on either side."""

_PIECE = re.compile(
    r"""
    (?:https?://|www\.)[^\s<>"]+             # an address
    | \d+(?:[.,:]\d+)*[^\W_]*%?              # 1,000.5  10:30  12%  3rd
    | (?:[^\W\d_]\.){2,}                     # U.S.  e.g.
    | (?:Mr|Mrs|Ms|Dr|St|Prof|vs|etc)\.      # a full stop that ends no sentence
    | [^\W_]+(?:['’][^\W_]+)*                # a word, with what an apostrophe ties to it
    | \.{2,} | -{2,} | ``  | ''              # runs of marks that are one mark
    | [^\w\s] | _+                           # any other mark
    """,
    re.VERBOSE,
)
_CLITIC = re.compile(r"(?i)^(.+)(n['’]t)$|^(.+)(['’](?:s|m|d|re|ve|ll))$")
_ENDS = frozenset({".", "!", "?", "...", "…"})
_TRAILING = frozenset("\"'”’)]")


def words_of(line: str) -> list[str]:
    """Words and marks of one line.

    >>> words_of("He can't pay $1,000.50, it's Dr. No's!")
    ['He', 'ca', "n't", 'pay', '$', '1,000.50', ',', 'it', "'s", 'Dr.', 'No', "'s", '!']
    """
    return [part for piece in _PIECE.findall(line) for part in _split(piece)]


def sentences(text: str) -> list[list[str]]:
    """Sentences of `text`: cut at line ends and after `.`, `!`, `?` with the quotes and brackets that close there."""
    return [sentence for line in text.splitlines() for sentence in _cut(words_of(line))]


def _split(piece: str) -> list[str]:
    found = _CLITIC.match(piece) if "'" in piece or "’" in piece else None
    return [part for part in found.groups() if part] if found else [piece]


def _cut(words: list[str]) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for place, word in enumerate(words):
        before = words[place - 1] if place else ""
        closes = before in _ENDS or (before in _TRAILING and found[-1][-2:-1] and found[-1][-2] in _ENDS)
        is_new = closes and word not in _ENDS and word not in _TRAILING
        if is_new or len(found[-1]) == LONGEST:
            found.append([])
        found[-1].append(word)
    return [sentence for sentence in found if sentence]
