"""Mixtures of models: values by drawing, allocations by brute force, cross-fitting, money, and every reason for not telling."""

import numpy as np
import polars as pl
import pytest

from tests.measure.ensemble.mixing import axes_of, best_by_force, by_drawing, by_formula, mixed, random_cells, rows, shared_store
from tests.measure.samples import batch, store_of
from tests.measure.spending import store_with
from triaxis.measure.comparisons import CANNOT_TELL, TEN_PERCENT
from triaxis.measure.ensemble import allocate, choice, growth
from triaxis.measure.ensemble.allocate import Offer, allocations, climb
from triaxis.measure.ensemble.bound import upper_bound
from triaxis.measure.ensemble.growth import Growth, Profiles
from triaxis.measure.ensemble.pool import Plan, Pool, reaches, sharing, shelf_of
from triaxis.measure.ensemble.run import ADDS, ADDS_NOTHING, crossed, gains, verdict
from triaxis.measure.options import Options

A = [[("x", 2.0), ("x", 1.0), ("y", 2.0)], [("x", 1.0), ("z", 2.0), ("z", 2.0)]]
B = [[("x", 2.0), ("w", 2.0), ("w", 2.0)], [("v", 2.0), ("v", 1.0), ("x", 2.0)]]
TWO = {"a": A, "b": B}


def pool_of(cells: dict[str, list[list[tuple[str, float]]]], floor: float = -np.inf) -> Pool:
    return shelf_of(shared_store(cells), (), seed=0).at(floor)


def draws_of(amount: int, models: int) -> Offer:
    return Offer(None, float(amount), np.ones(models))


def growth_of(cells: dict[str, list[list[tuple[str, float]]]], offer: Offer, floor: float = -np.inf) -> Growth:
    pool = pool_of(cells, floor)
    return Growth(Profiles(pool, np.arange(pool.prompts) % min(5, pool.prompts)), offer)


class TestWorth:
    def test_one_draw_of_each_by_hand(self) -> None:
        """First prompt: a gives x in 2 of 3 draws, b in 1 of 3, so both give x in 2 of 9: 2 - 2/9 classes. Second: 2 - 1/9."""
        assert pool_of(TWO).worth(Plan([(0, 1), (1, 1)])) == pytest.approx([2 - 2 / 9, 2 - 1 / 9])

    @pytest.mark.parametrize("floor", [-np.inf, 2.0])
    @pytest.mark.parametrize("k", [(1, 1), (2, 1), (3, 2), (0, 3), (3, 3)])
    def test_every_way_to_draw_averages_to_it(self, k: tuple[int, int], floor: float) -> None:
        plan = Plan((m, n) for m, n in enumerate(k) if n)
        expected = by_drawing(TWO, {"a": k[0], "b": k[1]}, floor)
        assert pool_of(TWO, floor).worth(plan).mean() == pytest.approx(expected)
        assert by_formula(TWO, {"a": k[0], "b": k[1]}, floor) == pytest.approx(expected)

    def test_some_prompts_alone_are_worth_what_they_were_among_all(self) -> None:
        pool, keep = pool_of(random_cells(1, models=3, prompts=6, samples=4)), np.array([1, 0, 1, 1, 0, 1], dtype=bool)
        plan = Plan([(0, 2), (2, 3)])
        assert pool.on(keep).worth(plan) == pytest.approx(pool.worth(plan)[keep])

    def test_a_further_draw_never_adds_more_than_the_one_before(self) -> None:
        pool = pool_of(random_cells(2, models=2, prompts=5, samples=6))
        alone = [pool.worth(Plan([(0, k)])).mean() for k in range(1, 7)]
        beside = [pool.worth(Plan([(0, k), (1, 3)])).mean() for k in range(1, 7)]
        assert np.all(np.diff(alone, n=2) <= 1e-12)
        assert np.all(np.diff(beside) <= np.diff(alone) + 1e-12)


