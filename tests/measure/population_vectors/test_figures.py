"""Figures of the population against plain loops over pairs."""

from itertools import combinations, permutations

import numpy as np
import polars as pl
import pytest

from tests.measure.population_vectors import planted
from triaxis.measure.options import Options
from triaxis.measure.population_vectors.mixing import expected_mixing, mixing
from triaxis.measure.population_vectors.run import population_of_texts

CELLS = planted.population(shared=0.6)


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return pl.concat(population_of_texts(planted.seen(CELLS), Options()).tables["population"])


def figure(table: pl.DataFrame, measure: str, floor: float, column: str = "value") -> float:
    is_floor = pl.col("floor").is_null() if floor == -np.inf else pl.col("floor") == floor
    found = table.filter(pl.col("domain").is_null(), pl.col("measure") == measure, is_floor)[column]
    assert found.len() == 1
    return float(found[0])


@pytest.mark.parametrize("floor", [-np.inf, 1.0, 2.0])
def test_intra_model_cosine_is_the_mean_over_pairs_of_a_cell_then_over_cells_then_over_prompts(
    table: pl.DataFrame, floor: float
) -> None:
    prompts = planted.by_prompt(CELLS, floor).values()
    expected = np.nanmean([np.nanmean([planted.own_cosine(group) for group in groups]) for groups in prompts])
    assert figure(table, "intra-model cosine", floor) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("floor", [-np.inf, 1.0, 2.0])
def test_inter_model_cosine_is_the_mean_over_cross_pairs_then_over_pairs_of_models(table: pl.DataFrame, floor: float) -> None:
    prompts = planted.by_prompt(CELLS, floor).values()
    some = [[group for group in groups if len(group)] for groups in prompts]
    expected = np.mean([np.mean([(a @ b.T).mean() for a, b in combinations(groups, 2)]) for groups in some])
    assert figure(table, "inter-model cosine", floor) == pytest.approx(expected, abs=1e-6)


def test_the_share_of_cells_above_the_published_limit_counts_cells_and_not_pairs(table: pl.DataFrame) -> None:
    prompts = planted.by_prompt(CELLS, -np.inf).values()
    expected = np.mean([[planted.own_cosine(group) > 0.8 for group in groups] for groups in prompts])
    assert figure(table, "cells above 0.8", -np.inf) == pytest.approx(expected)


def test_cosine_across_prompts_is_the_mean_over_pairs_of_prompts_and_the_null_of_intra_model_cosine(table: pl.DataFrame) -> None:
    centres = [np.concatenate(groups).mean(axis=0) for groups in planted.by_prompt(CELLS, 1.0).values()]
    expected = np.mean([a @ b for a, b in combinations(centres, 2)])
    assert figure(table, "cosine across prompts", 1.0) == pytest.approx(expected, abs=1e-6)
    assert figure(table, "intra-model cosine", 1.0, "null") == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("floor", [-np.inf, 1.0])
def test_neighbour_mixing_counts_models_among_the_nearest_others(table: pl.DataFrame, floor: float) -> None:
    prompts = [groups for groups in planted.by_prompt(CELLS, floor).values() if sum(map(len, groups)) > 5]
    expected = np.mean([planted.mixing_by_loops(groups, 5) for groups in prompts])
    assert figure(table, "neighbour mixing", floor) == pytest.approx(expected)
    assert figure(table, "neighbour mixing", floor, "budget") == 5


def test_expected_mixing_is_the_mean_over_all_permutations_of_labels() -> None:
    vectors = planted.units(np.random.default_rng(3).standard_normal((6, 4)))
    labels, bins = np.array([0, 0, 0, 1, 1, 2]), np.ones(6, dtype=np.int64)
    found = [mixing(np.array(dealt), bins, vectors, 1, 2)[0] for dealt in set(permutations(labels.tolist()))]
    assert expected_mixing(labels, bins, 1, 2)[0] == pytest.approx(np.mean(found))


def test_mixing_at_every_floor_is_that_of_the_usable_answers_alone() -> None:
    rng = np.random.default_rng(5)
    vectors, labels = planted.units(rng.standard_normal((300, 6))), rng.integers(0, 9, 300)
    bins = rng.integers(1, 21, 300)
    found = mixing(labels, bins, vectors, 20, 7)
    for floor in range(20):
        kept = bins > floor
        alone = mixing(labels[kept], np.ones(kept.sum(), dtype=np.int64), vectors[kept], 1, 7)[0]
        np.testing.assert_equal(found[floor], alone)


def test_equally_near_neighbours_are_taken_in_the_seeded_order_so_that_copies_are_nobodys_favourite() -> None:
    rows = np.repeat(np.eye(1, 3, dtype=np.float32), 4, axis=0)
    assert mixing(np.array([0, 1, 2, 3]), np.ones(4, dtype=np.int64), rows, 1, 2)[0] == 2


def test_pairs_have_no_self_pairs_on_the_diagonal() -> None:
    pairs = pl.concat(population_of_texts(planted.seen(CELLS), Options()).tables["population_pairs"])
    ungated = pairs.filter(pl.col("floor").is_null(), pl.col("domain").is_null())
    own = ungated.filter(pl.col("model_a") == "m1", pl.col("model_b") == "m1")
    expected = np.mean([planted.own_cosine(groups[1]) for groups in planted.by_prompt(CELLS, -np.inf).values()])
    assert own["value"][0] == pytest.approx(expected, abs=1e-6)
    assert own["low"][0] < expected < own["high"][0]


def test_cosine_to_others_is_the_mean_over_the_other_models() -> None:
    found = pl.concat(population_of_texts(planted.seen(CELLS), Options()).tables["population_models"])
    mine = found.filter(pl.col("model") == "m2", pl.col("measure") == "cosine to others", pl.col("domain").is_null())
    row = mine.filter(pl.col("floor") == 1)
    values = []
    for groups in planted.by_prompt(CELLS, 1.0).values():
        others = [(groups[2] @ groups[k].T).mean() for k in (0, 1, 3) if len(groups[k]) and len(groups[2])]
        values += [np.mean(others)] if others else []
    assert row["value"][0] == pytest.approx(np.mean(values), abs=1e-6)
    assert row["prompts_left"][0] == len(values)
