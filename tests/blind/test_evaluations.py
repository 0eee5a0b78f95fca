"""Built-in evaluations, by hand."""

from pathlib import Path

import pytest

from tests.blind.given import cell, opened
from triaxis.blind.evaluations import MeanOf, PassAt1
from triaxis.errors import Undefined


def test_mean_of_a_column_skips_what_is_no_number(tmp_path: Path) -> None:
    samples = opened(tmp_path, [*cell("p", "ab", [1, 4]), *cell("q", "c", [None])])
    assert MeanOf("m", "quality").score(samples.table) == 2.5


def test_pass_at_1_weighs_each_prompt_of_each_model_alike(tmp_path: Path) -> None:
    samples = opened(tmp_path, [*cell("p", "abcd", [1, 0, 0, 0]), *cell("q", "a", [1]), *cell("q", "a", [1], model="n")])
    assert PassAt1("p", "quality").score(samples.table) == (0.25 + 1 + 1) / 3


def test_what_cannot_be_scored_is_a_reason(tmp_path: Path) -> None:
    samples = opened(tmp_path, cell("p", "ab", [1, 4]))
    with pytest.raises(Undefined, match="no column 'nothing'"):
        MeanOf("m", "nothing").score(samples.table)
    with pytest.raises(Undefined, match="no numbers"):
        MeanOf("m", "label").score(samples.table)
    with pytest.raises(Undefined, match="0 and 1"):
        PassAt1("p", "quality").score(samples.table)
