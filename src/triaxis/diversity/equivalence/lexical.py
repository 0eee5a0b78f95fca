"""Lexical near-duplicates: the default equivalence, because it needs nothing but the text and says exactly what it does."""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import polars as pl
from scipy.sparse import csr_array

from triaxis.diversity.equivalence.labels import NO_CLASS
from triaxis.diversity.equivalence.partition import (
    DEFAULT_RULE,
    RULE_WORDS,
    Likeness,
    PartitionRule,
    known_rule,
    partition,
    with_rule,
)
from triaxis.errors import InputError
from triaxis.protocols import Scope

DEFAULT_OVERLAP = 0.6
ECHO_WEIGHT = 0.2
"""What a word that the prompt holds already counts, where others count 1.

Chosen on NoveltyBench's classes of short answers (under 15 words: precision 0.95 at overlap 0.6, against 0.89 with weight 1).
"""

_WORD = re.compile(r"\w+")
_LIST_MARKER = re.compile(r"^\s*(?:\d+[.)]|[A-Za-z][.)]|[-*\u2022])\s+")


class LexicalNearDuplicates:
    """Two answers are the same when their words overlap: ROUGE-1 F1 (Dice of word multisets) of at least `threshold`.

    Words are runs of letters and digits after NFKC and case folding. A list marker in front does not count and a word of the
    prompt counts a fifth, because "use a tire as a kite" and "use a tire as a boat" echo the question and differ in the answer.
    Texts without a word are the same when equal. It sees wording, not meaning: one decisive word in a long text stays the same
    class, a paraphrase becomes another.
    """

    name = "lexical"
    scope: Scope = "cell"
    is_pairwise = True
    columns = ("prompt",)

    def __init__(self, *, threshold: float = DEFAULT_OVERLAP, partition: PartitionRule = DEFAULT_RULE) -> None:
        if not 0 < threshold <= 1:
            raise InputError(f"`threshold` of lexical must lie in (0, 1], got {threshold}; type for example lexical:0.6")
        self.threshold, self.partition = threshold, known_rule(partition)
        self.name = with_rule("lexical" if threshold == DEFAULT_OVERLAP else f"lexical:{threshold:g}", partition)
        self.rule = (
            f"word overlap (ROUGE-1 F1) of at least {threshold:g} {RULE_WORDS[partition]}; "
            "words of the prompt count a fifth, list markers nothing"
        )

    def partitioned(self, rule: PartitionRule) -> "LexicalNearDuplicates":
        """The same overlap under partition rule `rule`."""
        return LexicalNearDuplicates(threshold=self.threshold, partition=rule)

    def labels(self, samples: pl.DataFrame) -> np.ndarray:
        """(samples,) int64, -1 where there is no response. `samples` is one cell; its order decides who is a first member."""
        texts = samples["response"].to_list()
        present = np.array([t is not None for t in texts], dtype=bool)
        labels = np.full(len(texts), NO_CLASS, dtype=np.int64)
        prompt = samples["prompt"][0] if "prompt" in samples.columns and samples.height else None
        known = [t for t in texts if t is not None]
        labels[present] = near_duplicates(known, threshold=self.threshold, prompt=prompt, rule=self.partition)
        return labels


def near_duplicates(
    texts: Sequence[str], *, threshold: float = DEFAULT_OVERLAP, prompt: str | None = None, rule: PartitionRule = DEFAULT_RULE
) -> np.ndarray:
    """(texts,) int64 class labels by word overlap, counted from 0; `rule` makes classes of pairs (see `partition`).

    >>> near_duplicates(["1. Use a tire as a kite", "2. Use a tire as a boat"], prompt="Name a use of a tire.").tolist()
    [0, 1]
    """
    return partition(len(texts), word_overlap(texts, prompt=prompt), threshold, rule=rule)


def word_overlap(texts: Sequence[str], *, prompt: str | None = None) -> Likeness:
    """ROUGE-1 F1 between `texts`, 0 to 1, for any two arrays of positions; see `LexicalNearDuplicates` for what counts."""
    echoed = frozenset(_words(prompt or ""))
    bags = _word_occurrences([_LIST_MARKER.sub("", text, count=1) for text in texts], echoed)
    sizes = bags.power(2).sum(axis=1)

    def overlap(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        shared = (bags[rows] @ bags[columns].T).toarray()
        return np.asarray(2.0 * shared / (sizes[rows][:, None] + sizes[columns]))

    return overlap


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _word_occurrences(texts: Sequence[str], echoed: frozenset[str]) -> csr_array:
    """(texts, features) matrix with one feature for each i-th occurrence of a word, holding the root of the word's weight.

    A product of two rows is then the weight of the words they share, counted with repetition, and of a row with itself its size.
    Words become numbers text by text, so that long texts stay small.
    """
    codes: dict[str, int] = {}
    rows = [_codes(text, codes) for text in texts]
    words, repeats = (np.concatenate([*part, np.zeros(0, dtype=np.int64)]) for part in (rows, map(_repeats, rows)))
    features = np.unique(words * (repeats.max(initial=0) + 1) + repeats, return_inverse=True)[1]
    weights = np.array([ECHO_WEIGHT if word in echoed else 1.0 for word in codes])
    ends = np.cumsum([0, *(row.size for row in rows)])
    return csr_array((np.sqrt(weights[words]), features, ends), shape=(len(rows), int(features.max(initial=0)) + 1))


def _codes(text: str, codes: dict[str, int]) -> np.ndarray:
    """(words,) int64 codes of the words of `text`, new ones added to `codes`; a text without a word is one word of its own."""
    words = _words(text) or ["\0" + text.strip()]
    return np.fromiter((codes.setdefault(word, len(codes)) for word in words), dtype=np.int64, count=len(words))


def _repeats(row: np.ndarray) -> np.ndarray:
    """(words,) int64: how often each word of `row` came before in it."""
    order = np.argsort(row, kind="stable")
    ranked = row[order]
    counts = np.empty(row.size, dtype=np.int64)
    counts[order] = np.arange(row.size) - np.searchsorted(ranked, ranked)
    return counts
