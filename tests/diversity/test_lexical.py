"""Lexical near-duplicates: word overlap by hand."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaxis.diversity.equivalence import LexicalNearDuplicates
from triaxis.diversity.equivalence.labels import NO_CLASS
from triaxis.diversity.equivalence.lexical import near_duplicates

WORDS = st.lists(st.sampled_from(["red", "green", "blue", "sky"]), min_size=0, max_size=6).map(" ".join)


def dice(first: str, second: str) -> float:
    """2 |A and B| / (|A| + |B|) over multisets of words."""
    a, b = first.split(), second.split()
    shared = sum(min(a.count(word), b.count(word)) for word in set(a))
    return 2 * shared / (len(a) + len(b)) if a and b else float(a == b)


@pytest.mark.parametrize(
    ("first", "second", "threshold", "is_same"),
    [
        ("a b c", "a b d", 2 / 3, True),  # 2 * 2 / 6 = 0.667
        ("a b c", "a b d", 0.67, False),
        ("a a a", "a b c", 1 / 3, True),  # a multiset: one shared a, 2 * 1 / 6
        ("a a a", "a b c", 0.34, False),
        ("Paris!", "paris", 1.0, True),
        ("ﬁne", "fine", 1.0, True),  # a ligature is its letters under NFKC
        ("?!", "?!", 1.0, True),
        ("?!", "!?", 0.1, False),
        ("", "", 1.0, True),
        ("", "a", 0.1, False),
    ],
)
def test_overlap_by_hand(first: str, second: str, threshold: float, is_same: bool) -> None:
    labels = near_duplicates([first, second], threshold=threshold)
    assert (labels[0] == labels[1]) == is_same


def test_the_default_takes_six_in_ten() -> None:
    # 3 shared of 5 + 5: 0.6, just enough; 2 shared: 0.4
    assert near_duplicates(["a b c d e", "a b c x y", "a b x y z"], threshold=0.6).tolist() == [0, 0, 1]


def test_a_missing_text_has_no_class() -> None:
    labels = LexicalNearDuplicates().labels(pl.DataFrame({"response": ["a b", None, "a b"]}))
    assert labels.tolist() == [0, NO_CLASS, 0]


@given(st.lists(WORDS, max_size=8), st.sampled_from([0.3, 0.5, 0.6, 1.0]))
def test_it_is_a_plain_loop_over_dice(texts: list[str], threshold: float) -> None:
    leaders: list[str] = []
    expected = []
    for text in texts:
        found = [klass for klass, leader in enumerate(leaders) if dice(text, leader) >= threshold - 1e-9]
        if not found:
            leaders.append(text)
        expected.append(found[0] if found else len(leaders) - 1)
    assert near_duplicates(texts, threshold=threshold).tolist() == expected


@given(st.lists(WORDS, max_size=8))
def test_a_lower_threshold_never_finds_more_classes_of_pairs(texts: list[str]) -> None:
    for first in texts:
        for second in texts:
            classes = [np.unique(near_duplicates([first, second], threshold=t)).size for t in (0.2, 0.5, 0.8, 1.0)]
            assert classes == sorted(classes)


def test_the_name_carries_a_threshold_that_is_not_the_default() -> None:
    assert LexicalNearDuplicates().name == "lexical"
    assert LexicalNearDuplicates(threshold=0.75).name == "lexical:0.75"
    assert "0.75" in LexicalNearDuplicates(threshold=0.75).rule
