"""Input that cannot be used: a sentence that says what came and what to type, or a reject with its place; never a traceback."""

import json
import math
import random
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.records import writing
from tests.records.writing import ROWS
from triaxis.errors import RecordsError
from triaxis.records import read

GOOD = {"response": "fine", "quality": 1.0}


def _fails(match: str, *paths: Path | str, **options: Any) -> None:
    with pytest.raises(RecordsError, match=match):
        read(paths, **options).frame()


def test_a_missing_file_names_the_near_one(tmp_path: Path) -> None:
    writing.jsonl(ROWS, tmp_path, "answers.jsonl")
    _fails(rf"no file answer\.jsonl in {tmp_path}; near: 'answers\.jsonl'; check the path", tmp_path / "answer.jsonl")


def test_a_missing_file_says_in_which_folder_it_was_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _fails(rf"no file x\.jsonl in {tmp_path}; check the path", "x.jsonl")
    _fails(rf"no file nowhere/x\.jsonl, since there is no folder {tmp_path}/nowhere; check the path", "nowhere/x.jsonl")


def test_no_paths_at_all_say_what_to_type() -> None:
    _fails("expected at least one file to read, got none; type a path")


def test_a_pattern_that_matches_nothing_says_where_to_look(tmp_path: Path) -> None:
    _fails(r"the pattern .*\*\.parquet matches no file; .* ls ", str(tmp_path / "*.parquet"))


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.json", "rows.csv", "rows.parquet"])
def test_an_empty_file_is_called_empty(name: str, tmp_path: Path) -> None:
    _fails(rf"{name} is empty \(0 bytes\); expected rows", writing.text("", tmp_path, name))


def test_blank_lines_are_an_empty_file(tmp_path: Path) -> None:
    _fails(r"is empty \(blank lines only\)", writing.text("\n \n\n", tmp_path, "rows.jsonl"))


def test_a_folder_without_data_says_what_it_looked_for(tmp_path: Path) -> None:
    writing.text("hello", tmp_path, "README.md")
    _fails(r"holds no data file; expected files ending in \.jsonl", tmp_path)


@pytest.mark.parametrize("keep", [20, 0.5, -10])
def test_a_truncated_parquet_file_is_called_cut_short(keep: float, tmp_path: Path) -> None:
    path = writing.parquet(ROWS * 50, tmp_path)
    data = path.read_bytes()
    end = int(len(data) * keep) if isinstance(keep, float) else keep
    path.write_bytes(data[:end])
    _fails(r"starts like a Parquet file but cannot be read: .*cut short or damaged: copy or download it again", path)


def test_damage_inside_a_parquet_file_is_found_while_reading(tmp_path: Path) -> None:
    path = writing.parquet([{"response": f"text {i}"} for i in range(5000)], tmp_path, compression="zstd", row_group_size=2500)
    data = bytearray(path.read_bytes())
    middle = len(data) * 3 // 4
    data[middle : middle + 200] = b"\x00" * 200
    path.write_bytes(data)
    _fails("cannot be read: .*cut short or damaged", path)


def test_a_cut_arrow_stream_fails_at_its_end(tmp_path: Path) -> None:
    path = writing.arrow_stream(ROWS * 50, tmp_path)
    path.write_bytes(path.read_bytes()[:-100])
    _fails("starts like an Arrow stream but cannot be read", path)


@pytest.mark.parametrize("packed", writing.PACKERS)
def test_a_cut_compressed_file_fails_at_its_end(packed: str, tmp_path: Path) -> None:
    rows = "".join(json.dumps({"response": f"text number {i * 7919 % 1000}"}) + "\n" for i in range(3000)).encode()
    data = writing.PACKERS[packed](rows)
    _fails("cannot read .*cut short", writing.text(data[: len(data) // 2], tmp_path, f"rows.jsonl.{packed}"))


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"PK\x03\x04rest", "a zip archive or a spreadsheet"),
        (b"\x80\x04\x95", "a Python pickle"),
        (b"\xff\xfe{\x00", "not UTF-8 text .*iconv -f UTF-16 -t UTF-8"),
        (b"just words", "of no known format; it starts with b'just words'"),
    ],
)
def test_foreign_files_are_called_by_name(content: bytes, match: str, tmp_path: Path) -> None:
    _fails(match, writing.text(content, tmp_path, "rows.dat"))


