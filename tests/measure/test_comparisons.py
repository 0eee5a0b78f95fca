"""Comparisons: the four verdicts by hand, delta, the number of prompts that would decide, and symmetry."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from polars.testing import assert_frame_equal

from triaxis.errors import InputError, Undefined
from triaxis.measure.comparisons import Delta, PairBands, PromptCurves, compare, pair_bands, parse_delta
from triaxis.results import TABLES

WAVE = np.tile([-0.5, 0.5], 20)
COUNTS = arrays(float, (3, 12, 4), elements=st.integers(0, 5).map(float))
MIRRORED = {"a leads": "b leads", "b leads": "a leads", "same within delta": "same within delta", "cannot tell": "cannot tell"}


def curves(*models: np.ndarray, names: str = "abcdef", floors: tuple[float, ...] | None = None) -> PromptCurves:
    """Curves of models given as (prompts, floors) or, for a single floor, (prompts,) arrays."""
    values = np.stack([m if m.ndim == 2 else m[:, None] for m in models])
    levels = np.arange(1.0, values.shape[2] + 1) if floors is None else np.array(floors)
    return PromptCurves(tuple(names[: len(models)]), levels, values, budget=5, gate="g", domain="creative")


def bands(*models: np.ndarray, seed: int = 0, draws: int = 199) -> PairBands:
    return pair_bands(curves(*models), seed=seed, draws=draws)


def one(frame: pl.DataFrame) -> dict[str, object]:
    assert frame.height == 1
    return frame.row(0, named=True)


def test_a_leads_where_every_prompt_says_so() -> None:
    row = one(compare(bands(WAVE + 5, WAVE[::-1] + 2)))
    assert row["verdict"] == "a leads"
    assert row["difference"] == 3
    assert row["low"] > 2  # type: ignore[operator]
    assert row["prompts_to_decide"] is None


def test_b_leads_where_the_models_are_swapped() -> None:
    assert one(compare(bands(WAVE + 2, WAVE[::-1] + 5)))["verdict"] == "b leads"


def test_small_differences_around_zero_are_the_same_within_delta() -> None:
    row = one(compare(bands(np.full(40, 10.0), 10 + WAVE)))
    assert row["verdict"] == "same within delta"
    assert row["delta"] == 1
    assert row["prompts_to_decide"] is None


def test_the_same_data_cannot_be_told_with_a_smaller_delta() -> None:
    row = one(compare(bands(np.full(40, 10.0), 10 + WAVE), delta=Delta(0.01, is_share=False)))
    assert row["verdict"] == "cannot tell"
    assert row["delta"] == 0.01


def test_delta_is_a_share_of_the_larger_mean_at_that_floor() -> None:
    low, high = np.tile([2.0, 4.0], (40, 1)), np.tile([1.0, 8.0], (40, 1))
    assert compare(bands(low, high), delta=Delta(0.5))["delta"].to_list() == [1.0, 4.0]


def test_identical_models_cannot_be_told_apart_by_any_number_of_prompts() -> None:
    row = one(compare(bands(WAVE, WAVE)))
    assert (row["verdict"], row["low"], row["prompts_to_decide"]) == ("cannot tell", None, None)


def test_four_differing_prompts_cannot_tell_and_more_prompts_would() -> None:
    rare = np.zeros(40)
    rare[:4] = 1
    row = one(compare(bands(rare, np.zeros(40))))
    assert (row["verdict"], row["low"], row["high"], row["difference"]) == ("cannot tell", None, None, 0.1)
    # Five differing prompts are expected among 50 prompts, and Student's t clears zero earlier: 40 (2.02 x 0.048 / 0.1)^2 = 38.
    assert row["prompts_to_decide"] == 10


def test_prompts_to_decide_shrink_the_band_until_it_clears_zero() -> None:
    found = bands(WAVE * 4 + 0.3, np.zeros(40))
    row = one(compare(found, delta=Delta(0, is_share=False)))
    assert found.criticals is not None
    reach = found.criticals.above[0] * found.unit[0, 0]
    assert row["prompts_to_decide"] == np.ceil(40 * (reach / 0.3) ** 2) - 40


def test_equivalence_is_sought_where_it_needs_fewer_prompts_than_a_lead() -> None:
    found = bands(WAVE * 4 + 0.3, np.zeros(40))
    absolute = [one(compare(found, delta=Delta(size, is_share=False)))["prompts_to_decide"] for size in (0.5, 0.8)]
    assert absolute[0] == one(compare(found, delta=Delta(0, is_share=False)))["prompts_to_decide"]
    assert absolute[1] < absolute[0]  # type: ignore[operator]


def test_fewer_than_ten_prompts_show_the_difference_without_a_verdict() -> None:
    found = bands(WAVE[:9] + 5, np.zeros(9))
    row = one(compare(found))
    assert found.reason == "fewer than 10 prompts: no interval"
    assert (row["low"], row["high"], row["verdict"], row["prompts_to_decide"]) == (None, None, "cannot tell", 1)
    assert row["difference"] == pytest.approx((WAVE[:9] + 5).mean())


def test_a_single_prompt_has_a_difference_and_nothing_else() -> None:
    row = one(compare(bands(np.array([3.0]), np.array([1.0]))))
    assert (row["difference"], row["verdict"], row["prompts_to_decide"]) == (2, "cannot tell", None)


def test_no_prompt_in_common_is_undefined() -> None:
    with pytest.raises(Undefined, match="no prompt in common"):
        bands(np.zeros(0), np.zeros(0))


def test_one_model_makes_no_pair() -> None:
    assert compare(bands(WAVE)).height == 0


def test_rows_have_the_columns_of_the_table_and_ungated_has_no_floor() -> None:
    values = np.random.default_rng(0).normal(5, 1, (2, 20, 3))
    frame = compare(pair_bands(curves(*values, floors=(-np.inf, 1, 2)), seed=0))
    assert frame.schema == pl.Schema(dict(TABLES["comparisons"]))
    assert frame["floor"].to_list() == [None, 1, 2]
    assert frame.select("gate", "domain", "budget", "prompts").unique().row(0) == ("g", "creative", 5, 20)


def test_pairs_come_in_the_order_of_the_models() -> None:
    frame = compare(bands(WAVE + 1, WAVE + 2, WAVE + 3))
    assert frame.select("model_a", "model_b").rows() == [("a", "b"), ("a", "c"), ("b", "c")]


@pytest.mark.parametrize(
    ("text", "at_four", "back"), [("10%", 0.4, "10%"), ("0.25", 0.25, "0.25"), (" 2.5 % ", 0.1, "2.5%"), ("0", 0, "0")]
)
def test_delta_is_read_from_text_and_written_back(text: str, at_four: float, back: str) -> None:
    delta = parse_delta(text)
    assert delta.at(np.array([4.0]))[0] == pytest.approx(at_four)
    assert str(delta) == back


@pytest.mark.parametrize("text", ["ten", "", "%", "-1", "nan", "inf%", "10%%"])
def test_a_delta_that_cannot_be_read_says_what_to_type(text: str) -> None:
    with pytest.raises(InputError, match=r"such as '10%' or a number of classes such as '0\.25'"):
        parse_delta(text)


@given(COUNTS, st.integers(0, 20))
def test_swapping_two_models_mirrors_every_row_exactly(values: np.ndarray, seed: int) -> None:
    plain = compare(bands(values[0], values[1], seed=seed, draws=99))
    mirrored = compare(bands(values[1], values[0], seed=seed, draws=99))
    expected = plain.with_columns(
        difference=0 - pl.col("difference"), low=0 - pl.col("high"), high=0 - pl.col("low"),
        verdict=pl.col("verdict").replace_strict(MIRRORED),
    )  # fmt: skip
    assert_frame_equal(mirrored.with_columns(pl.col("difference", "low", "high") + 0), expected, check_exact=True)


@given(COUNTS)
def test_the_order_of_models_only_mirrors_rows(values: np.ndarray) -> None:
    plain = compare(pair_bands(curves(*values, names="abc"), seed=1, draws=99))
    moved = compare(pair_bands(curves(values[2], values[0], values[1], names="cab"), seed=1, draws=99))
    same = plain.filter(model_a="a", model_b="b"), moved.filter(model_a="a", model_b="b")
    assert_frame_equal(*same, check_exact=True)
    turned = moved.filter(model_a="c", model_b="b").with_columns(low=0 - pl.col("high"))
    assert_frame_equal(plain.filter(model_a="b", model_b="c").select("low"), turned.select("low"), check_exact=True)


@given(COUNTS, st.integers(0, 20))
def test_same_seed_gives_the_same_table_to_the_bit(values: np.ndarray, seed: int) -> None:
    first, second = (compare(bands(*values.copy(), seed=seed, draws=99)) for _ in range(2))
    assert_frame_equal(first, second, check_exact=True)


@given(COUNTS)
def test_scaling_all_models_scales_differences_and_keeps_verdicts(values: np.ndarray) -> None:
    plain, scaled = compare(bands(*values, draws=99)), compare(bands(*values * 4, draws=99))
    numbers = pl.col("difference", "low", "high", "delta")
    assert_frame_equal(plain.with_columns(numbers * 4), scaled, check_exact=True)
