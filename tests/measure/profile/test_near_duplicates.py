"""Near-duplicates by words: the same pairs as looking at all of them, and shares with intervals worked out by hand."""

from collections import Counter
from itertools import combinations

import numpy as np
import pytest

from triaxis.errors import Undefined
from triaxis.measure.profile import word_pairs
from triaxis.measure.profile.distinct import classes, distinct_share
from triaxis.measure.profile.figures import jackknifed
from triaxis.measure.profile.twins import Places, by_vectors, by_words, twins
from triaxis.measure.profile.word_bags import MOST_WORDS, bags_of
from triaxis.measure.profile.word_pairs import near_pairs


def found(texts: list[str], threshold: float) -> set[tuple[int, int]]:
    return {pair for block in near_pairs(bags_of(texts), threshold) for pair in zip(*map(np.ndarray.tolist, block), strict=True)}


def by_hand(texts: list[str], threshold: float) -> set[tuple[int, int]]:
    bags = [Counter(text.split()) for text in texts]
    both = {(i, j): ((bags[i] & bags[j]).total(), (bags[i] | bags[j]).total()) for i, j in combinations(range(len(texts)), 2)}
    return {pair for pair, (shared, union) in both.items() if union and shared >= threshold * union - 1e-9}


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_the_join_finds_the_pairs_that_looking_at_all_of_them_finds(threshold: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    texts = [" ".join(f"w{word}" for word in rng.integers(0, 12 + 9 * seed, rng.integers(0, 25))) for _ in range(80)]
    texts += [f"{text} w1" for text in texts[:30]]
    assert found(texts, threshold) == by_hand(texts, threshold)


def test_word_order_and_case_do_not_count_and_repeats_do() -> None:
    texts = ["one two three four five", "Five four THREE two one", "one two three four five five five"]
    assert found(texts, 0.8) == {(0, 1)}  # five of seven words are shared with the third
    assert found(texts, 5 / 7) == {(0, 1), (0, 2), (1, 2)}


def test_texts_without_a_word_are_near_nothing() -> None:
    assert found(["", " ", "", "a"], 0.8) == set()
    assert found([], 0.8) == set()


def test_words_beyond_the_limit_are_not_read() -> None:
    start = " ".join(f"w{place}" for place in range(MOST_WORDS))
    assert found([f"{start} one two three", f"{start} four five six"], 1.0) == {(0, 1)}


def test_too_many_candidates_are_given_up_on_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_pairs, "MOST_CANDIDATES", 5)
    with pytest.raises(Undefined, match="pairs share a rare word"):
        found(["a b c"] * 5, 0.8)


def places_of(count: int, *, levels: np.ndarray | None = None, floors: int = 1) -> Places:
    every = np.arange(count)
    return Places(every, every % 10, np.full(count, floors) if levels is None else levels, floors)


def test_the_share_of_rows_with_a_near_duplicate_counts_every_copy_and_no_other() -> None:
    texts = [f"alone{row} word{row} text{row} more{row}" for row in range(16)] + ["the same four words"] * 4
    rows, join = by_words(texts, threshold=0.8)
    figure, count = twins(places_of(20).at(rows), join).share(0)
    assert (figure.value, count) == (0.2, 20)


@pytest.mark.parametrize("seed", range(4))
def test_shares_without_each_tenth_are_those_of_the_texts_that_are_left(seed: int) -> None:
    rng = np.random.default_rng(seed)
    texts = [" ".join(f"w{word}" for word in rng.integers(0, 6, 4)) for _ in range(60)]
    places = places_of(60)
    rows, join = by_words(texts, threshold=0.8)
    figure, _ = twins(places.at(rows), join).share(0)
    parts = [share_by_hand([text for row, text in enumerate(texts) if row % 10 != tenth]) for tenth in range(10)]
    assert figure == jackknifed(share_by_hand(texts), np.array(parts), 60)


def share_by_hand(texts: list[str]) -> float:
    return len({row for pair in by_hand(texts, 0.8) for row in pair}) / len(texts)


def test_above_a_floor_only_usable_rows_are_near_duplicates_of_one_another() -> None:
    texts = ["same words here now", "same words here now", "another text of four", "another text of four"]
    levels = np.array([2, 1, 2, 2])  # the second reaches no floor
    known = twins(Places(np.arange(4), np.arange(4), levels, 2), by_words(texts, threshold=0.8)[1])
    assert [known.share(floor)[0].value for floor in (0, 1)] == [1.0, pytest.approx(2 / 3)]


def test_only_pairs_of_different_numbers_count_where_they_are_to_be_apart() -> None:
    texts = ["same words here now"] * 2 + ["another text of four"] * 2
    places = Places(np.arange(4), np.arange(4), np.ones(4, dtype=np.int64), 1, np.array([0, 1, 0, 0]))
    assert twins(places, by_words(texts, threshold=0.8)[1]).share(0)[0].value == 0.5


def test_vectors_and_words_agree_on_copies_and_rows_without_a_vector_are_left_out() -> None:
    vectors = np.eye(5, dtype=np.float32)[[0, 0, 1, 2, 3]]
    vectors[4] = np.nan
    rows, join = by_vectors(vectors, threshold=0.9)
    figure, count = twins(places_of(5).at(rows), join).share(0)
    assert (figure.value, count, rows.tolist()) == (0.5, 4, [0, 1, 2, 3])


def test_nothing_seen_leaves_open_what_so_many_prompts_leave_open() -> None:
    figure = jackknifed(0.0, np.zeros(10), 100)
    assert figure.low == 0.0
    assert figure.high == pytest.approx(1 - 0.025**0.01)  # 3.6 %
    assert np.isnan(jackknifed(0.0, np.zeros(10), 9).high)


def test_distinct_shares_count_classes_and_normalising_joins_case_and_punctuation() -> None:
    texts = ["A cat.", "a cat", "A cat.", "A dog."]
    places = places_of(4)
    assert distinct_share(classes(texts, "exact"), places, 0)[0].value == 0.75
    assert distinct_share(classes(texts, "normalised"), places, 0)[0].value == 0.5


@pytest.mark.parametrize("seed", range(3))
def test_distinct_shares_without_each_tenth_are_those_of_the_texts_that_are_left(seed: int) -> None:
    rng = np.random.default_rng(seed)
    klass = rng.integers(0, 20, 60)
    parts = [np.unique(klass[np.arange(60) % 10 != tenth]).size / 54 for tenth in range(10)]
    assert distinct_share(klass, places_of(60), 0)[0] == jackknifed(np.unique(klass).size / 60, np.array(parts), 60)
