"""Examples in docstrings print what they show."""

import doctest
from importlib import import_module

import pytest

MODULES = (
    "sequences", "fences", "syntactic.prose", "syntactic.sentences", "behavioural.answers", "behavioural.actions",
    "behavioural.distinct", "behavioural.trajectories", "formats.detectors", "formats.language",
)  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_examples_print_what_they_show(name: str) -> None:
    found = doctest.testmod(import_module(f"triaxis.diversity.{name}"))
    assert found.attempted > 0
    assert found.failed == 0
