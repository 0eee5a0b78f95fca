"""All floors at once: equal to each floor on its own."""

from math import inf

import numpy as np
import pytest

from tests.diversity.semantic.samples import clustered, unit
from triaxis.diversity.semantic import cosine_distance, floor_sweep, vendi
from triaxis.errors import InputError


@pytest.mark.parametrize("order", [0.5, 1, 2, inf])
def test_every_floor_is_as_computed_anew(order: float) -> None:
    vectors = clustered(3000, 24, clusters=9, noise=0.3)
    quality = np.random.default_rng(1).integers(0, 12, 3000).astype(float)
    floors = np.array([-1, 0, 0.5, 3, 4, 7.5, 10.9, 11])
    sweep = floor_sweep(vectors, quality, floors, order)
    for place, floor in enumerate(floors):
        usable = vectors[quality >= floor]
        assert sweep.above[place] == len(usable)
        assert sweep.vendi[place] == pytest.approx(vendi(usable, order), rel=1e-6)
        assert sweep.cosine_distance[place] == pytest.approx(cosine_distance(usable), abs=1e-6)


def test_by_hand() -> None:
    # above 2: one row; above 1: two orthogonal rows, so 2 and distance 1; above 0: the third is a copy, shares (2/3, 1/3)
    sweep = floor_sweep(np.array([[1, 0], [0, 1], [0, 1.0]]), np.array([2, 1, 0.0]), np.array([0, 1, 2, 3]), 2)
    assert sweep.above.tolist() == [3, 2, 1, 0]
    assert sweep.vendi.tolist()[:3] == pytest.approx([9 / 5, 2, 1])
    assert sweep.cosine_distance.tolist()[:2] == pytest.approx([2 / 3, 1])
    assert np.isnan(sweep.vendi[3])
    assert np.isnan(sweep.cosine_distance[2:]).all()


def test_rows_without_quality_or_direction_are_left_out() -> None:
    vectors, quality = unit(50, 6), np.arange(50.0)
    expected = floor_sweep(vectors[10:], quality[10:], np.array([0, 30]))
    quality[:5], vectors[5:10] = np.nan, np.nan
    found = floor_sweep(vectors, quality, np.array([0, 30]))
    assert found.above.tolist() == [40, 20]
    assert found.vendi == pytest.approx(expected.vendi, rel=1e-6)


@pytest.mark.parametrize("floors", [[1, 1], [2, 1], [0, np.nan]])
def test_floors_must_ascend(floors: list[float]) -> None:
    with pytest.raises(InputError, match="ascending"):
        floor_sweep(unit(3, 2), np.ones(3), np.array(floors))


def test_each_vector_needs_its_quality() -> None:
    with pytest.raises(InputError, match="one quality for each of 3 vectors, got 2"):
        floor_sweep(unit(3, 2), np.ones(2), np.array([0]))
