"""What an evaluation is given looks like what the user has."""

import json
from pathlib import Path

import polars as pl
import pytest

from tests.blind.given import LABELLED, cell, jsonl, opened
from triaxis.blind import Asked
from triaxis.blind.mode_copies import mode_copies
from triaxis.blind.planting import edition
from triaxis.blind.samples import read_samples


def test_json_lines_come_back_as_they_were(tmp_path: Path) -> None:
    rows = [one | ({"only_here": {"deep": [1, {"x": None}]}} if i == 1 else {}) for i, one in enumerate(cell("p", "abb"))]
    samples = opened(tmp_path, rows)
    samples.table.write(tmp_path / "out.jsonl")
    assert [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()] == rows


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_tables_keep_columns_and_types(tmp_path: Path, suffix: str) -> None:
    frame = pl.DataFrame(cell("p", "abbc", [1, 2, 2, 1])).with_columns(pl.Series("count", [1, 2, 3, 4], dtype=pl.Int16))
    path, out = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
    frame.write_parquet(path) if suffix == ".parquet" else frame.write_csv(path)
    samples = read_samples([path], LABELLED)
    assert (samples.table.suffix, samples.table.note) == (suffix, None)
    made = edition(samples, mode_copies(samples, match=9), 1.0)
    made.table.write(out)
    read = pl.read_parquet(out) if suffix == ".parquet" else pl.read_csv(out, schema=frame.schema)
    assert read.schema == frame.schema
    assert read["response"].to_list() == [frame["response"][1]] * 4
    assert read["quality"].to_list() == frame["quality"].to_list()


def test_columns_of_other_names_are_written_under_those(tmp_path: Path) -> None:
    rows = [{"question": one["prompt"], "output": one["response"], "who": "m", "label": one["label"]} for one in cell("p", "abb")]
    path = jsonl(tmp_path / "s.jsonl", rows)
    asked = Asked(equivalence=LABELLED.equivalence, mapping=(("response", "output"), ("prompt", "question"), ("model", "who")))
    samples = read_samples([path], asked)
    made = edition(samples, mode_copies(samples), 1.0)
    assert made.table.columns == ("question", "output", "who", "label")
    assert made.table.column("output") == made.table.column("response") == ["b answer 1"] * 3


def test_rows_that_hold_several_samples_are_written_as_canonical_json_lines(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "s.jsonl", [{"prompt": f"about {p}", "generations": ["one", "two", "two"]} for p in range(3)])
    samples = read_samples([path], Asked(equivalence="exact"))
    assert "canonical" in str(samples.table.note)
    samples.table.write(tmp_path / "out.jsonl")
    first = json.loads((tmp_path / "out.jsonl").read_text().splitlines()[0])
    assert (first["prompt"], first["response"]) == ("about 0", "one")


def test_a_response_that_is_no_plain_text_is_written_canonically(tmp_path: Path) -> None:
    path = tmp_path / "s.parquet"
    pl.DataFrame(cell("p", "abb")).with_columns(pl.col("response").cast(pl.Categorical)).write_parquet(path)
    table = read_samples([path], LABELLED).table
    assert "Categorical" in str(table.note)
    assert table.column("response") == ["a answer 0", "b answer 1", "b answer 2"]


def test_a_rejected_row_makes_the_rest_canonical(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "s.jsonl", cell("p", "abb"))
    path.write_text(path.read_text() + "not json\n")
    table = read_samples([path], LABELLED).table
    assert len(table) == 3
    assert "1 rows were rejected" in str(table.note)
    assert table.column("label") == ["a", "b", "b"]
