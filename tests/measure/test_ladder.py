"""Size curves and base-to-tuned pairs: the same numbers as elsewhere, the words of a change, and why there is none."""

from typing import Any

import polars as pl
import pytest

from tests.measure.samples import Cell, batch, cell_rows
from tests.measure.samples import store_of as store_of_batch
from tests.measure.spending import store_with
from triaxis.measure.gated import Gated, measure_gate
from triaxis.measure.options import Options
from triaxis.measure.store import RunStore
from triaxis.results import ModelInfo

RICH: Cell = [("a", 2.0), ("b", 2.0), ("c", 1.0), ("d", 1.0)]
POOR: Cell = [("a", 2.0), ("a", 2.0), ("a", 2.0), ("b", 2.0)]
SAME: Cell = [("a", 1.0), ("b", 2.0), ("c", 2.0), ("d", 2.0)]


def gated(store: RunStore, *models: ModelInfo, **options: Any) -> Gated:
    return measure_gate(store, Options(draws=200, models=models, **options))


def store_of(**cells: Cell) -> RunStore:
    """Models whose answers to each of 12 prompts are the given ones."""
    return store_with({model: [cell] * 12 for model, cell in cells.items()})


def change(found: Gated, **where: object) -> dict[str, Any]:
    (row,) = found.tables["base_to_tuned"].filter(pl.col("domain").is_null(), **where).to_dicts()
    return row


def reason(found: Gated, analysis: str) -> list[str]:
    return [line.reason for line in found.not_run if line.analysis == analysis]


class TestSizeCurves:
    """Usable diversity beside the size of the model."""

    def test_rows_are_those_of_usable_diversity_with_the_size_beside(self) -> None:
        found = gated(
            store_of(small=POOR, large=RICH, unknown=RICH),
            ModelInfo(model="small", parameters=5e8, family="toy", stage="base"),
            ModelInfo(model="large", parameters=7e9),
            ModelInfo(model="unknown"),
        )
        sizes = found.tables["size_curves"]
        assert set(sizes.select("model", "family", "stage", "parameters").iter_rows()) == {
            ("small", "toy", "base", 5e8), ("large", None, None, 7e9)
        }  # fmt: skip
        shared = ["gate", "model", "domain", "floor", "budget", "value", "low", "high", "prompts"]
        assert sizes.height == 2 * 3 * 4 * 2  # models, floors with the ungated one, budgets; all domains and the only one
        assert sizes.select(shared).join(found.tables["usable_diversity"], on=shared, nulls_equal=True).height == sizes.height

    def test_it_has_the_floors_and_budgets_that_get_intervals(self) -> None:
        wide = [(f"c{n}", float(n)) for n in range(40)]
        found = gated(store_with({"m": [wide] * 12}), ModelInfo(model="m", parameters=1e6))
        sizes = found.tables["size_curves"]
        assert tuple(sorted(set(sizes["budget"]))) == found.summary.interval_budgets
        assert tuple(sorted(set(sizes["floor"].drop_nulls()))) == found.summary.interval_floors
        assert len(found.summary.floors) > len(found.summary.interval_floors)

    def test_models_without_a_size_are_named(self) -> None:
        found = gated(store_of(small=POOR, large=RICH), ModelInfo(model="small", parameters=5e8))
        assert reason(found, "cost in FLOP and parameters, size curves") == ["needs parameters in the model table (large)"]


