"""Runs and steps out of what names them: a column of `--by`, numbers in model names, an order."""

import pytest

from triaxis.errors import InputError
from triaxis.measure.series.steps import columns_of, parse_series, steps_of, whole_step


def runs(models: list[str], text: str, *, by: str = "") -> dict[str, list[tuple[int, str]]]:
    return {run: [tuple(c) for c in found] for run, found in steps_of(models, parse_series(text), by=by).runs.items()}  # type: ignore[misc]


def test_a_column_of_steps_comes_last_in_the_name_unless_by_says_otherwise() -> None:
    assert runs(["a | 10", "a | 9", "b | 1"], "step") == {"a": [(9, "a | 9"), (10, "a | 10")]}
    assert runs(["10 | a", "9 | a"], "step", by="step,model") == {"a": [(9, "9 | a"), (10, "10 | a")]}
    assert runs(["a | 1 | x", "a | 2 | x"], "step", by="model,step,domain") == {"a | x": [(1, "a | 1 | x"), (2, "a | 2 | x")]}
    assert runs(["1", "2"], "step", by="step") == {"all": [(1, "1"), (2, "2")]}


def test_a_model_name_may_hold_the_mark_between_columns() -> None:
    assert runs(["a | b | 1", "a | b | 2"], "step") == {"a | b": [(1, "a | b | 1"), (2, "a | b | 2")]}
    left = steps_of(["a | 1 | 2 | x", "b | 1 | x", "b | 2 | x"], parse_series("step"), by="model,step,domain").left_out
    assert left == ("a | 1 | 2 | x: its step could be 1 or 2; name the step last in --by",)


def test_minus_zero_missing_and_broken_steps() -> None:
    found = steps_of(["a | -0", "a | 5.0", "a | 2.5", "a | (none)", "b"], parse_series("step"))
    assert [c.step for c in found.runs["a"]] == [0, 5]
    assert len(found.left_out) == 3
    assert "no whole number" in found.left_out[0]
    assert steps_of(["a | 0", "a | -0"], parse_series("step")).runs == {}


STEPS = [("7", 7), ("-3", -3), ("7.0", 7), ("1e3", None), ("nan", None), ("", None), ("9" * 30, None)]


@pytest.mark.parametrize(("text", "step"), STEPS)
def test_whole_steps(text: str, step: int | None) -> None:
    assert whole_step(text) == step


def test_numbers_in_names_are_steps_in_natural_order_and_sizes_and_versions_are_not() -> None:
    names = ["llama-7b-v2-step-100", "llama-7b-v2-step-20", "llama-13b-v2-step-20", "gpt-v3"]
    assert runs(names, "model") == {"llama-7b-v2-step": [(20, names[1]), (100, names[0])]}
    assert runs(["x-1k-steps", "x-2.5k-steps"], "model") == {"x-steps": [(1000, "x-1k-steps"), (2500, "x-2.5k-steps")]}


def test_the_number_that_a_word_names_is_the_step_whatever_else_differs() -> None:
    names = ["r1-step-1", "r1-step-2", "r2-step-1", "r2-step-2"]
    assert sorted(runs(names, "model")) == ["r1-step", "r2-step"]


def test_names_without_a_number_come_first_and_final_comes_last() -> None:
    names = ["base", "rl-100", "rl-200", "final"]
    assert runs(names, "model") == {"rl": [(0, "base"), (100, "rl-100"), (200, "rl-200"), (201, "final")]}
    two = steps_of(["base", "sft", "rl-1", "rl-2"], parse_series("model"))
    assert len(two.left_out) == 2
    assert "--series model=a,b,c" in two.left_out[0]


def test_an_order_is_taken_as_it_is_and_may_hold_several_runs() -> None:
    ordered = {"m": [(0, "m-sft"), (1, "m-rl"), (2, "m-final")]}
    assert runs(["m-final", "m-sft", "m-rl", "x"], "model=m-sft,m-rl,m-final") == ordered
    assert sorted(runs(["a", "b", "c", "d"], "model=a,b;c,d")) == ["a to b", "c to d"]
    assert runs(["7B", "7B-SFT"], "model=7B,7B-SFT") == {"7B": [(0, "7B"), (1, "7B-SFT")]}
    assert runs(["alpha", "alps"], "model=alps,alpha") == {"alps to alpha": [(0, "alps"), (1, "alpha")]}


@pytest.mark.parametrize("text", ["", "  ", "model=", "model=a", "model=a,,b", "model=a,a", "step=1,2", "meta."])
def test_what_cannot_be_meant_says_what_to_type(text: str) -> None:
    with pytest.raises(InputError, match=r"type step, meta\.KEY, model"):
        parse_series(text)


def test_an_ordered_model_that_is_not_there_gets_near_names() -> None:
    with pytest.raises(InputError, match=r"no model 'alpa'.*near: 'alpha'"):
        steps_of(["alpha", "beta"], parse_series("model=alpa,beta"))


def test_a_column_that_by_does_not_name_says_what_to_type() -> None:
    with pytest.raises(InputError, match="needs --by model,step"):
        steps_of(["a"], parse_series("step"), by="model")
    assert columns_of(parse_series("meta.rl_step")) == ("model", "meta.rl_step")
    assert columns_of(parse_series("model")) == ()
