"""Metrics inside `measure`: sets of one size, nulls, intervals, what is not run; with values worked out by hand."""

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from triaxis.errors import InputError, Undefined
from triaxis.measure.api import run
from triaxis.measure.axes import UNGATED
from triaxis.measure.levels.cells import LevelCell, level_cells
from triaxis.measure.levels.choice import LevelOptions, chosen_metrics
from triaxis.measure.levels.figures import Undefineds, cell_values
from triaxis.measure.levels.nulls import other_prompts, shuffled, shuffled_words
from triaxis.measure.levels.table import groups_of, level_floors, metric_rows
from triaxis.measure.tables import Resampling
from triaxis.responses import Responses, Traits


class Characters:
    """How many different texts there are; `is_free` divides by their number squared, for a mean over pairs."""

    def __init__(self, *, is_free: bool = False, smallest: int = 2) -> None:
        self.name = "texts"
        self.traits = Traits(level="lexical", says="different texts", is_size_free=is_free, smallest=smallest)

    def value(self, responses: Responses) -> float:
        if "" in responses.texts:
            raise Undefined("an empty text")
        return float(len(set(responses.texts)))


def cell(texts: Sequence[str], quality: Sequence[float], *, model: str = "m", domain: str = "d", prompt: str = "p") -> LevelCell:
    return LevelCell(model, domain, prompt, Responses(list(texts)), np.array(quality), np.arange(len(texts)))


def frame(prompts: int = 12, models: Sequence[str] = ("wide", "narrow")) -> pl.DataFrame:
    """Five answers a prompt: `wide` gives five different ones, `narrow` twice two alike and one; quality 1 but for the last."""
    rows = []
    for prompt in range(prompts):
        for model in models:
            for place in range(5):
                word = place if model == "wide" else place // 2
                text = f"prompt {prompt} answer alpha{word} beta{word} gamma{word}"
                rows.append((f"p{prompt}", f"question {prompt}", model, "d", text, place, float(place < 4)))
    schema = ["prompt_id", "prompt", "model", "domain", "response", "sample_index", "quality"]
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_a_metric_that_grows_with_size_sees_disjoint_sets_of_one_size() -> None:
    ten = cell([f"t{i % 3}" for i in range(10)], [1.0] * 10)
    values = cell_values(Characters(), [ten], np.array([UNGATED]), size=4, undefined=Undefineds())
    assert values[0, 0] == 3.0  # t0 t1 t2 t0 and t1 t2 t0 t1 hold 3 texts each; the last two answers make no set


def test_a_size_free_metric_sees_all_usable_answers_at_every_floor() -> None:
    six = cell(["a", "b", "c", "d", "d", "d"], [0.0, 0.5, 0.5, 1.0, 1.0, 1.0])
    values = cell_values(Characters(is_free=True), [six], np.array([UNGATED, 0.5, 1.0]), size=2, undefined=Undefineds())
    assert values.tolist() == [[4.0, 3.0, 1.0]]


def test_too_few_usable_answers_have_no_value_and_undefined_ones_are_counted_with_their_reason() -> None:
    undefined = Undefineds()
    cells = [cell(["a"], [1.0]), cell(["", "b"], [1.0, 1.0])]
    values = cell_values(Characters(), cells, np.array([UNGATED]), size=2, undefined=undefined)
    assert np.isnan(values).all()
    assert undefined.foremost == "an empty text"
    assert undefined.reasons.total() == 1


def test_floors_are_the_values_but_the_lowest_or_quartiles_of_many() -> None:
    assert level_floors(np.array([0.0, 1.0, 1.0]), (), is_gated=True).tolist() == [UNGATED, 1.0]
    assert level_floors(np.arange(101.0), (7.0,), is_gated=True).tolist() == [UNGATED, 7.0, 25.0, 50.0, 75.0]
    assert level_floors(np.array([0.0]), (), is_gated=False).tolist() == [UNGATED]


