"""Validity: on sets made to have an answer, through the command line, and on the sets that people judged."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from scipy.stats import spearmanr

from tests.cli.commands import refused, succeeds
from tests.diversity.embedders import Words
from tests.lab.validity.judged import write_sets
from triaxis.diversity.equivalence import parse_equivalence
from triaxis.errors import InputError, RecordsError
from triaxis.lab.validity import as_json, judged_sets, markdown, validity
from triaxis.lab.validity.run import SCHEMA


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sets(tmp_path_factory.mktemp("judged") / "sets.parquet")


def one(table: pl.DataFrame, **where: str) -> dict[str, object]:
    (row,) = table.filter(**where).iter_rows(named=True)
    return row


def test_sets_are_read_with_what_is_known_about_them(judged: Path) -> None:
    texts, sets = judged_sets(judged)
    assert len(texts) == 240
    assert len(sets) == 60
    assert sets[0].human is None
    assert sets[1].human is not None
    assert sets[0].label is not None
    assert set(sets[0].published) == {"sent_bert", "other"}
    assert sets[7].places.tolist() == [28, 29, 30, 31]


def test_a_metric_that_sees_the_difference_agrees_with_people_and_published_noise_does_not(judged: Path) -> None:
    found = validity(judged, metrics=["distinct", "self-repetition"], draws=200).table
    assert dict(found.schema) == SCHEMA
    seen = one(found, metric="distinct:2", task="even", target="label")
    assert float(str(seen["rho"])) > 0.99
    assert one(found, metric="self-repetition:4", task="even", target="label")["rho"] == pytest.approx(seen["rho"], abs=0.02)
    noise = one(found, metric="other", task="even", target="human")
    assert float(str(noise["low"])) < 0 < float(str(noise["high"]))


def test_the_difference_from_the_reference_is_paired_and_on_the_same_sets(judged: Path) -> None:
    found = validity(judged, metrics=["distinct"], draws=200).table
    row = one(found, metric="distinct:2", task="odd", target="label")
    _, sets = judged_sets(judged)
    odd = [known for known in sets if known.task == "odd"]
    published = spearmanr([known.published["sent_bert"] for known in odd], [known.label for known in odd]).statistic
    assert float(str(row["minus_reference"])) == pytest.approx(float(str(row["rho"])) - published)
    assert one(found, metric="sent_bert", task="odd", target="label")["minus_reference"] == 0
    assert row["prompts"] == 15
    assert (row["sets"], row["undefined"]) == (30, 0)


def test_vectors_and_classes_are_rows_of_their_own_and_without_them_metrics_are_not_run(judged: Path) -> None:
    names = ["cosine-distance", "content-distance", "hill"]
    bare = validity(judged, metrics=[*names, "distinct"], draws=100)
    assert set(bare.not_run) == set(names)
    given = validity(judged, metrics=names, embedder=Words(), rules=[parse_equivalence("exact")], draws=100)
    assert given.not_run == {}
    readings = set(given.table.select("metric", "reading").unique().iter_rows())
    assert {("cosine-distance", "words"), ("content-distance", "words"), ("hill", "classes: exact")} <= readings
    assert float(str(one(given.table, metric="hill", task="even", target="label")["rho"])) > 0.9


def test_a_metric_that_is_undefined_for_most_sets_has_a_reason_and_no_row(judged: Path) -> None:
    found = validity(judged, metrics=["mattr", "distinct"], draws=100)
    assert "mattr:50" not in set(found.table["metric"])
    assert found.not_run == {"mattr:50": "constant, or undefined for most sets"}


def test_what_cannot_be_used_is_refused_in_words(judged: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="near: 'distinct"):
        validity(judged, metrics=["distnct"])
    plain = tmp_path / "plain.parquet"
    pl.DataFrame({"prompt_id": ["a", "a"], "response": ["x", "y"]}).write_parquet(plain)
    with pytest.raises(RecordsError, match="human_diversity"):
        validity(plain)


def test_the_same_seed_gives_the_same_table_and_json_holds_it(judged: Path) -> None:
    first, again = (validity(judged, metrics=["distinct"], draws=100, seed=3) for _ in range(2))
    assert first.table.equals(again.table)
    told = json.loads(as_json(first, command="c", data="d", data_sha256="s", encoder=None))
    assert told["columns"] == list(SCHEMA)
    assert len(told["rows"]) == first.table.height
    assert "| `distinct:2` | lexical | text |" in markdown(first)
    assert "| *sent_bert* | published |" in markdown(first)


def test_the_command_writes_both_files_and_prints_json(judged: Path, tmp_path: Path) -> None:
    few = ("--metrics", "distinct,ead", "--draws", "100")
    told = json.loads(succeeds("lab", "validity", judged, *few, "--out", "out", "--json", folder=tmp_path))
    assert told["sets"] == 60
    assert len(told["data_sha256"]) == 64
    assert json.loads((tmp_path / "out" / "validity.json").read_text(encoding="utf-8")) == told
    assert (tmp_path / "out" / "validity.md").read_text(encoding="utf-8").startswith("### t")
    assert "there are: " in refused("lab", "validity", judged, "--metrics", "distnct", folder=tmp_path)


def test_on_the_sets_that_people_judged_lexical_metrics_are_nearly_blind_on_hard_content(
    real_data: Callable[[str], Path],
) -> None:
    path = real_data("diversity_human_scores_dev")
    found = validity(path, metrics=["distinct"], draws=100).table
    hard = one(found, metric="distinct:2", test="McDiv_nuggets", task="resp_gen", target="label")
    assert float(str(hard["rho"])) < 0.2
    assert float(str(one(found, metric="distinct:2", test="decTest", task="resp_gen", target="label")["rho"])) > 0.7
    sent = one(found, metric="sent_bert", test="McDiv", task="resp_gen", target="label")
    assert float(str(sent["rho"])) == pytest.approx(0.678, abs=0.002)
