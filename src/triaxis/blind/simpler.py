"""Complexity damage: a simpler answer of the same class and quality where the cell has one, else the text without its end."""

import re

import numpy as np

from triaxis.blind.mode_copies import MATCH
from triaxis.blind.planting import Damage, arrivals, classes_in, generator
from triaxis.blind.samples import Samples
from triaxis.complexity.prose import is_english, words

SIMPLER = 0.8
"""A donor is at most this share as complex as what it replaces."""

SAYS = (
    "answers are replaced by a simpler one of the same class and quality in the cell, else (English prose of two sentences or "
    "more) lose the second half of their sentences and what stands in parentheses; the quality column stays. Code, lists without "
    "sentences and other languages are left alone"
)
CODE = "code"
_ASIDE = re.compile(r"[ \t]*\([^()\n]{1,200}\)")
_END = re.compile(r"[.!?…][\"'”’)\]]{0,3}(?=\s)|\n[ \t]{0,20}\n")


def simplification(samples: Samples, *, match: float = MATCH) -> Damage:
    """Simpler answers, those of one class of a cell at a time."""
    donor, arrival = np.arange(len(samples)), np.full(len(samples), np.inf)
    texts: dict[int, str] = {}
    width = match * samples.quality_spread
    is_code = (samples.frame["domain"] == CODE).to_numpy()
    for rows in samples.rows_of_cells:
        units = []
        for members in classes_in(samples, rows):
            donors = {int(row): _simplest(samples, int(row), members, width) for row in members}
            short = {row: _shortened(samples.said[row]) for row, found in donors.items() if found is None and not is_code[row]}
            texts |= {row: text for row, text in short.items() if text is not None}
            donor[[row for row, found in donors.items() if found is not None]] = [d for d in donors.values() if d is not None]
            units.append(np.array([row for row in donors if donor[row] != row or row in texts], dtype=np.int64))
        for found, dose in arrivals([u for u in units if u.size], rows.size, generator(samples, int(rows[0]), "simpler")):
            arrival[found] = dose
    return Damage("complexity", "simpler", SAYS, donor, arrival, texts)


def _simplest(samples: Samples, row: int, members: np.ndarray, width: float) -> int | None:
    """The simplest of `members` that is much simpler than `row` and as good; None without one."""
    least, quality = samples.complexity, samples.quality
    away = np.abs(quality[members] - quality[row])
    good = members[(np.nan_to_num(away) <= width) & (least[members] <= SIMPLER * least[row])]
    return int(good[np.argmin(least[good])]) if good.size else None


def _shortened(text: str | None) -> str | None:
    """`shorter` of English prose, None where nothing can go."""
    if text is None or "```" in text or not is_english(text, words(text)):
        return None
    made = shorter(text)
    return made if made != text and words(made) else None


def shorter(text: str) -> str:
    """`text` without asides in parentheses and without the second half of its sentences.

    >>> shorter("It rains (a lot). We stay in. We read. Then we sleep.")
    'It rains. We stay in.'
    """
    plain, ends, start = _ASIDE.sub("", text), [], 0
    for end in [*(found.end() for found in _END.finditer(plain)), len(plain)]:
        if words(plain[start:end]):
            ends.append(end)
            start = end
    return plain[: ends[(len(ends) + 1) // 2 - 1]].rstrip() if len(ends) > 1 else plain.rstrip()
