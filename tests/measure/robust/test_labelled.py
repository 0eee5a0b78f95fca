"""Pairs that people labelled: read, compared with the rule, and the rate with the rule's error in it."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.diversity.embedders import Words
from tests.diversity.scorers import Scripted, equal_ends
from tests.measure.robust.varied import flipping
from tests.measure.samples import measured, store_of
from triaxis.diversity.equivalence import PairClasses, Topical, parse_equivalence
from triaxis.errors import InputError, RecordsError
from triaxis.measure.options import Options
from triaxis.measure.robust.choice import RobustOptions
from triaxis.measure.robust.corrected import pairs_ppi
from triaxis.measure.robust.labelled import LabelledPairs, read_labelled_pairs, said_different


def written(folder: Path, *rows: dict[str, object], name: str = "pairs.jsonl") -> str:
    file = folder / name
    pl.DataFrame(list(rows)).write_ndjson(file)
    return str(file)


ROW: dict[str, object] = {"first": "A robin", "second": "a robin!", "human_same": 1, "prompt": "A bird?"}


def labelled(
    count: int = 60, *, share_different: float = 1.0, share_said: float = 0.5, model: str | None = "wild"
) -> LabelledPairs:
    """`count` pairs of as many prompts: people say different of one share, the rule of another."""
    place = np.arange(count) / count
    return LabelledPairs(
        pl.DataFrame({"first": ["x"] * count, "second": ["y"] * count, "prompt": ["?"] * count}),
        (place < share_different).astype(float), (place < share_said).astype(float),
        np.array([f"q{n}" for n in range(count)], dtype=object), np.array([model] * count, dtype=object), np.full(count, 5.0),
    )  # fmt: skip


def test_pairs_are_read_from_any_known_format(tmp_path: Path) -> None:
    found = read_labelled_pairs(written(tmp_path, ROW, ROW | {"human_same": 0, "first": "An oak"}))
    assert found.is_different.tolist() == [0.0, 1.0]
    assert found.said_different is None
    assert found.prompts.tolist() == ["A bird?", "A bird?"]
    assert np.isnan(found.quality).all()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"first": "a", "second": "b", "human_sam": 1}], "column human_same"),
        ([{"human_same": 1}], "columns first and second"),
        ([ROW, ROW | {"human_same": None}], "row 2, got None"),
        ([ROW | {"second": None}], "two texts in each row"),
    ],
)
def test_a_file_that_says_too_little_is_refused(tmp_path: Path, rows: list[dict[str, object]], words: str) -> None:
    with pytest.raises(RecordsError, match=words):
        read_labelled_pairs(written(tmp_path, *rows))


def test_the_rule_is_asked_about_the_two_answers_alone(tmp_path: Path) -> None:
    pairs = read_labelled_pairs(written(tmp_path, ROW, ROW | {"second": "an oak"}))
    for rule in (parse_equivalence("normalised"), parse_equivalence("lexical"), PairClasses(Scripted(equal_ends))):
        assert said_different(pairs, rule, None).tolist() == ([0.0, 1.0] if rule.name != "scripted" else [1.0, 1.0])
    assert said_different(pairs, Topical(Words(), threshold=0.9), None).tolist() == [0.0, 1.0]


def test_a_pair_that_the_rule_cannot_tell_is_no_verdict(tmp_path: Path) -> None:
    pairs = read_labelled_pairs(written(tmp_path, ROW))
    found = said_different(pairs, PairClasses(Scripted(lambda *_: float("nan"))), None)
    assert np.isnan(found).all()


def test_what_the_file_says_of_the_rule_comes_first(tmp_path: Path) -> None:
    pairs = read_labelled_pairs(written(tmp_path, ROW | {"rule_same": 0}))
    assert said_different(pairs, parse_equivalence("normalised"), None).tolist() == [1.0]
    without = read_labelled_pairs(written(tmp_path, ROW))
    with pytest.raises(InputError, match="rule_same"):
        said_different(without, parse_equivalence("column:label"), None)


def test_the_mean_error_of_the_rule_is_added_to_its_rate() -> None:
    store = store_of(flipping(), "column:label")
    pairs = labelled(share_different=0.7, share_said=0.5)
    row = pairs_ppi(store, pairs, pairs.said_different, models=["wild"]).row(0, named=True)  # type: ignore[arg-type]
    rate = measured(flipping()).tables["pairwise"].filter(
        pl.col("model") == "wild", pl.col("floor").is_null(), pl.col("domain").is_null(), pl.col("form") == "all pairs"
    )["value"].item()  # fmt: skip
    assert row["by_rule"] == pytest.approx(rate)
    assert row["value"] == pytest.approx(rate + 0.2)
    assert row["low"] < row["value"] < row["high"]
    assert row["high"] - row["low"] > row["rule_high"] - row["rule_low"]
    assert (row["labelled"], row["labelled_prompts"], row["reason"]) == (60, 60, None)


def test_a_rule_without_error_keeps_its_interval() -> None:
    store = store_of(flipping(), "column:label")
    pairs = labelled(share_different=0.5)
    row = pairs_ppi(store, pairs, pairs.said_different, models=["wild"]).row(0, named=True)  # type: ignore[arg-type]
    assert (row["value"], row["low"], row["high"]) == (row["by_rule"], row["rule_low"], row["rule_high"])


def test_errors_of_other_models_are_pooled_with_a_warning_and_give_no_difference() -> None:
    store = store_of(flipping(), "column:label")
    pairs = labelled(share_different=0.7)
    found = pairs_ppi(store, pairs, pairs.said_different, models=["tame", "wild"])  # type: ignore[arg-type]
    assert found.select("model", "versus").rows() == [("tame", None), ("wild", None)]
    assert "errs on this model as on the others" in found["reason"][0]
    assert found["reason"][1] is None


def test_two_models_with_pairs_of_their_own_have_a_difference() -> None:
    store = store_of(flipping(), "column:label")
    one, two = labelled(share_different=0.7), labelled(share_different=0.5, model="tame")
    both = LabelledPairs(
        pl.concat([one.texts, two.texts]), np.r_[one.is_different, two.is_different], None,
        np.r_[one.prompts, two.prompts], np.r_[one.models, two.models], np.r_[one.quality, two.quality],
    )  # fmt: skip
    said = np.r_[one.said_different, two.said_different]  # type: ignore[arg-type]
    tame, wild, between = pairs_ppi(store, both, said, models=["tame", "wild"]).iter_rows(named=True)
    assert (between["model"], between["versus"]) == ("tame", "wild")
    assert between["value"] == pytest.approx(tame["value"] - wild["value"])


def test_above_a_floor_a_pair_that_is_not_usable_is_no_error() -> None:
    store = store_of(flipping(), "column:label")
    pairs = labelled(share_different=0.7)
    quality = np.where(np.arange(60) < 36, 9.0, 1.0)
    low = LabelledPairs(pairs.texts, pairs.is_different, None, pairs.prompts, pairs.models, quality)
    ungated, above = pairs_ppi(store, low, pairs.said_different, models=["wild"], floors=[4.0]).iter_rows(named=True)  # type: ignore[arg-type]
    assert ungated["value"] - ungated["by_rule"] == pytest.approx(0.2)
    assert above["value"] - above["by_rule"] == pytest.approx(0.1)  # the rule errs on pairs 30 to 41, of which 6 are usable


def test_few_labelled_prompts_have_no_interval_and_say_so() -> None:
    store = store_of(flipping(), "column:label")
    pairs = labelled(8)
    row = pairs_ppi(store, pairs, pairs.said_different, models=["wild"]).row(0, named=True)  # type: ignore[arg-type]
    assert row["value"] is None
    assert "needs 10 prompts with labelled pairs" in row["reason"]


def test_a_run_with_labelled_pairs_has_the_table_and_states_the_assumption(tmp_path: Path) -> None:
    rows = [ROW | {"prompt_id": f"p{n}", "human_same": n % 2, "model": "wild"} for n in range(20)]
    options = Options(draws=200, robust=RobustOptions(labelled_pairs=written(tmp_path, *rows)))
    results = measured(flipping(), "normalised", options=options)
    found = results.tables["pairs_ppi"]
    assert found["model"].to_list() == ["tame", "wild"]
    assert found["gate"].to_list() == [results.manifest.gates[0].gate.label] * 2
    assert any("random sample" in note for note in results.manifest.gates[0].notes)
