"""The contract suite: every registered equivalence, plugins included, against the checks that its traits ask for."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import triaxis.diversity.equivalence  # noqa: F401  registers ours
from tests.contract import equivalence as contract
from tests.contract.equivalence import Check, canonical, checks_for, samples
from tests.diversity.embedders import Words
from triaxis.diversity.equivalence import Topical
from triaxis.measure.ingest import IngestOptions
from triaxis.measure.options import Options
from triaxis.measure.run import Provenance, measure_batches
from triaxis.protocols import Equivalence, Scope
from triaxis.registry import create, names

REPOSITORY = Path(__file__).resolve().parents[2]
OURS = {"column": ("column:label", "column:label@prompt"), "lexical": ("lexical", "lexical:0.9", "lexical:1"), "topical": (),
        **dict.fromkeys(("hf-pair", "judge", "learned", "nli", "noveltybench"), ())}  # fmt: skip
"""Names that take an argument, with specs that the frame of the contract serves; a plugin's are given by `--spec`.

`topical` and `learned` need an encoder, so they are held to the contract below and in tests/diversity/test_learned_rule.py, with
one that needs no weights; rules that ask a model about pairs are held to it in tests/diversity/test_pairs.py, with scorers that
need none.
"""


def specs(config: pytest.Config) -> list[str]:
    """Every spec to check: ours, each plugin's name (or, where `--spec` names that plugin, what is given there instead)."""
    given = list(config.getoption("--spec"))
    told = {spec.partition(":")[0] for spec in given} - set(OURS)
    named = [spec for name in names("equivalence") if name not in told for spec in OURS.get(name, (name,))]
    return list(dict.fromkeys([*named, *given]))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if {"spec", "check"} <= set(metafunc.fixturenames):
        pairs = [(spec, check) for spec in specs(metafunc.config) for check in checks_for(create("equivalence", spec))]
        metafunc.parametrize(("spec", "check"), pairs, ids=[f"{spec}-{check.__name__}" for spec, check in pairs])
    elif "spec" in metafunc.fixturenames:
        metafunc.parametrize("spec", specs(metafunc.config))


def test_an_equivalence_keeps_its_contract(spec: str, check: Check) -> None:
    check(create("equivalence", spec))


def topical_rules() -> dict[str, Topical]:
    """With a given threshold, and calibrated on answers that share no word."""
    answers = pl.DataFrame({"prompt_id": [f"p{i:02d}" for i in range(12)], "response": [f"only{i} here{i}" for i in range(12)]})
    return {"given": Topical(Words(), threshold=0.9), "calibrated": Topical(Words()).calibrated(answers)}


@pytest.mark.parametrize("made", topical_rules())
@pytest.mark.parametrize("check", checks_for(Topical(Words())), ids=lambda check: check.__name__)
def test_topical_keeps_the_contract_with_an_encoder_that_needs_no_weights(made: str, check: Check) -> None:
    check(topical_rules()[made])


def test_the_suite_covers_the_four_that_come_with_triaxis(request: pytest.FixtureRequest) -> None:
    assert {"column:label", "column:label@prompt", "exact", "normalised", "lexical"} <= set(specs(request.config))


def test_traits_choose_the_checks() -> None:
    chosen = {spec: set(checks_for(create("equivalence", spec))) for spec in ("exact", "column:label", "lexical")}
    assert contract.models_share_classes in chosen["exact"]
    assert contract.models_share_classes not in chosen["column:label"]
    assert contract.row_order_does_not_matter in chosen["column:label"]
    assert contract.row_order_does_not_matter not in chosen["lexical"]


CHAIN = ("one two three four", "two three four five", "three four five six", "four five six seven", "One, two. Three four!")
"""Answers of which neighbours are near and ends are not: for a pairwise rule the classes depend on who comes first."""


