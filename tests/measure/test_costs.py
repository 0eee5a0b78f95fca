"""What draws cost in four units: by hand, by the laws of a ratio, and every reason for not telling."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.measure.spending import Says, spent, store_with
from triaxis.measure.costs import FLOP, PARAMETERS, PRICE, TOKENS, UNITS, costs_of, per_unit
from triaxis.measure.gated import Gated, measure_gate
from triaxis.measure.options import Options
from triaxis.measure.store import RunStore
from triaxis.measure.tables import Resampling
from triaxis.results import ModelInfo

FAST = Resampling(draws=199, seed=0)
TWO, SAME = [("a", 1.0), ("b", 1.0)], [("a", 1.0), ("a", 1.0)]
BY_HAND = store_with(
    {"m": [TWO, SAME]},
    lambda _, prompt: {"p00": {"prompt_tokens": 100, "tokens": 10}, "p01": {"prompt_tokens": 200, "tokens": 30}}[prompt],
)
INFO = ModelInfo(model="m", parameters=1e9, price_in=3.0, price_out=2.0)


def gated(store: RunStore, *models: ModelInfo, **options: Any) -> Gated:
    return measure_gate(store, Options(draws=200, models=models, **options))


def figure(found: Gated, unit: str, **where: object) -> dict[str, Any]:
    """The one row of table `cost` over all domains in `unit`."""
    (row,) = found.tables["cost"].filter(pl.col("domain").is_null(), cost_unit=unit, **where).to_dicts()
    return row


def reasons(store: RunStore, *models: ModelInfo) -> dict[str, str]:
    """Why figures of cost are missing, by what they are."""
    return {found.analysis: found.reason for found in costs_of(store, {info.model: info for info in models}).missing}


class TestByHand:
    """Two prompts with U(2) = 2 and 1; a sample of the first has 10 tokens, one of the second 30; prompts of 100 and 200."""

    @pytest.mark.parametrize(
        ("unit", "cost"),
        [
            (TOKENS, 2 * 20),  # two draws of 10 and 30 tokens
            (PRICE, 2 * ((100 * 3 + 10 * 2) + (200 * 3 + 30 * 2)) / 2 / 1e6),
            (FLOP, 2 * 2e9 * (110 + 230) / 2),
            (PARAMETERS, 1.0),  # billions, for any number of draws
        ],
    )
    def test_the_mean_cost_of_two_draws(self, unit: str, cost: float) -> None:
        row = figure(gated(BY_HAND, INFO), unit, budget=2, floor=1.0)
        assert (row["mean_cost"], row["expected_classes"], row["prompts"]) == (pytest.approx(cost), 1.5, 2)
        assert row["classes_per_unit"] == pytest.approx(1.5 / cost)

    def test_it_is_a_ratio_of_means_and_not_a_mean_of_ratios(self) -> None:
        row = figure(gated(BY_HAND, INFO), TOKENS, budget=2, floor=1.0)
        assert row["classes_per_unit"] == pytest.approx(3 / 80)
        assert row["classes_per_unit"] != pytest.approx((2 / 20 + 1 / 60) / 2)

    def test_money_that_is_said_of_every_sample_goes_before_the_prices_of_the_table(self) -> None:
        store = spent(BY_HAND, lambda *_: {"tokens": 10, "cost": 0.25})
        assert figure(gated(store, INFO), PRICE, budget=2, floor=1.0)["mean_cost"] == pytest.approx(0.5)

    def test_nothing_usable_costs_as_much_and_gives_nothing(self) -> None:
        row = figure(gated(BY_HAND, INFO, floors=(9.0,)), TOKENS, budget=2, floor=9.0)
        assert (row["mean_cost"], row["expected_classes"], row["classes_per_unit"]) == (40, 0, 0)

    def test_under_ten_prompts_there_is_no_interval(self) -> None:
        row = figure(gated(BY_HAND, INFO), TOKENS, budget=2, floor=1.0)
        assert (row["low"], row["high"]) == (None, None)


def many(says: Says, *, prompts: int = 12, models: str = "m", seed: int = 0, **how: Any) -> RunStore:
    """Models with `prompts` random cells of five samples each."""
    rng = np.random.default_rng(seed)
    cells = {m: [[("abc"[rng.integers(3)], float(rng.integers(1, 4))) for _ in range(5)] for _ in range(prompts)] for m in models}
    return store_with(cells, says, **how)


def flat(_: str, prompt: str) -> Mapping[str, float]:
    return {"prompt_tokens": 7, "tokens": 10}


def uneven(model: str, prompt: str) -> Mapping[str, float]:
    return {"prompt_tokens": 5 + len(model), "tokens": 3 + int(prompt[1:]) ** 2}


def test_where_every_prompt_costs_the_same_the_interval_is_that_of_u_in_other_units() -> None:
    found = gated(many(flat), INFO)
    (of_u,) = found.tables["usable_diversity"].filter(pl.col("domain").is_null(), floor=2.0, budget=3).to_dicts()
    row = figure(found, TOKENS, budget=3, floor=2.0)
    assert [30 * row[name] for name in ("classes_per_unit", "low", "high")] == pytest.approx(
        [of_u[name] for name in ("value", "low", "high")]
    )
    assert row["low"] < row["classes_per_unit"] < row["high"]


def test_classes_in_proportion_to_cost_leave_nothing_uncertain() -> None:
    paid = np.linspace(1, 30, 20)
    found = per_unit(0.3 * paid[:, None], paid, FAST)
    assert (found["low"], found["high"]) == (pytest.approx(0.3), pytest.approx(0.3))
    assert found["low"] == found["classes_per_unit"] == found["high"]


def test_the_interval_of_a_ratio_holds_the_truth_as_often_as_it_says() -> None:
    # U and cost both skewed and correlated; the truth is a ratio of known means
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(400):
        base = rng.gamma(2.0, 1.0, 30)
        paid, values = 5 + 2 * base + rng.exponential(1.0, 30), 1 + base + rng.normal(0, 0.3, 30)
        found = per_unit(values[:, None], paid, FAST)
        hits += found["low"][0] <= 3 / 10 <= found["high"][0]
    assert 0.92 <= hits / 400 <= 0.985


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.sampled_from([2.0, 10.0]))
def test_prices_that_are_multiplied_divide_the_classes_per_unit(seed: int, factor: float) -> None:
    store = many(uneven, seed=seed, prompts=10)
    dear = INFO.model_copy(update={"price_in": INFO.price_in * factor, "price_out": INFO.price_out * factor})
    once, again = (gated(store, info).tables["cost"].filter(cost_unit=PRICE) for info in (INFO, dear))
    for name in ("classes_per_unit", "low", "high"):
        assert np.allclose(once[name].to_numpy() / factor, again[name].to_numpy(), equal_nan=True)
    assert again["mean_cost"].to_list() == pytest.approx((once["mean_cost"] * factor).to_list())


def test_draws_cost_in_proportion_and_parameters_do_not() -> None:
    rows = gated(many(uneven), INFO).tables["cost"].filter(pl.col("domain").is_null(), pl.col("floor").is_null())
    for unit in UNITS:
        of = dict(rows.filter(cost_unit=unit).select("budget", "mean_cost").iter_rows())
        assert of[5] == pytest.approx(of[1] * (1 if unit == PARAMETERS else 5))


def test_free_models_have_no_classes_per_unit() -> None:
    row = figure(gated(BY_HAND, INFO.model_copy(update={"price_in": 0.0, "price_out": 0.0})), PRICE, budget=2, floor=1.0)
    assert (row["mean_cost"], row["expected_classes"], row["classes_per_unit"], row["low"]) == (0.0, 1.5, None, None)


def test_the_only_domain_has_the_figures_of_all_domains() -> None:
    table = gated(many(uneven, domain="d"), INFO).tables["cost"]
    every, only = table.filter(pl.col("domain").is_null()), table.filter(domain="d")
    assert every.height
    assert every.drop("domain").equals(only.drop("domain"))


def test_prompts_whose_samples_say_nothing_leave_the_cost_and_the_classes() -> None:
    store = many(lambda _, prompt: {"tokens": None if prompt == "p00" else 10}, prompts=12)
    found = gated(store)
    row = figure(found, TOKENS, budget=5, floor=1.0)
    assert (row["prompts"], row["mean_cost"]) == (11, 50)
    (whole,) = found.tables["usable_diversity"].filter(pl.col("domain").is_null(), floor=1.0, budget=5).to_dicts()
    assert whole["prompts"] == 12
    assert "m: 91.6 % of the samples say tokens; their mean stands for the others" in found.summary.notes


def test_where_some_samples_of_a_prompt_say_nothing_the_others_stand_for_them() -> None:
    store = spent(many(flat, prompts=10), flat, share=1.0)
    short = store.totals.with_columns(tokens=pl.col("tokens") - 10, with_tokens=pl.col("with_tokens") - 1).head(2)
    partly = replace(store, totals=pl.concat([short, store.totals.tail(8)]))
    assert figure(gated(partly), TOKENS, budget=5, floor=1.0)["mean_cost"] == pytest.approx(50)


class TestReasons:
    """What is not known is not run, and says what it needs."""

    def test_neither_columns_nor_a_table_is_one_short_line(self) -> None:
        expected = {"figures per cost": "needs column tokens or cost, or --models FILE with parameters"}
        assert reasons(store_with({"m": [TWO]})) == expected
        found = gated(store_with({"m": [TWO]}))
        assert [line.reason for line in found.not_run if "cost" in line.analysis] == list(expected.values())
        assert found.tables["cost"].is_empty()

    def test_without_a_table_there_is_no_size(self) -> None:
        assert reasons(many(flat)) == {
            "cost in price": "needs column cost, or prices in --models FILE",
            "cost in FLOP and parameters, size curves, base-to-tuned pairs": "need --models FILE",
        }

    def test_a_table_without_sizes_says_so_once(self) -> None:
        assert reasons(many(flat), ModelInfo(model="m", price_out=1.0)) == {
            "cost in FLOP and parameters, size curves": "needs parameters in the model table"
        }

    @pytest.mark.parametrize(
        ("said", "info", "unit", "reason"),
        [
            ({"cost": 1.0}, {}, TOKENS, "needs column tokens"),
            ({"prompt_tokens": 1}, {"price_out": 1.0}, PRICE, "needs column tokens"),
            ({"tokens": 1}, {"price_in": 1.0, "price_out": 1.0}, PRICE, "needs column prompt_tokens"),
            ({"tokens": 1, "prompt_tokens": 1}, {"price_in": 1.0}, PRICE, "needs price_out beside price_in in the model table"),
            ({"prompt_tokens": 1}, {"parameters": 1e9}, FLOP, "needs column tokens"),
        ],
    )
    def test_a_unit_says_what_it_lacks(self, said: Any, info: Mapping[str, Any], unit: str, reason: str) -> None:
        assert reasons(many(lambda *_: said), ModelInfo(model="m", **info))[f"cost in {unit}"] == reason

    @pytest.mark.parametrize(("column", "unit"), [("tokens", TOKENS), ("cost", PRICE)])
    def test_under_nine_in_ten_samples_are_not_enough(self, column: str, unit: str) -> None:
        store = spent(many(flat), lambda *_: {column: 10}, share=0.8)
        assert "in 9 of 10 samples (80 % have it)" in reasons(store)[f"cost in {unit}"]

    def test_nearly_all_is_never_called_all(self) -> None:
        store = many(lambda _, prompt: {"tokens": None if prompt == "p1999" else 1}, prompts=2000)
        (note,) = costs_of(store, {}).notes
        assert note.startswith("m: 99.9 %")

    def test_a_free_prompt_needs_no_tokens(self) -> None:
        store = many(lambda *_: {"tokens": 10})
        for free in (None, 0.0):
            rates = costs_of(store, {"m": ModelInfo(model="m", price_in=free, price_out=1.0)}).rates
            assert rates[PRICE]["m"].of_draws(np.array([[np.nan, 10, np.nan]]), 1) == pytest.approx(1e-5)

    def test_models_that_lack_something_are_named(self) -> None:
        store = many(lambda model, _: {"tokens": 10 if model == "a" else None}, models="ab")
        (line,) = [line for line in gated(store).not_run if line.analysis == "cost in tokens"]
        assert line.reason == "needs column tokens (b)"


class TestNotes:
    """What a rate leaves out is said beside it."""

    def test_flop_count_the_prompts_of_all_models_or_of_none(self) -> None:
        sizes = {m: ModelInfo(model=m, parameters=1e9) for m in "ab"}
        whole = costs_of(many(flat, models="ab"), sizes)
        assert {rate.prompt_token for rate in whole.rates[FLOP].values()} == {2e9}
        partly = costs_of(many(lambda m, p: {**flat(m, p), "prompt_tokens": 7 if m == "a" else None}, models="ab"), sizes)
        assert {rate.prompt_token for rate in partly.rates[FLOP].values()} == {0.0}
        (note,) = [note for note in partly.notes if note.startswith("FLOP are those of the tokens of responses only")]
        assert note.endswith("not known (b)")

    def test_dividing_by_size_carries_its_caution(self) -> None:
        assert any("favour small models almost by construction" in note for note in gated(BY_HAND, INFO).summary.notes)

    def test_a_price_without_the_prompt_says_so(self) -> None:
        notes = costs_of(BY_HAND, {"m": ModelInfo(model="m", price_out=1.0)}).notes
        assert notes == ("m: the price leaves out the prompt, since the model table has no price_in",)
