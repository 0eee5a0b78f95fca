"""Sequences of actions: values worked out by hand, and slow definitions to agree with."""

import json
from collections.abc import Callable, Sequence
from itertools import combinations
from math import log2
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaxis.diversity.behavioural.trajectories import (
    STOP,
    ActionEditDistance,
    ActionNgrams,
    BranchEntropy,
    branch_entropy,
    mean_edit_distance,
    spelled,
)
from triaxis.errors import InputError, Undefined
from triaxis.registry import create
from triaxis.responses import Responses

Runs = list[list[str]]
RUNS = st.lists(st.lists(st.sampled_from(["look", "buy", "sell", "ask"]), max_size=6), min_size=2, max_size=7)


def transcripts(*runs: Sequence[str]) -> Responses:
    """Runs of tool names, each tool with its place as its argument."""
    calls = [[{"function": {"name": name, "arguments": json.dumps({"at": at})}} for at, name in enumerate(run)] for run in runs]
    return Responses([json.dumps([{"role": "assistant", "tool_calls": made}]) for made in calls])


def edit_distance(a: Sequence[str], b: Sequence[str]) -> int:
    """Levenshtein by its definition."""
    if not a or not b:
        return len(a) + len(b)
    return min(edit_distance(a[1:], b) + 1, edit_distance(a, b[1:]) + 1, edit_distance(a[1:], b[1:]) + (a[0] != b[0]))


@given(RUNS)
def test_mean_edit_distance_agrees_with_the_definition(runs: Runs) -> None:
    pairs = [edit_distance(a, b) / max(len(a), len(b), 1) for a, b in combinations(runs, 2)]
    assert mean_edit_distance(runs) == pytest.approx(sum(pairs) / len(pairs))


@given(RUNS)
def test_branch_entropy_agrees_with_the_definition(runs: Runs) -> None:
    ended = [(*run, STOP) for run in runs]
    total = weight = 0.0
    for prefix in {run[:size] for run in ended for size in range(len(run))}:
        steps = [run[len(prefix)] for run in ended if run[: len(prefix)] == prefix and len(run) > len(prefix)]
        if len(steps) > 1:
            total += sum(-log2(steps.count(step) / len(steps)) for step in steps)
            weight += len(steps)
    assert branch_entropy(runs) == pytest.approx(total / weight)


def test_edit_distance_of_three_runs() -> None:
    # look buy | look sell: 1 of 2 steps; look buy | look: 1 of 2; look sell | look: 1 of 2.
    assert ActionEditDistance().value(transcripts(["look", "buy"], ["look", "sell"], ["look"])) == 0.5
    assert mean_edit_distance([[], []]) == 0.0
    assert mean_edit_distance([["a"], []]) == 1.0


def test_with_arguments_the_same_tool_is_half_a_change() -> None:
    same_tool = Responses([f"Action: look[{place}]" for place in ("here", "there")])
    assert ActionEditDistance().value(same_tool) == 0.0
    assert ActionEditDistance(has_arguments=True).value(same_tool) == 0.5


def test_ngrams_include_the_stop() -> None:
    # look buy, buy STOP | look STOP | look buy, buy STOP: three different of five.
    assert ActionNgrams().value(transcripts(["look", "buy"], ["look"], ["look", "buy"])) == 3 / 5
    with pytest.raises(Undefined, match="hold no 4 neighbouring actions"):
        ActionNgrams(4).value(transcripts(["look", "buy"], ["look"]))


def test_branches_count_where_runs_still_agree() -> None:
    # At the start both look: 0 bits, twice. Then one buys and one sells: 1 bit, twice.
    assert BranchEntropy().value(transcripts(["look", "buy"], ["look", "sell"])) == 0.5
    assert BranchEntropy().value(transcripts(["look"], ["buy"], ["sell"], ["ask"])) == 2.0
    assert BranchEntropy().value(transcripts(["look", "buy"], ["look", "buy"])) == 0.0


def test_texts_that_are_no_transcript_are_left_out() -> None:
    runs = transcripts(["look", "buy"], ["look", "sell"])
    for metric in (ActionEditDistance(), ActionNgrams(), BranchEntropy()):
        assert metric.value(Responses([*runs.texts, "Boil the potatoes."])) == metric.value(runs)
        with pytest.raises(Undefined, match="needs at least 2 transcripts"):
            metric.value(Responses([runs.texts[0], "Boil the potatoes."]))


def test_more_tools_than_there_are_letters_before_the_surrogates_are_spelled_apart() -> None:
    tools = [[f"tool {place}"] for place in range(0xD900)]
    letters = spelled(tools)
    assert len(set(letters)) == len(tools)
    "".join(letters).encode("utf-8")  # a lone surrogate could not be


def test_metrics_are_made_by_name() -> None:
    assert create("diversity", "action-edit-distance:arguments") == ActionEditDistance(True)
    assert create("diversity", "action-ngrams:3").name == "action-ngrams:3"
    for spec in ("action-edit-distance:names", "action-ngrams:0"):
        with pytest.raises(InputError, match="expected"):
            create("diversity", spec)


def test_runs_of_one_task_are_more_alike_than_runs_of_many(real_data: Callable[[str], Path]) -> None:
    frame = pl.read_parquet(real_data("agent_trajectories_dev"))
    metric = ActionEditDistance()
    within = [metric.value(Responses(cell["response"].to_list())) for _, cell in frame.group_by("prompt_id", maintain_order=True)]
    assert len(within) == 22
    assert 0.2 < sum(within) / len(within) < metric.value(Responses(frame["response"].to_list())) < 0.9
