"""The final answer of a response, as one plain string: what is left when reasoning and wording are taken away.

The one idea: a row of readers, from the most explicit sign (a box) to the weakest (the last number of the last line); the first
that finds something is believed. A response in which none does has no answer, and is left out rather than guessed at.
"""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import orjson

from triaxis.diversity.fences import fenced

_KEYS = ("final_answer", "answer", "final", "result")
_DIGITS = 28
"""Decimal numbers are exact up to that many digits; what is longer stays as it is written."""

_GAP = r"[ \t]{0,9}"
_NUMBER = re.compile(r"[-+]?\$?[-+]?\d[\d,]*(?:\.\d+)?(?:[ \t]?/[ \t]?\d+)?")
_WITH_UNIT = re.compile(r"[^\w+-]{0,5}([-+]?\d[\d,]*(?:\.\d+)?)[ \t]+[^\W\d_][^\d]{0,40}")
_PLAIN = re.compile(r"[-+]?(?:\d[\d,]*)?\.?\d+")
_OPENING = re.compile(r"(?:[*$\s]|\\[(\[])*")
_STATED = re.compile(
    rf"(?im)(?:\banswer\b(?:{_GAP}(?:is|would{_GAP}be|will{_GAP}be){_GAP}:?|{_GAP}\**{_GAP}[:=])|^{_GAP}A:)[\s*]{{0,9}}(\S.*)$"
)
_JSON_FIELD = re.compile(r'"(?:final_)?answer"\s{0,9}:\s{0,9}("(?:[^"\\]|\\.)*"|-?[\d.,/]+|true|false)')
_CHOICE = re.compile(r"\W{0,9}([A-J])(?:[).:;,*\]]|[ \t]*$|[ \t]+(?:because|since|as)\b)")
_LONE_CHOICE = re.compile(r"\(?([A-J])\)?[.):]?")
_LATEX_WORD = re.compile(r"\\(?:text|textbf|mathrm|mathbf|mbox)\{([^{}]*)\}")
_FRACTION = re.compile(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}")
_DROPPED = re.compile(r"\\(?:left|right|displaystyle)(?![a-z])|\\[!,;: %$]|[$*`%]|\s+")


def final_answer(text: str) -> str | None:
    """The final answer in `text` in canonical form; None where there is none.

    >>> [final_answer(text) for text in ("So it is \\\\boxed{1{,}200}.", "The answer is (B).", "That makes $3.50.", "Hello!")]
    ['1200', 'b', '3.5', None]
    """
    return next((plain for read in READERS if (found := read(text)) is not None and (plain := canonical(found))), None)


def final_answers(texts: Sequence[str]) -> list[str | None]:
    """`final_answer` of each text."""
    return [final_answer(text) for text in texts]


def canonical(answer: str) -> str:
    """`answer` without marks of layout or a unit, in lower case; numbers in one form, so that `$1,200.00` is `1200`.

    >>> canonical("\\\\dfrac{1}{2}"), canonical("**Paris**."), canonical("0.50")
    ('1/2', 'paris', '0.5')
    """
    bare = _LATEX_WORD.sub(r"\1", answer).replace("{,}", "")
    if unit := _WITH_UNIT.fullmatch(bare.strip()):
        bare = unit[1]
    bare = _DROPPED.sub("", _FRACTION.sub(r"\1/\2", bare)).strip(".,;:!\"'“”").casefold()
    if not _PLAIN.fullmatch(bare) or len(bare) > _DIGITS:
        return bare
    return format((Decimal(bare.replace(",", "")) + 0).normalize(), "f")  # + 0: -0 is 0


def _boxed(text: str) -> str | None:
    r"""What the last `\boxed{...}` holds, braces counted."""
    start = text.rfind("\\boxed{")
    if start < 0:
        return None
    depth, start = 1, start + len("\\boxed{")
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if not depth:
            return text[start:place]
    return None


def _json(text: str) -> str | None:
    """The answer field of the whole text or of a fenced block as JSON, else of the last thing that looks like such a field."""
    if '"' not in text or ("answer" not in text and not text.lstrip().startswith("{")):
        return None
    for candidate in (text, *(block.text for block in fenced(text).blocks)):
        if (found := _field(candidate)) is not None:
            return found
    fields = _JSON_FIELD.findall(text)
    return fields[-1].strip('"') if fields else None


def _field(text: str) -> str | None:
    try:
        read: Any = orjson.loads(text) if text.lstrip().startswith("{") else None
    except orjson.JSONDecodeError:
        return None
    found = next((read[key] for key in _KEYS if key in read), None) if isinstance(read, dict) else None
    return None if found is None or isinstance(found, dict | list) else str(found)


def _marked(text: str) -> str | None:
    """What follows the last `####`, the mark of GSM8K."""
    _, mark, after = f"\n{text}".rpartition("\n####")
    lines = after.splitlines() if mark else []
    # A heading of level four is no answer: it has words after it, and more text below.
    return lines[0] if lines and _NUMBER.search(lines[0]) and not "".join(lines[1:]).strip() else None


def _stated(text: str) -> str | None:
    """What the last `answer is ...` or `Answer: ...` says: a letter, a number, or the words up to the next full stop."""
    said = _STATED.findall(text)
    # "Final answer: the answer is 7" says it twice in one line.
    return _claim((_STATED.findall(said[-1]) or said)[-1]) if said else None


def _claim(said: str) -> str | None:
    if choice := _CHOICE.match(said):
        return choice[1]
    if number := _NUMBER.match(_OPENING.sub("", said, count=1)):
        return number[0]
    return said.partition(". ")[0]


def _chosen(text: str) -> str | None:
    """A last line that is nothing but a letter of choice."""
    found = _LONE_CHOICE.fullmatch(_last_line(text).strip("* "))
    return found[1] if found else None


def _last_number(text: str) -> str | None:
    """The last number of the last line."""
    found = _NUMBER.findall(_last_line(text))
    return found[-1] if found else None


def _last_line(text: str) -> str:
    return text.rstrip().rpartition("\n")[2].strip()


READERS: tuple[Callable[[str], str | None], ...] = (_boxed, _json, _marked, _stated, _chosen, _last_number)
"""Readers in the order in which they are believed; each takes a text and gives an answer as written, or None."""
