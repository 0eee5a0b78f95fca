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


class TestEchoesOfThePrompt:
    IDEAS = ("1. Use the tire as a kite", "2. Use the tire as a boat")
    PROMPT = "Name a use of a tire: use the tire as what?"

    def test_a_word_of_the_prompt_counts_a_fifth(self) -> None:
        # use, the, tire, as, a count 0.2 each, kite and boat 1: 2 x 1.0 / (2.0 + 2.0) = 0.5
        assert near_duplicates(self.IDEAS, threshold=0.49, prompt=self.PROMPT).tolist() == [0, 0]
        assert near_duplicates(self.IDEAS, threshold=0.51, prompt=self.PROMPT).tolist() == [0, 1]

    def test_without_a_prompt_every_word_counts_in_full(self) -> None:
        # list markers fall away: 2 x 5 / (6 + 6) = 0.83
        assert near_duplicates(self.IDEAS, threshold=0.83).tolist() == [0, 0]
        assert near_duplicates(self.IDEAS, threshold=0.84).tolist() == [0, 1]

    def test_answers_made_of_the_prompt_alone_are_compared_as_they_are(self) -> None:
        passage = "the saints of new orleans beat the bears of chicago"
        answers = ["new orleans saints", "saints of new orleans", "chicago bears"]
        assert near_duplicates(answers, prompt=passage).tolist() == near_duplicates(answers).tolist() == [0, 0, 1]

    def test_the_rule_reads_the_prompt_of_the_cell(self) -> None:
        cell = pl.DataFrame({"response": self.IDEAS, "prompt": [self.PROMPT] * 2})
        assert LexicalNearDuplicates().labels(cell).tolist() == [0, 1]
        assert LexicalNearDuplicates().labels(cell.drop("prompt")).tolist() == [0, 0]
