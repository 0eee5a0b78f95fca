"""The model table: every format gives the same rows, and anything odd is an error that says what to type."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from triaxis.errors import RecordsError
from triaxis.records.model_table import parse_parameters, read_models, unmatched
from triaxis.results import ModelInfo

ROWS: list[dict[str, Any]] = [
    {"model": "tiny", "family": "toy", "stage": "base", "base": None, "parameters": "500M", "price_in": 0.0, "price_out": 0.25},
    {
        "model": "tiny-rl",
        "family": "toy",
        "stage": "rl",
        "base": "tiny",
        "parameters": "0.5b",
        "price_in": None,
        "price_out": 1.5,
    },
]
EXPECTED = (
    ModelInfo(model="tiny", family="toy", stage="base", parameters=5e8, price_in=0.0, price_out=0.25),
    ModelInfo(model="tiny-rl", family="toy", stage="rl", base="tiny", parameters=5e8, price_out=1.5),
)


def write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    pl.DataFrame(rows).write_csv(path)


def write_tsv(path: Path, rows: list[dict[str, Any]]) -> None:
    pl.DataFrame(rows).write_csv(path, separator="\t")


def write_json(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text(json.dumps(rows, indent=1), encoding="utf-8")


def write_jsonl(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")


def write_parquet(path: Path, rows: list[dict[str, Any]]) -> None:
    pl.DataFrame(rows).write_parquet(path)


FORMATS = {".csv": write_csv, ".tsv": write_tsv, ".json": write_json, ".jsonl": write_jsonl, ".parquet": write_parquet}


@pytest.fixture
def table(tmp_path: Path) -> Callable[[str], Path]:
    """A function that writes a CSV file of a text and gives its path."""

    def write(text: str) -> Path:
        (tmp_path / "models.csv").write_text(text, encoding="utf-8")
        return tmp_path / "models.csv"

    return write


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_gives_the_same_rows(tmp_path: Path, suffix: str) -> None:
    FORMATS[suffix](tmp_path / f"models{suffix}", ROWS)
    assert read_models(tmp_path / f"models{suffix}") == EXPECTED


def test_columns_may_be_in_any_case_and_base_model_is_base(table: Callable[[str], Path]) -> None:
    found = read_models(table("Model, BASE_MODEL ,Price_Out\ntuned,before,2\n"))
    assert found == (ModelInfo(model="tuned", base="before", price_out=2.0),)


def test_only_the_model_is_required_and_empty_cells_are_not_said(table: Callable[[str], Path]) -> None:
    assert read_models(table("model,family,parameters\na,,\nb, ,7B\n")) == (
        ModelInfo(model="a"),
        ModelInfo(model="b", parameters=7e9),
    )


@pytest.mark.parametrize(
    ("given", "count"),
    [
        ("7B", 7e9), ("500M", 5e8), ("1.5e9", 1.5e9), ("0.5b", 5e8), (" 70 B ", 7e10), ("125k", 125e3), ("1T", 1e12),
        (7_000_000_000, 7e9), (1.24e9, 1.24e9), ("7_000_000_000", 7e9), (1000, 1000.0), (".5B", 5e8), (2**70, float(2**70)),
    ],
)  # fmt: skip
def test_a_number_of_parameters_is_a_count_or_a_text(given: object, count: float) -> None:
    assert parse_parameters(given) == pytest.approx(count)


@pytest.mark.parametrize("given", [7, "7", 0.5, "999", "0B", "1e2"])
def test_a_bare_small_number_of_parameters_is_never_guessed(given: object) -> None:
    with pytest.raises(RecordsError, match=f"type {given}B for billions"):
        parse_parameters(given)


@pytest.mark.parametrize(
    "given", ["8x7B", "large", "7 billion", "-7B", "7,5B", "1e9B", "nan", "inf", "1e400", float("nan"), True, "B"]
)
def test_what_is_no_number_of_parameters_is_refused(given: object) -> None:
    with pytest.raises(RecordsError, match="such as 7B, 500M"):
        parse_parameters(given)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("model,params\na,7B\n", "unknown column 'params'; near: 'parameters'"),
        ("name\na\n", "unknown column 'name'"),
        ("family\na\n", "no column model"),
        ("model,base,base_model\na,b,c\n", "both mean base"),
        ("model\na\nb\na\n", "'a' twice, in rows 1 and 3"),
        ("model,price_in\na,-1\n", "row 1: expected in price_in the price of a million tokens, such as 0.15, got '-1'"),
        ("model,price_out\na,nan\n", "expected in price_out"),
        ("model,price_out\na,inf\n", "expected in price_out"),
        ("model,price_out\na,$3\n", "expected in price_out"),
        ("model,parameters\na,1B\nb,7\n", "row 2, b: expected a number of parameters, got 7; type 7B"),
        ("model,base\na,a\n", "in a circle, a -> a"),
        ("model,base\nx,a\na,b\nb,c\nc,a\n", "in a circle, a -> b -> c -> a"),
        ("model,family\n,toy\n", "row 1: expected the name of a model"),
        ("model\n", "no rows"),
        ("model,stage\na,rl,more\n", "wrong number of fields"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_sentence(table: Callable[[str], Path], text: str, sentence: str) -> None:
    with pytest.raises(RecordsError) as error:
        read_models(table(text))
    assert sentence in str(error.value)


def test_a_row_of_json_that_has_a_key_of_its_own_is_checked_too(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "models.jsonl", [{"model": "a"}, {"model": "b", "prise_in": 1}])
    with pytest.raises(RecordsError, match="'prise_in'; near: 'price_in'"):
        read_models(tmp_path / "models.jsonl")


def test_a_row_of_json_without_a_model_is_refused(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "models.jsonl", [{"model": "a"}, {"family": "toy"}])
    with pytest.raises(RecordsError, match="row 2: expected the name of a model"):
        read_models(tmp_path / "models.jsonl")


def test_a_line_that_is_no_json_is_an_error_and_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "models.jsonl").write_text('{"model": "a"}\n{"model": \n', encoding="utf-8")
    with pytest.raises(RecordsError, match="row 2"):
        read_models(tmp_path / "models.jsonl")


def test_a_list_where_a_text_belongs_is_refused(tmp_path: Path) -> None:
    write_json(tmp_path / "models.json", [{"model": "a", "family": ["x"]}])
    with pytest.raises(RecordsError, match="expected a text in family"):
        read_models(tmp_path / "models.json")


def test_a_folder_of_several_tables_is_refused(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("model\na\n", encoding="utf-8")
    with pytest.raises(RecordsError, match="expected one file"):
        read_models(tmp_path)


def test_a_base_may_be_no_row_of_its_own(table: Callable[[str], Path]) -> None:
    assert read_models(table("model,base\ntuned,in-the-data\n"))[0].base == "in-the-data"


def test_names_on_one_side_only_are_told_with_the_near_ones() -> None:
    models = (ModelInfo(model="gemma-2b"), ModelInfo(model="both", base="bose"), ModelInfo(model="alone", base="gemma-2b"))
    assert list(unmatched(models, {"gemma-2-2b", "both", "human"})) == [
        "in the model table and without samples: gemma-2b (near: 'gemma-2-2b'), alone",
        "not in the model table: gemma-2-2b (near: 'gemma-2b'), human",
        "both: its base 'bose' is neither measured nor in the model table; near: 'both'",
    ]


def test_a_table_that_fits_the_data_says_nothing() -> None:
    assert list(unmatched((ModelInfo(model="a"), ModelInfo(model="b", base="a")), ["b", "a"])) == []


def test_many_unmatched_names_are_cut_and_counted() -> None:
    (line,) = unmatched([ModelInfo(model="m0")], [f"m{n}" for n in range(9)])
    assert line.endswith(", and 3 more")
