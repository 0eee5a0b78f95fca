"""Quality damage: worse answers in the place of better ones (`swap`), or words out of order (`noise`), class by class.

The one idea: all samples of one class of a cell are damaged together, so that the partition into classes stays as it was.
"""

import re
from hashlib import blake2b

import numpy as np

from triaxis.blind.planting import Damage, arrivals, classes_in, generator
from triaxis.blind.samples import Samples, labels_of, rows_by
from triaxis.errors import InputError

NEAR_COMPLEXITY = 1.25
"""Donors are at most this many times as complex as those they replace, or as much less."""

LEAST_DROP = 0.5
"""Donors are at least this much worse on average, in standard deviations of quality over all samples."""

SWAP_SAYS = (
    "all answers of one class of a cell are replaced by worse ones: of the same class, or to the same prompt by another model "
    "and of a class that the cell did not have; classes keep their sizes, complexity stays within a quarter"
)
NOISE_SAYS = (
    "the words of all answers of one class of a cell are shuffled; words, their number and so lexical classes stay, the order of "
    "words goes; columns with scores stay as they are, so only an evaluation that reads texts can see it"
)
_WORDS = re.compile(r"(\s+)")


def swap(samples: Samples, *, least: float = LEAST_DROP) -> Damage:
    """Worse answers for better ones, at least `least` standard deviations of quality lower on average; quality goes along.

    Raises `InputError` where no sample has a quality, or all have the same.
    """
    if not samples.has_quality or samples.quality_spread == 0:
        raise InputError("swap needs samples of different quality; type --quality COLUMN, or --quality-damage noise")
    donor, arrival = np.arange(len(samples)), np.full(len(samples), np.inf)
    market = _Market(samples, least * samples.quality_spread)
    for rows in samples.rows_of_cells:
        rng = generator(samples, int(rows[0]), "swap")
        offers = market.offers(rows, rng)
        for found, dose in arrivals([units for units, _ in offers], rows.size, rng):
            arrival[found] = dose
        for units, donors in offers:
            donor[units] = donors[np.arange(units.size) % donors.size]
    return Damage("quality", "swap", SWAP_SAYS, donor, arrival, moves_quality=True)


class _Market:
    """Worse answers that classes of cells can be given."""

    def __init__(self, samples: Samples, least: float) -> None:
        self.samples, self.least = samples, least
        self.shared = self._shared_labels()
        self.groups = rows_by(samples.prompt)

    def _shared_labels(self) -> np.ndarray | None:
        """(n,) labels that answers of all models to a prompt share; None where the rule has none, or a cell is a set."""
        rule = self.samples.rules.equivalence
        if self.samples.rules.unit == "set" or (rule.scope == "cell" and not rule.is_pairwise):
            return None
        return labels_of(self.samples, self.samples.rows_of_prompts)

    def offers(self, rows: np.ndarray, rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
        """(rows of a class, donors for them) for the classes of the cell `rows` that there are worse answers for."""
        classes = classes_in(self.samples, rows)
        stalls = self._stalls(rows)
        found = []
        for place in rng.permutation(len(classes)):
            donors = self._best([self._worse_of_class(classes[int(place)]), *stalls.values()], classes[int(place)])
            if donors is not None:
                stalls = {label: stall for label, stall in stalls.items() if stall is not donors}
                found.append((classes[int(place)], donors))
        return found

    def _stalls(self, rows: np.ndarray) -> dict[int, np.ndarray]:
        """Answers of other models to the prompt of `rows`, by class, of classes that the cell does not have."""
        if self.shared is None:
            return {}
        group = self.groups[int(self.samples.prompt[rows[0]])]
        others = group[~np.isin(self.shared[group], self.shared[rows]) & (self.shared[group] >= 0)]
        return {int(label): others[self.shared[others] == label] for label in np.unique(self.shared[others])}

    def _worse_of_class(self, members: np.ndarray) -> np.ndarray:
        """Members of the class that are worse than its mean by enough."""
        quality = self.samples.quality[members]
        return members[quality <= np.nanmean(quality) - self.least] if np.isfinite(quality).any() else members[:0]

    def _best(self, stalls: list[np.ndarray], members: np.ndarray) -> np.ndarray | None:
        """Of `stalls` the one nearest in complexity that is worse by enough, None without one."""
        quality, complexity = self.samples.quality, self.samples.complexity
        if not np.isfinite(quality[members]).any():
            return None
        best, nearest = None, np.log(NEAR_COMPLEXITY)
        for stall in stalls:
            if not stall.size or not np.isfinite(quality[stall]).all():
                continue
            if quality[stall].mean() > np.nanmean(quality[members]) - self.least:
                continue
            away = abs(np.log((complexity[stall].mean() + 1) / (complexity[members].mean() + 1)))
            if away <= nearest:
                best, nearest = stall, away
        return best


def noise(samples: Samples) -> Damage:
    """The words of answers in a random order, the same for equal texts; answers of one word cannot be damaged."""
    arrival = np.full(len(samples), np.inf)
    texts: dict[int, str] = {}
    for rows in samples.rows_of_cells:
        known = {int(row): text for row in rows if (text := samples.said[row]) is not None}
        shuffled = {row: shuffled_words(text, samples.rules.seed) for row, text in known.items()}
        changed = {row: text for row, text in shuffled.items() if text != known[row]}
        units = [kept for members in classes_in(samples, rows) if (kept := members[np.isin(members, list(changed))]).size]
        for found, dose in arrivals(units, rows.size, generator(samples, int(rows[0]), "noise")):
            arrival[found] = dose
        texts |= changed
    return Damage("quality", "noise", NOISE_SAYS, np.arange(len(samples)), arrival, texts)


def shuffled_words(text: str, seed: int) -> str:
    """`text` with its words in another order and its white space where it was; the order is a function of text and seed."""
    parts = _WORDS.split(text)
    words = parts[::2]
    key = blake2b(f"{seed}|{text}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    parts[::2] = [words[i] for i in np.random.default_rng(int.from_bytes(key, "big")).permutation(len(words))]
    return "".join(parts)
