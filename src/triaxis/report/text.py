"""Text and numbers as readers see them: hostile characters made visible, long text cut with a count, numbers rounded.

The one idea: every string that came from data passes `visible` once, on its way out. After that no control character,
no direction override and no broken unicode is left; escaping for HTML or Markdown is a second, separate step.
"""

import re
from collections.abc import Sequence

# C0 (less tab and line feed), C1, soft hyphen, zero-width and bidi controls, line separators, surrogates, annotations, tags.
# Joiners (U+200C, U+200D) stay: Persian and emoji are misspelt without them.
_ACTS = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\xad\\u061c\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f"
    "\\ud800-\\udfff\\ufeff\\ufff9-\\ufffb\\U000e0000-\\U000e007f]"
)
# Underscores inside words, versions and bare digits mean nothing to Markdown; a backslash before a digit would be shown.
_MARKDOWN = re.compile(r"[\\`*|~$]|(?<!\w)_+|_+(?!\w)|\](?=[(\[:])|^[#+>-]")
_LISTED = re.compile(r"^(\d+)([.)])(?=\s|$)")
_ENTITY = re.compile(r"&(?=#?\w+;)")
MINUS = "\N{MINUS SIGN}"


def visible(text: str) -> str:
    """`text` with every character that acts instead of showing (controls, bidi, surrogates) written as a visible mark.

    C0 controls become control pictures, others their code point:

    >>> visible("a\\x00b\\u202ec")
    'a␀b⟦U+202E⟧c'
    """
    return _ACTS.sub(_mark, text.replace("\r\n", "\n"))


def _mark(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟦U+{code:04X}⟧"


def trimmed(text: str, limit: int) -> str:
    """The first `limit` characters of `text`; what was cut is counted at the end."""
    return text if len(text) <= limit else f"{text[:limit]}… [{len(text) - limit:,} more characters]"


def number(value: float | None, digits: int = 2) -> str:
    """`value` rounded to `digits` decimals with a true minus sign; an en dash when there is no value."""
    if value is None:
        return "–"
    rounded = f"{value:,.{digits}f}"
    return rounded.replace("-", MINUS) if float(rounded.replace(",", "")) else rounded.lstrip("-")


def signed(value: float | None, digits: int = 2) -> str:
    """`value` with its sign always shown."""
    return f"+{number(value, digits)}" if value is not None and value > 0 else number(value, digits)


def floor_name(floor: float | None) -> str:
    """A floor in six digits, or more where these would pass for a rounder number; null is "no floor".

    >>> floor_name(77.25), floor_name(0.1 + 0.2), floor_name(0.9999997)
    ('77.25', '0.3', '0.9999997')
    """
    if floor is None:
        return "no floor"
    names = (f"{floor:.{digits}g}" for digits in range(6, 18))
    close = (n for n in names if abs(float(n) - floor) <= 1e-12 * abs(floor) or _digits(n) >= 6)
    return next(close, repr(floor)).replace("-", MINUS)


def _digits(name: str) -> int:
    """Significant digits of a number as written."""
    return len(name.split("e", maxsplit=1)[0].replace(".", "").lstrip("-0"))


def floor_names(floors: Sequence[float | None]) -> list[str]:
    """Names of `floors`, in full where short ones would be the same."""
    short = [floor_name(floor) for floor in floors]
    return [n if short.count(n) == 1 or f is None else repr(f).replace("-", MINUS) for n, f in zip(short, floors, strict=True)]


def brief_floor(floor: float) -> str:
    """A floor for the head of a narrow column: four digits, with a sign where that is not all of it.

    >>> brief_floor(77.2), brief_floor(0.000950355)
    ('77.2', '≈0.0009504')
    """
    brief = f"{floor:.4g}".replace("-", MINUS)
    return brief if brief == floor_name(floor) else f"≈{brief}"


def interval(low: float | None, high: float | None, digits: int = 2) -> str:
    """`[low, high]`, or an empty string where no interval exists."""
    return "" if low is None or high is None else f"[{number(low, digits)}, {number(high, digits)}]"


def percent(share: float | None) -> str:
    """A fraction in 0-1 as whole per cent; an en dash when there is none."""
    return "–" if share is None else f"{100 * share:.0f} %"


def plural(count: int, noun: str) -> str:
    """`1 prompt`, `1,200 prompts`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def markdown(text: str) -> str:
    """`text` on one line with everything that Markdown or HTML would act on escaped, and nothing else.

    >>> markdown("numpy_2 2.4.6 *new*")
    'numpy_2 2.4.6 \\\\*new\\\\*'
    """
    flat = _ENTITY.sub("&amp;", " ".join(visible(text).split())).replace("<", "&lt;")
    escaped = _MARKDOWN.sub(lambda found: "".join(f"\\{character}" for character in found[0]), flat)
    return _LISTED.sub(r"\1\\\2", escaped)


def shared_start(names: Sequence[str]) -> str:
    """What all `names` begin with, up to a separator; empty where that would leave one of them without a name of its own.

    >>> shared_start(["org/olmo-7b", "org/olmo-7b-dpo"])
    'org/olmo-'
    """
    if len(names) < 2:
        return ""
    first, last = min(names), max(names)
    same = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    ends = [i + 1 for i, character in enumerate(first[:same]) if character in "/-_ |:" and i + 1 < len(first)]
    return first[: ends[-1]] if ends else ""