def test_the_only_domain_is_not_measured_twice() -> None:
    one = list(groups_of([cell(["a"], [1.0])]))
    assert [(group.domain, group.twin) for group in one] == [(None, "d")]
    two = groups_of([cell(["a"], [1.0]), cell(["b"], [1.0], domain="e")])
    assert [group.domain for group in two] == [None, "d", "e"]


def test_answers_to_other_prompts_are_the_null() -> None:
    cells = [cell([f"{p}", f"{p}"], [1.0, 1.0], prompt=f"p{p}") for p in range(4)]
    metric = Characters()
    assert cell_values(metric, cells, np.array([UNGATED]), size=2, undefined=Undefineds()).ravel().tolist() == [1.0] * 4
    assert other_prompts(metric, cells, UNGATED, size=2) == 2.0
    assert np.isnan(other_prompts(metric, cells, 2.0, size=2))


def test_shuffling_keeps_all_words_and_the_length_of_each_text() -> None:
    texts = ["one two three", "four", "", "five six"]
    dealt = shuffled_words(texts, np.random.default_rng(0)).texts
    assert [len(text.split()) for text in dealt] == [3, 1, 0, 2]
    assert sorted(" ".join(dealt).split()) == sorted(" ".join(texts).split())


def test_only_texts_are_shuffled() -> None:
    labelled = Characters()
    labelled.traits = Traits(level="semantic", says="classes", needs=frozenset({"labels"}))
    assert np.isnan(shuffled(labelled, [cell(["a b", "c d"], [1.0, 1.0])], size=2, seed=0))


def test_rows_hold_the_mean_its_interval_and_the_prompts_that_are_left() -> None:
    cells = [cell(["a", f"{p}", "a", "a"], [1.0, 1.0, 1.0, 0.0], prompt=f"p{p}") for p in range(12)]
    rows = metric_rows(Characters(), cells, np.array([UNGATED, 1.0]), size=3, resampling=Resampling(200, 0))
    assert rows["value"].to_list() == [2.0, 2.0, 2.0, 2.0]  # all domains, and the only domain again
    assert rows["low"].to_list() == [2.0] * 4
    assert rows["prompts_left"].to_list() == [12] * 4
    assert rows["domain"].to_list() == [None, None, "d", "d"]
    assert rows["size"].to_list() == [3] * 4


def test_measure_shows_levels_ungated_and_above_the_floor() -> None:
    levels = LevelOptions(metrics=("distinct:1", "distinct-classes"), size=2)
    results = run(frame(), equivalence="exact", draws=200, levels=levels)
    rows = results.tables["diversity_levels"].filter(pl.col("domain").is_null(), pl.col("metric") == "distinct-classes")
    found = {(model, floor): value for model, floor, value in rows.select("model", "floor", "value").iter_rows()}
    assert found["wide", None] == found["wide", 1.0] == 2.0
    assert 1.0 < found["narrow", None] < 2.0
    assert rows.filter(pl.col("model") == "wide")["other_prompts"].to_list() == [None, None]


def test_order_of_rows_and_other_models_change_nothing() -> None:
    levels = LevelOptions(metrics=("distinct", "self-bleu", "format-entropy"), size=3)
    whole = run(frame(), equivalence="exact", draws=200, levels=levels).tables["diversity_levels"]
    mixed = run(frame().sample(fraction=1, shuffle=True, seed=1), equivalence="exact", draws=200, levels=levels)
    assert whole.equals(mixed.tables["diversity_levels"])
    alone = run(frame(models=("wide",)), equivalence="exact", draws=200, levels=levels).tables["diversity_levels"]
    assert alone.drop("gate").equals(whole.filter(pl.col("model") == "wide").drop("gate"), null_equal=True) or (
        alone.drop("gate", "reason").equals(whole.filter(pl.col("model") == "wide").drop("gate", "reason"))
    )


