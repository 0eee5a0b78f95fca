"""Advice: who is chosen for which goal and why, mixtures, money, needs, regrets, the front, and messages."""

import json

import numpy as np
import polars as pl
import pytest

from tests.advise.asking import cells, results_of, samples
from tests.measure.samples import measured as measured_samples
from tests.report.synthetic import corpus, many_gates, measured, without_tables
from triaxis.advise import Advice, advise
from triaxis.advise.advice import Figure
from triaxis.advise.goals import SEARCH, SURVEY
from triaxis.advise.request import Budget, floor_of, parse_budget
from triaxis.advise.spending import prompts_for
from triaxis.advise.words import figure, lines, mixed
from triaxis.errors import InputError
from triaxis.results import ModelInfo, Results

CAREFUL = cells(30, "x", "x", "x", "y", "y", "y")
VARIED = cells(30, "a", "b", "c", "d", "e", "f", bad=2)
NOISY = cells(30, "g", "h", "i", "j", "k", "l", bad=5, seed=1)
TRIO = results_of({"careful": CAREFUL, "varied": VARIED, "noisy": NOISY})


RANDOM = np.random.default_rng(0)
APART = [[[(str(RANDOM.choice(known)), 5.0) for _ in range(8)] for _ in range(40)] for known in (list("pqr"), list("uvw"))]
INFOS = tuple(ModelInfo(model=model, price_in=0.0, price_out=price) for model, price in (("a", 1.0), ("b", 1.5)))
TOKENS = {"a": 1000, "b": 1000}
PAIR = results_of({"a": APART[0], "b": APART[1]})
PRICED = results_of({"a": APART[0], "b": APART[1]}, tokens=TOKENS, infos=INFOS)


def said(members: int, gain_low: float | None = None, over_low: float | None = None) -> dict[str, object]:
    """A row of mixtures whose lower ends are these."""
    row = {"members": members, "added": f"m{members}", "value": 3.6, "low": 3.0, "high": 4.0, "gain_low": gain_low}
    lead = {} if over_low is None else {"over_one": 0.6, "over_one_low": over_low, "over_one_high": 1.0}
    return row | lead


def with_mixtures(results: Results, told: list[dict[str, object]]) -> Results:
    """`results` with rows `told` for 8 draws in place of its mixtures: 8 draws of a, from two models on 4 of a and 4 of b."""
    gate = results.manifest.gates[0].gate.label
    tables = dict(results.tables)
    for name, rows in (
        ("ensemble", told),
        ("ensemble_draws", [{"members": 1, "model": "a", "draws": 8}]
         + [{"members": row["members"], "model": m, "draws": 4} for row in told[1:] for m in "ab"]),
    ):  # fmt: skip
        schema = tables[name].schema
        whole = [dict.fromkeys(schema) | row | {"gate": gate, "amount": 8.0} for row in rows]
        tables[name] = pl.DataFrame(whole, schema=schema, orient="row")
    return Results(results.manifest, tables)


class TestGoals:
    def test_in_distribution_work_takes_the_highest_usable_share(self) -> None:
        found = advise(TRIO, goal="in-distribution", floor=5)
        assert [share.model for share in found.choice] == ["careful"]
        assert found.chain[0].criterion == "usable share"
        assert set(found.chain[0].beaten) == {"varied", "noisy"}
        assert found.verdict == "advised"

    def test_out_of_distribution_work_takes_what_gives_most_different_usable_answers(self) -> None:
        found = advise(TRIO, goal="out-of-distribution", floor=5)
        assert "varied" in {share.model for share in found.choice}
        assert found.chain[0].criterion == "usable diversity"
        assert found.chain[0].best == "varied"

    def test_search_draws_as_often_as_was_measured(self) -> None:
        found = advise(TRIO, goal="search", floor=5, need=10)
        assert sum(share.draws for share in found.choice) == 6

    def test_each_goal_cites_what_its_rule_rests_on_with_its_uncertainty(self) -> None:
        assert advise(TRIO, goal="in-distribution", floor=5).cites == (SURVEY,)
        assert advise(TRIO, goal="search", floor=5).cites == (SEARCH,)
        assert "not one controlled experiment" in SURVEY
        assert "2412.02980" in SURVEY
        assert "2605.22817" in SEARCH

    def test_one_that_cannot_be_told_from_the_best_stays_and_the_next_criterion_decides(self) -> None:
        twins = {"narrow": CAREFUL, "wide": cells(30, "a", "b", "c", "d", "e", "f")}
        found = advise(results_of(twins), goal="in-distribution", floor=5)
        share, diversity = found.chain
        assert set(share.kept) == {"narrow", "wide"}
        assert (diversity.best, diversity.beaten) == ("wide", ("narrow",))
        assert found.choice[0].model == "wide"

    def test_what_the_data_cannot_tell_is_said_with_what_to_buy(self) -> None:
        rng = np.random.default_rng(3)
        drawn = {m: [[(str(rng.integers(8)), float(rng.integers(1, 6))) for _ in range(6)] for _ in range(20)] for m in "ab"}
        found = advise(results_of(drawn, scope=""), goal="out-of-distribution", floor=3)
        assert found.verdict == "cannot tell"
        assert found.buy is not None
        assert "cannot tell" in found.sentence
        assert found.buy in found.sentence
        assert "until then, use" in found.sentence

    def test_without_shared_classes_mixtures_are_said_to_be_missing(self) -> None:
        found = advise(results_of({"a": VARIED, "b": NOISY}, scope=""), goal="out-of-distribution", floor=5)
        assert any("an equivalence such as lexical@prompt" in note for note in found.notes)


