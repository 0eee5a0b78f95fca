"""Extrapolations past the sample, by hand."""

import numpy as np
import pytest

from triaxis.errors import Undefined
from triaxis.stats.richness import chao1, good_turing_coverage


def test_chao1_adds_what_singletons_and_doubletons_tell() -> None:
    # 5 classes seen, 3 once, 1 twice: 5 + 3 * 2 / (2 * (1 + 1)) = 6.5
    assert chao1(np.array([1, 1, 1, 2, 7])) == pytest.approx(6.5)


def test_chao1_without_doubletons_stays_finite() -> None:
    # 3 singletons only: 3 + 3 * 2 / 2 = 6
    assert chao1(np.array([1, 1, 1])) == pytest.approx(6.0)


def test_chao1_adds_nothing_where_every_class_was_seen_often() -> None:
    assert chao1(np.array([4, 9])) == 2.0


def test_classes_of_no_member_are_not_seen() -> None:
    assert chao1(np.array([0, 4, 0, 9])) == 2.0


def test_good_turing_coverage_is_one_less_the_share_of_singletons() -> None:
    assert good_turing_coverage(np.array([1, 1, 3])) == pytest.approx(1 - 2 / 5)
    assert good_turing_coverage(np.array([1, 1, 1])) == 0.0
    assert good_turing_coverage(np.array([2, 3])) == 1.0


@pytest.mark.parametrize("estimate", [chao1, good_turing_coverage])
def test_no_samples_have_no_richness(estimate: object) -> None:
    with pytest.raises(Undefined, match="no samples"):
        estimate(np.array([0, 0]))  # type: ignore[operator]
