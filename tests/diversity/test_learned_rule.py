"""Learned equivalence as a rule: the contract, what it asks of its encoder, how it is named and typed."""

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from tests.contract.equivalence import Check, canonical, checks_for, samples
from tests.diversity.embedders import Words
from tests.diversity.heads import overlap_artefact
from triaxis.diversity.equivalence.learned import Learned, parse_learned
from triaxis.diversity.equivalence.learned import rule as learned_rule
from triaxis.diversity.equivalence.partition import RULES, Partitioned, PartitionRule
from triaxis.errors import InputError
from triaxis.protocols import CellsEquivalence, Progress


class Counting(Words):
    """Words, and how often it was asked for what."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def embed(self, texts: Sequence[str], *, progress: Progress | None = None) -> np.ndarray:
        self.asked.append(list(texts))
        return super().embed(texts)


@pytest.fixture
def rule() -> Learned:
    return Learned(overlap_artefact(), Words())


@pytest.mark.parametrize("partition", RULES)
@pytest.mark.parametrize("check", checks_for(Learned(overlap_artefact(), Words())), ids=lambda check: check.__name__)
def test_learned_keeps_the_contract(check: Check, partition: PartitionRule, rule: Learned) -> None:
    check(rule.partitioned(partition))


def test_it_is_asked_for_many_cells_at_once_and_its_partition_can_be_chosen(rule: Learned) -> None:
    assert isinstance(rule, CellsEquivalence)
    assert isinstance(rule, Partitioned)


def test_answers_that_share_most_words_are_one_class(rule: Learned) -> None:
    cell = samples(["a red oak", "the red oak", "one blue sea", None, "red oak a"])
    assert rule.labels(cell).tolist() == [0, 0, 1, -1, 0]


def test_words_of_the_prompt_do_not_make_answers_the_same(rule: Learned) -> None:
    cell = samples(["a red kite", "a red boat"])
    assert rule.labels(cell).tolist() == [0, 0]
    assert rule.labels(cell.with_columns(prompt=pl.lit("name a red thing"))).tolist() == [0, 1]


def test_cells_together_have_the_labels_of_cells_alone_and_are_embedded_in_one_call() -> None:
    encoder = Counting()
    rule = Learned(overlap_artefact(), encoder)
    texts = [["a red oak", "the red oak", "sea"], ["sea"], [None, None], ["x y", "z", "x y w"], []]
    cells = [samples(found) for found in texts]
    together = rule.labels_of_cells(cells)
    assert len(encoder.asked) == 1
    assert [labels.tolist() for labels in together] == [rule.labels(cell).tolist() for cell in cells]


def test_cells_that_would_not_fit_together_are_taken_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learned_rule, "TEXTS_AT_ONCE", 4)
    encoder = Counting()
    rule = Learned(overlap_artefact(), encoder)
    found = rule.labels_of_cells([samples(["a b", "a b c", "d"])] * 3)
    assert [labels.tolist() for labels in found] == [[0, 0, 1]] * 3
    assert len(encoder.asked) == 3


def test_partition_rules_part_a_chain_differently(rule: Learned) -> None:
    chain = samples(["one two three four", "two three four five", "three four five six", "four five six seven"])
    found = {name: canonical(rule.partitioned(name).labels(chain)) for name in RULES}
    assert found["first-member"] == [0, 0, 0, 1]
    assert found["union-find"] == [0, 0, 0, 0]
    assert rule.partitioned("union-find").name == "learned/union-find"


def test_probabilities_of_pairs_are_symmetric_and_blind_to_the_order_of_pairs(rule: Learned) -> None:
    first, second = ["a red oak", "sea", "", "x"], ["the oak", "sea", "b", "\ud800"]
    prompts = ["name a tree", None, "q", None]
    forth = rule.probabilities(first, second, prompts)
    assert forth.tolist() == rule.probabilities(second, first, prompts).tolist()
    assert forth[::-1].tolist() == rule.probabilities(first[::-1], second[::-1], prompts[::-1]).tolist()
    assert forth[1] == 1
    assert rule.probabilities([], []).shape == (0,)


def test_the_distance_of_a_set_is_the_mean_over_its_pairs(rule: Learned) -> None:
    sets = [["a red oak", "the red oak", "sea"], ["x"], [], ["y", "y"]]
    found = rule.distances(sets, ["what?", None, None, None])
    pairs = rule.probabilities(["a red oak", "a red oak", "the red oak"], ["the red oak", "sea", "sea"], ["what?"] * 3)
    assert found[0] == pytest.approx(1 - pairs.mean())
    assert np.isnan(found[1:3]).all()
    assert found[3] == 0
    assert np.isnan(rule.distances([[]], [None])).all()


def test_a_threshold_can_be_given(rule: Learned) -> None:
    strict = Learned(overlap_artefact(), Words(), threshold=0.9, name="learned:0.9")
    cell = samples(["a red oak", "the red oak"])
    assert (rule.labels(cell).tolist(), strict.labels(cell).tolist()) == ([0, 0], [0, 1])
    assert strict.partitioned("union-find").labels(cell).tolist() == [0, 1]
    assert "at least 0.9" in strict.rule


@pytest.mark.parametrize("wrong", [0.0, -1.0, 1.5, float("nan")])
def test_a_threshold_that_is_no_probability_is_refused(wrong: float) -> None:
    with pytest.raises(InputError, match="probability in"):
        Learned(overlap_artefact(), Words(), threshold=wrong)


def test_another_encoder_is_refused() -> None:
    with pytest.raises(InputError, match=r"fitted on the encoder minilm@1, got words"):
        Learned(overlap_artefact("minilm@1"), Words())


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", (None, None)), ("0.7", (None, 0.7)), ("my", ("my", None)), ("a/b@0.5", ("a/b", 0.5)), ("me@home", ("me@home", None))],
)
def test_what_is_typed_after_the_colon(text: str, expected: tuple[str | None, float | None]) -> None:
    assert tuple(parse_learned(text)) == expected