class TestMixtures:
    def test_a_mixture_that_is_better_beyond_doubt_is_advised(self) -> None:
        rng = np.random.default_rng(0)
        draw = lambda known: [[(str(rng.choice(known)), 5.0) for _ in range(8)] for _ in range(40)]  # noqa: E731
        found = advise(results_of({"a": draw(["p", "q", "r"]), "b": draw(["u", "v", "w"])}), goal="out-of-distribution")
        assert found.is_mixture
        assert sum(share.draws for share in found.choice) == 8
        assert any("on prompts that it was not chosen on" in note for note in found.notes)
        assert "draws of a" in found.sentence or "of a" in found.sentence

    def test_a_model_that_knows_it_all_is_advised_alone(self) -> None:
        rng = np.random.default_rng(1)
        draw = lambda known: [[(str(rng.choice(known)), 5.0) for _ in range(8)] for _ in range(40)]  # noqa: E731
        found = advise(results_of({"all": draw(list("pqrstuvw")), "part": draw(["p", "q"])}), goal="out-of-distribution")
        assert [share.model for share in found.choice] == ["all"]
        assert any(note.startswith("no mixture: ") for note in found.notes)

    def test_a_mixture_says_its_draws_its_worth_and_its_lead_over_the_best_single_model(self) -> None:
        found = advise(PAIR, goal="out-of-distribution", floor=5)
        assert found.over_one is not None
        assert found.over_one.low is not None
        assert found.over_one.low > 0
        lead = figure(found.over_one)
        assert f"({lead} more per prompt than the best single model, {found.alone})" in found.sentence
        told = f"mixture: {mixed(found.choice)} give {figure(found.per_prompt)} on prompts that it was not chosen on, {lead} more"
        assert any(note.startswith(told) for note in found.notes)

    def test_what_a_single_model_loses_to_the_mixture_has_its_interval(self) -> None:
        found = advise(PAIR, goal="out-of-distribution", floor=5)
        assert {regret.model: regret.lost for regret in found.regrets}[found.alone or ""] == found.over_one

    def test_steps_in_doubt_do_not_hide_a_mixture_that_is_better_than_one_model_beyond_doubt(self) -> None:
        """The second member cannot be told, the third adds: together they are surely better (as on NoveltyBench)."""
        rows = [said(1), said(2, -0.005, -0.005), said(3, 0.06, 0.1), said(4, -0.1, 0.05)]
        found = advise(with_mixtures(PAIR, rows), goal="out-of-distribution", floor=5)
        assert found.over_one == Figure(0.6, 0.1, 1.0)
        assert [(share.model, share.draws) for share in found.choice] == [("a", 4), ("b", 4)]

    def test_a_mixture_that_may_be_worse_than_one_model_is_named_and_not_advised(self) -> None:
        found = advise(with_mixtures(PAIR, [said(1), said(2, -0.1, -0.1)]), goal="out-of-distribution", floor=5)
        assert not found.is_mixture
        assert found.over_one is None
        told = "no mixture: the most promising one, 4 draws of a and 4 of b, is not better beyond doubt: 0.60 [-0.10, 1.00] more"
        assert any(note.startswith(told) for note in found.notes)

    def test_a_mixture_for_other_draws_is_told_and_not_taken(self) -> None:
        found = advise(TRIO, goal="out-of-distribution", floor=5, budget=90)
        assert found.choice[0].draws == 3
        assert not found.is_mixture
        assert any("none was worked out: measure again with --budget 3" in note for note in found.notes)


