"""From pairs to classes: three rules, how they differ, and how they are typed."""

from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaxis.diversity.equivalence import RULES, first_member, parse_equivalence
from triaxis.diversity.equivalence.partition import (
    AVERAGE_LINKAGE_LIMIT,
    Likeness,
    PartitionRule,
    Similar,
    partition,
    split_rule,
)
from triaxis.errors import InputError


def by_matrix(matrix: np.ndarray) -> Similar:
    return lambda rows, columns: matrix[np.ix_(rows, columns)]


def one_at_a_time(matrix: np.ndarray) -> list[int]:
    """The rule as a plain loop: join the first class whose first member is similar, else open one."""
    leaders: list[int] = []
    labels = []
    for item in range(len(matrix)):
        found = [klass for klass, leader in enumerate(leaders) if matrix[item, leader]]
        if not found:
            leaders.append(item)
        labels.append(found[0] if found else len(leaders) - 1)
    return labels


def test_a_chain_is_not_one_class() -> None:
    # a ~ b ~ c, but c is not like a, the first member: union-find would say one class
    chain = np.array([[1, 1, 0], [1, 1, 1], [0, 1, 1]], dtype=bool)
    assert first_member(3, by_matrix(chain)).tolist() == [0, 0, 1]


def test_the_order_decides_who_is_first() -> None:
    chain = np.array([[1, 1, 0], [1, 1, 1], [0, 1, 1]], dtype=bool)
    from_the_middle = chain[np.ix_([1, 0, 2], [1, 0, 2])]
    assert first_member(3, by_matrix(from_the_middle)).tolist() == [0, 0, 0]


def test_nothing_has_no_classes() -> None:
    assert first_member(0, by_matrix(np.zeros((0, 0), dtype=bool))).tolist() == []


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.floats(0, 0.4))
def test_it_is_the_plain_loop(seed: int, size: int, density: float) -> None:
    half = np.random.default_rng(seed).random((size, size)) < density
    matrix = half | half.T | np.eye(size, dtype=bool)
    assert first_member(size, by_matrix(matrix)).tolist() == one_at_a_time(matrix)


def test_it_is_the_plain_loop_across_blocks() -> None:
    half = np.random.default_rng(7).random((700, 700)) < 0.004
    matrix = half | half.T | np.eye(700, dtype=bool)
    assert first_member(700, by_matrix(matrix)).tolist() == one_at_a_time(matrix)


def likeness(matrix: np.ndarray) -> Likeness:
    return lambda rows, columns: matrix[np.ix_(rows, columns)]


def symmetric(size: int, seed: int) -> np.ndarray:
    """A symmetric matrix of likenesses, 1 on its diagonal."""
    half = np.triu(np.random.default_rng(seed).random((size, size)), k=1)
    return np.asarray(half + half.T + np.eye(size))


def renamed(labels: np.ndarray) -> list[int]:
    names: dict[int, int] = {}
    return [names.setdefault(int(label), len(names)) for label in labels]


def chained(matrix: np.ndarray) -> list[int]:
    """Transitive closure by hand: walk from each item to all that it reaches."""
    labels = [-1] * len(matrix)
    for start in range(len(matrix)):
        reached = [start] if labels[start] < 0 else []
        klass = max(labels) + 1
        while reached:
            item = reached.pop()
            if labels[item] < 0:
                labels[item] = klass
                reached += np.flatnonzero(matrix[item]).tolist()
    return labels


def averaged(matrix: np.ndarray, threshold: float) -> list[int]:
    """Average linkage by hand: join the two classes of highest mean likeness while it reaches the threshold."""
    classes = [[item] for item in range(len(matrix))]
    while len(classes) > 1:
        means = {(a, b): matrix[np.ix_(classes[a], classes[b])].mean() for b in range(len(classes)) for a in range(b)}
        (a, b), best = max(means.items(), key=lambda found: found[1])
        if best < threshold:
            break
        classes[a] += classes.pop(b)
    return renamed(np.array([next(c for c, members in enumerate(classes) if item in members) for item in range(len(matrix))]))


CHAIN = np.array([[1.0, 0.9, 0.2, 0.1], [0.9, 1.0, 0.8, 0.2], [0.2, 0.8, 1.0, 0.9], [0.1, 0.2, 0.9, 1.0]])
"""A path: neighbours are alike, ends are not."""


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("first-member", [0, 0, 1, 1]), ("union-find", [0, 0, 0, 0]), ("average-linkage", [0, 0, 1, 1])],
)
def test_only_union_find_makes_one_class_of_a_path(rule: PartitionRule, expected: list[int]) -> None:
    assert partition(4, likeness(CHAIN), 0.75, rule=rule).tolist() == expected


