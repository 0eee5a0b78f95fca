"""Fitting a head: the optimum, the signs, the two sources, the same result each time."""

import numpy as np
import pytest

from tests.diversity.heads import PLAIN
from triaxis.diversity.equivalence.learned import PAIR_FEATURES, LabelledFeatures, Settings, fit_head
from triaxis.diversity.equivalence.learned.fitting import logistic, prompt_directions

WORD, NAMES, COSINE = (PAIR_FEATURES.index(name) for name in ("word_cosine", "names", "cosine"))


def labelled(count: int, *, signal: float, seed: int = 0, column: int = WORD) -> LabelledFeatures:
    """Pairs whose `column` speaks for the same with weight `signal`; prompts are noise."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(count, len(PAIR_FEATURES)))
    same = (rng.random(count) < 1 / (1 + np.exp(-signal * features[:, column]))).astype(np.int64)
    return LabelledFeatures(features, rng.normal(size=(count, 16)).astype(np.float32), same)


def test_the_optimum_of_one_feature_is_where_the_gradient_vanishes() -> None:
    # two rows at x = 1 (same) and x = -1 (different): w minimises 2 log(1 + exp(-w)) + w^2 / 2, so 2 / (1 + exp(w)) = w
    rows, same = np.array([[1.0], [-1.0]]), np.array([1, 0])
    weights, biases = logistic(rows, same, np.ones(2), np.zeros(2, dtype=int), penalty=1.0, signs=np.zeros(1))
    assert 2 / (1 + np.exp(weights[0])) == pytest.approx(weights[0], abs=1e-5)
    assert biases == pytest.approx([0], abs=1e-5)


def test_biases_are_not_penalised_and_each_source_has_its_own() -> None:
    same, source = np.array([1, 1, 1, 0, 0, 0, 0, 1]), np.repeat([0, 1], 4)
    _, biases = logistic(np.zeros((8, 1)), same, np.ones(8), source, penalty=1e6, signs=np.zeros(1))
    assert biases == pytest.approx([np.log(3), -np.log(3)], abs=1e-3)


def test_a_pair_that_counts_twice_is_two_pairs() -> None:
    rows, same = np.array([[1.0], [0.5], [-1.0]]), np.array([1, 0, 0])
    source, signs = np.zeros(3, dtype=int), np.zeros(1)
    once, _ = logistic(rows[[0, 0, 1, 2]], same[[0, 0, 1, 2]], np.ones(4), np.zeros(4, dtype=int), penalty=1.0, signs=signs)
    twice, _ = logistic(rows, same, np.array([2.0, 1, 1]), source, penalty=1.0, signs=signs)
    assert once == pytest.approx(twice, abs=1e-4)


def test_a_fitted_head_finds_the_feature_that_matters() -> None:
    head = fit_head(labelled(2000, signal=2.0), None, PLAIN)
    assert head.weights[WORD] == pytest.approx(2.0, abs=0.3)
    assert np.abs(np.delete(head.weights, WORD)).max() < 0.3


@pytest.mark.parametrize(("column", "expected"), [(COSINE, 0.0), (NAMES, -2.0)])
def test_no_head_calls_answers_the_same_because_they_share_less(column: int, expected: float) -> None:
    head = fit_head(labelled(2000, signal=-2.0, column=column), None, PLAIN)
    assert head.weights[column] == pytest.approx(expected, abs=0.3)


def test_weak_labels_help_where_people_labelled_little_and_leave_their_base_rate() -> None:
    people, many = labelled(40, signal=2.0), labelled(4000, signal=2.0, seed=1)
    shifted = many._replace(same=np.where(np.random.default_rng(2).random(4000) < 0.3, 1, many.same))
    alone, helped = fit_head(people, None, PLAIN), fit_head(people, shifted, PLAIN)
    assert abs(helped.weights[WORD] - 2) < abs(alone.weights[WORD] - 2)
    share = helped.of_inputs(helped.inputs(people.features, helped.along(people.prompts))).mean()
    assert share == pytest.approx(people.same.mean(), abs=0.01)


def test_weak_labels_of_weight_nothing_change_nothing() -> None:
    people, weak = labelled(200, signal=1.0), labelled(200, signal=-1.0, seed=3)
    ignored = fit_head(people, weak, PLAIN, Settings(weak_weight=0.0))
    assert ignored.weights == pytest.approx(fit_head(people, None, PLAIN).weights, abs=1e-3)


def test_the_same_pairs_give_the_same_head_to_the_bit() -> None:
    pairs = labelled(200, signal=1.0)
    assert fit_head(pairs, pairs, PLAIN).weights.tolist() == fit_head(pairs, pairs, PLAIN).weights.tolist()


def test_a_feature_that_is_never_there_or_never_changes_weighs_nothing() -> None:
    pairs = labelled(200, signal=1.0)
    pairs.features[:, COSINE], pairs.features[:, NAMES] = np.nan, 3.0
    head = fit_head(pairs, None, PLAIN)
    assert head.weights[[COSINE, NAMES]] == pytest.approx([0, 0], abs=1e-6)
    assert np.isfinite(head.mean).all()


def test_directions_are_where_prompts_differ_most() -> None:
    prompts = np.zeros((30, 4))
    prompts[:, 2], prompts[:, 0] = np.linspace(-3, 3, 30), 5.0
    prompts[:, 1] = np.tile([0.1, -0.1], 15)
    centre, directions = prompt_directions(prompts, 2)
    assert centre == pytest.approx([5, 0, 0, 0], abs=1e-9)
    assert np.allclose(directions.T, [[0, 0, 1, 0], [0, 1, 0, 0]], atol=0.02)


def test_without_enough_prompts_there_are_no_directions() -> None:
    few = np.full((30, 4), np.nan)
    few[:3] = 1.0
    assert prompt_directions(few, 3)[1].shape == (4, 0)
