"""How far our lexical metrics are from what this machine can do: each beside the least work that its definition asks for."""

import time
import zlib
from collections.abc import Callable

import _texts
import numpy as np

from triaxis.diversity.lexical import bleu, chrf, compression, rouge_l
from triaxis.diversity.lexical.ngrams import counted, flat, ngrams
from triaxis.diversity.lexical.overlaps import tiles
from triaxis.diversity.lexical.self_repetition import self_repetition_score
from triaxis.diversity.lexical.tokens import characters, whitespace


def rows() -> list[list[object]]:
    """For each metric: size, milliseconds, the limit in words, its milliseconds, times the limit."""
    work = "its features and products"
    many, some, few = (_texts.texts(count) for count in (10_000, 1_000, 500))
    split, split_few, split_some = whitespace(many[:5_000]), whitespace(few), whitespace(some)
    letters = characters(some)
    return [
        _row("words to ids", "10,000", lambda: whitespace(many), "str.split", lambda: [text.split() for text in many]),
        _row("self-BLEU", "500", lambda: bleu.self_bleu_score(split_few), "sorting its n-grams", _sorts(split_few, (1, 2, 3, 4))),
        _row("self-repetition", "5,000", lambda: self_repetition_score(split), "sorting its n-grams", _sorts(split, (4,))),
        _row("ROUGE-L", "1,000", lambda: rouge_l.rouge_l_similarity(split_some), "its 64-bit additions", _steps(split_some)),
        _row("pairwise BLEU", "1,000", lambda: bleu.pairwise_bleu_distance(split_some), work, _products(split_some, 4)),
        _row("chrF", "1,000", lambda: chrf.chrf_similarity(letters), work, _products(letters, 6)),
        _row("compression", "10,000", lambda: compression.compression_ratio(many), "zlib level 9", _squeeze(many)),
    ]


def _row(metric: str, count: str, ours: Callable[[], object], limit: str, least: Callable[[], object]) -> list[object]:
    seconds, floor = _best(ours), _best(least)
    return [metric, count, 1e3 * seconds, limit, 1e3 * floor, seconds / floor]


def _best(function: Callable[[], object]) -> float:
    """CPU seconds, the least of five."""
    found = float("inf")
    for _ in range(5):
        start = time.process_time()
        function()
        found = min(found, time.process_time() - start)
    return found


def _sorts(tokens: list[np.ndarray], orders: tuple[int, ...]) -> Callable[[], object]:
    arrays = [ngrams(flat(tokens), n).ids for n in orders]
    return lambda: [np.sort(array) for array in arrays]


def _steps(tokens: list[np.ndarray]) -> Callable[[], object]:
    """As many 64-bit additions in the first-level cache as the bit-parallel recurrence has steps, of four operations each."""
    lengths = flat(tokens).lengths
    steps = int(((lengths[:, None] + 63) // 64 * lengths)[np.triu_indices(lengths.size, 1)].sum())
    numbers = np.arange(1_024, dtype=np.uint64)
    return lambda: [np.add(numbers, numbers, out=numbers) for _ in range(steps // numbers.size)]


def _products(tokens: list[np.ndarray], orders: int) -> Callable[[], object]:
    """Features and matrix products alone, of n-grams that are counted already."""
    counts = [counted(ngrams(flat(tokens), n)) for n in range(1, orders + 1)]
    return lambda: [tile.shared.shape for tile in tiles(counts, len(tokens))]


def _squeeze(texts: list[str]) -> Callable[[], object]:
    raw = " ".join(texts).encode()
    return lambda: [len(zlib.compress(raw[start : start + (4 << 20)], 9)) for start in range(0, len(raw), 4 << 20)]
