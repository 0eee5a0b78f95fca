"""Entropies and shares of formats, worked out by hand, and the collapse that they are there to see."""

from collections.abc import Callable
from math import log2
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaxis.diversity.formats.metrics import (
    DominantFormat,
    FormatCombinations,
    FormatEntropy,
    OpeningEntropy,
    format_shares,
    opening,
)
from triaxis.diversity.sequences import distinct_share, entropy_bits, ngrams
from triaxis.errors import InputError, Undefined
from triaxis.registry import create
from triaxis.responses import Responses

PROSE, LIST, JSON, HEADED = "It rained.", "- a\n- b", '{"a": 1}', "## A\n- a\n## B\n- b"


def test_entropy_is_in_bits() -> None:
    responses = Responses([PROSE, "It snowed.", LIST, JSON])
    assert format_shares(responses.texts) == {"prose": 0.5, "json": 0.25, "list": 0.25}
    assert FormatEntropy().value(responses) == 1.5
    assert DominantFormat().value(responses) == 0.5
    assert FormatEntropy().value(Responses([PROSE, PROSE])) == 0.0


def test_combinations_see_what_the_primary_format_hides() -> None:
    responses = Responses([LIST, HEADED])
    assert FormatEntropy().value(responses) == 0.0
    assert FormatCombinations().value(responses) == 1.0


def test_openings_are_the_first_words_whatever_their_case() -> None:
    assert opening("Let me see...", 3) == ("let", "me", "see")
    assert opening("Yes", 3) == ("yes",)
    texts = Responses(["Let me see.", "LET ME see it", "Let us go", "No"])
    assert OpeningEntropy(3).value(texts) == 1.5
    assert OpeningEntropy(1).value(texts) == pytest.approx(2 - 0.75 * log2(3))


@pytest.mark.parametrize("metric", [FormatEntropy(), FormatCombinations(), DominantFormat(), OpeningEntropy()])
def test_one_response_has_no_spread(metric: FormatEntropy) -> None:
    with pytest.raises(Undefined, match="needs at least 2 responses, got 1"):
        metric.value(Responses([PROSE]))


@pytest.mark.parametrize("metric", [FormatEntropy(), FormatCombinations(), DominantFormat()])
def test_tallies_of_parts_add_up(metric: FormatEntropy) -> None:
    texts = [PROSE, LIST, HEADED, JSON, LIST]
    first, second = metric.tally(), metric.tally()
    first.add(Responses(texts[:2]))
    second.add(Responses(texts[2:]))
    first.merge(second)
    assert first.value() == metric.value(Responses(texts))


@given(st.lists(st.integers(1, 50), min_size=1, max_size=8))
def test_entropy_agrees_with_the_definition(counts: list[int]) -> None:
    shares = [count / sum(counts) for count in counts]
    assert entropy_bits(counts) == pytest.approx(-sum(share * log2(share) for share in shares), abs=1e-12)


@given(st.text("ab", max_size=12), st.integers(1, 4))
def test_ngrams_are_all_runs(text: str, n: int) -> None:
    assert ["".join(map(str, gram)) for gram in ngrams(text, n)] == [text[i : i + n] for i in range(len(text) - n + 1)]


def test_the_share_of_nothing_is_undefined() -> None:
    with pytest.raises(Undefined, match="hold no letters"):
        distinct_share("", of="letters")


def test_metrics_are_made_by_name() -> None:
    names = ["format-entropy", "format-combinations", "dominant-format", "opening-entropy:5"]
    assert [create("diversity", name).name for name in names] == names
    with pytest.raises(InputError, match="whole number"):
        create("diversity", "opening-entropy:none")


def test_reinforcement_learning_leaves_one_format(real_data: Callable[[str], Path]) -> None:
    frame = pl.read_parquet(real_data("rlvr_rollouts_dev"))
    cells = {str(model): Responses(rows["response"].to_list()) for (model,), rows in frame.group_by("model")}
    values = {model: FormatEntropy().value(cell) for model, cell in cells.items()}
    assert values["qwen2.5-1.5b-sft"] > 0.25
    assert all(values[f"qwen2.5-1.5b-rl-step-{step}"] == 0.0 for step in (100, 300, 500, 1000))