def test_fewer_prompts_are_a_seeded_sample_that_says_so() -> None:
    results = run(frame(30), equivalence="exact", draws=200, levels=LevelOptions(metrics=("distinct",), size=2, prompts=11))
    assert results.tables["diversity_levels"]["prompts"].unique().to_list() == [11]
    (summary,) = results.manifest.gates
    assert any("11 of 30 prompts" in note for note in summary.notes)


def test_a_set_is_cut_to_one_size_for_all_models_and_has_an_interval_over_prompts() -> None:
    data = frame(40)
    some = data.filter((pl.col("model") == "wide") | (pl.col("sample_index") == 0))
    results = run(some, equivalence="exact", unit="set", draws=200, levels=LevelOptions(metrics=("distinct:1",)))
    label = next(summary.gate.label for summary in results.manifest.gates if summary.gate.unit == "set")
    ungated = pl.col("domain").is_null() & pl.col("floor").is_null() & (pl.col("gate") == label)
    rows = results.tables["diversity_levels"].filter(ungated)
    assert rows["size"].unique().to_list() == [40]
    assert rows["prompts"].to_list() == [40, 40]
    assert (rows["low"] <= rows["value"]).all()
    assert (rows["value"] <= rows["high"]).all()


def test_what_needs_vectors_is_not_run_without_an_encoder_and_says_what_to_type() -> None:
    results = run(frame(), equivalence="exact", draws=200, levels=LevelOptions(metrics=("vendi",)))
    reasons = {found.analysis: found.reason for found in results.manifest.not_run}
    assert reasons["diversity metric vendi"] == "needs vectors; type --embedder minilm"
    assert not results.tables["diversity_levels"].height


def test_one_answer_a_prompt_says_what_to_type() -> None:
    alone = frame().filter(pl.col("sample_index") == 0)
    results = run(alone, equivalence="exact", draws=200, levels=LevelOptions(metrics=("distinct",)))
    reasons = {found.analysis: found.reason for found in results.manifest.not_run}
    assert "--unit set" in reasons["diversity metric distinct:2"]


def test_none_computes_nothing_and_unknown_names_are_errors_with_near_ones() -> None:
    results = run(frame(), equivalence="exact", draws=200, levels=LevelOptions(metrics=("none",)))
    assert not results.tables["diversity_levels"].height
    with pytest.raises(InputError, match="near: 'distinct'"):
        chosen_metrics(LevelOptions(metrics=("distinkt",)), has_vectors=False)
    with pytest.raises(InputError, match="none alone"):
        LevelOptions(metrics=("none", "distinct"))
    with pytest.raises(InputError, match="--set-size"):
        LevelOptions(size=1)


def test_missing_texts_and_missing_classes_are_left_out() -> None:
    rows = pl.DataFrame({
        "model": ["m"] * 3, "domain": ["d"] * 3, "prompt_id": ["p"] * 3, "prompt": ["q"] * 3, "response": ["a", None, "b"],
        "quality": [1.0, 1.0, 0.0], "class": [0, 1, 1], "index": [0, 1, 2], "row": [0, 1, 2],
    })  # fmt: skip
    (found,) = level_cells(rows, seed=0, embedder=None, progress=None)
    assert list(found.responses.texts) == ["a", "b"]
    assert found.responses.outcomes is not None
    assert found.responses.outcomes.tolist() == [True, False]


def test_rows_of_every_table_come_in_one_order() -> None:
    models = [f"m{number}" for number in range(9)]
    once, *again = (run(frame(10, models), equivalence="exact", draws=200).tables for _ in range(4))
    assert once["complexity"].height
    assert [name for tables in again for name in once if not tables[name].equals(once[name])] == []


def test_sets_hold_five_answers_or_what_most_cells_hold() -> None:
    options = LevelOptions()
    assert options.size_of_sets(np.array([10] * 20)) == 5
    assert options.size_of_sets(np.array([4] * 19 + [2])) == 4
    assert options.size_of_sets(np.array([1] * 20)) == 2
    assert LevelOptions(size=7).size_of_sets(np.array([4] * 20)) == 7