class TestMixturesForMoney:
    def test_money_between_two_amounts_buys_the_mixture_of_the_lower_one(self) -> None:
        found = advise(PRICED, goal="out-of-distribution", floor=5, budget="$0.40")
        amounts = sorted(set(PRICED.tables["ensemble"].filter(cost_unit="price")["amount"]))
        assert amounts[1] * 40 < 0.40 < amounts[2] * 40
        assert found.is_mixture
        assert found.cost is not None
        assert found.cost <= amounts[1] * 40
        assert found.over_one is not None
        assert any("more than the best single model for $0.0098 a prompt" in n.replace("0.009798", "0.0098") for n in found.notes)

    def test_what_is_needed_is_counted_with_the_mixture(self) -> None:
        found = advise(PRICED, goal="out-of-distribution", floor=5, budget="$0.40", need=1000)
        assert found.per_prompt is not None
        assert any(f"{prompts_for(1000, found.per_prompt.value):,} prompts are needed" in note for note in found.notes)
        assert sum("prompts are needed" in note for note in found.notes) == 1

    @pytest.mark.parametrize(
        ("budget", "told"),
        [
            ("$0.20", "the budget gives $0.005 a prompt: measure again with --budget 5"),
            ("$0.05", "the budget gives $0.00125 a prompt: too little for two draws of any model"),
            ("$2", "--budget '$0.48' is the most that it pays for; measure again with more samples for each prompt"),
        ],
    )
    def test_money_outside_of_what_was_worked_out_says_what_to_do(self, budget: str, told: str) -> None:
        found = advise(PRICED, goal="out-of-distribution", floor=5, budget=budget)
        assert not found.is_mixture
        assert any("mixtures were worked out for $0.008 to $0.012 a prompt" in note and told in note for note in found.notes)

    def test_that_is_then_what_is_needed(self) -> None:
        again = results_of({"a": APART[0], "b": APART[1]}, tokens=TOKENS, infos=INFOS, budgets=(5,))
        assert advise(again, goal="out-of-distribution", floor=5, budget="$0.20").is_mixture

    def test_a_domain_has_no_mixtures_for_money_and_says_so(self) -> None:
        known = results_of({"a": APART[0], "b": APART[1]}, tokens=TOKENS, infos=INFOS, domains=("prose", "code"))
        found = advise(known, goal="out-of-distribution", floor=5, budget="$0.20", domain="prose")
        assert any(note.startswith("mixtures were not worked out for money") for note in found.notes)


class TestAmounts:
    def test_samples_are_shared_out_over_the_prompts_of_the_run(self) -> None:
        found = advise(TRIO, goal="in-distribution", floor=5, budget=90)
        assert (found.prompts, sum(share.draws for share in found.choice)) == (30, 3)
        assert found.total is not None
        assert found.per_prompt is not None
        assert found.total.value == pytest.approx(30 * found.per_prompt.value)

    def test_too_few_samples_for_all_prompts_go_to_some(self) -> None:
        found = advise(TRIO, goal="in-distribution", floor=5, budget="20")
        assert (found.prompts, found.choice[0].draws) == (20, 1)

    def test_more_than_was_measured_goes_to_more_prompts(self) -> None:
        found = advise(TRIO, goal="in-distribution", floor=5, budget="6000")
        assert any("more prompts, 1000 in all" in note for note in found.notes)

    def test_a_need_beyond_the_prompts_says_how_many_are_needed_and_that_this_is_assumed(self) -> None:
        found = advise(TRIO, goal="in-distribution", floor=5, need=10_000)
        assert found.per_prompt is not None
        assert found.prompts == prompts_for(10_000, found.per_prompt.value)
        assert any("an assumption, not a measurement" in note for note in found.notes)

    def test_a_need_that_the_prompts_meet_takes_the_fewest_draws(self) -> None:
        found = advise(TRIO, goal="in-distribution", floor=5, need=25)
        assert found.choice[0].draws == 1
        assert any("at hand suffice" in note for note in found.notes)

    def test_money_buys_as_many_draws_as_each_model_costs(self) -> None:
        prices = {"careful": 1.0, "varied": 2.0, "noisy": 1.0}
        infos = tuple(ModelInfo(model=m, price_in=0.0, price_out=price) for m, price in prices.items())
        priced = results_of(
            {"careful": CAREFUL, "varied": VARIED, "noisy": NOISY}, tokens=dict.fromkeys(("careful", "varied", "noisy"), 1000),
            infos=infos,
        )  # fmt: skip
        found = advise(priced, goal="in-distribution", floor=5, budget="$0.09")
        assert found.choice[0].model == "careful"
        assert found.choice[0].draws == 3
        assert found.cost == pytest.approx(3 * 30 * 0.001)
        assert {c.model: c.draws for c in found.candidates}["varied"] == 1

    def test_money_without_prices_is_answered_in_samples_with_what_is_missing(self) -> None:
        found = advise(TRIO, goal="in-distribution", floor=5, budget="$50")
        assert found.cost is None
        assert any("$50.00 cannot be turned into draws: needs column cost" in note for note in found.notes)

    @pytest.mark.parametrize(
        ("text", "budget"),
        [("$50", Budget(50, True)), (" $1,000.50", Budget(1000.5, True)), ("500", Budget(500, False)), (7, Budget(7, False))],
    )
    def test_budgets_are_read(self, text: str, budget: Budget) -> None:
        assert parse_budget(text) == budget

    @pytest.mark.parametrize("text", ["fifty", "$", "-5", "0", "$0"])
    def test_what_is_no_budget_is_refused(self, text: str) -> None:
        with pytest.raises(InputError, match=r"type --budget '\$50' or --budget 500"):
            parse_budget(text)


