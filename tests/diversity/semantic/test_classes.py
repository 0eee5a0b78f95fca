"""Diversity of classes: by hand, merged, and with what cannot be told."""

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.diversity.semantic.samples import with_labels
from triaxis import registry
from triaxis.diversity.semantic import corrected_entropy, hill, semantic_entropy, sequence_semantic_entropy
from triaxis.errors import InputError, Undefined
from triaxis.responses import Responses

SPECS = ["distinct-classes", "distinct-classes:3", "hill", "hill:2", "hill:inf", "semantic-entropy", "coverage"]
LABELS = st.lists(st.integers(-1, 5), min_size=4, max_size=30).filter(lambda labels: sum(label >= 0 for label in labels) >= 3)


def value(spec: str, labels: list[int] | np.ndarray) -> float:
    return float(registry.create("diversity", spec).value(with_labels(labels)))


def test_classes_by_hand() -> None:
    # sizes 2, 1, 1: three classes; p = 1/2, 1/4, 1/4; entropy 1.5 ln 2; two of four seen once
    labels = [7, 7, 3, 90]
    assert value("distinct-classes", labels) == 3
    assert value("hill:0", labels) == 3
    assert value("hill", labels) == pytest.approx(2**1.5)
    assert value("hill:2", labels) == pytest.approx(8 / 3)
    assert value("hill:inf", labels) == 2
    assert value("semantic-entropy", labels) == pytest.approx(1.5 * log(2))
    assert value("semantic-entropy:miller-madow", labels) == pytest.approx(1.5 * log(2) + 2 / 8)
    assert value("coverage", labels) == pytest.approx(0.5)


def test_distinct_classes_among_m_is_the_average_over_every_choice() -> None:
    # {a, a, b, c}, pairs: aa, ab x 2, ac x 2, bc -> (1 + 5 x 2) / 6
    assert value("distinct-classes:2", [7, 7, 3, 90]) == pytest.approx(11 / 6)
    assert registry.create("diversity", "distinct-classes:2").traits.is_size_free
    assert not registry.create("diversity", "distinct-classes").traits.is_size_free


def test_one_class_is_one_kind_with_no_entropy() -> None:
    assert value("hill:2", [4] * 6) == 1
    assert value("semantic-entropy", [4] * 6) == 0
    assert value("coverage", [4] * 6) == 1


def test_a_response_without_a_class_is_left_out() -> None:
    assert value("hill", [1, -1, 2, -1, 2]) == value("hill", [1, 2, 2])
    with pytest.raises(Undefined, match=r"needs 3 responses with a class, got 2 \(1 have none\)"):
        value("distinct-classes:3", [1, -1, 2])


def test_a_set_without_classes_is_undefined() -> None:
    with pytest.raises(Undefined, match="choose an equivalence"):
        registry.create("diversity", "hill").value(Responses(["a", "b"]))


@pytest.mark.parametrize("spec", SPECS)
@given(LABELS, st.data())
def test_any_split_has_the_same_value_to_the_bit(spec: str, labels: list[int], data: st.DataObject) -> None:
    metric = registry.create("diversity", spec)
    cut = data.draw(st.integers(0, len(labels)))
    first, second = metric.tally(), metric.tally()
    first.add(with_labels(labels[:cut]))
    second.add(with_labels(labels[cut:]))
    second.merge(first)
    assert second.value() == value(spec, labels)


@given(LABELS)
def test_names_of_classes_do_not_matter(labels: list[int]) -> None:
    renamed = [label if label < 0 else 2**60 - 7 * label for label in labels]
    for spec in SPECS:
        assert value(spec, renamed) == value(spec, labels)


def test_entropy_is_the_logarithm_of_hill_one() -> None:
    counts = np.array([5, 3, 1, 1])
    assert semantic_entropy(counts) == pytest.approx(log(hill(counts, 1)))


def test_the_correction_takes_most_of_the_bias_away() -> None:
    rng, truth = np.random.default_rng(0), log(6)
    drawn = [np.bincount(rng.integers(0, 6, 30), minlength=6) for _ in range(4000)]
    plain, corrected = (np.mean([of(counts) for counts in drawn]) for of in (semantic_entropy, corrected_entropy))
    assert truth - plain == pytest.approx(5 / 60, rel=0.1)
    assert abs(truth - corrected) < 0.15 * (truth - plain)


def test_entropy_from_sequence_probabilities_by_hand() -> None:
    # probabilities .2 and .1 say one thing, .1 another, -1 is unread: .75 and .25
    logprobs = np.log([0.2, 0.1, 0.1, 0.9])
    expected = -(0.75 * log(0.75) + 0.25 * log(0.25))
    labels = np.array([4, 4, 9, -1])
    assert sequence_semantic_entropy(labels, logprobs) == pytest.approx(expected)
    assert sequence_semantic_entropy(labels, logprobs - 5000) == pytest.approx(expected)


def test_equal_probabilities_give_the_discrete_entropy() -> None:
    labels = np.array([0, 0, 1, 2])
    assert sequence_semantic_entropy(labels, np.full(4, -33.0)) == pytest.approx(semantic_entropy(np.array([2, 1, 1])))


@pytest.mark.parametrize(
    ("labels", "logprobs", "error"),
    [([0], [-1.0, -2.0], InputError), ([0, 1], [-1.0, np.nan], InputError), ([-1, -1], [-1.0, -1.0], Undefined)],
)
def test_what_has_no_entropy_says_why(labels: list[int], logprobs: list[float], error: type[Exception]) -> None:
    with pytest.raises(error, match=r"expected one|must be finite|no sequence"):
        sequence_semantic_entropy(np.array(labels), np.array(logprobs))


@pytest.mark.parametrize("of", [semantic_entropy, corrected_entropy])
def test_no_samples_have_no_entropy(of: object) -> None:
    with pytest.raises(Undefined, match="no samples"):
        of(np.array([0, 0]))  # type: ignore[operator]


@pytest.mark.parametrize("spec", ["hill:-2", "distinct-classes:0", "distinct-classes:x", "semantic-entropy:jackknife"])
def test_a_wrong_argument_says_what_to_type(spec: str) -> None:
    with pytest.raises(InputError, match="must be"):
        registry.create("diversity", spec)