class TestAllocation:
    @pytest.mark.parametrize("seed", range(8))
    @pytest.mark.parametrize("listed", [True, False])
    def test_the_mixture_is_the_one_that_brute_force_finds(
        self, seed: int, listed: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cells = random_cells(seed, models=3, prompts=6, samples=4)
        if not listed:
            monkeypatch.setattr(Growth, "_listed", lambda self: None)
        plans = growth_of(cells, draws_of(4, 3)).plans()
        pool = pool_of(cells)
        for members, row in enumerate(plans, start=1):
            assert pool.worth(row[-1]).mean() == pytest.approx(best_by_force(cells, 4, members), abs=1e-8)
        assert pool.worth(plans[-1][-1]).mean() == pytest.approx(best_by_force(cells, 4, 3), abs=1e-8)

    @pytest.mark.parametrize("seed", range(8))
    def test_greedy_steps_and_exchanges_find_it_too(self, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        cells = random_cells(seed, models=3, prompts=6, samples=5)
        monkeypatch.setattr(allocate, "MOST_ALLOCATIONS", 0)
        found = growth_of(cells, draws_of(5, 3))
        plans = found.plans()
        assert found.pool.worth(plans[-1][-1]).mean() == pytest.approx(best_by_force(cells, 5, 3), abs=1e-8)

    @pytest.mark.parametrize("seed", range(6))
    def test_no_allocation_exceeds_the_bound(self, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        cells = random_cells(seed, models=4, prompts=5, samples=4)
        best = best_by_force(cells, 4, 4)
        found = growth_of(cells, draws_of(4, 4))
        exact = upper_bound(found, found.plans()[-1][-1])
        monkeypatch.setattr("triaxis.measure.ensemble.bound.allocations", lambda *_: None)
        loose = upper_bound(found, found.plans()[-1][-1])
        assert exact == pytest.approx(best)
        assert best <= loose + 1e-9
        assert loose < 2 * best

    def test_all_draws_are_given_out_and_none_beyond_what_a_model_has(self) -> None:
        most = np.array([2, 3])
        every = allocations(most, np.ones(2), draws_of(4, 2))
        assert every is not None
        assert sorted(map(tuple, every)) == [(1, 3), (2, 2)]

    def test_money_is_spent_up_to_the_amount(self) -> None:
        offer = Offer("price", 7.0, np.array([3.0, 2.0]))
        every = allocations(offer.most(np.array([5, 5])), offer.price, offer)
        assert every is not None
        assert sorted(map(tuple, every)) == [(0, 3), (1, 2), (2, 0)]

    @pytest.mark.parametrize("seed", range(6))
    def test_money_buys_what_brute_force_buys(self, seed: int) -> None:
        cells, price = random_cells(seed, models=2, prompts=5, samples=5), np.array([3.0, 1.0])
        found = growth_of(cells, Offer("price", 8.0, price))
        bought = found.pool.worth(found.plans()[-1][-1]).mean()
        affordable = [(a, b) for a in range(6) for b in range(6) if 3 * a + b <= 8]
        assert bought == pytest.approx(max(by_formula(cells, {"m0": a, "m1": b}) for a, b in affordable))

    @pytest.mark.parametrize("seed", range(6))
    def test_climbing_with_money_is_as_good(self, seed: int) -> None:
        cells, price = random_cells(seed, models=2, prompts=5, samples=5), np.array([3.0, 1.0])
        found = growth_of(cells, Offer("price", 8.0, price))
        profile = found.profiles.of((0, 1))
        draws = climb(profile, profile.weight.sum(axis=1), found.most, found.offer)
        assert draws is not None
        assert draws @ price <= 8
        best = found.pool.worth(found.plans()[-1][-1]).mean()
        assert by_formula(cells, {"m0": draws[0], "m1": draws[1]}) == pytest.approx(best)

    def test_a_budget_that_no_single_model_has_gives_no_plan(self) -> None:
        assert growth_of(TWO, draws_of(4, 2)).plans() == []


class TestPrompts:
    def test_a_model_that_shares_few_prompts_is_left_out_unless_asked_for(self) -> None:
        has = np.array([[1, 1, 1, 1], [1, 1, 1, 0], [0, 0, 0, 1]], dtype=bool)
        kept, shared = sharing(has, insists=False)
        assert (kept.tolist(), shared.tolist()) == ([0, 1], [True, True, True, False])
        assert sharing(has, insists=True)[0].tolist() == [0, 1, 2]

    def test_draws_go_as_far_as_nine_in_ten_prompts_do(self) -> None:
        size = np.array([[5] * 19 + [2], [3] * 20])
        reach, kept = reaches(size)
        assert (reach.tolist(), kept.sum()) == ([5, 3], 19)

    def test_all_prompts_stay_where_too_many_would_be_lost(self) -> None:
        reach, kept = reaches(np.array([[5, 5, 2], [3, 3, 3]]))
        assert (reach.tolist(), kept.all()) == ([2, 3], True)


def partners(prompts: int, seed: int, *, shared: float) -> dict[str, list[list[tuple[str, float]]]]:
    """Two models with 6 equally likely classes a prompt, of which the share `shared` is the same for both."""
    rng = np.random.default_rng(seed)
    same = round(6 * shared)
    names = {"a": [f"s{i}" for i in range(same)] + [f"a{i}" for i in range(6 - same)]}
    names["b"] = [f"s{i}" for i in range(same)] + [f"b{i}" for i in range(6 - same)]
    return {m: [[(str(rng.choice(known)), 1.0) for _ in range(6)] for _ in range(prompts)] for m, known in names.items()}


class TestRows:
    def test_models_that_share_nothing_are_mixed_and_the_gain_is_beyond_doubt(self) -> None:
        found = mixed(shared_store(partners(40, 0, shared=0.0)), 6)
        one, two = rows(found, floor=None, amount=6.0)[:2]
        truth = 12 * (1 - (11 / 12) ** 6), 6 * (1 - (5 / 6) ** 6)
        assert two["verdict"] == ADDS
        assert two["low"] < two["value"] < two["high"]  # type: ignore[operator]
        assert two["value"] == pytest.approx(2 * 6 * (1 - (5 / 6) ** 3), rel=0.05)
        assert one["value"] == pytest.approx(truth[1], rel=0.05)
        draws = rows(found, "ensemble_draws", floor=None, amount=6.0, members=2)
        assert {row["model"]: row["draws"] for row in draws} == {"a": 3, "b": 3}

    def test_a_copy_of_a_model_adds_nothing_worth_naming(self) -> None:
        found = rows(mixed(shared_store(partners(60, 1, shared=1.0)), 6), floor=None, amount=6.0)
        assert [row["verdict"] for row in found[1:]] != [ADDS] * len(found[1:])
        assert all(row["verdict"] in (ADDS_NOTHING, CANNOT_TELL) for row in found[1:])

    def test_a_row_is_held_against_the_best_single_model_in_both_ways_of_choosing_that(self) -> None:
        for seed in range(3):
            plans: dict[object, list[dict[str, object]]] = {}
            for row in rows(mixed(shared_store(random_cells(seed, models=5, prompts=40, samples=4)), 3)):
                plans.setdefault((row["floor"], row["amount"]), []).append(row)
            for one, *later in plans.values():
                assert (one["over_one"], one["over_one_low"], one["over_one_high"]) == (None, None, None)
                for row in later:
                    assert row["over_one"] == pytest.approx(row["value"] - one["value"])  # type: ignore[operator]
                    assert row["over_one_low"] <= row["value"] - one["in_sample"] + 1e-9  # type: ignore[operator]
                    assert row["over_one_low"] <= row["over_one"] + 1e-9 <= row["over_one_high"] + 2e-9  # type: ignore[operator]
                assert [later[0][f"over_one{end}"] for end in ("", "_low", "_high")] == pytest.approx(
                    [later[0][f"gain{end}"] for end in ("", "_low", "_high")], nan_ok=True
                )

    def test_steps_that_cannot_be_told_one_by_one_add_up_to_a_mixture_that_is_surely_better(self) -> None:
        """Six partners with answers of their own on every second prompt: the second one is in doubt, three together are not."""
        rng = np.random.default_rng(6)

        def cell(model: str, prompt: int) -> list[tuple[str, float]]:
            share = 0.7 * (prompt % 2)
            return [(f"{model}{rng.integers(5)}" if rng.random() < share else f"s{rng.integers(4)}", 1.0) for _ in range(6)]

        cells = {model: [cell(model, prompt) for prompt in range(30)] for model in "abcdef"}
        found = rows(mixed(shared_store(cells), 6), floor=None, amount=6.0)
        assert found[1]["verdict"] == CANNOT_TELL
        assert found[1]["over_one_low"] < 0 < found[2]["over_one_low"]  # type: ignore[operator]

    def test_money_rows_are_held_against_the_best_single_model_for_as_much(self) -> None:
        store = shared_store(partners(20, 2, shared=0.0), lambda model, _: {"tokens": 10.0 if model == "a" else 12.0})
        found = [row for row in rows(mixed(store, 6)) if row["cost_unit"] == "tokens" and row["members"] == 2]
        assert found
        assert all(row["over_one_low"] > 0 for row in found if row["amount"] == 72.0)  # type: ignore[operator]

    def test_the_value_is_what_prompts_get_that_the_mixture_was_not_chosen_on(self) -> None:
        found = growth_of(random_cells(4, models=4, prompts=10, samples=4), draws_of(3, 4))
        plans = found.plans()
        values = crossed(found, plans[-1])
        for fold, plan in enumerate(plans[-1][:-1]):
            mine = found.profiles.fold == fold
            assert values[mine] == pytest.approx(found.pool.worth(plan)[mine])
            train = growth_of_fold(found, fold)
            assert found.pool.worth(plan)[~mine].mean() >= train - 1e-9

    def test_the_value_is_on_average_below_what_was_seen_in_choosing(self) -> None:
        both = [rows(mixed(shared_store(random_cells(s, models=5, prompts=12, samples=4)), 3), amount=3.0)[-1] for s in range(6)]
        assert np.mean([row["value"] for row in both]) < np.mean([row["in_sample"] for row in both])  # type: ignore[arg-type]

    def test_rows_do_not_depend_on_the_order_of_samples(self) -> None:
        cells = random_cells(5, models=3, prompts=12, samples=4)
        turned = {model: [cell[::-1] for cell in cells[model]] for model in reversed(cells)}
        first, second = mixed(shared_store(cells), 3), mixed(shared_store(turned), 3)
        assert rows(first) == rows(second) or pl.DataFrame(rows(first)).equals(pl.DataFrame(rows(second)))

    def test_under_ten_prompts_there_is_no_interval_and_no_verdict(self) -> None:
        found = rows(mixed(shared_store(partners(8, 0, shared=0.0)), 6), floor=None, amount=6.0)
        assert np.isnan(found[1]["low"])  # type: ignore[call-overload]
        assert found[1]["verdict"] == CANNOT_TELL
        assert np.isnan(found[1]["over_one_low"])  # type: ignore[call-overload]

    def test_money_is_a_budget_of_its_own_and_says_what_is_spent(self) -> None:
        store = shared_store(partners(20, 2, shared=0.0), lambda model, _: {"tokens": 10.0 if model == "a" else 30.0})
        found = [row for row in rows(mixed(store, 6)) if row["cost_unit"] == "tokens"]
        assert sorted({row["amount"] for row in found}) == pytest.approx([60.0, np.sqrt(60 * 180), 180.0])  # type: ignore[type-var]
        assert all(row["cost"] <= row["amount"] * (1 + 1e-9) for row in found)  # type: ignore[operator]

    def test_amounts_of_money_pay_for_the_numbers_of_draws_that_were_asked_for(self) -> None:
        store = shared_store(partners(20, 2, shared=0.0), lambda model, _: {"tokens": 10.0 if model == "a" else 30.0})
        found = {row["amount"] for row in rows(mixed(store, 3)) if row["cost_unit"] == "tokens"}
        assert sorted(found) == pytest.approx([30.0, np.sqrt(30 * 90), 90.0])  # type: ignore[type-var]

    def test_each_domain_has_its_rows_and_an_only_one_those_of_all(self) -> None:
        both = mixed(shared_store(partners(12, 3, shared=0.5), domain="prose"), 3)
        frame = pl.concat(both.tables["ensemble"])
        assert set(frame["domain"]) == {None, "prose"}
        assert frame.filter(domain="prose").drop("domain").equals(frame.filter(pl.col("domain").is_null()).drop("domain"))


def growth_of_fold(found: Growth, fold: int) -> float:
    """The best mean on the prompts outside of `fold` of any listed allocation."""
    every = allocations(found.most, found.offer.price, found.offer)
    assert every is not None
    kept = found.profiles.fold != fold
    plans = [Plan((m, int(k)) for m, k in enumerate(row) if k) for row in every]
    return max(float(found.pool.worth(plan)[kept].mean()) for plan in plans)


class TestVerdicts:
    @pytest.mark.parametrize(
        ("low", "high", "word"),
        [
            (0.01, 0.02, ADDS),
            (-0.1, 0.4, ADDS_NOTHING),
            (-3.0, -1.0, ADDS_NOTHING),
            (-0.1, 0.6, CANNOT_TELL),
            (np.nan, np.nan, CANNOT_TELL),
        ],
    )
    def test_what_the_interval_of_a_gain_says(self, low: float, high: float, word: str) -> None:
        assert verdict(low, high, TEN_PERCENT, larger=5.0) == word

    def test_differences_of_rounding_are_no_gain(self) -> None:
        assert gains(np.array([[1.0 + 1e-15, 2.5]]), np.array([[1.0, 2.0]])).tolist() == [[0.0, 0.5]]


class TestNotRun:
    def test_classes_that_models_do_not_share(self) -> None:
        (missing,) = mixed(store_with(TWO)).not_run
        assert missing.reason == (
            "needs classes that models share, got --equivalence column:label (cell); type --equivalence column:label@prompt"
        )

    def test_one_model(self) -> None:
        assert mixed(shared_store({"a": A})).not_run[0].reason == "needs at least two models, got 1"

    def test_one_sample_per_prompt(self) -> None:
        cells = {name: [[("x", 1.0)], [("y", 1.0)]] for name in "ab"}
        reason = "needs 2 samples of some model for each of the prompts that the models share, got 1"
        assert mixed(shared_store(cells)).not_run[0].reason == reason

    def test_sets(self) -> None:
        rows_ = [
            {"prompt_id": f"p{i}", "model": m, "response": f"r{i}", "label": f"r{i}", "quality": 1.0, "sample_index": i}
            for m in "ab" for i in range(20)
        ]  # fmt: skip
        store = store_of(batch(rows_), "exact", unit="set")
        assert "got sets; type --unit prompt" in mixed(store).not_run[0].reason


def test_a_short_list_still_finds_the_partner_among_many_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty copies of a model and one with answers of its own: the one is found."""
    pair = partners(20, 7, shared=0.0)
    cells = {f"copy{i:02}": partners(20, 100 + i, shared=0.0)["a"] for i in range(30)} | {"other": pair["b"]}
    found = growth_of(cells, draws_of(6, 31))
    plans = found.plans()
    assert "other" in {found.pool.models[m] for m, _ in plans[1][-1]}
    assert growth.SHORTLIST < 31


def test_floors_are_those_that_most_half_and_few_samples_reach() -> None:
    cell = [(f"c{i}", float(q)) for i, q in enumerate([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])]
    store = shared_store({"a": [cell], "b": [cell]})
    found = choice.floors_of(store, axes_of(store), Options())
    assert found.tolist() == [-np.inf, 3.0, 6.0, 9.0]