def test_a_parquet_file_inside_gzip_says_to_unpack(tmp_path: Path) -> None:
    data = writing.PACKERS["gz"](writing.parquet(ROWS, tmp_path).read_bytes())
    _fails("inside gzip; unpack it first", writing.text(data, tmp_path, "rows.parquet.gz"))


def test_a_header_alone_has_no_rows(tmp_path: Path) -> None:
    _fails("no rows in .*rows.csv; expected at least one record", writing.text("model,response\n", tmp_path, "rows.csv"))
    _fails("no rows in .*rows.json", writing.text("[]", tmp_path, "rows.json"))
    pl.DataFrame(schema={"response": pl.String}).write_parquet(tmp_path / "none.parquet")
    _fails("no rows in .*none.parquet", tmp_path / "none.parquet")


def test_an_empty_shard_beside_full_ones_is_passed_over(tmp_path: Path) -> None:
    pl.DataFrame(schema={"response": pl.String}).write_parquet(tmp_path / "a.parquet")
    writing.jsonl([GOOD], tmp_path, "b.jsonl")
    stream = read([tmp_path])
    assert stream.frame().height == 1
    assert [(i.shape, i.rows) for i in stream.inputs] == [("canonical", 1), ("no rows", 0)]


def test_a_column_twice_is_an_error(tmp_path: Path) -> None:
    _fails("has the column 'response' twice; rename one", writing.text("response,response\na,b\n", tmp_path, "rows.csv"))


def test_a_column_name_with_a_nul_is_an_error(tmp_path: Path) -> None:
    _fails("expected names without NUL", writing.text("response,re\0x\na,b\n", tmp_path, "rows.csv"))


def test_broken_json_says_where(tmp_path: Path) -> None:
    _fails(
        r"is not valid JSON: .*line 1 column .*Name it \.jsonl",
        writing.text('[{"response": "x"}, ', tmp_path, "rows.json"),
    )
    _fails("columns of different lengths", writing.text('{"response": ["a"], "model": ["b", "c"]}', tmp_path, "cols.json"))
    _fails(
        "several arrays of objects", writing.text('{"a": [{"response": "x"}], "b": [{"response": "y"}]}', tmp_path, "two.json")
    )


def test_a_torn_last_line_is_set_aside_with_its_place(tmp_path: Path) -> None:
    path = writing.text('{"response": "whole"}\n{"response": "torn', tmp_path, "rows.jsonl")
    stream = read([path])
    assert stream.frame()["response"].to_list() == ["whole"]
    first = stream.rejects.first[0]
    assert (first.place.unit, first.place.number, first.raw) == ("line", 2, '{"response": "torn')
    assert first.reason == "the last line is cut short (not valid JSON)"


def test_bad_lines_go_to_rejects_and_the_rest_is_read(tmp_path: Path) -> None:
    deep = "[" * 100_000
    lines = [
        '{"response": "a"}',
        "not json",
        "[1, 2]",
        '{"response": null}',
        '{"response": ["x", {}]}',
        deep,
        "",
        '{"response": "b"}',
    ]
    stream = read([writing.text("\n".join(lines) + "\n", tmp_path, "rows.jsonl")])
    assert stream.frame()["response"].to_list() == ["a", "b"]
    assert {r.place.number: r.reason for r in stream.rejects.first} == {
        2: "not valid JSON",
        3: "not a JSON object",
        4: "no response",
        5: "`response` is a list or an object",
        6: "not valid JSON",
    }
    assert stream.inputs[0].rows == 7
    assert stream.inputs[0].rejected == 5


def test_a_list_on_the_first_line_does_not_make_jsonl_a_document(tmp_path: Path) -> None:
    stream = read([writing.text('[1]\n{"response": "a"}\n', tmp_path, "rows.jsonl")])
    assert stream.frame()["response"].to_list() == ["a"]
    assert str(stream.rejects.first[0].place).endswith("line 1")


