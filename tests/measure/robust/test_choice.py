"""Which rules a flip is counted again under: near the chosen one, of another kind, at most nine, and nothing dear unasked."""

import pytest

from tests.diversity.embedders import Words
from tests.diversity.scorers import Scripted, equal_ends
from triaxis.diversity.equivalence import PairClasses, Topical, parse_equivalence
from triaxis.errors import InputError
from triaxis.measure.options import Options
from triaxis.measure.robust.choice import EMBEDDED_UNASKED, EQUIVALENCE, MOST, PARTITION, THRESHOLD, RobustOptions, alternatives
from triaxis.protocols import Equivalence
from triaxis.results import Calibration


def specs(base: Equivalence, kind: str | None = None, **more: object) -> list[str]:
    found = alternatives(base, calibration=more.pop("calibration", None), samples=100, **more)  # type: ignore[arg-type]
    return [one.spec for one in found if kind in (None, one.kind)]


def test_lexical_has_neighbouring_thresholds_and_the_other_partition_rules() -> None:
    base = parse_equivalence("lexical")
    assert specs(base, THRESHOLD) == ["lexical:0.5", "lexical:0.7", "lexical:0.4", "lexical:0.8"]
    assert specs(base, PARTITION) == ["lexical/union-find", "lexical/average-linkage"]


def test_thresholds_keep_the_partition_rule_of_the_base_and_stay_probabilities() -> None:
    base = parse_equivalence("lexical:0.9/union-find")
    assert specs(base, THRESHOLD) == ["lexical:0.8/union-find", "lexical:1/union-find", "lexical:0.7/union-find"]
    assert specs(base, PARTITION) == ["lexical:0.9", "lexical:0.9/average-linkage"]


def test_topical_has_thresholds_around_the_calibrated_one() -> None:
    calibration = Calibration(
        encoder="e", zero=0.1, ceiling=0.6, ceiling_source="x", threshold=0.5, share_above=0.0, prompts=9, pairs=36, paraphrases=9
    )
    named = Topical(Words(), name="topical:hf:org/model", calibration=calibration)
    assert specs(named, THRESHOLD, calibration=calibration) == [f"topical:hf:org/model@{t}" for t in (0.45, 0.55, 0.4, 0.6)]
    given = Topical(Words(), name="topical:0.9", threshold=0.9)
    assert specs(given, THRESHOLD) == ["topical:0.85", "topical:0.95", "topical:0.8", "topical:1"]


def test_a_pair_classifier_has_its_thresholds_too_with_order_and_revision_kept() -> None:
    base = PairClasses(Scripted(equal_ends), threshold=0.3, name="hf-pair:org/name@main@0.3@both")
    assert specs(base, THRESHOLD) == [f"hf-pair:org/name@main@{t}@both" for t in (0.2, 0.4, 0.1, 0.5)]
    judge = PairClasses(Scripted(equal_ends), name="judge:m")
    assert specs(judge, THRESHOLD) == []  # its verdicts have no number


@pytest.mark.parametrize("name", ["lexical", "exact", "column:label", "normalised", "lexical:0.3/average-linkage"])
def test_there_are_at_most_nine_and_the_base_is_none_of_them(name: str) -> None:
    found = specs(parse_equivalence(name))
    assert 5 <= len(found) <= MOST
    assert name not in found
    assert len(set(found)) == len(found)
    assert all(parse_equivalence(spec).name == spec for spec in found if spec.startswith(("lexical", "normalised")))


def test_an_encoder_is_not_started_unasked_on_many_samples() -> None:
    base = parse_equivalence("lexical")
    few, many = (alternatives(base, calibration=None, samples=n) for n in (10, EMBEDDED_UNASKED + 1))
    assert [one.reason for one in few if one.spec == "topical:0.9"] == [None]
    (reason,) = [one.reason for one in many if one.spec == "topical:0.9"]
    assert reason is not None
    assert "--robust-rule" in reason


def test_a_judge_is_not_asked_further_pairs_unasked() -> None:
    found = alternatives(PairClasses(Scripted(equal_ends), name="judge:m"), calibration=None, samples=10)
    reasons = {one.spec: one.reason for one in found if one.kind == PARTITION}
    assert set(reasons) == {"judge:m/union-find", "judge:m/average-linkage"}
    assert all(reason and "costs" in reason for reason in reasons.values())
    local = alternatives(PairClasses(Scripted(equal_ends), name="hf-pair:m"), calibration=None, samples=10)
    assert [one.reason for one in local if one.kind == PARTITION] == [None, None]


def test_rules_that_are_typed_replace_the_chosen_ones() -> None:
    found = alternatives(
        parse_equivalence("lexical"), calibration=None, samples=10,
        rules=("lexical:0.5", "lexical/union-find", "exact", "exact", "lexical"),
    )  # fmt: skip
    assert [(one.spec, one.kind) for one in found] == [
        ("lexical:0.5", THRESHOLD), ("lexical/union-find", PARTITION), ("exact", EQUIVALENCE),
    ]  # fmt: skip


def test_rules_without_robust_are_refused() -> None:
    with pytest.raises(InputError, match="needs --robust"):
        Options(robust=RobustOptions(is_on=False, rules=("exact",)))
