"""Shared n-grams of all pairs, in tiles, with dense and sparse features."""

from collections import Counter

import numpy as np
import pytest

from triaxis.diversity.lexical import overlaps
from triaxis.diversity.lexical.ngrams import counted, flat, ngrams


@pytest.mark.parametrize("common", [1, 4, 10**6])
@pytest.mark.parametrize("rows", [1, 3, 256])
def test_tiles_hold_every_pair_once(rows: int, common: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlaps, "_ROWS", rows)
    monkeypatch.setattr(overlaps, "_COMMON", common)
    monkeypatch.setattr(overlaps, "_SMALL", 0)
    rng = np.random.default_rng(0)
    texts = [np.minimum(rng.geometric(0.2, size), 15) for size in rng.integers(0, 40, 11)]
    bags = [Counter(text.tolist()) for text in texts]
    expected = {(i, j): (a & b).total() for i, a in enumerate(bags) for j, b in enumerate(bags)}
    seen = {}
    for tile in overlaps.tiles([counted(ngrams(flat(texts), 1))], len(texts)):
        for i, j in np.argwhere(tile.is_pair):
            assert (i + tile.rows.start, j + tile.columns.start) not in seen
            seen[i + tile.rows.start, j + tile.columns.start] = tile.shared[0, i, j]
    assert seen == {(i, j): shared for (i, j), shared in expected.items() if i < j}


def test_texts_without_an_n_gram_share_nothing() -> None:
    (tile,) = overlaps.tiles([counted(ngrams(flat([np.zeros(0, dtype=np.int64)] * 3), 1))], 3)
    assert tile.shared.sum() == 0
    assert tile.is_pair.sum() == 3
