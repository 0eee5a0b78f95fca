"""Features of pairs: each worked out by hand, symmetric, and blind to what the prompt says anyway."""

import numpy as np
import pytest

from tests.contract.equivalence import HOSTILE
from tests.diversity.heads import PLAIN, answers, planted
from triaxis.diversity.equivalence.labels import class_hash
from triaxis.diversity.equivalence.learned.features import PAIR_FEATURES, Answers, pair_features, word_weights

A, B = np.array([0]), np.array([1])


def features(found: Answers) -> dict[str, float]:
    return dict(zip(PAIR_FEATURES, pair_features(found, A, B)[0].tolist(), strict=True))


def test_words_count_as_sets_and_those_of_the_prompt_do_not() -> None:
    # without "a", "kite": {red, big} and {red, small, box}: one shared of root 2 x 3
    found = features(answers(["a red big kite", "a red small kite box box"], "name a kite"))
    assert found["word_cosine"] == pytest.approx(1 / np.sqrt(6))


def test_rare_words_count_more() -> None:
    weights = word_weights(["the sea", "the oak", "the sky", "the oak"], least=1)
    # ln(5/5) is 0, held up at 0.01; "oak" is in two of four texts: ln(5/3); an unknown word counts ln(5)
    assert weights.of(["the", "oak", "moon"]) == pytest.approx([0.01, np.log(5 / 3), np.log(5)])
    found = features(answers(["oak moon", "oak"], words=weights))
    assert found["word_cosine"] == pytest.approx(np.log(5 / 3) / np.hypot(np.log(5 / 3), np.log(5)))


def test_a_word_that_is_seen_less_than_three_times_counts_as_unknown() -> None:
    weights = word_weights(["sea oak", "sea", "sea"])
    assert weights.keys.tolist() == [class_hash("sea")]
    assert weights.of(["oak"]) == pytest.approx([np.log(4)])


def test_names_and_numbers_are_shared_over_all() -> None:
    found = features(answers(["so Anna met Ben in 1999 at 7", "so Anna met Cid in Rome at 7"], "who met Rome?"))
    assert found["names_shared"] == pytest.approx(1 / 3)  # anna of anna, ben, cid; Rome is in the prompt
    assert found["names"] == pytest.approx(np.log(4))
    assert found["numbers_shared"] == pytest.approx(1 / 2)
    assert found["numbers"] == 1


def test_what_neither_answer_holds_is_not_there() -> None:
    found = features(answers(["red", "blue"]))
    assert np.isnan([found["names_shared"], found["numbers_shared"], found["prompt_length"]]).all()
    assert found["names"] == found["numbers"] == 0


def test_lengths_and_items_are_compared_by_ratio() -> None:
    found = features(answers(["one two three four", "one\n- two"], "what is it"))
    assert found["length_difference"] == pytest.approx(np.log(14 / 12))
    assert found["length"] == pytest.approx((np.log(5) + np.log(3)) / 2)
    assert found["items_difference"] == pytest.approx(np.log(2))
    assert found["prompt_length"] == pytest.approx(np.log(4))


def test_the_direction_of_the_prompt_is_taken_out_of_the_vectors() -> None:
    # (0.6, 0.8, 0) and (0.6, 0, 0.8) have a cosine of 0.36, all of it along the prompt (1, 0, 0)
    vectors = {"x": [0.6, 0.8, 0.0], "y": [0.6, 0.0, 0.8]}
    assert features(planted(vectors))["cosine"] == pytest.approx(0.36)
    with_prompt = features(planted(vectors, "q", [1.0, 0.0, 0.0]))
    assert with_prompt["cosine"] == pytest.approx(0, abs=1e-6)
    assert with_prompt["alignment"] == pytest.approx(0, abs=1e-6)


def test_pieces_are_aligned_with_their_best_match_both_ways() -> None:
    # pieces of one: p, q; of the other: p. Forth (1 + 0) / 2, back 1
    p, q = " ".join(["p"] * 40) + ".", " ".join(["q"] * 40) + "."
    vectors = {f"{p} {q}": [0.0, 0.0, 1.0], p: [1.0, 0.0, 0.0], q: [0.0, 1.0, 0.0]}
    found = planted(vectors)
    assert pair_features(found, A, B)[0, PAIR_FEATURES.index("alignment")] == pytest.approx((0.5 + 1) / 2)


def test_an_answer_that_is_its_prompt_has_nothing_left_to_compare() -> None:
    found = features(planted({"x": [1.0, 0.0], "y": [0.0, 1.0]}, "q", [1.0, 0.0]))
    assert found["cosine"] == 0


def test_every_feature_is_symmetric() -> None:
    found = answers(["Red Anna 1. x\n- y", "so Ben has 2 and 3", "", "why. " * 200], "what?")
    first, second = np.triu_indices(4, k=1)
    forth, back = pair_features(found, first, second), pair_features(found, second, first)
    assert np.allclose(forth, back, equal_nan=True, atol=1e-6)


def test_a_pair_does_not_depend_on_the_other_pairs() -> None:
    found = answers([f"answer {i} has Anna and {i * i}" for i in range(40)], "what?")
    first, second = np.triu_indices(40, k=1)
    together = pair_features(found, first, second)
    alone = np.concatenate([pair_features(found, first[[i]], second[[i]]) for i in range(0, len(first), 37)])
    assert np.allclose(together[::37], alone, equal_nan=True, atol=1e-6)


def test_hostile_texts_have_features_that_are_finite_or_absent() -> None:
    found = answers([*HOSTILE, "\ud800"], "\udfff")
    first, second = np.triu_indices(len(found.texts), k=1)
    features = pair_features(found, first, second)
    may_be_absent = [PAIR_FEATURES.index(name) for name in ("names_shared", "numbers_shared")]
    assert np.isfinite(np.delete(features, may_be_absent, axis=1)).all()
    assert np.abs(np.nan_to_num(features)).max() < 20


def test_no_answers_have_no_features() -> None:
    found = answers([])
    assert pair_features(found, A[:0], A[:0]).shape == (0, len(PAIR_FEATURES))
    assert PLAIN.of([]).shape == (0,)
