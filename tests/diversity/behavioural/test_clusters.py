"""Ways among right and wrong responses: chrF and average linkage against slow definitions, and the two counts apart."""

import json
from collections import Counter
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaxis.diversity.behavioural.clusters import CUT, OutcomeClusters, chrf_distances, cluster_count
from triaxis.errors import InputError, Undefined
from triaxis.registry import create
from triaxis.responses import Responses

RIVER = "Time is a river that carries us all to the sea"
RIVERS = (f"{RIVER}.", f"{RIVER}!", f"{RIVER}, slowly.")
WEAVER = "The old weaver makes her cloth from hours"


def average_linkage(distances: np.ndarray, size: int) -> int:
    """Clusters by merging the nearest two while their mean distance is at most the cut."""
    between = {pair: distances[place] for place, pair in enumerate(combinations(range(size), 2))}
    clusters = [{item} for item in range(size)]

    def mean(a: set[int], b: set[int]) -> float:
        return float(np.mean([between[min(i, j), max(i, j)] for i in a for j in b]))

    while len(clusters) > 1:
        a, b = min(combinations(clusters, 2), key=lambda pair: mean(*pair))
        if mean(a, b) > CUT:
            break
        clusters = [cluster for cluster in clusters if cluster not in (a, b)] + [a | b]
    return len(clusters)


@given(st.integers(0, 8), st.integers(0, 10_000))
def test_clusters_are_those_of_average_linkage(size: int, seed: int) -> None:
    distances = np.random.default_rng(seed).random(size * (size - 1) // 2)
    assert cluster_count(distances, size) == average_linkage(distances, size)


def test_a_mean_distance_of_exactly_the_cut_still_merges() -> None:
    assert cluster_count(np.array([0.4]), 2) == 1
    assert cluster_count(np.array([0.41]), 2) == 2
    # 0 and 1 merge at 0.3; to 2 it is 0.3 and 0.5, so 0.4 in the mean: one cluster, where single linkage and complete differ.
    assert cluster_count(np.array([0.1, 0.3, 0.5]), 3) == 1
    assert cluster_count(np.array([0.1, 0.3, 0.6]), 3) == 2


def chrf(hypothesis: str, reference: str) -> float:
    """chrF of two texts by its definition: character n-grams up to 6 without white space, beta = 2."""
    sides = ["".join(text.split()) for text in (hypothesis, reference)]
    orders = [n for n in range(1, 7) if min(map(len, sides)) >= n]
    if not orders:
        return float(not any(sides))
    grams = [[Counter(side[i : i + n] for i in range(len(side) - n + 1)) for n in orders] for side in sides]
    shared = [(a & b).total() for a, b in zip(*grams, strict=True)]
    precision, recall = (
        sum(part / whole.total() for part, whole in zip(shared, side, strict=True)) / len(orders) for side in grams
    )
    return 5 * precision * recall / (4 * precision + recall) if precision + recall else 0.0


@given(st.lists(st.text("ab c", max_size=9), min_size=1, max_size=6))
def test_distances_agree_with_the_definition_of_chrf(texts: Sequence[str]) -> None:
    expected = [1 - (chrf(a, b) + chrf(b, a)) / 2 for a, b in combinations(texts, 2)]
    assert chrf_distances(texts) == pytest.approx(expected, abs=1e-9)


def test_right_and_wrong_ways_are_counted_apart() -> None:
    responses = Responses([*RIVERS, WEAVER, RIVER], outcomes=np.array([True, True, False, False, True]))
    assert OutcomeClusters(True).value(responses) == 1.0
    assert OutcomeClusters(False).value(responses) == 2.0


def test_no_right_response_is_no_right_way() -> None:
    responses = Responses(list(RIVERS), outcomes=np.zeros(3, dtype=bool))
    assert OutcomeClusters(True).value(responses) == 0.0
    with pytest.raises(Undefined, match="needs to know which responses are right"):
        OutcomeClusters(True).value(Responses(list(RIVERS)))


def test_transcripts_are_clustered_by_their_tools() -> None:
    runs = (["look", "buy", "pay"], ["look", "buy", "pay", "pay"], ["ask", "wait", "leave"])
    texts = [json.dumps([{"role": "assistant", "tool_calls": [{"function": {"name": name}} for name in run]}]) for run in runs]
    responses = Responses(texts, outcomes=np.ones(3, dtype=bool))
    assert OutcomeClusters(True, "actions").value(responses) == 2.0
    assert OutcomeClusters(False, "actions").value(responses) == 0.0
    with pytest.raises(Undefined, match="transcripts"):
        OutcomeClusters(True, "actions").value(Responses(list(RIVERS), outcomes=np.ones(3, dtype=bool)))


def test_metrics_are_made_by_name() -> None:
    assert create("diversity", "correct-clusters").name == "correct-clusters"
    assert create("diversity", "incorrect-clusters:actions") == OutcomeClusters(False, "actions")
    with pytest.raises(InputError, match="unknown similarity 'chrF'"):
        create("diversity", "correct-clusters:chrF")