class TestFloors:
    def test_without_a_floor_the_rule_is_said(self) -> None:
        found = advise(measured(corpus()), goal="out-of-distribution")
        assert "half of the samples reach" in found.floor_rule
        assert found.floor_rule in "\n".join(lines(found))

    def test_two_values_of_quality_have_their_upper_one_as_floor(self) -> None:
        assert advise(TRIO, goal="in-distribution").floor == 5.0

    def test_a_bar_of_the_gates_file_comes_first(self) -> None:
        summary = TRIO.manifest.gates[0]
        barred = summary.model_copy(update={"gate": summary.gate.model_copy(update={"bars": {"(none)": 1.0}})})
        assert floor_of(barred, None, None, []) == (1.0, "floor 1, the bar of the gates file")

    def test_a_floor_between_two_values_is_the_upper_one(self) -> None:
        assert advise(TRIO, goal="in-distribution", floor=2).floor == 5.0


class TestRegrets:
    def test_the_loss_by_quality_and_by_raw_diversity_stands_beside_the_choice(self) -> None:
        by = {regret.rule: regret for regret in advise(TRIO, goal="out-of-distribution", floor=5).regrets}
        quality, raw = by["highest mean quality"], by["most diversity without a floor"]
        assert quality.model == "careful"
        assert quality.lost is not None
        assert quality.lost.value > 1
        assert raw.lost is not None

    def test_the_same_choice_loses_nothing(self) -> None:
        by = {regret.rule: regret for regret in advise(TRIO, goal="in-distribution", floor=5).regrets}
        assert by["highest mean quality"].lost == Figure(0.0, 0.0, 0.0)

    def test_a_loss_has_the_interval_of_the_comparison(self) -> None:
        pair = results_of({"careful": CAREFUL, "varied": VARIED}, scope="")
        found = advise(pair, goal="out-of-distribution", floor=5)
        row = pair.tables["comparisons"].filter(pl.col("domain").is_null(), floor=5.0, budget=6).to_dicts()[0]
        lost = next(r.lost for r in found.regrets if r.rule == "highest mean quality")
        assert lost is not None
        assert (lost.value, lost.low, lost.high) == pytest.approx((-row["difference"], -row["high"], -row["low"]))


class TestFront:
    def test_without_a_goal_the_front_is_shown_and_nothing_is_chosen(self) -> None:
        found = advise(TRIO, floor=5)
        assert found.choice == ()
        assert {c.model for c in found.candidates if c.on_front} == {"careful", "varied"}
        assert "2 of 3 models are on the front" in found.sentence
        assert "type --goal" in found.sentence

    def test_models_that_are_ahead_somewhere_beyond_doubt_are_sure(self) -> None:
        sure = {c.model: c.is_sure for c in advise(TRIO, floor=5).candidates}
        assert sure["careful"]
        assert sure["varied"]
        assert not sure["noisy"]


