"""How alike paraphrases are to an encoder: the ceiling against which a cosine between answers is read."""

import numpy as np

from triaxis.diversity.equivalence.calibration import LEAST_RISE, ParaphraseVectors, paired_cosines, threshold_between
from triaxis.diversity.equivalence.paraphrases import paraphrase_set
from triaxis.protocols import Embedder


def paraphrase_ceiling(embedder: Embedder) -> float:
    """Mean cosine of the shipped paraphrase pairs under `embedder`."""
    pairs = paraphrase_set()
    first, second = (embedder.embed(list(side)) for side in zip(*((p.first, p.second) for p in pairs.paraphrases), strict=True))
    return float(paired_cosines(ParaphraseVectors(first, second, pairs.label)).mean())


def portable_limit(zero: float, ceiling: float) -> float:
    """The cosine 0.8 of the way from `zero` to `ceiling`; NaN where either is unknown or no way lies between them."""
    if np.isnan(zero) or np.isnan(ceiling) or ceiling <= zero + LEAST_RISE:
        return float("nan")
    return threshold_between(zero, ceiling)