class TestBaseToTuned:
    """What tuning did to a base model, on the prompts that the two share."""

    def test_a_tuned_model_may_narrow_low_down_and_widen_high_up(self) -> None:
        found = gated(store_of(base=RICH, tuned=POOR), ModelInfo(model="tuned", base="base", stage="rl"))
        low = change(found, floor=1.0, budget=4)
        assert (low["base"], low["tuned"], low["stage"], low["prompts"]) == ("base", "tuned", "rl", 12)
        assert (low["value_base"], low["value_tuned"], low["difference"], low["verdict"]) == (4, 2, -2, "narrows")
        one = change(found, floor=2.0, budget=1)  # one draw: 2 of 4 usable against all 4
        assert (one["value_base"], one["value_tuned"], one["difference"], one["verdict"]) == (0.5, 1, 0.5, "widens")

    def test_the_band_is_that_of_the_comparison_of_the_two_alone(self) -> None:
        found = gated(store_of(base=RICH, tuned=POOR), ModelInfo(model="tuned", base="base"))
        pair = found.tables["comparisons"].filter(pl.col("domain").is_null())
        assert set(pair["model_a"]) == {"base"}
        ours = found.tables["base_to_tuned"].filter(pl.col("domain").is_null())
        assert ours["difference"].to_list() == (-pair["difference"]).to_list()
        assert ours["low"].to_list() == pytest.approx((-pair["high"]).to_list())
        words = {"a leads": "narrows", "b leads": "widens"}
        assert ours["verdict"].to_list() == [words.get(word, word) for word in pair["verdict"]]

    def test_it_does_not_matter_which_models_are_compared(self) -> None:
        store = store_of(base=RICH, tuned=POOR, other=SAME)
        tables = [
            gated(store, ModelInfo(model="tuned", base="base"), compare=chosen).tables["base_to_tuned"]
            for chosen in ((), ("other", "base"), ("other", "tuned"))
        ]
        assert tables[0].height
        assert all(table.equals(tables[0]) for table in tables)

    def test_models_that_never_differ_cannot_be_told_apart(self) -> None:
        found = gated(store_of(base=RICH, tuned=RICH), ModelInfo(model="tuned", base="base"))
        assert change(found, floor=1.0, budget=2)["verdict"] == "cannot tell"

    def test_a_small_change_on_many_prompts_is_the_same_within_delta(self) -> None:
        # of 60 prompts 6 lose one class of four, and 6 win it: a mean of 0
        base, tuned = [SAME] * 54 + [RICH] * 6, [RICH] * 48 + [[*RICH[:3], RICH[0]]] * 6 + [RICH] * 6
        base[:6] = [[*RICH[:3], RICH[0]]] * 6
        found = gated(store_with({"base": base, "tuned": tuned}), ModelInfo(model="tuned", base="base"))
        row = change(found, floor=1.0, budget=4)
        assert (row["difference"], row["verdict"]) == (0, "same within delta")

    def test_it_is_told_for_each_domain_too(self) -> None:
        found = gated(store_with({"base": [RICH] * 12, "tuned": [POOR] * 12}, domain="d"), ModelInfo(model="tuned", base="base"))
        table = found.tables["base_to_tuned"]
        every, only = table.filter(pl.col("domain").is_null()), table.filter(domain="d")
        assert every.height
        assert every.drop("domain").equals(only.drop("domain"))

    def test_only_prompts_that_both_have_count(self) -> None:
        store = store_with({"base": [RICH] * 12, "tuned": [POOR] * 10})
        assert change(gated(store, ModelInfo(model="tuned", base="base")), floor=1.0, budget=1)["prompts"] == 10

    @pytest.mark.parametrize(
        ("models", "sentence"),
        [
            ((ModelInfo(model="tuned", base="absent"),), "tuned needs samples of its base absent"),
            ((ModelInfo(model="tuned"),), "need base in the model table"),
            ((ModelInfo(model="absent", base="base"),), "need base in the model table"),
        ],
    )
    def test_without_both_there_is_no_pair_and_a_reason(self, models: tuple[ModelInfo, ...], sentence: str) -> None:
        found = gated(store_of(base=RICH, tuned=POOR), *models)
        assert reason(found, "base-to-tuned pairs") == [sentence]
        assert found.tables["base_to_tuned"].is_empty()

    def test_without_a_prompt_in_common_there_is_a_reason(self) -> None:
        cells = [(model, f"{at}{p}") for p in range(12) for model, at in (("base", "x"), ("tuned", "y"))]
        store = store_of_batch(batch([row for model, prompt in cells for row in cell_rows(RICH, prompt=prompt, model=model)]))
        found = gated(store, ModelInfo(model="tuned", base="base"))
        assert reason(found, "base-to-tuned pairs") == ["tuned shares no prompt with its base base"]


class TestJudges:
    """The family that the model table states goes before the one that a name tells."""

    @pytest.mark.parametrize(
        ("family", "marked"),
        [(None, ("gemma-ours",)), ("Gemma 2", ("gemma-ours", "ours")), ("home-made", ("gemma-ours",))],
    )
    def test_a_stated_family_is_that_of_the_judge_or_not(self, family: str | None, marked: tuple[str, ...]) -> None:
        store = store_of(ours=RICH, **{"gemma-ours": POOR})
        found = gated(store, ModelInfo(model="ours", family=family), judge="gemma-27b")
        assert found.summary.warnings[0].models == marked

    def test_a_name_that_misleads_is_put_right(self) -> None:
        found = gated(store_of(**{"not-gemma": RICH}), ModelInfo(model="not-gemma", family="olmo"), judge="gemma-27b")
        assert found.summary.warnings == ()
