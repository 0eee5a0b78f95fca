"""Topical equivalence with planted vectors: who joins whom, what it refuses, and what it says about itself."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.equivalence import HOSTILE
from tests.diversity.embedders import Planted, Words
from triaxis.diversity.equivalence import Topical, parse_topical
from triaxis.diversity.equivalence.calibration import POSITION
from triaxis.diversity.equivalence.paraphrases import paraphrase_set
from triaxis.diversity.equivalence.topical import TopicalSpec
from triaxis.errors import InputError, Undefined


def at(degrees: float) -> list[float]:
    return [float(np.cos(np.radians(degrees))), float(np.sin(np.radians(degrees)))]


FAN = Planted({"0": at(0), "20": at(20), "40": at(40), "60": at(60), "far": at(90)})
"""Texts that point 20 degrees apart: cosine 0.94 to the next one, 0.77 to the one after, 0.5 to the third."""


def responses(*texts: str | None) -> pl.DataFrame:
    return pl.DataFrame({"response": pl.Series(texts, dtype=pl.String)})


def one_per_prompt(*texts: str | None) -> pl.DataFrame:
    return responses(*texts).with_columns(prompt_id=pl.Series([f"p{i:02d}" for i in range(len(texts))], dtype=pl.String))


def half_paraphrases() -> Planted:
    """Ten words at right angles; in the shipped set the first sides point along one axis, the second sides 60 degrees off."""
    axes = np.eye(12)
    vectors = {f"w{i}": axes[i] for i in range(10)}
    for pair in paraphrase_set().paraphrases:
        vectors |= {pair.first: axes[10], pair.second: 0.5 * axes[10] + np.sqrt(0.75) * axes[11]}
    return Planted(vectors)


WORDS = one_per_prompt(*(f"w{i}" for i in range(10)))


def test_a_chain_is_not_one_class() -> None:
    # each is near the next (0.94), but 40 is too far from 0, the first member (0.77), and opens a class that 60 joins
    assert Topical(FAN, threshold=0.9).labels(responses("0", "20", "40", "60")).tolist() == [0, 0, 1, 1]


def test_order_decides_who_is_a_first_member() -> None:
    assert Topical(FAN, threshold=0.9).labels(responses("20", "0", "40", "60")).tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize(("threshold", "expected"), [(0.76, [0, 0, 0, 1]), (0.49, [0, 0, 0, 0]), (0.95, [0, 1, 2, 3])])
def test_the_threshold_matters(threshold: float, expected: list[int]) -> None:
    assert Topical(FAN, threshold=threshold).labels(responses("0", "20", "40", "60")).tolist() == expected


@given(st.lists(st.floats(0, 180), min_size=1, max_size=12), st.sampled_from([0.5, 0.9, 1.0]))
def test_it_is_the_plain_loop_over_cosines(angles: list[float], threshold: float) -> None:
    units = np.array([at(angle) for angle in angles], dtype=np.float32)
    exact = units.astype(float) / np.linalg.norm(units.astype(float), axis=1, keepdims=True)
    leaders: list[int] = []
    expected = []
    for item, row in enumerate(exact):
        near = [klass for klass, leader in enumerate(leaders) if row @ exact[leader] >= threshold - 1e-9]
        if not near:
            leaders.append(item)
        expected.append(near[0] if near else len(leaders) - 1)
    assert Topical(FAN, threshold=threshold).labels_of(units).tolist() == expected


def test_copies_are_one_class_at_threshold_one_whatever_the_rounding() -> None:
    row = np.random.default_rng(5).normal(size=384)
    rows = np.tile((row / np.linalg.norm(row)).astype(np.float32), (50, 1))
    assert set(Topical(FAN, threshold=1.0).labels_of(rows).tolist()) == {0}


def test_vectors_are_float32_rows_with_nan_where_there_is_no_response() -> None:
    vectors = Topical(FAN).vectors(responses("0", None, "far"))
    assert vectors.dtype == np.float32
    assert np.isnan(vectors).tolist() == [[False, False], [True, True], [False, False]]
    assert Topical(FAN, threshold=0.9).labels_of(vectors).tolist() == [0, -1, 1]


def test_what_has_no_direction_has_no_class() -> None:
    rows = np.array([[1, 0], [0, 0], [np.nan, 0], [np.inf, 1], [1, 0]], dtype=np.float32)
    assert Topical(FAN, threshold=0.9).labels_of(rows).tolist() == [0, -1, -1, -1, 0]


def test_nothing_and_only_missing_responses_are_no_error() -> None:
    rule = Topical(FAN, threshold=0.9)
    assert rule.labels(responses()).tolist() == []
    assert rule.labels(responses(None, None)).tolist() == [-1, -1]
    assert rule.labels(responses("far")).tolist() == [0]


def test_an_empty_text_is_an_answer() -> None:
    assert Topical(Words(), threshold=0.9).labels(responses("", "word", "")).tolist() == [0, 1, 0]


def test_hostile_texts_get_classes() -> None:
    assert Topical(Words(), threshold=0.9).labels(responses(*HOSTILE)).min() >= 0


class TestCalibration:
    """Zero from the answers, ceiling from the shipped pairs."""

    def test_by_hand(self) -> None:
        # words at right angles: zero 0. paraphrases 60 degrees apart: ceiling 0.5. threshold 0 + 0.8 x 0.5
        rule = Topical(half_paraphrases()).calibrated(WORDS)
        assert rule.calibration is not None
        assert rule.calibration.zero == 0.0
        assert rule.calibration.ceiling == pytest.approx(0.5)
        assert rule.threshold == pytest.approx(0.4)
        assert rule.calibration.share_above == 0.0
        assert rule.calibration.prompts == 10
        assert rule.calibration.pairs == 45
        assert rule.calibration.paraphrases == len(paraphrase_set().paraphrases)
        assert paraphrase_set().label in rule.calibration.ceiling_source

    def test_the_rule_says_threshold_zero_ceiling_encoder_and_partition(self) -> None:
        before, after = Topical(half_paraphrases()), Topical(half_paraphrases()).calibrated(WORDS)
        ends = "in planted with the first member of a class joins it, in sample order"
        assert before.rule == f"a cosine of at least zero + {POSITION} x (ceiling - zero) {ends}"
        assert after.rule == f"a cosine of at least 0.400 (zero 0.000 + {POSITION} x (ceiling 0.500 - zero)) {ends}"

    def test_a_new_rule_comes_back_and_the_old_one_stays(self) -> None:
        rule = Topical(half_paraphrases(), name="topical:x")
        assert rule.calibrated(WORDS).name == "topical:x"
        assert rule.calibration is None
        with pytest.raises(InputError, match="topical has no threshold yet; call calibrated"):
            rule.labels(responses("w1"))

    def test_the_order_of_rows_changes_no_bit(self) -> None:
        answers = one_per_prompt(*(f"some words of text {i} {i % 3}" for i in range(40)))
        expected = Topical(Words()).calibrated(answers).calibration
        for seed in range(3):
            shuffled = answers.sample(fraction=1, shuffle=True, seed=seed)
            assert Topical(Words()).calibrated(shuffled).calibration == expected

    def test_missing_responses_are_left_out(self) -> None:
        more = pl.concat([WORDS, responses(None).with_columns(prompt_id=pl.lit("q"))])
        rule = Topical(half_paraphrases())
        assert rule.calibrated(more).calibration == rule.calibrated(WORDS).calibration

    def test_progress_is_passed_on(self) -> None:
        seen: list[tuple[object, ...]] = []
        Topical(half_paraphrases()).calibrated(WORDS, progress=lambda *what: seen.append(what))
        sides = 2 * len(paraphrase_set().paraphrases)
        assert seen == [("embedding", 10, 10), ("embedding", sides, sides)]

    def test_too_few_prompts_are_refused_with_what_to_type(self) -> None:
        with pytest.raises(Undefined, match=r"zero of planted needs answers to at least 10 prompts, got 3; .*topical:0\.7"):
            Topical(half_paraphrases()).calibrated(WORDS[:3])

    def test_two_answers_to_one_prompt_are_refused(self) -> None:
        with pytest.raises(InputError, match="expected one row per prompt to calibrate topical"):
            Topical(half_paraphrases()).calibrated(pl.concat([WORDS, WORDS[:1]]))

    def test_a_given_threshold_is_kept_and_the_share_above_it_measured(self) -> None:
        rule = Topical(half_paraphrases(), threshold=0.7).calibrated(WORDS)
        assert rule.calibration is not None
        assert rule.threshold == rule.calibration.threshold == 0.7
        assert rule.calibration.share_above == 0.0
        assert rule.rule.startswith("a cosine of at least 0.7 (given) in planted")

    def test_a_given_threshold_needs_no_prompts(self) -> None:
        rule = Topical(half_paraphrases(), threshold=0.7).calibrated(WORDS[:1])
        assert rule.calibration is None
        assert rule.threshold == 0.7


class TestSpec:
    """What is typed after `topical:`."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("", TopicalSpec("minilm", None)),
            ("minilm", TopicalSpec("minilm", None)),
            ("0.7", TopicalSpec("minilm", 0.7)),
            ("minilm@0.7", TopicalSpec("minilm", 0.7)),
            ("hf:a/b", TopicalSpec("hf:a/b", None)),
            ("hf:a/b@.85", TopicalSpec("hf:a/b", 0.85)),
            ("openai:m@http://localhost:1/v1", TopicalSpec("openai:m@http://localhost:1/v1", None)),
            ("openai:m@http://localhost:1/v1@1", TopicalSpec("openai:m@http://localhost:1/v1", 1.0)),
        ],
    )
    def test_encoder_threshold_or_both(self, text: str, expected: TopicalSpec) -> None:
        assert parse_topical(text) == expected

    @pytest.mark.parametrize("text", ["0", "1.5", "-0.2", "nan", "inf", "minilm@70"])
    def test_a_threshold_out_of_range_is_refused(self, text: str) -> None:
        with pytest.raises(InputError, match=r"the threshold of topical is a cosine in \(0, 1\], got .*; type .* topical:0\.7"):
            parse_topical(text)

    def test_python_refuses_it_too(self) -> None:
        with pytest.raises(InputError, match="got 90"):
            Topical(FAN, threshold=90)
