"""What can be named: files, globs, folders, Hugging Face folders, remote paths."""

import json
from pathlib import Path

import pytest

from tests.records import writing
from tests.records.writing import ROWS
from triaxis.errors import RecordsError
from triaxis.records import known_rows, read

RESPONSES = [row["response"] for row in ROWS]


def _names(paths: list[str | Path]) -> list[str]:
    return [Path(summary.path).name for summary in read(paths).inputs]


def test_a_glob_is_sorted_and_each_file_is_read_once(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl", "c.txt"):
        writing.jsonl(ROWS, tmp_path, name)
    pattern = str(tmp_path / "*.jsonl")
    assert _names([pattern]) == ["a.jsonl", "b.jsonl"]
    assert _names([tmp_path / "b.jsonl", pattern]) == ["b.jsonl", "a.jsonl"]


def test_a_glob_descends_with_two_stars(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    writing.jsonl(ROWS, tmp_path / "deep" / "er", "x.jsonl")
    assert _names([str(tmp_path / "**" / "*.jsonl")]) == ["x.jsonl"]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path: Path) -> None:
    assert _names([writing.jsonl(ROWS, tmp_path, "run[1].jsonl")]) == ["run[1].jsonl"]


def test_a_folder_means_its_data_files(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / ".cache").mkdir()
    writing.jsonl(ROWS, tmp_path, "b.jsonl")
    writing.csv(ROWS, tmp_path / "sub")
    writing.jsonl(ROWS, tmp_path / ".cache", "hidden.jsonl")
    writing.text("notes", tmp_path, "README.md")
    assert _names([tmp_path]) == ["b.jsonl", "rows.csv"]


def test_a_datasets_folder_means_the_files_its_state_lists(tmp_path: Path) -> None:
    stream = read([writing.datasets_folder(ROWS, tmp_path / "saved")])
    assert stream.frame()["response"].to_list() == RESPONSES
    assert [i.format for i in stream.inputs] == ["Arrow stream", "Arrow stream"]


def test_a_folder_of_splits_means_all_of_them(tmp_path: Path) -> None:
    for split in ("train", "test"):
        writing.datasets_folder(ROWS, tmp_path / "both" / split)
    (tmp_path / "both" / "dataset_dict.json").write_text(json.dumps({"splits": ["train", "test"]}))
    assert read([tmp_path / "both"]).frame()["response"].to_list() == RESPONSES * 2


@pytest.mark.parametrize("kind", ["JSONL", "CSV", "Parquet", "Arrow file", "Arrow stream"])
def test_a_uri_is_read_through_pyarrow(kind: str, tmp_path: Path) -> None:
    stream = read([writing.WRITERS[kind](tmp_path).as_uri()])
    assert stream.frame()["response"].to_list() == RESPONSES
    assert stream.inputs[0].path.startswith("file://")


def test_a_uri_may_be_compressed_a_folder_or_a_glob(tmp_path: Path) -> None:
    writing.text(writing.PACKERS["gz"](writing.jsonl(ROWS, tmp_path).read_bytes()), tmp_path, "more.jsonl.gz")
    assert read([tmp_path.as_uri()]).frame().height == 6
    assert _names([tmp_path.as_uri() + "/m*.gz"]) == ["more.jsonl.gz"]


def test_a_uri_that_leads_nowhere_says_so(tmp_path: Path) -> None:
    with pytest.raises(RecordsError, match=r"no file at file://.*; check the address"):
        read([(tmp_path / "none.parquet").as_uri()])


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("https://x.org/y.parquet", "got a web address; download it first, for example with curl -LO"),
        ("hf://datasets/x/y", "download the data set first"),
        ("foo://x/y.parquet", "got foo://"),
    ],
)
def test_a_kind_of_address_that_cannot_be_read_says_which_can(uri: str, told: str) -> None:
    with pytest.raises(RecordsError, match=f"cannot read {uri}: expected an address that starts with s3://, gs://.*{told}"):
        read([uri])


def test_a_folder_whose_name_looks_like_a_pattern_is_that_folder(tmp_path: Path) -> None:
    (tmp_path / "runs [1]").mkdir()
    writing.jsonl(ROWS, tmp_path / "runs [1]", "a?.jsonl")
    assert _names([str(tmp_path / "runs [1]" / "*.jsonl")]) == ["a?.jsonl"]
    assert _names([str(tmp_path / "runs [1]" / "a?.jsonl")]) == ["a?.jsonl"]


def test_rows_are_known_before_reading_where_metadata_tell(tmp_path: Path) -> None:
    first = writing.parquet(ROWS, tmp_path, "a.parquet")
    second = writing.parquet(ROWS, tmp_path, "b.parquet")
    assert known_rows([first, second]) == 6
    assert known_rows([first, writing.jsonl(ROWS, tmp_path)]) is None
    assert known_rows([first, "-"]) is None
