"""Mean cosines of one prompt at every floor, in closed form: unit vectors are added up, pairs are never visited.

|sum of n unit vectors|^2 is n + 2 x (sum over pairs), and the mean over all pairs of two models' answers is the dot product of
their mean vectors: O(N d) where the published loops take O(N^2 d).
"""

from typing import NamedTuple

import numpy as np

from triaxis.diversity.spread import mean_cosine


class CellMeans(NamedTuple):
    """Usable answers of the models of one prompt at each floor.

    models: (m,) codes, ascending. usable: (floors, m) float64 counts. mean: (floors, m, d) mean vectors, 0 where there is no
    answer.
    """

    models: np.ndarray
    usable: np.ndarray
    mean: np.ndarray


class Cosines(NamedTuple):
    """Figures of one prompt: (floors, m) of each model, (floors,) of the prompt; NaN where they are not defined.

    `own` is the mean over pairs of a model's answers, `others` the mean over the other models of the cosine with them. `between`
    is the mean over pairs of models; `pooled` over pairs of answers, whosever they are: what `between` is expected to be when
    labels of models are permuted. `centre` (floors, d) is the mean vector of all `answers` (floors,).
    """

    own: np.ndarray
    others: np.ndarray
    between: np.ndarray
    pooled: np.ndarray
    centre: np.ndarray
    answers: np.ndarray


def cell_means(models: np.ndarray, bins: np.ndarray, vectors: np.ndarray, floors: np.ndarray) -> CellMeans:
    """Mean vectors of the answers whose bin (see `bins_of`) is above each of `floors`, (floors,) ascending positions."""
    names, local = np.unique(models, return_inverse=True)
    reached = np.searchsorted(floors, bins, side="left")  # how many of the asked floors an answer is usable at
    usable = reached > 0
    key = (reached[usable] - 1) * names.size + local[usable]
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(key[order]) != 0][: order.size])
    flat = np.zeros((floors.size * names.size, vectors.shape[1]))
    if order.size:
        flat[key[order][starts]] = np.add.reduceat(vectors[usable][order].astype(np.float64), starts, axis=0)
    total = flat.reshape(floors.size, names.size, -1)
    count = np.bincount(key, minlength=floors.size * names.size).reshape(floors.size, -1).astype(np.float64)
    for floor in range(floors.size - 2, -1, -1):
        total[floor] += total[floor + 1]
        count[floor] += count[floor + 1]
    total /= np.maximum(count, 1)[:, :, None]
    return CellMeans(names, count, total)


def cosines_of(cells: CellMeans) -> Cosines:
    """All figures of one prompt from its mean vectors; see `Cosines`."""
    count, mean = cells.usable, cells.mean
    square = np.einsum("fmd,fmd->fm", mean, mean)
    own = mean_cosine(count, square * count**2)
    there = count > 0
    models, answers = there.sum(axis=1), count.sum(axis=1)
    whole = mean.sum(axis=1)
    rest = np.matvec(mean, whole) - square
    pairs = np.where(models >= 2, models * (models - 1.0), np.nan)
    between = ((whole * whole).sum(axis=1) - square.sum(axis=1)) / pairs
    centre = np.einsum("fm,fmd->fd", count, mean) / np.maximum(answers, 1)[:, None]
    pooled = mean_cosine(answers, (centre * centre).sum(axis=1) * answers**2)
    others = np.where(there & (models >= 2)[:, None], rest / np.maximum(models - 1, 1)[:, None], np.nan)
    return Cosines(own, others, between, pooled, centre, answers)


def kernels(cells: CellMeans) -> np.ndarray:
    """(floors, m, m) float32 mean cosine between the answers of two models; the diagonal has self pairs, so it is PSD."""
    mean = cells.mean.astype(np.float32)
    return mean @ mean.transpose(0, 2, 1)


def label_means(labels: np.ndarray, vectors: np.ndarray, models: int) -> np.ndarray:
    """(models, d) float32 mean of the rows of `vectors` of each label, 0 where there is none."""
    order = np.argsort(labels, kind="stable")
    count = np.bincount(labels, minlength=models)
    there = count > 0
    starts = np.cumsum(np.r_[0, count])[:-1][there]
    mean = np.zeros((models, vectors.shape[1]), dtype=np.float32)
    mean[there] = np.add.reduceat(vectors[order], starts, axis=0) / count[there, None].astype(np.float32)
    return mean
