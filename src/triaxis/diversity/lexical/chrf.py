"""chrF between responses: shared runs of characters, so that inflected and misspelt words count as nearly the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from triaxis.diversity.lexical.ngrams import counted, flat, ngrams
from triaxis.diversity.lexical.overlaps import tiles
from triaxis.diversity.lexical.streamed import need
from triaxis.diversity.lexical.tokens import characters
from triaxis.registry import register
from triaxis.responses import Responses, Traits

_ORDERS = 6
_RECALL_WEIGHT = 4.0  # beta squared, with beta = 2


def chrf_similarity(tokens: Sequence[np.ndarray]) -> float:
    """Mean chrF over all ordered pairs of different texts, a share in 0-1; higher is less diverse.

    tokens: for each text (characters,) ids without white space, case counts; two texts or more. Precision and recall of
    character n-grams are averaged over n = 1 to 6 (as far as both texts are long enough), F with beta = 2: sacrebleu's value over
    100. After Popovic 2015 (aclanthology W15-3049). Two texts without a character are alike.
    """
    texts = flat(tokens)
    totals = np.maximum(texts.lengths - np.arange(_ORDERS)[:, None], 0)
    inverse = 1 / np.maximum(totals, 1)
    longest, total = (totals > 0).sum(axis=0), 0.0
    for tile in tiles([counted(ngrams(texts, n)) for n in range(1, _ORDERS + 1)], len(tokens)):
        orders = np.minimum(longest[tile.rows, None], longest[tile.columns])
        of_rows = np.einsum("oij,oi->ij", tile.shared, inverse[:, tile.rows]) / np.maximum(orders, 1)
        of_columns = np.einsum("oij,oj->ij", tile.shared, inverse[:, tile.columns]) / np.maximum(orders, 1)
        both_empty = 2.0 * ((longest[tile.rows, None] == 0) & (longest[tile.columns] == 0))
        both_ways = _f_score(of_rows, of_columns) + _f_score(of_columns, of_rows) + both_empty
        total += float(np.sum(both_ways, where=tile.is_pair))
    return min(1.0, total / (len(tokens) * (len(tokens) - 1)))


def _f_score(precision: np.ndarray, recall: np.ndarray) -> np.ndarray:
    weighed = _RECALL_WEIGHT * precision + recall
    return np.asarray((1 + _RECALL_WEIGHT) * precision * recall / np.where(weighed > 0, weighed, 1.0))


@dataclass(frozen=True)
class Chrf:
    """`chrf`, see `chrf_similarity`."""

    name: str = "chrf"
    traits: ClassVar[Traits] = Traits(
        "lexical", "How many runs of characters two responses share, averaged over pairs (chrF).", "less diverse", high=1.0,
        limit=2_000, is_size_free=True, source="Popović 2015, aclanthology W15-3049",
    )  # fmt: skip

    def value(self, responses: Responses) -> float:
        """See `triaxis.protocols.Diversity`."""
        need(len(responses), 2)
        return chrf_similarity(responses.view("characters", characters))


@register("diversity", "chrf")
def chrf() -> Chrf:
    """`chrf`."""
    return Chrf()
