"""The contract suite: every registered diversity metric, plugins included, against the checks that its traits ask for."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise

import numpy as np
import pytest

from tests.contract import diversity_contract as contract
from tests.contract.diversity_contract import Check, checks_for
from tests.contract.genres import GENRES, PROSE, responses_of
from tests.diversity.embedders import Words
from tests.diversity.heads import overlap_artefact
from triaxis.diversity.equivalence.learned import Learned
from triaxis.diversity.semantic.learned_distance import LearnedDistance
from triaxis.errors import InputError, Undefined
from triaxis.protocols import Diversity
from triaxis.registry import create, names
from triaxis.responses import Responses, Traits

PACKAGES = ("lexical", "syntactic", "semantic", "behavioural", "formats")
ARGUMENTS = ("2", "3", "0.5", "inf", "0.1", "10")
"""What is tried after the colon of every name: a metric that takes an argument takes one of these."""

LEARNED = LearnedDistance(Learned(overlap_artefact(), Words()))
BRING_AN_ENCODER = {"learned-distance": LEARNED}
"""Registered where models are, and held to the contract with an encoder that needs no weights."""

for package in PACKAGES:
    if find_spec(f"triaxis.diversity.{package}") is not None:
        import_module(f"triaxis.diversity.{package}")


@cache
def specs() -> tuple[str, ...]:
    """Every registered name, and every name with every argument that it takes."""
    found = []
    for name in sorted(set(names("diversity")) - set(BRING_AN_ENCODER)):
        found += [spec for spec in (name, *(f"{name}:{argument}" for argument in ARGUMENTS)) if is_made(spec)]
    return tuple(found)


def is_made(spec: str) -> bool:
    try:
        create("diversity", spec)
    except InputError:
        return False
    return True


def pairs() -> list[tuple[str, Check]]:
    return [(spec, check) for spec in specs() for check in checks_for(create("diversity", spec))]


@pytest.mark.parametrize(("spec", "check"), pairs(), ids=lambda value: getattr(value, "__name__", value))
def test_a_metric_keeps_its_contract(spec: str, check: Check) -> None:
    check(create("diversity", spec))


@pytest.mark.parametrize("spec", [spec for spec in specs() if ":" in spec])
def test_an_argument_is_in_the_name_and_in_the_value(spec: str) -> None:
    made, name = create("diversity", spec), spec.partition(":")[0]
    assert made.name.startswith(name)
    siblings = [create("diversity", other) for other in specs() if other.partition(":")[0] == name]
    others = [other for other in siblings if other.name != made.name]
    assert others, f"{spec} has the name of all its siblings"
    sets = contract._telling_sets(made)
    values = [contract.valued(made, one) for one in sets]
    assert any([contract.valued(other, one) for one in sets] != values for other in others)


def test_every_name_makes_a_metric() -> None:
    assert {spec.partition(":")[0] for spec in specs()} == set(names("diversity")) - set(BRING_AN_ENCODER)


@pytest.mark.parametrize("check", checks_for(LEARNED))
def test_learned_distance_keeps_its_contract_with_an_encoder_that_needs_no_weights(check: Check) -> None:
    check(LEARNED)


def test_genres_have_different_texts_without_a_word_of_prose_in_common() -> None:
    for texts in GENRES.values():
        assert len(set(texts)) == len(texts) >= 8
    words = Counter(word.strip(".,;!?").casefold() for text in PROSE for word in text.split())
    assert max(words.values()) == 1


OF_TEXTS = Traits("lexical", "Share of texts that differ from all others.", high=1.0, source="this test")
OF_LABELS = replace(OF_TEXTS, needs=frozenset({"labels"}), growth="mergeable", is_size_free=True)
OF_VECTORS = replace(OF_TEXTS, level="semantic", needs=frozenset({"vectors"}), high=2.0, is_size_free=True)


@dataclass(frozen=True)
class Distinct:
    """Different texts over all texts, of those with at least `shortest` characters: keeps every promise that it makes."""

    shortest: int = 0
    name: str = "test-distinct"
    traits: Traits = OF_TEXTS

    def value(self, responses: Responses) -> float:
        return self.share([text for text in responses.texts if len(text) >= self.shortest], len(responses))

    def share(self, texts: Sequence[str], size: int) -> float:
        if size < 2 or len(texts) < 2:
            raise Undefined("fewer than two texts")
        return len(set(texts)) / len(texts)


@dataclass(frozen=True)
class Pairs:
    """Share of pairs of labels that differ, unbiased in n, with a tally: keeps every promise that it makes."""

    name: str = "test-pairs"
    traits: Traits = OF_LABELS

    def value(self, responses: Responses) -> float:
        tally = self.tally()
        tally.add(responses)
        return tally.value()

    def tally(self) -> "Counts":
        return Counts()


class Counts:
    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()

    def add(self, responses: Responses) -> None:
        if responses.labels is None:
            raise Undefined("no labels here")
        self.counts.update(int(label) for label in responses.labels if label >= 0)

    def merge(self, other: "Counts") -> None:
        self.counts.update(other.counts)

    def value(self) -> float:
        size = self.counts.total()
        if size < 2:
            raise Undefined("fewer than two labels")
        return 1 - sum(many * (many - 1) for many in self.counts.values()) / (size * (size - 1))


@dataclass(frozen=True)
class Spread:
    """Mean pairwise cosine distance: keeps every promise that it makes."""

    name: str = "test-spread"
    traits: Traits = OF_VECTORS

    def value(self, responses: Responses) -> float:
        if responses.vectors is None:
            raise Undefined("no vectors here")
        rows = responses.vectors[~np.isnan(responses.vectors).any(axis=1)].astype(np.float64)
        if len(rows) < 2:
            raise Undefined("fewer than two vectors")
        return float(1 - (np.square(rows.sum(axis=0)).sum() - len(rows)) / (len(rows) * (len(rows) - 1)))


@dataclass(frozen=True)
class MeanRatio:
    """Different characters over all characters, mean over texts: keeps every promise that it makes."""

    name: str = "test-ratio"
    traits: Traits = replace(OF_TEXTS, smallest=1, is_within_texts=True, is_size_free=True)  # noqa: RUF009  a constant

    def value(self, responses: Responses) -> float:
        ratios = [len(set(text)) / len(text) for text in responses.texts if text]
        if not ratios:
            raise Undefined("no text with a character")
        return float(np.mean(ratios))


@pytest.mark.parametrize("metric", [Distinct(), Pairs(), Spread(), MeanRatio()], ids=lambda metric: metric.name)
def test_a_metric_that_keeps_its_promises_passes(metric: Diversity) -> None:
    for check in checks_for(metric):
        check(metric)


class SignFlipped(Distinct):
    def share(self, texts: Sequence[str], size: int) -> float:
        return 1 - super().share(texts, size)


class IgnoresItsParameter(Distinct):
    def value(self, responses: Responses) -> float:
        return self.share(list(responses.texts), len(responses))


class DependsOnOrder(Distinct):
    def share(self, texts: Sequence[str], size: int) -> float:
        if size < 2:
            raise Undefined("fewer than two texts")
        return sum(a != b for a, b in pairwise(texts)) / len(texts)


class ZeroWhenUndefined(Distinct):
    def share(self, texts: Sequence[str], size: int) -> float:
        return super().share(texts, size) if size > 1 else 0.0


class NotANumber(Distinct):
    def share(self, texts: Sequence[str], size: int) -> float:
        return super().share(texts, size) if size > 1 else float("nan")


class AnArrayScalar(Distinct):
    def share(self, texts: Sequence[str], size: int) -> float:
        return np.float64(super().share(texts, size))


class GrowsWithCopies(Distinct):
    def share(self, texts: Sequence[str], size: int) -> float:
        return super().share(texts, size) * size**1.5


class OutOfRange(Distinct):
    def share(self, texts: Sequence[str], size: int) -> float:
        return 3 * super().share(texts, size)


class TripsOverMarkup(Distinct):
    def share(self, texts: Sequence[str], size: int) -> float:
        return super().share([text.split()[0] + text[1:] for text in texts], size)


class Changes(Distinct):
    def value(self, responses: Responses) -> float:
        found = super().value(responses)
        responses.texts.sort()  # type: ignore[attr-defined]
        return found


class HasMemory(Distinct):
    seen: list[int] = []  # noqa: RUF012  the fault that is to be seen

    def share(self, texts: Sequence[str], size: int) -> float:
        self.seen.append(1)
        return super().share(texts, size) / (1 + len(self.seen))


class ReadsLabels(Distinct):
    def value(self, responses: Responses) -> float:
        return super().value(responses) * (1.0 if responses.labels is not None else 0.5)


class KeepsAView(Distinct):
    def value(self, responses: Responses) -> float:
        sizes = responses.view("sizes", lambda texts: [len(texts)] * len(texts))
        return super().value(responses) / (1 + sizes[0])


class CountsItself(Spread):
    """Divides by n squared: the zero distance of each to itself counts (cshaib/diversity, remote-clique)."""

    def value(self, responses: Responses) -> float:
        return super().value(responses) * (1 - 1 / len(responses))


class HolesAreZero(Spread):
    def value(self, responses: Responses) -> float:
        rows = None if responses.vectors is None else np.nan_to_num(responses.vectors)
        return super().value(replace(responses, vectors=rows))


class MissingIsAClass(Pairs):
    def value(self, responses: Responses) -> float:
        return super().value(replace(responses, labels=None if responses.labels is None else np.abs(responses.labels)))


class ReadsTexts(Pairs):
    def value(self, responses: Responses) -> float:
        return super().value(responses) / (1 + len(set(responses.texts)))


class ForgetsWhatItMerged(Pairs):
    def tally(self) -> Counts:
        return Forgets()


class Forgets(Counts):
    def merge(self, other: Counts) -> None:
        self.counts |= other.counts


BROKEN = [
    (SignFlipped(), contract.alike_and_unlike_are_the_two_ends),
    (SignFlipped(), contract.repeating_the_whole_set_never_raises_diversity),
    (IgnoresItsParameter(), contract.every_parameter_matters),
    (DependsOnOrder(), contract.order_does_not_matter),
    (ZeroWhenUndefined(), contract.too_few_responses_have_no_value),
    (NotANumber(), contract.too_few_responses_have_no_value),
    (AnArrayScalar(), contract.values_lie_in_the_declared_range),
    (GrowsWithCopies(traits=replace(OF_TEXTS, high=float("inf"))), contract.repeating_the_whole_set_never_raises_diversity),
    (OutOfRange(), contract.values_lie_in_the_declared_range),
    (Changes(), contract.nothing_given_is_changed),
    (HasMemory(), contract.asked_twice_the_same),
    (ReadsLabels(), contract.what_a_metric_needs_is_what_it_reads),
    (KeepsAView(), contract.a_subset_is_a_set_of_its_own),
    (Distinct(traits=replace(OF_TEXTS, says="")), contract.traits_are_declared),
    (CountsItself(), contract.sets_of_any_size_have_the_same_expectation),
    (HolesAreZero(), contract.rows_without_a_vector_are_left_out),
    (MissingIsAClass(), contract.responses_without_a_class_are_left_out),
    (Distinct(traits=replace(OF_TEXTS, is_within_texts=True)), contract.the_value_is_a_mean_over_texts),
    (MeanRatio(traits=OF_TEXTS), contract.alike_and_unlike_are_the_two_ends),
    (ReadsTexts(), contract.texts_that_are_not_needed_are_not_read),
    (ForgetsWhatItMerged(), contract.a_tally_has_the_value_of_the_set),
]


@pytest.mark.parametrize(("broken", "check"), BROKEN, ids=lambda value: getattr(value, "__name__", type(value).__name__))
def test_a_broken_promise_is_seen(broken: Diversity, check: Check) -> None:
    assert check in checks_for(broken)
    with pytest.raises(AssertionError):
        check(broken)


def test_a_metric_that_trips_over_hostile_text_is_seen() -> None:
    with pytest.raises(IndexError):
        contract.hostile_texts_raise_nothing(TripsOverMarkup())


def test_a_constant_has_no_genre() -> None:
    class Constant(Distinct):
        def share(self, texts: Sequence[str], size: int) -> float:
            return 0.5

    with pytest.raises(AssertionError, match="each genre"):
        contract.alike_and_unlike_are_the_two_ends(Constant())


def test_made_responses_have_everything_and_the_same_for_the_same_text() -> None:
    made = responses_of([PROSE[0], PROSE[1], PROSE[0]])
    assert made.vectors is not None
    assert made.labels is not None
    np.testing.assert_allclose(np.linalg.norm(made.vectors, axis=1), 1, atol=1e-6)
    assert np.array_equal(made.vectors[0], made.vectors[2])
    assert made.labels[0] == made.labels[2] != made.labels[1]
