"""Texts to token ids: what every lexical metric reads, made once for each text of a set.

A token is a 64-bit hash of its characters, the same in every process and on every machine, so that n-grams, sets and sketches
work on arrays. Two different tokens share an id with a chance of about 2^-64: for a million distinct tokens, once in 40
million sets.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

_SPACE, _RUN, _ALONE = 0, 1, 2
"""What a character is: it parts tokens, it belongs to a run that is one token, or it is a token by itself."""

_BLOCK = 1 << 18  # characters read at once
_PIECE = 1 << 16  # characters hashed at once: the arrays of a piece stay in the second-level cache
_BASE = 0x9E3779B97F4A7C15 | 1
_INVERSE = pow(_BASE, -1, 1 << 64)
_JOINERS = "_\u200c\u200d"
_IDEOGRAPHS = ((0x3041, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))


def words(texts: Sequence[str]) -> list[np.ndarray]:
    """For each text (tokens,) int64 ids of its words and punctuation marks, whatever their case.

    A word is a run of letters, marks, digits and underscores after NFKC and case folding; each punctuation mark or symbol and
    each Han or kana character is a token by itself. Scripts without spaces other than these (Thai, Khmer) come as long runs.
    """
    return _hashed([_folded(text) for text in texts], is_folded=True)


def whitespace(texts: Sequence[str]) -> list[np.ndarray]:
    """For each text (tokens,) int64 ids of what `str.split()` gives: case and attached punctuation count, as in most peers."""
    return _hashed(texts, is_folded=False)


def characters(texts: Sequence[str]) -> list[np.ndarray]:
    """For each text (characters,) int64 ids of its characters without white space; case counts."""
    found = []
    for block in _blocks(texts):
        codes, lengths = _codes(block)
        kept = _kinds(_table_size(codes), is_folded=False)[codes] != _SPACE
        ends = np.cumsum(np.r_[0, kept])[np.cumsum(lengths)]
        found += _split(_mixed(codes[kept]), ends)
    return found


def mixed(ids: np.ndarray) -> np.ndarray:
    """(n,) uint64: every bit of `ids` spread over all bits (the finaliser of splitmix64), as sketches and n-grams need it."""
    with np.errstate(over="ignore"):
        ids = (ids ^ (ids >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        ids = (ids ^ (ids >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(ids ^ (ids >> np.uint64(31)))


def _folded(text: str) -> str:
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def _hashed(texts: Sequence[str], *, is_folded: bool) -> list[np.ndarray]:
    """Token ids of each text; `is_folded` chooses words and marks, otherwise runs between white space."""
    found: list[np.ndarray] = []
    for block in _blocks(texts):
        codes, lengths = _codes(block)
        starts, stops = _runs(_kinds(_table_size(codes), is_folded=is_folded)[codes], lengths)
        found += _split(_token_ids(codes, starts, stops), np.searchsorted(starts, np.cumsum(lengths)))
    return found


def _blocks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Consecutive texts, about `_BLOCK` characters at a time."""
    start = size = 0
    for place, text in enumerate(texts):
        size += len(text)
        if size >= _BLOCK:
            yield texts[start : place + 1]
            start, size = place + 1, 0
    if start < len(texts):
        yield texts[start:]


