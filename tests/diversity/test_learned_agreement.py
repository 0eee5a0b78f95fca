"""Figures of agreement with people: worked out by hand, and prompts that no fold has seen."""

import numpy as np
import pytest

from tests.diversity.heads import PLAIN
from triaxis.diversity.equivalence.learned import PAIR_FEATURES, LabelledFeatures, Settings
from triaxis.diversity.equivalence.learned.agreement import (
    Judged,
    auc,
    best_threshold,
    calibration_error,
    difference,
    figures,
    fixed,
    folds_by_prompt,
    held_out_cosine,
    held_out_head,
    reliability,
    wilson,
)
from triaxis.errors import Undefined

PROMPTS = [f"p{i}" for i in range(20)]
SAME = np.array([1, 0] * 10)


def test_accuracy_f1_and_brier_of_four_pairs_by_hand() -> None:
    # said 1 1 0 0 of 1 0 1 0: right in 2 of 4; one hit of two said and of two there are
    same, said = np.array([1, 0, 1, 0] * 5), np.array([True, True, False, False] * 5)
    judged = Judged("x", (said == same.astype(bool)).astype(float), said, np.array([0.9, 0.6, 0.2, 0.1] * 5))
    found = figures(judged, same, PROMPTS, seed=0, draws=50)
    assert found["accuracy"].value == found["precision"].value == found["recall"].value == found["f1"].value == 0.5
    assert found["brier"].value == pytest.approx((0.01 + 0.36 + 0.64 + 0.01) / 4)
    assert found["auc"].value == pytest.approx(3 / 4)  # 0.9 beats 0.6 and 0.1; 0.2 beats 0.1 only
    assert all(figure.low <= figure.value <= figure.high for figure in (found["accuracy"], found["auc"], found["brier"]))


def test_a_rule_that_never_says_same_has_no_f1_and_no_probabilities() -> None:
    found = figures(fixed("never", np.zeros(20, dtype=bool), SAME), SAME, PROMPTS, seed=0, draws=20)
    assert found["accuracy"].value == 0.5
    assert found["f1"].value == 0
    assert "brier" not in found


def test_ties_count_half_in_auc_and_weights_count_pairs() -> None:
    assert auc(np.array([0.5, 0.5, 0.1]), np.array([1, 0, 0]), np.ones(3)) == pytest.approx(0.75)
    assert auc(np.array([0.5, 0.5, 0.1]), np.array([1, 0, 0]), np.array([1.0, 3, 1])) == pytest.approx((1 + 3 / 2) / 4)
    with pytest.raises(Undefined):
        auc(np.array([0.5]), np.array([1]), np.ones(1))


def test_calibration_error_is_the_mean_gap_over_bins() -> None:
    same = np.repeat([0, 1], 10)
    assert calibration_error(np.repeat([0.2, 0.7], 10), same) == pytest.approx((0.2 + 0.3) / 2)
    assert calibration_error(same.astype(float), same) == 0


def test_the_best_threshold_lies_between_scores_and_parts_no_ties() -> None:
    assert best_threshold(np.array([0.1, 0.4, 0.8]), np.array([0, 0, 1])) == pytest.approx(0.6)
    assert best_threshold(np.array([0.5, 0.5]), np.array([1, 0])) in {-0.5, 1.5}
    assert best_threshold(np.array([0.2, 0.3]), np.array([0, 0])) > 0.3


def test_pairs_of_one_prompt_are_in_one_fold_and_every_pair_is_in_one() -> None:
    prompts = [f"p{i % 7}" for i in range(50)]
    parts = folds_by_prompt(prompts, 3, np.random.default_rng(0))
    assert sorted(np.concatenate(parts).tolist()) == list(range(50))
    homes = [{prompts[i] for i in part} for part in parts]
    assert sum(map(len, homes)) == 7


def test_a_threshold_is_not_fitted_to_the_pairs_that_it_judges() -> None:
    # alone in its fold, each pair is judged by a threshold of the other one: the labels of both are always missed
    cosines, same = np.array([0.2, 0.8]), np.array([1, 0])
    parts = [[np.array([0]), np.array([1])]]
    assert held_out_cosine(cosines, same, parts).right.tolist() == [0, 0]


def noise(count: int) -> LabelledFeatures:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(count, len(PAIR_FEATURES)))
    return LabelledFeatures(features, np.full((count, 4), np.nan), rng.integers(0, 2, count))


def test_a_head_that_learned_from_noise_is_right_half_the_time_where_prompts_are_held_out() -> None:
    pairs = noise(300)
    parts = [folds_by_prompt([f"p{i}" for i in range(300)], 5, np.random.default_rng(r)) for r in range(3)]
    judged = held_out_head(pairs, None, PLAIN, parts, settings=Settings(penalty=0.01))
    assert judged.right.mean() == pytest.approx(0.5, abs=0.08)


def test_copies_of_a_prompt_do_not_leak_into_other_folds() -> None:
    # every pair is there five times: were copies split between folds, noise could be learned by heart
    once = noise(60)
    copies = once.at(np.tile(np.arange(60), 5))
    parts = [folds_by_prompt([f"p{i % 60}" for i in range(300)], 5, np.random.default_rng(0))]
    judged = held_out_head(copies, None, PLAIN, parts, settings=Settings(penalty=0.01))
    assert judged.right.mean() < 0.65


def test_a_difference_is_taken_pair_by_pair() -> None:
    one, other = fixed("one", SAME.astype(bool), SAME), fixed("other", np.zeros(20, dtype=bool), SAME)
    found = difference(one, other, PROMPTS, seed=0)
    assert found.value == 0.5
    assert found.low > 0.2
    assert difference(one, one, PROMPTS, seed=0) == (0, 0, 0)


def test_reliability_is_in_order_and_holds_every_pair() -> None:
    bins = reliability(Judged("x", np.ones(100), np.ones(100, dtype=bool), np.linspace(0, 1, 100)), np.ones(100, dtype=int))
    assert sum(found.pairs for found in bins) == 100
    assert [found.probability for found in bins] == sorted(found.probability for found in bins)
    assert all(found.low < found.same == 1 for found in bins)


def test_wilson_of_one_hit_in_ten() -> None:
    # Wilson 1927: (0.1 + 1.92073 / 10 -/+ 1.959964 sqrt(0.009 + 0.0096036)) / 1.384146
    assert wilson(1, 10) == pytest.approx((0.01788, 0.40415), abs=1e-4)
