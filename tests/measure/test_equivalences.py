"""Rules that need a model, by the names that people type; with tiny weights made here."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from tests.contract.equivalence import DIFFERENT, canonical, samples
from tests.measure.samples import batch, measured
from tests.models.pairs.tiny import save_classifier
from triaxis.diversity.equivalence import PairClasses, parse_equivalence
from triaxis.errors import InputError
from triaxis.measure.equivalences import NOVELTYBENCH_THRESHOLD, parse_classifier
from triaxis.measure.options import Options


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAXIS_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_classifier(tmp_path_factory.mktemp("pair"), width=64)


@pytest.fixture(scope="module")
def entailing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_classifier(tmp_path_factory.mktemp("nli"), ("entailment", "neutral", "contradiction"))


def made(spec: str) -> PairClasses:
    rule = parse_equivalence(spec)
    assert isinstance(rule, PairClasses)
    return rule


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("org/name", ("org/name", None, False)),
        ("org/name@0.3", ("org/name", 0.3, False)),
        ("org/name@both@0.3", ("org/name", 0.3, True)),
        ("org/name@main@both", ("org/name@main", None, True)),
    ],
)
def test_threshold_and_order_stand_behind_a_name_and_its_revision(text: str, expected: tuple[object, ...]) -> None:
    assert parse_classifier(text) == expected


def test_a_threshold_beyond_one_is_refused() -> None:
    with pytest.raises(InputError, match=r"probability in \(0, 1\]"):
        parse_classifier("org/name@90")


def test_a_classifier_and_its_partition_rule_are_typed(folder: Path) -> None:
    rule = made(f"hf-pair:{folder}@0.3/average-linkage")
    assert (rule.threshold, rule.partition) == (0.3, "average-linkage")
    assert rule.name == f"hf-pair:{folder}@0.3/average-linkage"
    assert "at least 0.3" in rule.rule


def test_noveltybench_is_its_threshold_its_short_answers_and_the_earlier_answer_first(folder: Path) -> None:
    rule = made(f"noveltybench:{folder}")
    assert rule.threshold == NOVELTYBENCH_THRESHOLD
    assert rule.columns == ()  # the prompt is not given
    for words in ("up to 5 words by shared words", "given order", "first member"):
        assert words in rule.rule
    assert rule.labels(samples(["A robin", "the robin", "an oak"])).tolist() == [0, 0, 1]


def test_entailment_is_strict_when_typed_so(entailing: Path) -> None:
    assert "strict" not in made(f"nli:{entailing}").rule
    assert "strict" in made(f"nli:{entailing}@strict").rule
    with pytest.raises(InputError, match="contradiction, neutral and entailment"):
        made(f"nli:{save_classifier(entailing.parent / 'two')}")


@pytest.mark.parametrize("kind", ["hf-pair", "noveltybench"])
def test_labels_are_the_same_whoever_asks_and_again_from_disk(kind: str, folder: Path) -> None:
    frame = samples([*DIFFERENT, None, "", DIFFERENT[0]])
    first = made(f"{kind}:{folder}@0.5").labels(frame)
    assert first[0] == first[-1] >= 0
    assert first[len(DIFFERENT)] == -1
    again = made(f"{kind}:{folder}@0.5")
    together = again.labels_of_cells([frame, frame[::-1]])
    assert canonical(together[0]) == canonical(first)


def test_a_run_measures_with_a_pair_classifier(folder: Path) -> None:
    rows = [
        {"prompt_id": f"p{prompt}", "model": model, "response": text, "quality": 1.0, "sample_index": index}
        for prompt in range(12) for model in "ab" for index, text in enumerate(["a robin sings", "a robin sings", "no", "oak"])
    ]  # fmt: skip
    found = measured(batch(rows), f"hf-pair:{folder}@0.999", options=Options(draws=200))
    table = found.tables["usable_diversity"].filter(pl.col("floor").is_null(), pl.col("budget") == 4, pl.col("domain").is_null())
    values = table["value"].to_numpy()
    assert np.array_equal(values, values[:1].repeat(2))  # two models gave the same answers
    assert 1 <= values[0] <= 3
