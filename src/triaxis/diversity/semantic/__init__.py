"""Diversity of meaning: metrics on an encoder's vectors, and on classes of responses that say the same.

`cosine-distance` compares sets of any size; Vendi scores and Hill numbers are effective numbers, to be compared at equal n; the
nearest-neighbour family tells of the crowding of single responses.
"""

from triaxis.diversity.semantic.classes import (
    corrected_entropy,
    hill,
    semantic_entropy,
    sequence_semantic_entropy,
)  # fmt: skip
from triaxis.diversity.semantic.clusters import cluster_count, dcscore
from triaxis.diversity.semantic.content import content_distance
from triaxis.diversity.semantic.distances import cosine_distance
from triaxis.diversity.semantic.effective import effective_number
from triaxis.diversity.semantic.floor_sweep import FloorSweep, floor_sweep
from triaxis.diversity.semantic.near_duplicates import Pairs, near_duplicate_share, near_duplicates
from triaxis.diversity.semantic.neighbours import chamfer, knn_distance
from triaxis.diversity.semantic.rarefaction import expected_coverage, hill_at_coverage, rarefied_hill
from triaxis.diversity.semantic.rbf import fourier_features, rbf_vendi_two
from triaxis.diversity.semantic.vendi import Convergence, convergence, vendi, vendi_of_kernel

__all__ = [
    "cosine_distance", "content_distance",
    "vendi", "vendi_of_kernel", "convergence", "Convergence", "rbf_vendi_two", "fourier_features",
    "floor_sweep", "FloorSweep", "chamfer", "knn_distance", "cluster_count", "dcscore", "near_duplicates", "near_duplicate_share",
    "Pairs", "effective_number", "hill", "rarefied_hill", "hill_at_coverage", "expected_coverage",
    "semantic_entropy", "corrected_entropy", "sequence_semantic_entropy",
]  # fmt: skip
