"""ROUGE-L between responses: the longest sequence of words that two responses have in common, gaps allowed."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from triaxis.diversity.lexical.ngrams import flat
from triaxis.diversity.lexical.streamed import need
from triaxis.diversity.lexical.tokens import words
from triaxis.errors import MissingDependency
from triaxis.registry import register
from triaxis.responses import Responses, Traits

_ROWS = 256


def rouge_l_similarity(tokens: Sequence[np.ndarray]) -> float:
    """Mean ROUGE-L F1 over all pairs of different texts, a share in 0-1; higher is less diverse.

    F1 = 2 LCS / (tokens of one + tokens of the other), with LCS the longest common subsequence: the homogenization of Padmakumar
    and He 2023 (arXiv 2309.05196). Nothing in common is 0 for every pair and 0 for the set; two texts without a token are alike.
    `tokens`: two texts or more, for each (tokens,) ids.
    """
    lengths, codes, total = flat(tokens).lengths, _codes(tokens), 0.0
    for start in range(0, len(tokens), _ROWS):
        stop = min(start + _ROWS, len(tokens))
        common = common_subsequences(codes[start:stop], codes[start:])
        both = lengths[start:stop, None] + lengths[start:]
        score = np.where(both == 0, 1.0, 2.0 * common / np.maximum(both, 1))
        total += float(np.sum(score, where=np.arange(start, len(tokens)) > np.arange(start, stop)[:, None]))
    return total / (len(tokens) * (len(tokens) - 1) / 2)


def common_subsequences(rows: Sequence[np.ndarray], columns: Sequence[np.ndarray]) -> np.ndarray:
    """(rows, columns) int32 length of the longest common subsequence of token numbers, which lie under 2^32.

    By the bit-parallel kernel of rapidfuzz (Hyyrö 2004, "Bit-parallel LCS-length computation revisited"), exact whatever the
    number of threads.
    """
    try:
        from rapidfuzz.distance import LCSseq
        from rapidfuzz.process import cdist
    except ImportError as error:
        raise MissingDependency("rouge-l needs rapidfuzz: pip install rapidfuzz") from error
    left, right = ([array("I", part.astype(np.uint32).tobytes()) for part in side] for side in (rows, columns))
    return np.asarray(cdist(left, right, scorer=LCSseq.similarity, dtype=np.int32))


def _codes(tokens: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Tokens numbered by how common they are, those that stand once in the whole set left out: they match nothing.

    The kernel looks numbers under 256 up in a table and others in a hash map, so that common words ought to have small ones.
    """
    texts = flat(tokens)
    _, places, times = np.unique(texts.tokens, return_inverse=True, return_counts=True)
    rank = np.empty(times.size, dtype=np.int64)
    rank[np.argsort(-times, kind="stable")] = np.arange(times.size)
    is_kept = times[places] > 1
    ends = np.cumsum(np.r_[0, is_kept])[np.cumsum(texts.lengths)]
    return np.split(rank[places][is_kept], ends[:-1])


@dataclass(frozen=True)
class RougeL:
    """`rouge-l`, see `rouge_l_similarity`."""

    name: str = "rouge-l"
    traits: ClassVar[Traits] = Traits(
        "lexical", "Longest common run of words of two responses, gaps allowed, averaged over pairs (ROUGE-L F1).",
        "less diverse", high=1.0, limit=5_000, is_size_free=True,
        source="Lin 2004, aclanthology W04-1013; in this use Padmakumar and He 2023, arXiv 2309.05196",
    )  # fmt: skip

    def value(self, responses: Responses) -> float:
        """See `triaxis.protocols.Diversity`."""
        need(len(responses), 2)
        return rouge_l_similarity(responses.view("words", words))


@register("diversity", "rouge-l")
def rouge_l() -> RougeL:
    """`rouge-l`."""
    return RougeL()