def test_average_linkage_joins_by_the_mean_over_all_pairs_between_two_classes() -> None:
    # {0, 1} and {2, 3} are 0.2, 0.1, 0.8 and 0.2 alike: 0.325 on average
    assert partition(4, likeness(CHAIN), 0.325, rule="average-linkage").tolist() == [0, 0, 0, 0]
    assert partition(4, likeness(CHAIN), 0.326, rule="average-linkage").tolist() == [0, 0, 1, 1]


@given(size=st.integers(0, 14), seed=st.integers(0, 10_000), threshold=st.floats(0.05, 1.0))
def test_each_rule_is_what_it_says(size: int, seed: int, threshold: float) -> None:
    matrix = symmetric(size, seed)
    found = {rule: partition(size, likeness(matrix), threshold, rule=rule).tolist() for rule in RULES}
    assert found["first-member"] == one_at_a_time(matrix >= threshold)
    assert found["union-find"] == chained(matrix >= threshold)
    assert found["average-linkage"] == averaged(matrix, threshold)


def test_union_find_sees_chains_across_blocks() -> None:
    size = 700
    matrix = np.eye(size)
    order = np.random.default_rng(1).permutation(size)
    for a, b in pairwise(order[:401]):
        matrix[a, b] = matrix[b, a] = 1.0
    labels = partition(size, likeness(matrix), 0.5, rule="union-find")
    assert len(set(labels.tolist())) == 300
    assert labels.tolist() == chained(matrix >= 0.5)


@given(seed=st.integers(0, 10_000))
def test_the_order_of_items_matters_to_the_first_member_only(seed: int) -> None:
    matrix, order = symmetric(12, seed), np.random.default_rng(seed).permutation(12)
    for rule in ("union-find", "average-linkage"):
        known: PartitionRule = "union-find" if rule == "union-find" else "average-linkage"
        straight = partition(12, likeness(matrix), 0.7, rule=known)
        shuffled = partition(12, likeness(matrix[np.ix_(order, order)]), 0.7, rule=known)
        assert renamed(straight[order]) == shuffled.tolist()


@pytest.mark.parametrize("rule", RULES)
def test_nothing_and_one_item_have_classes_under_every_rule(rule: PartitionRule) -> None:
    assert partition(0, likeness(np.zeros((0, 0))), 0.5, rule=rule).tolist() == []
    assert partition(1, likeness(np.ones((1, 1))), 0.5, rule=rule).tolist() == [0]


@pytest.mark.parametrize("rule", RULES)
def test_rounding_does_not_part_equal_items_at_a_threshold_of_one(rule: PartitionRule) -> None:
    assert partition(3, lambda rows, columns: np.full((rows.size, columns.size), 1 - 1e-12), 1.0, rule=rule).tolist() == [0, 0, 0]


def test_average_linkage_says_what_it_can_hold() -> None:
    with pytest.raises(InputError, match=f"at most {AVERAGE_LINKAGE_LIMIT} answers, got {AVERAGE_LINKAGE_LIMIT + 1}"):
        partition(AVERAGE_LINKAGE_LIMIT + 1, likeness(np.zeros((0, 0))), 0.5, rule="average-linkage")


def test_only_the_name_of_a_rule_after_the_last_slash_is_one() -> None:
    assert split_rule("topical:hf:org/model") == ("topical:hf:org/model", None)
    assert split_rule("topical:hf:org/model@0.7/average-linkage") == ("topical:hf:org/model@0.7", "average-linkage")
    assert split_rule("lexical") == ("lexical", None)


def test_a_rule_is_typed_behind_an_equivalence_and_stands_in_its_name_and_words() -> None:
    rule = parse_equivalence("lexical:0.7/union-find")
    assert rule.name == "lexical:0.7/union-find"
    assert "union-find" in rule.rule
    assert parse_equivalence("lexical/first-member").name == "lexical"


def test_typed_rules_make_other_classes_of_the_same_answers() -> None:
    answers = ["one two three four", "two three four five", "three four five six", "four five six seven"]
    frame = pl.DataFrame({"response": answers})
    found = {rule: parse_equivalence(f"lexical:0.75/{rule}").labels(frame).tolist() for rule in RULES}
    assert found == {"first-member": [0, 0, 1, 1], "union-find": [0, 0, 0, 0], "average-linkage": [0, 0, 1, 1]}


def test_a_rule_behind_an_equivalence_without_pairs_is_refused() -> None:
    with pytest.raises(InputError, match="exact compares no pairs, so union-find has nothing to join"):
        parse_equivalence("exact/union-find")


def test_a_misspelt_rule_is_answered_with_the_rules_there_are() -> None:
    with pytest.raises(InputError, match="first-member, union-find, average-linkage"):
        parse_equivalence("lexical:0.6/union-fnd")
    with pytest.raises(InputError, match="near: 'union-find'"):
        partition(0, likeness(np.zeros((0, 0))), 0.5, rule="union-fnd")  # type: ignore[arg-type]
