"""The winner map over money: what an amount buys, who wins with it, and what is said where samples run out."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.measure.samples import Cell, average_distinct, cells_from
from tests.measure.spending import store_with
from triaxis.measure import usable
from triaxis.measure.gated import Gated, measure_gate
from triaxis.measure.money import AMOUNTS, Shop, amounts, buy, usable_at
from triaxis.measure.options import Options
from triaxis.measure.store import RunStore
from triaxis.results import ModelInfo

QUALITIES = (0.0, 1.0, 2.5, 7.0)
FLOORS = np.array([-np.inf, *QUALITIES])
CELLS = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(QUALITIES)), min_size=1, max_size=8)


def answers(kinds: int, draws: int, rng: np.random.Generator) -> Cell:
    """A cell of `draws` samples from `kinds` classes that are equally likely, of quality 1 or 2."""
    return [(f"c{rng.integers(kinds)}", float(rng.integers(1, 3))) for _ in range(draws)]


def store_of_kinds(kinds: Mapping[str, tuple[int, int]], *, prompts: int = 25, seed: int = 0, **how: Any) -> RunStore:
    """Models with (kinds of answers, samples per prompt), one token a sample."""
    rng = np.random.default_rng(seed)
    cells = {model: [answers(*given, rng) for _ in range(prompts)] for model, given in kinds.items()}
    return store_with(cells, lambda *_: {"tokens": 1}, **how)


def spend(store: RunStore, price: Mapping[str, float], **options: Any) -> Gated:
    """Everything about `store` when a draw of each model costs `price`."""
    models = tuple(ModelInfo(model=model, price_out=1e6 * cost) for model, cost in price.items())
    return measure_gate(store, Options(draws=200, models=models, **options))


def money_map(found: Gated, *, unit: str = "price", floor: float = 1.0) -> pl.DataFrame:
    return found.tables["cost_map"].filter(pl.col("domain").is_null(), cost_unit=unit, floor=floor).sort("amount")


def at_ends(rows: pl.DataFrame) -> tuple[dict[str, Any], dict[str, Any]]:
    return rows.row(0, named=True), rows.row(-1, named=True)


class TestDraws:
    """A number of draws that need not be whole."""

    @given(CELLS, st.floats(0, 1), st.data())
    def test_a_fraction_of_a_draw_is_a_draw_with_that_probability(self, cell: Cell, part: float, data: st.DataObject) -> None:
        whole = data.draw(st.integers(0, len(cell) - 1))
        for place, floor in enumerate(FLOORS):
            below, above = (average_distinct(cell, floor, n) for n in (whole, whole + 1))
            found = usable_at(cells_from(cell), FLOORS, whole + part)[0, place]
            assert found == pytest.approx((1 - part) * below + part * above)

    def test_half_a_draw_finds_half_of_what_one_does(self) -> None:
        assert usable_at(cells_from([("a", 1.0), ("b", 0.0)]), np.array([1.0]), 0.5) == pytest.approx(0.25)

    @given(CELLS, st.data())
    def test_what_is_bought_beyond_the_samples_lies_between_the_bounds(self, cell: Cell, data: st.DataObject) -> None:
        # all samples are the truth; R of them are measured, whose U is on average that of the truth at R
        reach = data.draw(st.integers(1, len(cell)))
        draws = data.draw(st.integers(reach, len(cell)))
        shop = Shop(("m",), (cells_from(cell),), np.array([1.0]), np.array([reach]), True)
        bought, truth = buy(shop, draws, FLOORS), usable.usable_diversity(cells_from(cell), FLOORS, draws)
        assert (bought.lower[0] <= truth + 1e-9).all()
        assert (bought.upper[0] >= truth - 1e-9).all()
        assert bought.is_held[0] == (draws > reach)

    def test_the_bound_is_the_chance_of_something_new_for_every_further_draw(self) -> None:
        cell = [("a", 1.0), ("a", 1.0), ("b", 1.0), ("c", 0.0)]  # b is the one usable class of four samples that is seen once
        shop = Shop(("m",), (cells_from(cell),), np.array([1.0]), np.array([4]), True)
        bought = buy(shop, 10.0, np.array([1.0]))
        assert (bought.lower[0, 0, 0], bought.upper[0, 0, 0]) == (2, pytest.approx(2 + 6 * 1 / 4))

    def test_amounts_go_from_one_draw_of_the_cheapest_to_the_last_sample(self) -> None:
        shop = Shop(("a", "b"), (cells_from([("x", 1.0)] * 8),) * 2, np.array([0.5, 3.0]), np.array([8, 4]), True)
        grid = amounts(shop)
        assert (grid[0], grid[-1], len(grid)) == (0.5, 12, AMOUNTS)
        assert np.diff(np.log(grid)) == pytest.approx(np.log(24) / (AMOUNTS - 1))
        assert amounts(shop._replace(price=np.zeros(2))).size == 0
        assert amounts(shop._replace(models=("a",))).size == 0

    def test_the_last_draw_is_not_beyond_reach_because_of_rounding(self) -> None:
        assert 3 * 0.1 / 0.1 > 3
        shop = Shop(("m",), (cells_from([("x", 1.0)] * 3),), np.array([0.1]), np.array([3]), True)
        assert buy(shop, 3 * 0.1, FLOORS).is_held.tolist() == [False]

    def test_free_models_leave_the_amounts_to_the_others(self) -> None:
        shop = Shop(("a", "b"), (cells_from([("x", 1.0)] * 8),) * 2, np.array([0.0, 3.0]), np.array([8, 4]), True)
        assert amounts(shop)[[0, -1]].tolist() == [3, 12]


class TestMap:
    """Who wins with how much money."""

    def test_a_cheap_model_of_half_the_diversity_wins_little_money_and_loses_much(self) -> None:
        # 6 kinds at 1 against 12 kinds at 5, 64 samples each: the cheap one has all of its 6 long before
        rows = money_map(spend(store_of_kinds({"cheap": (6, 64), "dear": (12, 64)}), {"cheap": 1, "dear": 5}))
        first, last = at_ends(rows)
        assert (first["amount"], first["winner"], first["verdict"], first["beyond_reach"]) == (1, "cheap", "leads", None)
        assert (last["amount"], last["winner"], last["verdict"], last["beyond_reach"]) == (320, "dear", "leads", "cheap")
        order = rows["leader"].to_list()
        assert order == sorted(order)  # one change only, from cheap to dear
        assert first["difference"] == pytest.approx(1 - 1 / 5)  # a fifth of a draw

    def test_a_band_that_leads_lies_above_zero_and_around_the_difference(self) -> None:
        rows = money_map(spend(store_of_kinds({"cheap": (6, 64), "dear": (12, 64)}), {"cheap": 1, "dear": 5}))
        assert (rows.filter(verdict="leads")["low"] > 0).all()
        assert (rows["low"] <= rows["difference"]).all()
        assert (rows["high"].drop_nulls() >= rows.filter(pl.col("high").is_not_null())["difference"]).all()

    def test_equal_prices_give_the_winner_map_of_as_many_draws(self) -> None:
        found = spend(store_of_kinds({"a": (6, 8), "b": (7, 8), "c": (3, 8)}), dict.fromkeys("abc", 2.0))
        money = found.tables["cost_map"].filter(pl.col("domain").is_null(), cost_unit="price")
        shared = ["floor", "winner", "leader", "runner_up", "difference", "low", "high", "verdict", "prompts"]
        for amount, budget in ((2.0, 1), (16.0, 8)):
            of_draws = found.tables["winner_map"].filter(pl.col("domain").is_null(), budget=budget)
            assert money.filter(amount=amount).select(shared).equals(of_draws.select(shared))
        assert money["beyond_reach"].null_count() == money.height

    def test_dearer_money_moves_the_amounts_and_nothing_else(self) -> None:
        store = store_of_kinds({"a": (6, 8), "b": (9, 8)})
        once, twice = (money_map(spend(store, {"a": factor, "b": 3 * factor})) for factor in (1.0, 4.0))
        assert twice["amount"].to_list() == pytest.approx((4 * once["amount"]).to_list())
        for column in ("winner", "leader", "verdict", "beyond_reach"):
            assert once[column].equals(twice[column])
        assert twice["difference"].to_list() == pytest.approx(once["difference"].to_list())

    def test_names_do_not_matter(self) -> None:
        kinds, price = {"a": (6, 20), "b": (9, 20)}, {"a": 1, "b": 4}
        other = {"a": "z", "b": "y"}
        once = money_map(spend(store_of_kinds(kinds), price))
        renamed = spend(store_of_kinds({other[m]: k for m, k in kinds.items()}), {other[m]: p for m, p in price.items()})
        again = money_map(renamed)
        assert once["winner"].replace(other).to_list() == again["winner"].to_list()
        assert once["low"].to_list() == pytest.approx(again["low"].to_list())

    def test_tokens_and_operations_have_maps_of_their_own_and_parameters_none(self) -> None:
        store = store_of_kinds({"a": (6, 8), "b": (9, 8)})
        infos = tuple(ModelInfo(model=m, parameters=p) for m, p in (("a", 1e9), ("b", 7e9)))
        found = measure_gate(store, Options(draws=200, models=infos)).tables["cost_map"]
        assert set(found["cost_unit"]) == {"tokens", "FLOP"}
        by_tokens = found.filter(pl.col("domain").is_null(), cost_unit="tokens", floor=1.0)
        assert by_tokens.filter(pl.col("amount") == 8)["winner"].to_list() == ["b"]

    def test_a_model_without_a_price_is_left_out_with_the_reason(self) -> None:
        found = spend(store_of_kinds({"a": (6, 8), "b": (9, 8), "c": (99, 8)}), {"a": 1, "b": 2})
        assert set(money_map(found)["leader"]) == {"a", "b"}
        assert any(line.analysis == "cost in price" and line.reason.endswith("(c)") for line in found.not_run)

    def test_one_priced_model_has_no_map(self) -> None:
        found = spend(store_of_kinds({"a": (6, 8), "b": (9, 8)}), {"a": 1})
        assert set(found.tables["cost_map"]["cost_unit"]) == {"tokens"}

    def test_under_ten_prompts_nobody_can_tell(self) -> None:
        rows = money_map(spend(store_of_kinds({"cheap": (6, 20), "dear": (12, 20)}, prompts=9), {"cheap": 1, "dear": 5}))
        assert set(rows["verdict"]) == {"cannot tell"}
        assert rows["low"].null_count() == rows.height

    def test_the_only_domain_has_the_map_of_all_domains(self) -> None:
        table = spend(store_of_kinds({"a": (6, 8), "b": (9, 8)}, domain="d"), {"a": 1, "b": 2}).tables["cost_map"]
        every, only = table.filter(pl.col("domain").is_null()), table.filter(domain="d")
        assert every.height
        assert every.drop("domain").equals(only.drop("domain"))


class TestBeyondReach:
    """Where a model would draw more than it has samples."""

    def test_a_held_model_that_still_finds_new_answers_keeps_the_others_from_winning(self) -> None:
        # every answer of the cheap one is new: nobody knows what ten times as many would hold
        rows = money_map(spend(store_of_kinds({"cheap": (10**6, 4), "dear": (30, 40)}), {"cheap": 1, "dear": 1.5}))
        last = rows.row(-1, named=True)
        assert (last["leader"], last["winner"], last["verdict"], last["beyond_reach"]) == ("dear", None, "cannot tell", "cheap")
        assert last["low"] < 0 < last["difference"]

    def test_a_held_model_that_is_ahead_stays_ahead_and_nobody_knows_by_how_much(self) -> None:
        rows = money_map(spend(store_of_kinds({"rich": (1000, 10), "poor": (2, 40)}), {"rich": 1, "poor": 1}))
        last = rows.row(-1, named=True)
        assert (last["winner"], last["verdict"], last["beyond_reach"], last["high"]) == ("rich", "leads", "rich", None)

    def test_two_held_models_are_never_the_same(self) -> None:
        store = store_of_kinds({"a": (2, 10), "b": (2, 10), "c": (1, 60)}, prompts=200)
        rows = money_map(spend(store, dict.fromkeys("abc", 1.0)))
        held = rows.filter(pl.col("beyond_reach") == "a, b")
        assert held.height
        assert set(held["verdict"]) == {"cannot tell"}

    @pytest.mark.parametrize(("kinds", "verdict"), [(1, "same within delta"), (10**6, "cannot tell")])
    def test_two_leaders_are_the_same_unless_a_held_third_may_be_ahead(self, kinds: int, verdict: str) -> None:
        store = store_of_kinds({"a": (8, 30), "b": (8, 30), "third": (kinds, 5)}, prompts=100)
        last = money_map(spend(store, dict.fromkeys(("a", "b", "third"), 1.0))).row(-1, named=True)
        assert (last["amount"], last["beyond_reach"], last["verdict"]) == (30, "third", verdict)

    def test_the_smallest_cell_is_the_reach_of_a_model(self) -> None:
        rng = np.random.default_rng(0)
        cells = {m: [answers(9, 10 if p % 4 else 8, rng) for p in range(24)] for m in "ab"}
        last = money_map(spend(store_with(cells, lambda *_: {"tokens": 1}), {"a": 1, "b": 2})).row(-1, named=True)
        assert (last["amount"], last["prompts"]) == (16, 24)
        assert last["difference"] is not None

    def test_a_rule_that_compares_answers_does_not_say_what_more_samples_would_hold(self) -> None:
        store = store_of_kinds({"cheap": (6, 64), "dear": (12, 64)})
        compares = replace(store, header=store.header.model_copy(update={"is_pairwise": True}))
        last = money_map(spend(compares, {"cheap": 1, "dear": 5})).row(-1, named=True)
        assert (last["leader"], last["winner"], last["verdict"], last["low"]) == ("dear", None, "cannot tell", None)

    def test_a_free_model_is_held_at_every_amount(self) -> None:
        rows = money_map(spend(store_of_kinds({"free": (3, 10), "paid": (30, 10)}), {"free": 0, "paid": 1}))
        assert set(rows["beyond_reach"]) == {"free"}
        first, last = at_ends(rows)
        assert (first["winner"], first["verdict"]) == ("free", "leads")
        assert (last["leader"], last["winner"], last["verdict"]) == ("paid", None, "cannot tell")

    def test_free_models_alone_have_no_map(self) -> None:
        found = spend(store_of_kinds({"a": (3, 10), "b": (30, 10)}), {"a": 0, "b": 0})
        assert set(found.tables["cost_map"]["cost_unit"]) == {"tokens"}

    @pytest.mark.slow
    def test_a_false_winner_is_rare_where_samples_run_out(self) -> None:
        # both draw from the same 8 kinds, so that the cheap one is truly ahead at any amount, but it was asked 5 times only
        wrong = 0
        for seed in range(40):
            kinds = {"cheap": (8, 5), "dear": (8, 20)}
            rows = money_map(spend(store_of_kinds(kinds, seed=seed, prompts=20), {"cheap": 1, "dear": 4}))
            wrong += (rows.filter(pl.col("winner") == "dear").height) > 0
        assert wrong <= 3


@settings(max_examples=12)
@given(st.integers(0, 10**6))
def test_who_wins_is_ahead_of_the_bounds_of_all_others(seed: int) -> None:
    rng = np.random.default_rng(seed)
    kinds = {m: (int(rng.integers(2, 12)), int(rng.integers(3, 12))) for m in "abc"}
    price = {m: float(rng.integers(1, 6)) for m in "abc"}
    store = store_of_kinds(kinds, seed=seed, prompts=12)
    won = money_map(spend(store, price)).filter(verdict="leads")
    assume(won.height)
    for row in won.iter_rows(named=True):
        expected = {}
        for model, (_, size) in kinds.items():
            cells, draws = store.cells_of_model(model), row["amount"] / price[model]
            known = usable_at(cells, np.array([1.0]), min(draws, size)).mean()
            step = known - usable_at(cells, np.array([1.0]), size - 1).mean() if draws > size * (1 + 1e-9) else 0.0
            expected[model] = (known, known + step * (draws - size))
        assert all(expected[row["winner"]][0] > high for model, (_, high) in expected.items() if model != row["winner"])
