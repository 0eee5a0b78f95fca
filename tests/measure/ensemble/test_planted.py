"""Planted truth on a few worlds; `benchmarks/planted_ensemble.py` has the same on 200 simulations each."""

import numpy as np
import pytest

from benchmarks.planted_ensemble import WORLDS, World, simulate

SIMULATIONS = 20
BETTER = [world for world in WORLDS if world.is_better_mixed]
NO_BETTER = [world for world in WORLDS if not world.is_better_mixed]


def rates(world: World) -> dict[str, float]:
    """Share of simulations in which each thing holds."""
    seen = [simulate(world, seed) for seed in range(SIMULATIONS)]
    return {name: float(np.mean([getattr(one, name) for one in seen])) for name in seen[0]._fields}


@pytest.mark.parametrize("world", NO_BETTER, ids=lambda world: world.name)
def test_a_mixture_that_is_no_better_than_the_best_single_model_is_hardly_ever_advised(world: World) -> None:
    found = rates(world)
    assert found["advised"] == found["wrongly"] <= 0.1
    assert found["holds_over_one"] >= 0.7


@pytest.mark.parametrize("world", BETTER, ids=lambda world: world.name)
def test_a_mixture_that_is_better_is_advised_and_its_lead_over_one_model_lies_in_its_interval(world: World) -> None:
    found = rates(world)
    assert found["advised"] >= 0.9
    assert found["wrongly"] == 0
    assert found["holds_over_one"] >= 0.8
    assert found["holds_told"] >= 0.8