class TestLessData:
    def test_one_model_is_said_to_be_one(self) -> None:
        found = advise(results_of({"only": VARIED}), goal="out-of-distribution", floor=5)
        assert [share.model for share in found.choice] == ["only"]
        assert any("one model was measured" in note for note in found.notes)

    def test_an_ungated_run_says_what_is_missing(self) -> None:
        ungated = measured(corpus(has_quality=False))
        found = advise(ungated, goal="in-distribution")
        assert found.verdict == "cannot tell"
        assert "needs a quality of each sample; measure again with --quality COLUMN" in found.sentence
        other = advise(ungated, goal="out-of-distribution")
        assert other.choice
        assert "nothing was gated" in other.floor_rule

    def test_too_few_prompts_cannot_tell(self) -> None:
        few = results_of({"a": VARIED[:5], "b": CAREFUL[:5]}, scope="")
        assert advise(few, goal="in-distribution", floor=5).verdict == "cannot tell"

    def test_models_that_were_not_compared_go_by_their_own_intervals(self) -> None:
        found = advise(without_tables(TRIO, "comparisons"), goal="in-distribution", floor=5)
        assert found.choice[0].model == "careful"
        assert "intervals that do not overlap" in found.chain[0].how

    def test_a_set_is_advised_on_as_a_whole(self) -> None:
        rows = {m: [[(f"{m}{p % k}", 5.0)] for p in range(60)] for m, k in (("wide", 50), ("narrow", 5))}
        found = advise(measured_samples(samples(rows), "exact", unit="set"), goal="out-of-distribution")
        assert [share.model for share in found.choice] == ["wide"]
        assert "in the set" in found.sentence

    def test_temperature_is_read_from_the_labels_where_it_was_varied(self) -> None:
        assert "not varied" in advise(TRIO, goal="in-distribution").temperature
        renamed = {"m | 0.5": CAREFUL, "m | 1.0": VARIED}
        known = results_of(renamed)
        labelled = Results(known.manifest.model_copy(update={"by": "model,meta.temperature"}), known.tables)
        found = advise(labelled, goal="in-distribution", floor=5)
        assert found.temperature == "Temperature: 0.5 (m | 0.5)."


class TestMessages:
    def test_an_unknown_goal(self) -> None:
        with pytest.raises(InputError, match=r"no goal 'serch'; near: 'search'; type --goal in-distribution"):
            advise(TRIO, goal="serch")

    def test_an_unknown_domain(self) -> None:
        known = results_of({"a": VARIED, "b": CAREFUL}, domains=("prose", "code"))
        with pytest.raises(InputError, match=r"no domain 'pros'; near: 'prose'; there are: code, prose"):
            advise(known, goal="search", domain="pros")
        assert advise(known, goal="search", domain="prose").domain == "prose"

    def test_a_floor_that_nothing_reaches(self) -> None:
        with pytest.raises(InputError, match=r"no sample reaches floor 9, the highest is 5; type a lower --floor"):
            advise(TRIO, goal="search", floor=9)

    def test_a_floor_without_a_quality(self) -> None:
        with pytest.raises(InputError, match="nothing was gated; measure again with --quality COLUMN"):
            advise(measured(corpus(has_quality=False)), goal="search", floor=1)

    def test_several_gates(self) -> None:
        several = many_gates(measured(corpus()), measured(corpus(seed=1)))
        with pytest.raises(InputError, match=r"expected one gate, got 2: 'gate 0'; 'gate 1'; type --gate"):
            advise(several, goal="search")
        assert advise(several, goal="search", gate="gate 1").gate == "gate 1"
        with pytest.raises(InputError, match="no gate has 'gate 7' in its name"):
            advise(several, goal="search", gate="gate 7")

    def test_a_need_of_nothing(self) -> None:
        with pytest.raises(InputError, match="expected to need at least 1 row, got 0"):
            advise(TRIO, goal="search", need=0)


class TestWords:
    def test_numbers_have_their_intervals(self) -> None:
        assert figure(Figure(3.2, 2.9, 3.5)) == "3.20 [2.90, 3.50]"
        assert figure(Figure(3.2)) == "3.20 (no interval)"
        assert figure(None) == "not measured"

    def test_a_mixture_in_words(self) -> None:
        found = advise(TRIO, goal="in-distribution", floor=5)
        assert mixed(found.choice) == "6 draws of careful"

    @pytest.mark.parametrize("goal", [None, "in-distribution", "out-of-distribution", "search"])
    def test_advice_is_json_and_one_sentence_first(self, goal: str | None) -> None:
        found = advise(TRIO, goal=goal, floor=5)
        told = json.loads(json.dumps(found.to_json(), allow_nan=False))
        assert told["sentence"] == next(lines(found)) == found.sentence
        assert found.sentence.endswith(".")

    def test_the_same_results_give_the_same_advice(self, tmp_path: object) -> None:
        assert advise(TRIO, goal="search") == advise(TRIO, goal="search")
        assert isinstance(advise(TRIO), Advice)


def test_saved_results_give_the_same_advice(tmp_path: object) -> None:
    from pathlib import Path

    TRIO.save(Path(str(tmp_path)))
    assert advise(Results.load(Path(str(tmp_path))), goal="search") == advise(TRIO, goal="search")