def test_strict_reading_stops_at_the_first_bad_row(tmp_path: Path) -> None:
    path = writing.text('{"response": "a"}\nnot json\n', tmp_path, "rows.jsonl")
    _fails(r"rows\.jsonl, line 2: not valid JSON .*leave `--strict` out", path, strict=True)
    _fails(
        r"rows\.parquet, row 2: no response", writing.parquet([GOOD, {"response": None, "quality": 1.0}], tmp_path), strict=True
    )


def test_nothing_usable_says_why_and_shows_the_first(tmp_path: Path) -> None:
    path = writing.jsonl([{"response": "x", "model": ["m"]}] * 3, tmp_path)
    _fails(r"no usable row in .*: 3 x `model` is a list or an object\. The first: .*line 1", path)


def test_a_file_of_junk_among_good_ones_is_not_passed_over(tmp_path: Path) -> None:
    junk = writing.text("a\nb\n", tmp_path, "junk.jsonl")
    _fails(
        r"no line of .*junk\.jsonl could be read as JSONL; expected one JSON object a line", writing.jsonl([GOOD], tmp_path), junk
    )


def test_quality_as_text_is_refused_with_examples(tmp_path: Path) -> None:
    rows = [{"response": "x", "quality": q} for q in ("good", "bad", "good")]
    expected = (
        r"quality must be numbers, got only text in column `quality` of .*: 'good', 'bad'\. Type --quality .*or --map quality="
    )
    for path in (writing.jsonl(rows, tmp_path), writing.parquet(rows, tmp_path), writing.csv(rows, tmp_path)):
        _fails(expected, path)
        frame = read([path], mapping={"quality": ""}).frame()
        assert (frame.height, frame["quality"].null_count()) == (3, 3)


def test_quality_as_text_is_refused_even_when_it_starts_late(tmp_path: Path) -> None:
    rows = [{"response": "x", "quality": None}] * 1100 + [{"response": "x", "quality": "good"}]
    _fails("quality must be numbers, got only text", writing.jsonl(rows, tmp_path))


def test_a_quality_of_mixed_types_is_read_value_by_value(tmp_path: Path) -> None:
    given: list[Any] = [1, "2.5", True, None, math.nan, "n/a", "good", math.inf, [1], "-inf", 4.0]
    path = writing.text("".join(json.dumps({"response": "x", "quality": q}) + "\n" for q in given), tmp_path, "rows.jsonl")
    stream = read([path])
    assert stream.frame()["quality"].to_list() == [1.0, 2.5, 1.0, None, None, None, 4.0]
    assert dict(stream.rejects.by_reason) == {
        "`quality` is infinite": 2, "`quality` is not a number": 1, "`quality` is a list or an object": 1,
    }  # fmt: skip
    notes = " ".join(stream.inputs[0].notes)
    assert "true and false are read as 1 and 0" in notes
    assert "numbers written as text" in notes
    assert {r.place.number for r in stream.rejects.first} == {7, 8, 9, 10}
    assert any(r.detail == "got 'good'" for r in stream.rejects.first)


def test_infinite_quality_in_parquet_is_set_aside_and_nan_is_missing(tmp_path: Path) -> None:
    stream = read([writing.parquet([{"response": "x", "quality": q} for q in (1.0, math.nan, math.inf)], tmp_path)])
    assert stream.frame()["quality"].to_list() == [1.0, None]
    assert str(stream.rejects.first[0].place).endswith("rows.parquet, row 3")


def test_sample_numbers_must_be_whole(tmp_path: Path) -> None:
    given = [1, 2.0, "3", 1.5, True, 2**63, None, "9007199254740993"]
    stream = read([writing.jsonl([{"response": "x", "sample_index": s} for s in given], tmp_path)])
    assert stream.frame()["sample_index"].to_list() == [1, 2, 3, None, 9007199254740993]
    assert dict(stream.rejects.by_reason) == {"`sample_index` is not a whole number": 3}


