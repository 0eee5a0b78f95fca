"""`triaxis score` from end to end: columns added, nothing lost, what it prints, what it refuses."""

import gzip
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.cli.commands import jsonl, refused, succeeds, triaxis
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


def test_a_scored_file_can_be_scored_and_measured_again(folder: Path) -> None:
    succeeds("score", "samples.jsonl", "--with", "words", "--out", "once.jsonl", folder=folder)
    lines = [json.loads(line) for line in (folder / "once.jsonl").read_text().splitlines()]
    assert [line["complexity.words"] for line in lines[:3]] == [8.0, 1.0, 10.0]
    succeeds("score", "once.jsonl", "--with", "characters", "--keep", "complexity.words", "--out", "twice.parquet", folder=folder)
    again = pl.read_parquet(folder / "twice.parquet")
    assert again["complexity.words"].to_list() == [line["complexity.words"] for line in lines]
    fast = ("--examples", "0", "--draws", "200")
    succeeds("measure", "once.jsonl", "--quality", "complexity.words", *fast, "--out", "measured", folder=folder)


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


def test_a_graded_quality_needs_a_floor(folder: Path) -> None:
    asked = ("samples.jsonl", "--with", "characters", "--quality", "graded", "--draws", "200")
    assert "--floor" in scored(folder, *asked)["measures"][0]["passes"]["reason"]
    assert scored(folder, *asked, "--floor", "0.5")["floor"] == 0.5


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


def test_a_row_that_cannot_be_read_sinks_nothing(tmp_path: Path) -> None:
    (tmp_path / "some.jsonl").write_text('{"prompt": "a", "response": "one two"}\nnot json\n{"prompt": "b", "response": "one"}\n')
    found = scored(tmp_path, "some.jsonl", "--with", "words", "--out", "out.parquet")
    assert (found["samples"], found["rejected"]) == (2, 1)
    assert pl.read_parquet(tmp_path / "out.parquet")["complexity.words"].to_list() == [2.0, 1.0]
    stopped = triaxis("score", "some.jsonl", "--with", "words", "--strict", "--out", "strict.parquet", folder=tmp_path)
    assert stopped.returncode == 2
    assert not (tmp_path / "strict.parquet").exists()


def test_what_was_there_stays_when_a_run_fails_and_nothing_is_left_beside(tmp_path: Path) -> None:
    good = '{"prompt": "a", "response": "x"}\n'
    (tmp_path / "some.jsonl").write_text(good * 9 + "not json\n" + good)
    (tmp_path / "out.parquet").write_text("before")
    assert triaxis("score", "some.jsonl", "--with", "words", "--strict", "--out", "out.parquet", folder=tmp_path).returncode == 2
    assert (tmp_path / "out.parquet").read_text() == "before"
    assert {path.name for path in tmp_path.iterdir()} == {"some.jsonl", "out.parquet"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--with", "wrods"), "near: 'words'"), (("--with", "words@answer"), "expected words@prompt or words@response"),
        (("--with", "words", "--format", "csv"), "expected format parquet or jsonl"),
        (("--with", "words", "--out", "-"), "expected a file for --out"), (("--with", "words", "--out", "."), "got the folder"),
        (("--with", "words", "--out", "no/such/a.parquet"), "make no/such first"),
        (("--with", "words", "--quality", "socre"), "near: 'score'"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_what_to_type(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    assert said in refused("score", "samples.jsonl", *arguments, folder=folder)


def test_standard_input_and_other_shapes_are_read(folder: Path) -> None:
    given = (folder / "samples.jsonl").read_bytes()
    printed = succeeds("score", "-", "--with", "words,difficulty", "--quality", "score", "--json", folder=folder, given=given)
    assert json.loads(printed)["samples"] == 96
    (folder / "chat.jsonl.gz").write_bytes(gzip.compress(b'{"messages": [{"role": "user", "content": "Hi"}, '
                                                         b'{"role": "assistant", "content": "one two three"}]}\n'))  # fmt: skip
    assert scored(folder, "chat.jsonl.gz", "--with", "words")["measures"][0]["mean"] == 3.0


def test_several_sources_of_quality_are_kept_apart(tmp_path: Path) -> None:
    some = [{"prompt": f"p{p}", "response": "one " * (p + 1), "quality": float(p > 6)} for p in range(12)]
    jsonl(tmp_path / "two.jsonl", [{**row, "quality_source": source} for row in some for source in "ab"])
    assert "--quality-source" in scored(tmp_path, "two.jsonl", "--with", "characters")["measures"][0]["passes"]["reason"]
    found = scored(tmp_path, "two.jsonl", "--with", "characters", "--quality-source", "a")
    assert found["measures"][0]["passes"]["rho"] > 0.7
    assert sum(found["bands"].values()) == 12


def test_a_checker_can_be_the_quality(tmp_path: Path) -> None:
    jsonl(tmp_path / "zoo.jsonl", [{"prompt": "Reach 24 using 7:", "response": text} for text in ("3 + 3*7", "7*3", "7*")])
    asked = ("--with", "operations,difficulty", "--quality", "expression", "--floor", "1")
    succeeds("score", "zoo.jsonl", *asked, "--out", "o.parquet", folder=tmp_path)
    found = pl.read_parquet(tmp_path / "o.parquet")
    assert found["quality"].to_list() == [1.0, 0.25, 0.0]
    assert found["complexity.difficulty"].to_list() == pytest.approx([2 / 3] * 3)


def test_quiet_prints_nothing_and_the_same_input_gives_the_same_bytes(folder: Path) -> None:
    for name in ("a.parquet", "b.parquet"):
        assert succeeds("score", "samples.jsonl", "--with", "words", "--out", name, "--quiet", folder=folder) == ""
    assert (folder / "a.parquet").read_bytes() == (folder / "b.parquet").read_bytes()
