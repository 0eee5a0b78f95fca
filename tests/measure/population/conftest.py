"""Fewer permutations than a run draws: what is tested holds for any number of them."""

import pytest


@pytest.fixture(autouse=True)
def few_permutations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triaxis.measure.population.nulls.MOST_PERMUTATIONS", 29)
