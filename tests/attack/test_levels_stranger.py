"""What a stranger types and pastes: typing mistakes in names of metrics and measures, and texts that nobody writes on purpose."""

from collections.abc import Iterator
from typing import Literal

import polars as pl
import pytest

from tests.measure.samples import batch
from triaxis.cli.measure import chosen_names
from triaxis.complexity import code
from triaxis.complexity.grammars import JAVASCRIPT, PYTHON, Grammar
from triaxis.diversity.equivalence import ExactText
from triaxis.errors import InputError
from triaxis.measure import Options
from triaxis.measure.ingest import IngestOptions
from triaxis.measure.levels.check import check_levels
from triaxis.measure.levels.choice import LevelOptions
from triaxis.measure.robust.choice import RobustOptions
from triaxis.measure.run import Provenance, measure_batches
from triaxis.registry import create
from triaxis.syntax_trees import root_of

MISTAKES = ("nonsense", "distinct:0", "vendi:-1", "vendi:abc", "mattr:1", "ast-subtrees:cobol", "chrf:3", "ead:1,0", "ead:0")


@pytest.mark.parametrize("name", MISTAKES)
def test_a_metric_typed_wrong_is_found_before_any_sample_is_read(name: str) -> None:
    def batches() -> Iterator[pl.DataFrame]:
        pytest.fail("samples were read before the names were looked up")
        yield pl.DataFrame()

    options = Options(levels=LevelOptions(metrics=(name,)))
    with pytest.raises(InputError):
        measure_batches(batches(), IngestOptions(ExactText(), None), options, lambda: Provenance("t"))


SAY_NOTHING = [LevelOptions(complexity=("nonsense",)), LevelOptions(metrics=()), LevelOptions(metrics=("",))]


@pytest.mark.parametrize("levels", SAY_NOTHING)
def test_names_that_say_nothing_are_errors_and_not_an_empty_table(levels: LevelOptions) -> None:
    with pytest.raises(InputError):
        check_levels(levels)


NUMBERED = ("distinct", "ngram-diversity", "self-repetition", "mattr", "opening-entropy", "code-ngrams:python")


@pytest.mark.parametrize("name", NUMBERED)
@pytest.mark.parametrize("argument", ["99999999999999", "9" * 5000, "1e3", "½", "-1", " 2", "nan"])
def test_a_number_nobody_means_is_refused_and_not_counted_to(name: str, argument: str) -> None:
    with pytest.raises(InputError, match="whole number"):
        create("diversity", f"{name}:{argument}")


def test_the_message_says_what_to_type() -> None:
    with pytest.raises(InputError, match="type for example mattr:50"):
        create("diversity", "mattr:0")


@pytest.mark.parametrize("rule", ["", "nonsense", "lexcal/union-find", "exct"])
def test_a_robust_rule_that_does_not_exist_is_an_error_and_no_silent_line(rule: str) -> None:
    with pytest.raises(InputError, match="unknown --robust-rule"):
        Options(robust=RobustOptions(True, (rule,)))


def test_a_seed_below_zero_is_refused_with_what_to_type() -> None:
    with pytest.raises(InputError, match="--seed 0"):
        Options(seed=-1)


def test_names_behind_commas_may_have_spaces_and_a_vocabulary_belongs_to_its_metric() -> None:
    assert chosen_names(["distinct:2, chrf", "ead:1,500,mattr"], of="--metrics", example="chrf") == (
        "distinct:2", "chrf", "ead:1,500", "mattr",
    )  # fmt: skip


@pytest.mark.parametrize("typed", [[""], [","], [" , "]])
def test_no_name_after_a_flag_is_an_error(typed: list[str]) -> None:
    with pytest.raises(InputError, match="type for example --metrics chrf"):
        chosen_names(typed, of="--metrics", example="chrf")


@pytest.mark.parametrize("unit", ["prompt", "set"])
def test_intervals_stay_inside_the_range_of_their_metric(unit: Literal["prompt", "set"]) -> None:
    texts = ["- a\n- b", *(f"word {place % 5}" for place in range(1, 120))]
    rows = [{"prompt_id": f"p{place // 5:02}", "response": text, "model": "a"} for place, text in enumerate(texts)]
    counting = IngestOptions(ExactText(), None, unit=unit, level_prompts=500)
    options = Options(levels=LevelOptions(metrics=("format-entropy", "dominant-format")), draws=200)
    results, _ = measure_batches([batch(rows)], counting, options, lambda: Provenance("t"))
    found = results.tables["diversity_levels"].drop_nulls("low")
    assert found.filter(pl.col("metric") == "format-entropy")["low"].min() == 0.0
    assert found.filter(pl.col("metric") == "dominant-format")["high"].max() == 1.0


def test_too_few_prompts_with_enough_answers_is_said_as_that() -> None:
    cells = [(p, i) for p in range(24) for i in range(5 if p < 3 else 2)]
    frame = batch([{"prompt_id": f"p{p:02}", "response": f"word {i}", "model": "a"} for p, i in cells])
    counting = IngestOptions(ExactText(), None, level_prompts=500)
    options = Options(levels=LevelOptions(metrics=("distinct:1",), size=5), draws=200)
    results, _ = measure_batches([frame], counting, options, lambda: Provenance("t"))
    reasons = [one.reason for one in results.manifest.not_run if one.analysis == "diversity metric distinct:1"]
    assert reasons == ["needs 10 prompts of a model with 5 usable answers each, got 3 at most"]


def test_trust_without_metrics_is_refused() -> None:
    with pytest.raises(InputError, match="--trust"):
        LevelOptions(metrics=("none",), trust=True)


@pytest.mark.parametrize("grammar", [PYTHON, JAVASCRIPT])
def test_a_text_that_is_no_code_is_given_up_on_after_a_number_of_steps(grammar: Grammar) -> None:
    parser = code.parser(grammar)
    assert root_of(parser, "|---|\n" * 5000) is None  # was minutes: the parser mends each row against all before it
    for after in ("x = 1\n", "(" * 20_000 + "x" + ")" * 20_000):  # the text after it starts anew
        root = root_of(parser, after)
        assert root is not None
        assert not root.has_error
