"""Groups of models whose mean answers point the same way: the rule of `measure.population.clusters` on the kernel of vectors."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from triaxis.measure.population.clusters import best_cut
from triaxis.measure.population_vectors.kernel import Kernels, complete_models, normalised, spread_of
from triaxis.measure.population_vectors.tables import PAIR, frame
from triaxis.measure.population_vectors.tally import Population


def cluster_rows(population: Population) -> Iterator[pl.DataFrame]:
    """Rows of `model_clusters` at the matrix floors: one cluster unless the best cut beats what permuted labels give."""
    names = np.array(population.shape.models, dtype=object)
    for domain, group in population.groups.items():
        for place, floor in enumerate(population.design.at):
            kept, labels, silhouette, limit = _clusters(group.kernels, place)
            yield frame(np.full(kept.size, population.design.floors[floor]), {
                "domain": domain, "model": names[kept], "measure": PAIR, "cluster": labels,
                "clusters": int(labels.max(initial=0)), "silhouette": silhouette, "null": limit,
            }, table="model_clusters")  # fmt: skip


def _clusters(kernels: Kernels | None, floor: int) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Models that have a cluster, their clusters from 1, the silhouette, and what it has to beat."""
    nobody = np.zeros(0, dtype=np.int64)
    if kernels is None:
        return nobody, nobody, np.nan, np.nan
    total, count = kernels.sums(floor)
    kept = complete_models(count)
    kernel = normalised(total, count, kept)
    if kernel is None:
        return nobody, nobody, np.nan, np.nan
    cut = best_cut(kernel)
    drawn = (normalised(p.total[floor], p.count[floor], kept) for p in kernels.permuted)
    _, _, limit = spread_of(np.array([best_cut(one).silhouette for one in drawn if one is not None]))
    labels = cut.labels if cut.silhouette > limit else np.ones(kept.size, dtype=np.int64)
    return kept, labels, cut.silhouette, limit
