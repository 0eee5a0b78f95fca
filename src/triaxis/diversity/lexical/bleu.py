"""BLEU between responses, in the two forms that are in use under similar names and are not comparable.

`self-bleu`: each response against all others as its references at once; its n-grams need to appear somewhere in the set. It rises
with the set. `pairwise-bleu`: each response against each other one, averaged; here as a distance, and free of the set's size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from triaxis.diversity.lexical.ngrams import Counts, Flat, counted, flat, ngrams
from triaxis.diversity.lexical.overlaps import tiles
from triaxis.diversity.lexical.streamed import need
from triaxis.diversity.lexical.tokens import words
from triaxis.registry import register
from triaxis.responses import Responses, Traits

_ORDERS = 4
_EPSILON = 0.1
"""What a precision without a match counts in its numerator: NLTK's smoothing method 1 (Chen and Cherry 2014)."""


def self_bleu_score(tokens: Sequence[np.ndarray]) -> float:
    """Mean BLEU of each text with all others as references, a share in 0-1; higher is less diverse.

    n = 1 to 4, NLTK's method 1 smoothing, closest reference length: what `nltk.translate.bleu_score.sentence_bleu` gives, for
    texts with a token. Texts without one have 1 where there are two of them, 0 otherwise. After Zhu et al. 2018 (Texygen,
    arXiv 1802.01886). `tokens`: two texts or more, for each (tokens,) ids. Takes time in proportion to all tokens: the clipped
    count of an n-gram is at most its largest count in any other text, and the two largest tell that for every text.
    """
    texts = flat(tokens)
    matches = np.stack([_matched_elsewhere(counted(ngrams(texts, n)), len(tokens)) for n in range(1, _ORDERS + 1)])
    scores = _bleu(matches, _totals(texts), texts.lengths, _closest_other(texts.lengths))
    return float(np.sort(_empty_ones(scores, texts.lengths)).mean())


def pairwise_bleu_distance(tokens: Sequence[np.ndarray]) -> float:
    """1 - mean BLEU over all ordered pairs of different texts, 0-1; higher is more diverse.

    BLEU as in `self_bleu_score`, with one reference; two texts without a token are alike. The form of Shypula et al. 2025
    (arXiv 2504.12522). `tokens`: two texts or more.
    """
    texts = flat(tokens)
    totals, lengths, total = _totals(texts), texts.lengths, 0.0
    for tile in tiles([counted(ngrams(texts, n)) for n in range(1, _ORDERS + 1)], len(tokens)):
        (rows, row_lengths), (columns, column_lengths) = ((totals[:, s], lengths[s]) for s in (tile.rows, tile.columns))
        here = _bleu(tile.shared, rows[:, :, None], row_lengths[:, None], column_lengths)
        there = _bleu(tile.shared, columns[:, None, :], column_lengths, row_lengths[:, None])
        both_empty = 2.0 * ((row_lengths[:, None] == 0) & (column_lengths == 0))
        total += float(np.sum(here + there + both_empty, where=tile.is_pair))
    return max(0.0, 1 - total / (len(tokens) * (len(tokens) - 1)))


def _bleu(matches: np.ndarray, totals: np.ndarray, lengths: np.ndarray, references: np.ndarray) -> np.ndarray:
    """BLEU from clipped matches and n-gram totals, first axis the orders 1-4, and from lengths of texts and of references."""
    smoothed = np.where(matches == 0, _EPSILON, matches) / np.maximum(totals, 1)
    mean = np.sqrt(np.sqrt(smoothed.prod(axis=0)))
    with np.errstate(divide="ignore", over="ignore"):
        brevity = np.where(lengths > references, 1.0, np.exp(1 - references / np.maximum(lengths, 1)))
    return np.asarray(np.where(matches[0] == 0, 0.0, brevity * mean))


def _totals(texts: Flat) -> np.ndarray:
    """(orders, texts) how many n-grams each text has."""
    return np.maximum(texts.lengths - np.arange(_ORDERS)[:, None], 0)


def _matched_elsewhere(counts: Counts, size: int) -> np.ndarray:
    """(texts,) n-grams of each text, each counted at most as often as in the other text that has it most often."""
    if not counts.times.size:
        return np.zeros(size)
    most = np.maximum.reduceat(counts.times, counts.starts)[counts.grams]
    tops = np.flatnonzero(counts.times == most)
    top = tops[np.searchsorted(tops, counts.starts)]  # the first row of each n-gram that has the largest count
    rest = counts.times.copy()
    rest[top] = 0
    second = np.maximum.reduceat(rest, counts.starts)[counts.grams]
    elsewhere = most.copy()
    elsewhere[top] = second[top]
    return np.bincount(counts.texts, weights=np.minimum(counts.times, elsewhere), minlength=size)


def _closest_other(lengths: np.ndarray) -> np.ndarray:
    """(texts,) length of another text that is closest to the own length, the shorter of two equally close ones."""
    known, place, times = np.unique(lengths, return_inverse=True, return_counts=True)
    padded = np.r_[-np.inf, known, np.inf]
    below, above = padded[:-2], padded[2:]
    nearest = np.where(known - below <= above - known, below, above)
    return np.asarray(np.where(times > 1, known, nearest)[place])


def _empty_ones(scores: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """`scores`, with 1 for texts without a token where there are several: they repeat each other."""
    is_empty = lengths == 0
    return np.where(is_empty, float(is_empty.sum() > 1), scores)


@dataclass(frozen=True)
class SelfBleu:
    """`self-bleu`, see `self_bleu_score`."""

    name: str = "self-bleu"
    traits: ClassVar[Traits] = Traits(
        "lexical", "How much of a response's wording stands somewhere in the other responses.", "less diverse", high=1.0,
        limit=100_000, source="Zhu et al. 2018, arXiv 1802.01886; smoothing of Chen and Cherry 2014, aclanthology W14-3346",
    )  # fmt: skip

    def value(self, responses: Responses) -> float:
        """See `triaxis.protocols.Diversity`."""
        need(len(responses), 2)
        return self_bleu_score(responses.view("words", words))


@dataclass(frozen=True)
class PairwiseBleu:
    """`pairwise-bleu`, see `pairwise_bleu_distance`."""

    name: str = "pairwise-bleu"
    traits: ClassVar[Traits] = Traits(
        "lexical", "How little wording two responses share, averaged over pairs (1 - BLEU).", high=1.0, limit=5_000,
        is_size_free=True, source="Papineni et al. 2002, aclanthology P02-1040; so used by Shypula et al. 2025, arXiv 2504.12522",
    )  # fmt: skip

    def value(self, responses: Responses) -> float:
        """See `triaxis.protocols.Diversity`."""
        need(len(responses), 2)
        return pairwise_bleu_distance(responses.view("words", words))


@register("diversity", "self-bleu")
def self_bleu() -> SelfBleu:
    """`self-bleu`."""
    return SelfBleu()


@register("diversity", "pairwise-bleu")
def pairwise_bleu() -> PairwiseBleu:
    """`pairwise-bleu`."""
    return PairwiseBleu()
