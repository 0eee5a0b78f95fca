"""How many different ways there are among the right responses, and among the wrong ones, counted apart.

After "RL Squeezes, SFT Expands": trajectories are clustered by average linkage, cut where the mean similarity falls under 60 %.
Reinforcement learning mostly removes wrong ways, which one number over all responses cannot tell from a loss of right ones.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from triaxis.diversity.behavioural.actions import actions_of_all
from triaxis.diversity.behavioural.trajectories import edit_distances, named, spelled, transcripts
from triaxis.diversity.lexical.ngrams import Counts, counted, flat, ngrams
from triaxis.diversity.lexical.overlaps import tiles
from triaxis.diversity.lexical.tokens import characters
from triaxis.diversity.sequences import enough
from triaxis.errors import InputError, Undefined, near
from triaxis.registry import register
from triaxis.responses import Responses, Traits

Similarity = Literal["chrf", "actions"]

CUT = 0.4
"""Mean distance at which clusters stay apart: a similarity of 60 %, as in the paper."""

LIMIT = 2_000
_ORDERS = 6
_RECALL_WEIGHT = 4.0  # beta squared, with beta = 2
_ROUNDING = 1e-9


def cluster_count(distances: np.ndarray, size: int) -> int:
    """Number of clusters of `size` items by average linkage (UPGMA), merged while the mean distance is at most 0.4.

    distances: (size (size - 1) / 2,) in the order of `scipy.spatial.distance.pdist`, 0-1. 0 for no items, 1 for one.
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    if size < 2:
        return size
    return int(fcluster(linkage(distances, method="average"), CUT + _ROUNDING, criterion="distance").max())


def chrf_distances(texts: Sequence[str]) -> np.ndarray:
    """(pairs,) 1 - chrF of each pair of `texts` in the order of `pdist`, 0-1; mean of both directions (Popovic 2015)."""
    flatly = flat(characters(texts))
    totals = np.maximum(flatly.lengths - np.arange(_ORDERS)[:, None], 0)
    precision = _precisions([counted(ngrams(flatly, n)) for n in range(1, _ORDERS + 1)], totals)
    score = _f_score(precision, precision.T)
    is_empty = flatly.lengths == 0
    score[np.ix_(is_empty, is_empty)] = 1.0
    return np.asarray(np.clip(1.0 - ((score + score.T) / 2)[np.triu_indices(len(texts), 1)], 0.0, 1.0))


def _precisions(orders: Sequence[Counts], totals: np.ndarray) -> np.ndarray:
    """(texts, texts) share of the n-grams of a row's text that a column's text has, mean over the n that fit into both texts.

    totals: (orders, texts) how many n-grams each text has.
    """
    longest, inverse = (totals > 0).sum(axis=0), 1 / np.maximum(totals, 1)
    found = np.zeros((totals.shape[1], totals.shape[1]))
    for tile in tiles(orders, totals.shape[1]):
        fitting = np.maximum(np.minimum(longest[tile.rows, None], longest[tile.columns]), 1)
        found[tile.rows, tile.columns] = np.einsum("oij,oi->ij", tile.shared, inverse[:, tile.rows]) / fitting
        found[tile.columns, tile.rows] = (np.einsum("oij,oj->ij", tile.shared, inverse[:, tile.columns]) / fitting).T
    return found


def _f_score(precision: np.ndarray, recall: np.ndarray) -> np.ndarray:
    weighed = _RECALL_WEIGHT * precision + recall
    return np.asarray((1 + _RECALL_WEIGHT) * precision * recall / np.where(weighed > 0, weighed, 1.0))


def chrf_clusters(responses: Responses) -> int:
    """Clusters of the texts by chrF."""
    texts = sorted(responses.texts)  # ties between equal distances are then cut alike in any order
    return cluster_count(chrf_distances(texts), len(texts))


def action_clusters(responses: Responses) -> int:
    """Clusters of the transcripts among the texts by edit distance between their tool names."""
    found = [named(actions) for actions in responses.view("actions", actions_of_all) if actions is not None]
    letters = spelled(sorted(found))
    distances = edit_distances(letters, letters)[np.triu_indices(len(letters), 1)] if letters else np.zeros(0)
    return cluster_count(distances, len(letters))


_COUNTERS: dict[Similarity, Callable[[Responses], int]] = {"chrf": chrf_clusters, "actions": action_clusters}


@dataclass(frozen=True)
class OutcomeClusters:
    """Clusters among the responses that are right (or, with `is_right` false, wrong)."""

    is_right: bool = True
    similarity: Similarity = "chrf"

    @property
    def name(self) -> str:
        name = "correct-clusters" if self.is_right else "incorrect-clusters"
        return name if self.similarity == "chrf" else f"{name}:{self.similarity}"

    @property
    def traits(self) -> Traits:
        return Traits(
            level="behavioural",
            says=f"How many different ways there are among the {'right' if self.is_right else 'wrong'} responses.",
            needs=frozenset({"text", "outcomes"}),
            limit=LIMIT,
            source="Matsutani et al. 2025, arXiv 2509.21128",
        )

    def value(self, responses: Responses) -> float:
        if responses.outcomes is None:
            raise Undefined("needs to know which responses are right; give a quality column with two values")
        enough(len(responses), self.traits.smallest, what="responses with an outcome")
        if self.similarity == "actions":
            transcripts(responses)
        chosen = responses.at(np.flatnonzero(responses.outcomes == self.is_right))
        return float(_COUNTERS[self.similarity](chosen))


@register("diversity", "correct-clusters")
def correct_clusters(similarity: str = "chrf") -> OutcomeClusters:
    """`correct-clusters` (by chrF) or `correct-clusters:actions`."""
    return OutcomeClusters(True, _known(similarity))


@register("diversity", "incorrect-clusters")
def incorrect_clusters(similarity: str = "chrf") -> OutcomeClusters:
    """`incorrect-clusters` (by chrF) or `incorrect-clusters:actions`."""
    return OutcomeClusters(False, _known(similarity))


def _known(similarity: str) -> Similarity:
    if similarity not in _COUNTERS:
        known = ", ".join(_COUNTERS)
        raise InputError(f"unknown similarity {similarity!r} of trajectories{near(similarity, _COUNTERS)}; there are: {known}")
    return similarity
