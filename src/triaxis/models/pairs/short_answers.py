"""NoveltyBench's rule for short answers, in front of a classifier that was not made for them.

After Zhang et al. 2025 (arXiv 2504.05228), `maybe_test_equality` of their partition code.
"""

from collections.abc import Sequence

import numpy as np

from triaxis.protocols import Pair, PairScorer, Progress

SHORT = 5
"""Words that a short answer has at most."""


class ShortAnswers:
    """Two answers of at most five words are the same when they share half of the longer one's words; others go to `scorer`."""

    def __init__(self, scorer: PairScorer) -> None:
        self.name = f"{scorer.name}, up to {SHORT} words by shared words"
        self.reads_prompt = scorer.reads_prompt
        self._scorer = scorer

    @property
    def notes(self) -> tuple[str, ...]:
        """What the scorer behind has to say."""
        return tuple(getattr(self._scorer, "notes", ()))

    def scores(self, pairs: Sequence[Pair], *, progress: Progress | None = None) -> np.ndarray:
        """(pairs,) float64 in 0-1; 0 or 1 where both are short."""
        found = np.array([_shared(pair.first, pair.second) for pair in pairs], dtype=np.float64)
        long = np.flatnonzero(np.isnan(found))
        if long.size:
            found[long] = self._scorer.scores([pairs[place] for place in long.tolist()], progress=progress)
        return found


def _shared(first: str, second: str) -> float:
    """1.0 or 0.0 where both texts are short, NaN where one is not.

    >>> [_shared("A robin", "the robin"), _shared("A robin", "an oak"), _shared("x", "one two three four five six")]
    [1.0, 0.0, nan]
    """
    words = [text.strip().lower().split() for text in (first, second)]
    longest = max(map(len, words))
    if longest > SHORT:
        return float("nan")
    return float(2 * len(set(words[0]) & set(words[1])) >= longest)