@pytest.mark.parametrize("column", ["prompt_id", "model", "step", "quality", "meta", "tokens", "prompt", "domain"])
@pytest.mark.parametrize("value", [{"a": 1}, [[1], [2]], 10**400, "\x00", True, 1e308, ""])
def test_canonical_columns_of_wrong_types_never_crash(column: str, value: object, tmp_path: Path) -> None:
    path = writing.jsonl([GOOD, {**GOOD, column: value}], tmp_path)
    stream = read([path])
    assert stream.frame().height + stream.rejects.count == 2


def test_a_parquet_file_of_wrong_types_never_crashes(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "response": ["x", "y"], "model": [[1], [2]], "step": [True, False], "quality": pl.Series([None, None], dtype=pl.Null),
            "domain": pl.Series(["2024-01-01", None]).str.to_date(), "prompt": [b"\xff", b"ok"],
        }
    )  # fmt: skip
    frame.write_parquet(tmp_path / "odd.parquet")
    stream = read([tmp_path / "odd.parquet"])
    with pytest.raises(RecordsError, match="no usable row"):
        stream.frame()
    kept = read([tmp_path / "odd.parquet"], mapping={"model": "", "step": ""}).frame()
    assert kept["domain"].to_list() == ["2024-01-01", None]
    assert kept["prompt"].to_list() == ["\ufffd", "ok"]


def test_rejects_are_written_with_place_and_reason(tmp_path: Path) -> None:
    long = "y" * 10_000
    lines = ['{"response": "a"}', "nope", json.dumps({"response": None, "note": long})]
    stream = read([writing.text("\n".join(lines), tmp_path, "rows.jsonl")])
    stream.frame()
    stream.rejects.write(tmp_path / "rejects.jsonl")
    written = [json.loads(line) for line in (tmp_path / "rejects.jsonl").read_text().splitlines()]
    assert [(w["line"], w["reason"]) for w in written] == [(2, "not valid JSON"), (3, "no response")]
    assert written[0]["raw"] == "nope"
    assert len(written[1]["raw"]) <= 2000
    assert all(re.search(r"rows\.jsonl$", w["file"]) for w in written)


def test_a_flood_of_rejects_keeps_counts_and_the_first_few(tmp_path: Path) -> None:
    path = writing.text('{"response": "a"}\n' + "broken line of some length\n" * 60_000, tmp_path, "rows.jsonl")
    stream = read([path])
    stream.frame()
    assert (stream.rejects.count, len(stream.rejects.first)) == (60_000, 20)
    stream.rejects.write(tmp_path / "rejects.jsonl")
    with (tmp_path / "rejects.jsonl").open() as file:
        assert sum(1 for _ in file) == 60_000


def test_reading_again_starts_the_rejects_anew(tmp_path: Path) -> None:
    stream = read([writing.text('{"response": "a"}\nx\n', tmp_path, "rows.jsonl")])
    stream.frame()
    stream.frame()
    assert (stream.rejects.count, stream.inputs[0].rejected) == (1, 1)


def _damaged(data: bytes, rng: random.Random) -> bytes:
    """`data` with a few bytes changed, cut out or put in."""
    damaged = bytearray(data)
    for _ in range(rng.choice((1, 3, 10))):
        at = rng.randrange(len(damaged))
        junk = bytes(rng.choices(b'"\\{}[],:\n\x00\xffNaN12', k=rng.randrange(1, 8)))
        damaged[at : at + rng.choice((0, 1, 20))] = junk
    return bytes(damaged)


@pytest.mark.parametrize("kind", [kind for kind in writing.WRITERS if kind != "datasets folder"])
def test_a_damaged_file_is_read_or_refused_with_a_sentence(kind: str, tmp_path: Path) -> None:
    rng = random.Random(kind)  # noqa: S311 - not for secrets
    path = writing.WRITERS[kind](tmp_path)
    whole = path.read_bytes()
    for _ in range(40):
        path.write_bytes(_damaged(whole, rng))
        try:
            assert read([path], batch_rows=2).frame().height > 0
        except RecordsError as error:
            assert path.name in str(error)  # noqa: PT017 - either outcome is right