def _codes(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Code points of all texts in a row, and (texts,) how many are whose."""
    joined = "".join(texts)
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    if joined.isascii():
        return np.frombuffer(joined.encode("ascii"), dtype=np.uint8), lengths
    return np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4"), lengths


def _table_size(codes: np.ndarray) -> int:
    """How many code points a table needs to cover `codes`: ASCII, the basic plane, or all."""
    largest = int(codes.max(initial=0))
    return next(size for size in (0x80, 0x10000, 0x110000) if largest < size)


def _runs(kinds: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(tokens,) where each token starts and stops; a run ends with its text."""
    is_run = np.zeros(kinds.size + 2, dtype=bool)
    is_run[1:-1] = kinds == _RUN
    is_first = np.zeros(kinds.size + 1, dtype=bool)
    is_first[np.r_[0, np.cumsum(lengths)]] = True
    alone = kinds == _ALONE
    here, before, after = is_run[1:-1], is_run[:-2], is_run[2:]
    opens = alone | (here & (is_first[:-1] | ~before))
    closes = alone | (here & (is_first[1:] | ~after))
    return np.flatnonzero(opens), np.flatnonzero(closes) + 1


def _token_ids(codes: np.ndarray, starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """(tokens,) uint64 ids of the tokens that start and stop there, hashed piece by piece, so that a long text needs no more."""
    piece = starts // _PIECE
    firsts = np.flatnonzero(np.r_[True, piece[1:] != piece[:-1]][: starts.size])
    parts = [np.zeros(0, dtype=np.uint64)]
    for first, end in pairwise([*firsts.tolist(), starts.size]):
        low = starts[first]
        parts.append(_polynomials(codes[low : stops[end - 1]], starts[first:end] - low, stops[first:end] - low))
    return np.concatenate(parts)


def _polynomials(codes: np.ndarray, starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """(tokens,) uint64: a polynomial over the mixed characters of each token, from one running sum modulo 2^64."""
    powers, inverses = _powers(1 << max(codes.size, _PIECE).bit_length())
    sums = np.zeros(codes.size + 1, dtype=np.uint64)
    with np.errstate(over="ignore"):
        np.cumsum(_character_ids(_table_size(codes))[codes] * powers[: codes.size], out=sums[1:])
        return mixed((sums[stops] - sums[starts]) * inverses[starts])


@lru_cache(maxsize=1)
def _powers(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Two (size,) uint64: powers of the base, and of its inverse, modulo 2^64."""
    with np.errstate(over="ignore"):
        runs = [np.full(size, factor, dtype=np.uint64) for factor in (_BASE, _INVERSE)]
        for run in runs:
            run[0] = 1
            np.multiply.accumulate(run, out=run)
    return runs[0], runs[1]


@lru_cache(maxsize=3)
def _character_ids(size: int) -> np.ndarray:
    return _mixed(np.arange(size))


def _mixed(codes: np.ndarray) -> np.ndarray:
    """A 64-bit id for each code point; none is 0, so that repeated characters count."""
    with np.errstate(over="ignore"):
        return mixed((codes.astype(np.uint64) + np.uint64(1)) * np.uint64(_BASE))


@lru_cache(maxsize=6)
def _kinds(size: int, *, is_folded: bool) -> np.ndarray:
    """(size,) uint8: what each code point is, by Unicode category for words, by `str.isspace` otherwise."""
    if not is_folded:
        return np.fromiter((_SPACE if chr(code).isspace() else _RUN for code in range(size)), dtype=np.uint8, count=size)
    of_category = dict.fromkeys("LMN", _RUN) | dict.fromkeys(("Zs", "Zl", "Zp", "Cc", "Cf"), _SPACE)
    categories = map(unicodedata.category, map(chr, range(size)))
    kinds = np.fromiter(
        (of_category.get(kind[0], of_category.get(kind, _ALONE)) for kind in categories), dtype=np.uint8, count=size
    )
    for low, high in _IDEOGRAPHS:
        kinds[low : high + 1] = np.where(kinds[low : high + 1] == _RUN, _ALONE, kinds[low : high + 1])
    kinds[[ord(joiner) for joiner in _JOINERS if ord(joiner) < size]] = _RUN
    return kinds


def _split(ids: np.ndarray, ends: np.ndarray) -> list[np.ndarray]:
    """Parts of `ids` that end at `ends`, as int64."""
    signed = ids.view(np.int64)
    bounds = [0, *ends.tolist()]
    return [signed[start:stop] for start, stop in pairwise(bounds)]