def cells(*, has_index: bool) -> pl.DataFrame:
    """Twelve prompts answered by two models with `CHAIN`, in a canonical batch; without `sample_index` the content orders."""
    parts = []
    for number in range(24):
        texts = [CHAIN[(i + number) % len(CHAIN)] for i in range(len(CHAIN))]
        names = {"prompt_id": pl.lit(f"p{number // 2}"), "model": pl.lit("ab"[number % 2])}
        parts.append(samples(texts).with_columns(quality=pl.Series(np.arange(5.0)), **names))
    frame = pl.concat(parts).with_columns(row=pl.int_range(pl.len(), dtype=pl.Int64))
    return frame if has_index else frame.with_columns(sample_index=pl.lit(None, dtype=pl.Int64))


def measured(rule: Equivalence, frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """All tables of `frame` under `rule`."""
    counting = IngestOptions(equivalence=rule, quality="quality")
    results, _ = measure_batches([frame], counting, Options(draws=200), lambda: Provenance("contract"))
    return dict(results.tables)


def order_changes_nothing(rule: Equivalence, frame: pl.DataFrame) -> None:
    expected = measured(rule, frame)
    assert expected["usable_diversity"].height
    for seed in range(2):
        shuffled = measured(rule, frame.sample(fraction=1, shuffle=True, seed=seed))
        assert all(shuffled[name].equals(table) for name, table in expected.items())


@pytest.mark.parametrize("has_index", [True, False], ids=["by sample_index", "by content"])
def test_the_order_of_rows_changes_no_table(spec: str, has_index: bool) -> None:
    order_changes_nothing(create("equivalence", spec), cells(has_index=has_index))


@pytest.mark.parametrize("has_index", [True, False], ids=["by sample_index", "by content"])
def test_the_order_of_rows_changes_no_table_of_topical(has_index: bool) -> None:
    order_changes_nothing(Topical(Words(), threshold=0.7), cells(has_index=has_index))


def test_a_pairwise_rule_by_itself_depends_on_who_comes_first() -> None:
    rule, order = create("equivalence", "lexical"), [1, 0, 2, 3, 4]
    swapped = rule.labels(samples([CHAIN[i] for i in order]))
    assert canonical(swapped[order]) != canonical(rule.labels(samples(CHAIN)))


LABEL_IN_A_NEW_PROCESS = """
import json, sys
import triaxis.diversity.equivalence
from tests.contract.equivalence import DIFFERENT, samples
from triaxis.registry import create
frame = samples([*DIFFERENT, *DIFFERENT])
print(json.dumps([create("equivalence", spec).labels(frame).tolist() for spec in sys.argv[1:]]))
"""


def test_labels_are_the_same_in_every_process(request: pytest.FixtureRequest) -> None:
    path = os.pathsep.join([str(REPOSITORY / "src"), str(REPOSITORY)])
    command = [sys.executable, "-c", LABEL_IN_A_NEW_PROCESS, *specs(request.config)]

    def run(hash_seed: str) -> list[list[int]]:
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        labels: list[list[int]] = json.loads(done.stdout)
        return labels

    first = run("1")
    assert len(first) == len(specs(request.config))
    assert first == run("2")


class Broken:
    """Says what `exact` says, and numbers classes as they come; each child breaks one promise."""

    name = "broken"
    scope: Scope = "prompt"
    rule = "identical text is one class"
    is_pairwise = True

    def labels(self, samples: pl.DataFrame) -> np.ndarray:
        return np.array(canonical(self.keys(samples)), dtype=np.int64)

    def keys(self, samples: pl.DataFrame) -> list[int]:
        found: dict[str, int] = {}
        return [-1 if text is None else found.setdefault(text, len(found)) for text in samples["response"]]


class ClaimsToLabelEachSampleByItself(Broken):
    is_pairwise = False


class CountsRows(Broken):
    def keys(self, samples: pl.DataFrame) -> list[int]:
        return [-1 if text is None else number for number, text in enumerate(samples["response"])]


class JoinsEverything(Broken):
    def keys(self, samples: pl.DataFrame) -> list[int]:
        return [-1 if text is None else 0 for text in samples["response"]]


class LooksAtTheModel(Broken):
    def keys(self, samples: pl.DataFrame) -> list[int]:
        found: dict[tuple[str, str], int] = {}
        return [found.setdefault(pair, len(found)) for pair in samples.select("response", "model").iter_rows()]


class LooksAtQuality(Broken):
    def keys(self, samples: pl.DataFrame) -> list[int]:
        found: dict[object, int] = {}
        return [found.setdefault(pair, len(found)) for pair in samples.select("response", "quality").iter_rows()]


class GivesFloats(Broken):
    def labels(self, samples: pl.DataFrame) -> np.ndarray:
        return super().labels(samples).astype(np.float64)


class NeedsTwo(Broken):
    def labels(self, samples: pl.DataFrame) -> np.ndarray:
        labels = super().labels(samples)
        return labels[:1] * 0 if len(labels) == 1 else np.concatenate([labels, [0]])


class LabelsTheMissing(Broken):
    def keys(self, samples: pl.DataFrame) -> list[int]:
        return [0 if key == -1 else key + 1 for key in super().keys(samples)]


class TripsOverPunctuation(Broken):
    def keys(self, samples: pl.DataFrame) -> list[int]:
        return [hash(text.split()[0]) for text in samples["response"]]


class HasMemory(Broken):
    calls = 0

    def keys(self, samples: pl.DataFrame) -> list[int]:
        self.calls += 1
        return [key + self.calls for key in super().keys(samples)]

    def labels(self, samples: pl.DataFrame) -> np.ndarray:
        return np.array(self.keys(samples), dtype=np.int64)


class JoinsNeighbours(Broken):
    def keys(self, samples: pl.DataFrame) -> list[int]:
        texts = samples["response"].to_list()
        return [0 if number and texts[number - 1] == text else number for number, text in enumerate(texts)]


class SaysNothing(Broken):
    rule = ""


@pytest.mark.parametrize(
    ("broken", "check"),
    [
        (SaysNothing(), contract.traits_are_declared),
        (GivesFloats(), contract.labels_are_int64_one_per_sample),
        (NeedsTwo(), contract.empty_input_gives_no_labels),
        (CountsRows(), contract.identical_texts_are_one_class),
        (JoinsEverything(), contract.different_texts_are_different_classes),
        (LabelsTheMissing(), contract.nothing_to_label_has_no_class),
        (HasMemory(), contract.same_input_same_labels),
        (JoinsNeighbours(), contract.clear_cut_classes_survive_any_row_order),
        (LooksAtQuality(), contract.other_columns_change_nothing),
        (ClaimsToLabelEachSampleByItself(), contract.a_class_does_not_depend_on_the_others),
        (ClaimsToLabelEachSampleByItself(), contract.row_order_does_not_matter),
        (LooksAtTheModel(), contract.models_share_classes),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Broken) else "",
)
def test_a_broken_promise_is_seen(broken: Equivalence, check: Check) -> None:
    assert check in checks_for(broken)
    with pytest.raises(AssertionError):
        check(broken)


def test_a_column_that_is_read_but_not_declared_is_seen() -> None:
    with pytest.raises(pl.exceptions.ColumnNotFoundError):
        contract.only_declared_columns_are_read(LooksAtQuality())


def test_a_rule_that_trips_over_hostile_text_is_seen() -> None:
    with pytest.raises(IndexError):
        contract.hostile_texts_raise_nothing(TripsOverPunctuation())


def test_renaming_classes_leaves_the_partition_equal() -> None:
    assert canonical([7, -1, 3, 7]) == canonical([0, -1, 9, 0]) == [0, -1, 1, 0]
    assert canonical([7, 3, 3]) != canonical([7, 7, 3])


def test_the_frame_of_the_contract_is_a_canonical_batch() -> None:
    frame = samples(["a", None])
    assert frame.columns[:3] == ["prompt_id", "prompt", "response"]
    assert frame["sample_index"].to_list() == [0, 1]
