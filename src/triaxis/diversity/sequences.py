"""Sequences of symbols, whatever those are: their n-grams, the share of distinct ones, the entropy of how often each comes."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from math import log2

from triaxis.errors import InputError, Undefined


def ngrams(sequence: Sequence[Hashable], n: int) -> Iterator[tuple[Hashable, ...]]:
    """All runs of `n` neighbours in `sequence`, in order; none when it is shorter.

    >>> list(ngrams("abc", 2))
    [('a', 'b'), ('b', 'c')]
    """
    return zip(*(sequence[start:] for start in range(n)), strict=False)


def distinct_share(symbols: Iterable[Hashable], *, of: str) -> float:
    """Distinct symbols over all of them, a fraction in 0-1; raises `Undefined` when there is none, naming what they are (`of`).

    >>> distinct_share("abba", of="letters")
    0.5
    """
    counts = Counter(symbols)
    if not counts:
        raise Undefined(f"the responses hold no {of}")
    return len(counts) / counts.total()


def distinct_ngrams(sequences: Iterable[Sequence[Hashable]], n: int, *, of: str) -> float:
    """Distinct n-grams over all n-grams, a fraction in 0-1; none runs from one sequence into the next."""
    return distinct_share((gram for sequence in sequences for gram in ngrams(sequence, n)), of=f"{n} neighbouring {of}")


def entropy_bits(counts: Iterable[int]) -> float:
    """Shannon entropy of the shares of `counts`, in bits; 0 for one kind, log2(K) for K kinds alike. Counts are at least 1.

    >>> entropy_bits([2, 1, 1])
    1.5
    """
    sizes = sorted(counts)
    total = sum(sizes)
    return max(0.0, log2(total) - sum(size * log2(size) for size in sizes) / total)


def enough(found: int, smallest: int, *, what: str) -> None:
    """Raises `Undefined` when fewer than `smallest` responses were found to be `what`."""
    if found < smallest:
        raise Undefined(f"needs at least {smallest} {what}, got {found}")


def whole_number(text: str, *, of: str, example: str, high: int = 100) -> int:
    """The number that `text`, an argument of the metric `of`, says; raises `InputError` unless it is whole and in 1 to `high`."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= high):
        raise InputError(f"expected a whole number from 1 to {high} after {of}:, got {text!r}; type for example {example}")
    return int(text)


def known_order(n: int, *, of: str) -> None:
    """Raises `InputError` unless `n`, the order of the n-grams of metric `of`, is a whole number of at least 1."""
    if n < 1:
        raise InputError(f"expected n-grams of at least 1 neighbour, got {of}:{n}; type for example {of}:2")
