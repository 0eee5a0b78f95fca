"""Rows of unit length, and blocks by running number."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.diversity.semantic.samples import unit
from triaxis.diversity.semantic.rows import RowBlocks, cosines, unit_block, unit_rows32, upper_blocks


def test_rows_of_length_one_are_taken_as_they_are_without_a_copy() -> None:
    rows = unit(5, 384)
    assert unit_block(rows) is rows


def test_other_rows_are_brought_to_length_one_and_those_without_direction_dropped() -> None:
    rows = np.array([[3, 4], [0, 0], [np.nan, 1], [0, 1], [np.inf, 0]], dtype=np.float32)
    assert unit_block(rows).tolist() == [[np.float32(0.6), np.float32(0.8)], [0, 1]]
    assert rows[0].tolist() == [3, 4]


def test_no_rows_are_no_rows() -> None:
    assert unit_rows32(np.zeros((0, 3))).shape == (0, 3)
    assert unit_rows32(np.full((9000, 2), np.nan)).shape == (0, 2)


@given(st.lists(st.integers(0, 9), max_size=8), st.integers(1, 6))
def test_blocks_are_full_and_in_order_whatever_the_cuts(sizes: list[int], size: int) -> None:
    rows = np.arange(sum(sizes), dtype=np.float32)[:, None]
    blocks, found = RowBlocks(size), []
    for part in np.split(rows, np.cumsum(sizes)[:-1]) if sizes else []:
        found += list(blocks.add(part))
    assert all(len(block) == size for block in found)
    assert len(blocks.rest()) < size
    joined = np.concatenate([*found, blocks.rest().reshape(-1, 1)])
    assert joined.ravel().tolist() == rows.ravel().tolist()


@given(st.integers(0, 30), st.integers(1, 9))
def test_upper_blocks_cover_each_pair_once(size: int, block: int) -> None:
    seen = np.zeros((size, size), dtype=int)
    for rows, columns in upper_blocks(size, block):
        seen[rows, columns] += 1
        if rows != columns:
            seen[columns, rows] += 1
    assert (seen == 1).all()


@pytest.mark.parametrize("near", [0.0, 1e-4])
def test_cosines_of_near_rows_are_exact(near: float) -> None:
    rows = np.repeat(unit(1, 384), 8, axis=0) + near * unit(8, 384, seed=1)
    exact = rows.astype(np.float64) / np.linalg.norm(rows.astype(np.float64), axis=1, keepdims=True)
    found = cosines(rows.astype(np.float32), slice(0, 3), slice(4, 8))
    assert np.allclose(1 - found, 1 - exact[:3] @ exact[4:].T, rtol=1e-4, atol=1e-13)
