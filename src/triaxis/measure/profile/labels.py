"""Names from strangers' files, made fit to be matched and shown: a label may be long, odd or hostile."""

import unicodedata

MOST_LABEL = 200
_ACTS = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


def shown(text: str, most: int = MOST_LABEL) -> str:
    """`text` on one line, what acts instead of showing (controls, bidi marks) as spaces, cut to `most` characters.

    >>> shown("one\\ntwo")
    'one two'
    """
    part = text[: 4 * most]
    clean = " ".join("".join(" " if unicodedata.category(sign) in _ACTS else sign for sign in part).split())
    return clean if len(clean) <= most and len(text) <= 4 * most else clean[: most - 1] + "…"


def matched(label: str) -> str:
    """What two labels that are the same have in common: NFKC, case folded, white space as one, without invisible characters."""
    folded = unicodedata.normalize("NFKC", label).casefold()
    return " ".join("".join(_visible(sign) for sign in folded).split())


def _visible(sign: str) -> str:
    kind = unicodedata.category(sign)
    return " " if kind == "Cc" else "" if kind in _ACTS else sign
