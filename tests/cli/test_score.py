"""`triaxis score` from end to end: columns added, nothing lost, what it prints, what it refuses."""

import gzip
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.cli.commands import jsonl, refused, succeeds
from triaxis.complexity import parse_measure
from triaxis.records import CANONICAL
from triaxis.registry import names

CODE = "def f(x):\n    if x:\n        return g(x)\n    return 1\n"
ANSWERS = ("The sky is blue because air scatters light.", "Blue.", CODE, "3 + 4 = 7, so it is 7.")


def rows(prompts: int = 12) -> list[dict[str, Any]]:
    return [
        {
            "prompt": f"Answer question {p} in at least {p + 3} words, without commas.",
            "response": "\n".join([ANSWERS[i]] * (p % 3 + 1)), "model": model, "domain": "x",
            "score": float((i + p) % 2), "graded": i / 3, "label": f"l{i}", "meta": {"seed": i},
        }
        for p in range(prompts) for model in ("a", "b") for i in range(4)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("score")
    jsonl(made / "samples.jsonl", rows())
    return made


def scored(folder: Path, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(succeeds("score", *arguments, "--json", folder=folder))
    return found


def test_columns_are_added_and_the_canonical_ones_stay(folder: Path) -> None:
    asked = ("--with", "words,constraints", "--with", "words@prompt")
    succeeds("score", "samples.jsonl", *asked, "--out", "out.parquet", folder=folder)
    found = pl.read_parquet(folder / "out.parquet")
    assert found.columns == [*CANONICAL, "complexity.words", "complexity.constraints", "complexity.words@prompt"]
    assert found.height == len(rows())
    assert found["response"].to_list() == [row["response"] for row in rows()]
    for name in ("words", "constraints", "words@prompt"):
        assert found[f"complexity.{name}"].to_list() == parse_measure(name).scores(found).tolist()
    assert set(found["complexity.constraints"]) == {2.0}


@pytest.mark.slow
def test_a_scored_file_can_be_scored_and_measured_again(folder: Path) -> None:
    succeeds("score", "samples.jsonl", "--with", "words", "--out", "once.jsonl", folder=folder)
    lines = [json.loads(line) for line in (folder / "once.jsonl").read_text().splitlines()]
    assert [line["complexity.words"] for line in lines[:3]] == [8.0, 1.0, 10.0]
    succeeds("score", "once.jsonl", "--with", "characters", "--keep", "complexity.words", "--out", "twice.parquet", folder=folder)
    again = pl.read_parquet(folder / "twice.parquet")
    assert again["complexity.words"].to_list() == [line["complexity.words"] for line in lines]
    fast = ("--examples", "0", "--draws", "200")
    succeeds("measure", "once.jsonl", "--quality", "complexity.words", *fast, "--out", "measured", folder=folder)


@pytest.mark.slow
def test_further_columns_are_kept_when_asked_for(folder: Path) -> None:
    succeeds("score", "samples.jsonl", "--with", "words", "--keep", "label,meta.seed", "--out", "kept.parquet", folder=folder)
    assert pl.read_parquet(folder / "kept.parquet")["label"][:4].to_list() == ["l0", "l1", "l2", "l3"]


def test_the_table_tells_means_quartiles_reasons_and_correlations(folder: Path) -> None:
    found = scored(folder, "samples.jsonl", "--with", "words,cyclomatic,flesch-kincaid", "--quality", "score", "--draws", "200")
    words, cyclomatic, grade = found["measures"]
    assert (words["samples"], words["unmeasured"], words["length"]["reason"]) == (96, 0, "it is length itself")
    assert len(words["quartiles"]) == 3
    assert words["quartiles"][0] <= words["quartiles"][1] <= words["quartiles"][2]
    assert sum(cyclomatic["reasons"].values()) == cyclomatic["unmeasured"] > 0
    assert grade["higher_is"] == "more complex"
    assert -1 <= grade["length"]["rho"] <= 1
    assert words["passes"]["reason"]
    assert found["floor"] == 1.0
    assert sum(found["bands"].values()) == 24


def test_without_a_quality_the_table_says_what_to_type(folder: Path) -> None:
    printed = succeeds("score", "samples.jsonl", "--with", "words", folder=folder)
    assert "no pass rates: needs a quality column; type --quality COLUMN" in printed
    assert "96 samples scored" in printed


def test_difficulty_is_a_column_of_the_cell(folder: Path) -> None:
    asked = ("--with", "difficulty,learnability", "--quality", "score")
    succeeds("score", "samples.jsonl", *asked, "--out", "hard.parquet", folder=folder)
    found = pl.read_parquet(folder / "hard.parquet")
    assert set(found["complexity.difficulty"]) == {0.5}
    assert found["complexity.learnability"][0] == pytest.approx(2 * 2 / (4 * 3))
    assert "type --quality COLUMN" in refused("score", "samples.jsonl", "--with", "difficulty", folder=folder)


def test_all_takes_what_has_a_value_and_says_what_it_left_out(folder: Path, tmp_path: Path) -> None:
    jsonl(tmp_path / "prose.jsonl", [{"prompt": "Why?", "response": ANSWERS[0]}] * 3)
    found = scored(tmp_path, "prose.jsonl")
    assert {"words", "flesch-kincaid"} <= {m["measure"] for m in found["measures"]}
    assert "cyclomatic left out: no value in the first 3 samples (no code that parses)" in found["notes"]
    assert {m["measure"] for m in scored(folder, "samples.jsonl", "--with", "all")["measures"]} == set(names("complexity"))


def test_all_measures_are_listed_with_a_sentence() -> None:
    listed = json.loads(succeeds("score", "--list", "--json", folder=Path.cwd()))
    assert {measure["name"] for measure in listed} == {*names("complexity"), "difficulty", "learnability"}
    assert all(measure["says"].endswith(".") for measure in listed)
    assert "flesch-kincaid" in succeeds("score", "--list", folder=Path.cwd())


def test_what_cannot_be_meant_is_refused_in_words(folder: Path) -> None:
    assert "near: 'words'" in refused("score", "samples.jsonl", "--with", "wrods", folder=folder)
    assert "expected at least one file of samples" in refused("score", folder=folder)


@pytest.mark.slow
def test_standard_input_and_other_shapes_are_read(folder: Path) -> None:
    given = (folder / "samples.jsonl").read_bytes()
    printed = succeeds("score", "-", "--with", "words,difficulty", "--quality", "score", "--json", folder=folder, given=given)
    assert json.loads(printed)["samples"] == 96
    (folder / "chat.jsonl.gz").write_bytes(gzip.compress(b'{"messages": [{"role": "user", "content": "Hi"}, '
                                                         b'{"role": "assistant", "content": "one two three"}]}\n'))  # fmt: skip
    assert scored(folder, "chat.jsonl.gz", "--with", "words")["measures"][0]["mean"] == 3.0


@pytest.mark.slow
def test_quiet_prints_nothing_and_the_same_input_gives_the_same_bytes(folder: Path) -> None:
    for name in ("a.parquet", "b.parquet"):
        assert succeeds("score", "samples.jsonl", "--with", "words", "--out", name, "--quiet", folder=folder) == ""
    assert (folder / "a.parquet").read_bytes() == (folder / "b.parquet").read_bytes()
