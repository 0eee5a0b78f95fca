"""Is a region of a reference missing from a data set, or is that chance?

Texts of the reference that were kept apart and texts of the data set are drawn alike if the set covers the reference. So of c + x
texts in a region, c of m kept apart and x of n in the set, each is one of the set's with chance n / (m + n) (conditional test of
two counts, Przyborowski and Wilenski 1940): exact however few texts the reference has, and a little careful.
"""

import numpy as np
from scipy.special import bdtr, bdtrc

HOLE, THIN, COVERED, CANNOT_TELL = "hole", "thin", "covered", "cannot tell"
LEAST_EXPECTED = 3.0
"""Where fewer texts are expected, none is no surprise: e^-3 is 5 %."""

OUTSIDE, ALIKE = "outside", "as in the reference"
"""What is in no region: more than of the reference itself beyond doubt, or not."""

HALF = 0.5
ALPHA = 0.05


def chance_of_so_few(reference: np.ndarray, found: np.ndarray, *, kept: int, texts: int, share: float = 1.0) -> np.ndarray:
    """(regions,) chance of `found` or fewer of `texts` where the set holds `share` of what the reference does.

    `reference` (regions,) are the counts among `kept` texts of the reference.

    >>> chance_of_so_few(np.array([8]), np.array([0]), kept=100, texts=100).tolist()
    [0.00390625]
    """
    if not texts:
        return np.ones(len(reference))
    chance = share * texts / (share * texts + kept)
    return np.asarray(bdtr(found, reference + found, chance))


def verdicts(reference: np.ndarray, found: np.ndarray, *, kept: int, texts: int) -> list[str]:
    """A word for each region; errors over all regions together stay within 5 % (Bonferroni).

    hole: none, where 3 or more are expected and that is no chance. thin: beyond doubt under half of what is expected. covered: at
    least half. cannot tell: none or under half, which may be chance.
    """
    expected = reference / max(1, kept) * texts
    alpha = ALPHA / max(1, len(reference))
    is_missing = (found == 0) & (expected >= LEAST_EXPECTED)
    is_missing &= chance_of_so_few(reference, found, kept=kept, texts=texts) <= alpha
    is_thin = (found > 0) & (chance_of_so_few(reference, found, kept=kept, texts=texts, share=HALF) <= alpha)
    is_covered = (found > 0) & (found >= HALF * expected)
    return [str(word) for word in np.select([is_missing, is_thin, is_covered], [HOLE, THIN, COVERED], CANNOT_TELL)]


def outside_verdict(reference: int, found: int, *, kept: int, texts: int) -> str:
    """Whether more of a set lies outside of all regions than of the reference itself, one-sided at 5 %."""
    chance = texts / max(1, texts + kept)
    is_more = texts > 0 and found > 0 and float(bdtrc(found - 1, reference + found, chance)) <= ALPHA
    return OUTSIDE if is_more else ALIKE
