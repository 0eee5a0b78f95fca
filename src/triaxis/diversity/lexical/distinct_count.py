"""Counting different ids in a stream: exact up to `EXACT` of them, then a sketch of a quarter of a megabyte.

The sketch is HyperLogLog with 2^18 registers: it sees the same set of ids in any order and any parts as the same registers, so a
count depends on what was seen and on nothing else. Standard error 1.04 / sqrt(2^18) = 0.2 %.
"""

from math import log, sqrt

import numpy as np

EXACT = 1 << 21
"""How many different ids are kept one by one: 16 MiB."""

_BITS = 18
_REST = 64 - _BITS
STANDARD_ERROR = 1.04 / sqrt(1 << _BITS)
"""Of the sketch's count, relative (Flajolet, Fusy, Gandouet and Meunier 2007)."""


class DistinctCount:
    """How many different 64-bit ids have been added. The ids must be well mixed (hashes), as those of tokens and n-grams are."""

    def __init__(self, *, exact: int = EXACT) -> None:
        self._exact = exact
        self._ids: np.ndarray | None = np.zeros(0, dtype=np.uint64)
        self._waiting: list[np.ndarray] = []
        self._registers = np.zeros(0, dtype=np.uint8)

    def add(self, ids: np.ndarray) -> None:
        """Takes in (n,) uint64 ids."""
        if self._ids is None:
            _raise_registers(self._registers, ids)
            return
        self._waiting.append(ids)
        if sum(part.size for part in self._waiting) > max(self._ids.size, 1 << 16):
            self._settle()

    def merge(self, other: "DistinctCount") -> None:
        """Takes in all that `other` has seen."""
        other._settle()
        if other._ids is not None:
            self.add(other._ids)
            return
        self._settle()
        self._sketch()
        np.maximum(self._registers, other._registers, out=self._registers)

    def count(self) -> float:
        """Different ids so far: exact up to the limit, above it with `STANDARD_ERROR`."""
        self._settle()
        return _estimate(self._registers) if self._ids is None else float(self._ids.size)

    def _settle(self) -> None:
        """Sorts what waits into what is known; turns to the sketch above the limit."""
        if self._ids is None or not self._waiting:
            return
        self._ids = _different(np.concatenate([self._ids, *self._waiting]))
        self._waiting = []
        if self._ids.size > self._exact:
            self._sketch()

    def _sketch(self) -> None:
        if self._ids is not None:
            self._registers = np.zeros(1 << _BITS, dtype=np.uint8)
            _raise_registers(self._registers, self._ids)
            self._ids = None


def _different(ids: np.ndarray) -> np.ndarray:
    """Sorted ids without repeats; sorts `ids` where it is, to hold it once."""
    ids.sort()
    return np.asarray(ids[np.r_[True, ids[1:] != ids[:-1]][: ids.size]])


def _raise_registers(registers: np.ndarray, ids: np.ndarray) -> None:
    """The first bits of an id choose a register, which keeps the longest run of zeros that other bits began with, plus one."""
    rest = (ids << np.uint64(_BITS)) >> np.uint64(_BITS)  # under 2^46, so a float64 holds it exactly
    zeros = _REST - np.frexp(rest.astype(np.float64))[1]
    np.maximum.at(registers, (ids >> np.uint64(_REST)).astype(np.int64), (zeros + 1).astype(np.uint8))


def _estimate(registers: np.ndarray) -> float:
    """The improved raw estimator of Ertl 2017 (arXiv 1702.01284, section 2.3): without bias from zero to billions."""
    size = registers.size
    counts = np.bincount(registers, minlength=_REST + 2).tolist()
    total = size * _tau(1 - counts[_REST + 1] / size)
    for count in counts[_REST:0:-1]:
        total = 0.5 * (total + count)
    return float(size * size / (2 * log(2) * (total + size * _sigma(counts[0] / size))))


def _sigma(x: float) -> float:
    """x + sum over k of x^(2^k) 2^(k-1): what registers that are still zero say."""
    total, factor, before = x, 1.0, -1.0
    while total != before:
        x, before = x * x, total
        total, factor = total + x * factor, 2 * factor
    return total


def _tau(x: float) -> float:
    """What full registers say; 0 unless ids number about 2^60."""
    if x in (0.0, 1.0):
        return 0.0
    total, factor, before = 1 - x, 1.0, -1.0
    while total != before:
        x, before, factor = sqrt(x), total, 0.5 * factor
        total -= (1 - x) ** 2 * factor
    return total / 3
