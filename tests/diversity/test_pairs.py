"""Classes by a model that compares two answers: each pair once, of all cells together."""

import polars as pl
import pytest

from tests.contract.equivalence import Check, checks_for, samples
from tests.diversity.scorers import Scripted, equal_ends
from triaxis.diversity.equivalence import RULES, PairClasses, PartitionRule
from triaxis.errors import InputError
from triaxis.protocols import CellsEquivalence, Pair


def cell(*texts: str | None, prompt: str = "?") -> pl.DataFrame:
    return pl.DataFrame({"response": pl.Series(texts, dtype=pl.String), "prompt": [prompt] * len(texts)})


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("check", checks_for(PairClasses(Scripted(equal_ends))), ids=lambda check: check.__name__)
def test_pair_classes_keep_the_contract(rule: PartitionRule, check: Check) -> None:
    check(PairClasses(Scripted(lambda first, second: float(first == second), reads_prompt=True), partition=rule))


def test_equal_texts_are_the_same_without_asking() -> None:
    scorer = Scripted(lambda *_: 0.0)
    assert PairClasses(scorer).labels(cell("a", "a", "b", None, "a")).tolist() == [0, 0, 1, -1, 0]
    assert scorer.asked == [Pair("a", "b")]


def test_a_pair_that_occurs_in_several_cells_is_asked_once() -> None:
    scorer = Scripted(equal_ends)
    PairClasses(scorer).labels_of_cells([cell("xa", "ya"), cell("xa", "ya", prompt="other")])
    assert scorer.asked == [Pair("xa", "ya")]


def test_a_scorer_that_reads_the_prompt_is_asked_under_each_prompt() -> None:
    scorer = Scripted(equal_ends, reads_prompt=True)
    PairClasses(scorer).labels_of_cells([cell("xa", "ya"), cell("xa", "ya", prompt="other")])
    assert scorer.asked == [Pair("xa", "ya", "?"), Pair("xa", "ya", "other")]


def test_cells_share_waves_and_have_the_labels_they_have_alone() -> None:
    cells = [cell("1a", "2b", "3a", "4c"), cell(), cell("5b"), cell("6a", "7a", "8b")]
    scorer = Scripted(equal_ends)
    together = PairClasses(scorer).labels_of_cells(cells)
    assert [labels.tolist() for labels in together] == [PairClasses(Scripted(equal_ends)).labels(one).tolist() for one in cells]
    assert len(scorer.waves) == 2  # as many as the cell with most classes asks, not as all cells together


def test_an_undecided_pair_leaves_a_sample_without_a_class() -> None:
    rule = PairClasses(Scripted(lambda first, second: float("nan") if "?" in first + second else equal_ends(first, second)))
    assert rule.labels(cell("1a", "?a", "2a", "3b")).tolist() == [0, -1, 0, 1]


def test_the_rule_says_who_decides_from_where_and_how_classes_are_made() -> None:
    rule = PairClasses(Scripted(equal_ends, name="model X"), threshold=0.3, name="mine", partition="union-find")
    assert rule.name == "mine/union-find"
    assert rule.partitioned("first-member").name == "mine"
    for word in ("0.3", "model X", "union-find"):
        assert word in rule.rule


def test_reporting_tells_how_far_it_is() -> None:
    told: list[tuple[object, ...]] = []
    rule = PairClasses(Scripted(equal_ends)).reporting(lambda *args: told.append(args))
    assert isinstance(rule, CellsEquivalence)
    rule.labels(samples(["a", "b"]))
    assert told == [("comparing pairs", 1, 1)]


@pytest.mark.parametrize("threshold", [0.0, 1.5])
def test_a_threshold_that_is_no_probability_is_refused(threshold: float) -> None:
    with pytest.raises(InputError, match=r"probability in \(0, 1\]"):
        PairClasses(Scripted(equal_ends), threshold=threshold)
