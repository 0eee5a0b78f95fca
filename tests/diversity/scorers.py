"""Pair scorers that need no weights, and remember what they were asked."""

from collections.abc import Callable, Sequence

import numpy as np

from triaxis.protocols import Pair, Progress


class Scripted:
    """What `like` says of two texts; every wave that was asked is in `waves`."""

    def __init__(self, like: Callable[[str, str], float], *, name: str = "scripted", reads_prompt: bool = False) -> None:
        self.name = name
        self.reads_prompt = reads_prompt
        self.waves: list[list[Pair]] = []
        self._like = like

    @property
    def asked(self) -> list[Pair]:
        return [pair for wave in self.waves for pair in wave]

    def scores(self, pairs: Sequence[Pair], *, progress: Progress | None = None) -> np.ndarray:
        self.waves.append(list(pairs))
        if progress:
            progress("comparing pairs", len(pairs), len(pairs))
        return np.array([self._like(pair.first, pair.second) for pair in pairs], dtype=np.float64)


def equal_ends(first: str, second: str) -> float:
    """1 where both texts end in one letter."""
    return float(first[-1:] == second[-1:])
