"""Every format gives the same records, in any batch size."""

import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from tests.records import writing
from tests.records.writing import PACKERS, ROWS, WRITERS
from triaxis.errors import RecordsError
from triaxis.records import CANONICAL, delimited, read


@pytest.mark.parametrize("kind", WRITERS)
def test_every_format_gives_the_same_batches(kind: str, tmp_path: Path) -> None:
    stream = read([WRITERS[kind](tmp_path)], keep=["partition"])
    frame = stream.frame()
    assert frame.columns == [*CANONICAL, "partition", "row"]
    assert frame.schema == stream.schema
    for name in ("prompt_id", "prompt", "response", "model", "sample_index", "quality", "partition"):
        assert frame[name].to_list() == [row[name] for row in ROWS], name
    assert frame["row"].to_list() == [0, 1, 2]
    assert frame["domain"].null_count() == 3
    assert stream.rejects.count == 0


@pytest.mark.parametrize("kind", WRITERS)
def test_a_stream_can_be_read_twice(kind: str, tmp_path: Path) -> None:
    stream = read([WRITERS[kind](tmp_path)])
    assert_frame_equal(stream.frame(), stream.frame())
    assert sum(i.rows or 0 for i in stream.inputs) == 3


@pytest.mark.parametrize("packed", PACKERS)
@pytest.mark.parametrize("kind", ["JSONL", "JSON array", "CSV"])
@pytest.mark.parametrize("keeps_suffix", [True, False])
def test_compressed_text_is_recognised_by_its_bytes(packed: str, kind: str, keeps_suffix: bool, tmp_path: Path) -> None:
    plain = WRITERS[kind](tmp_path)
    name = f"{plain.name}.{packed}" if keeps_suffix else plain.name
    path = writing.text(PACKERS[packed](plain.read_bytes()), tmp_path, name)
    stream = read([path])
    assert stream.frame()["response"].to_list() == [row["response"] for row in ROWS]
    assert packed[:2] in stream.inputs[0].format


@pytest.mark.parametrize("kind", ["JSONL", "JSON array", "CSV", "Parquet", "Arrow file", "Arrow stream"])
def test_standard_input_is_sniffed_and_can_be_read_twice(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = writing.as_bytes(WRITERS[kind](tmp_path))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=data))
    stream = read(["-"])
    assert stream.frame()["response"].to_list() == [row["response"] for row in ROWS]
    assert stream.frame().height == 3
    assert stream.inputs[0].path == "standard input"


def test_summaries_are_there_before_the_data_is_read(tmp_path: Path) -> None:
    summary = read([WRITERS["Parquet"](tmp_path)]).inputs[0]
    assert (summary.format, summary.shape, summary.rows) == ("Parquet", "canonical", 3)
    assert summary.columns["response"] == "column `response`"
    assert read([WRITERS["JSONL"](tmp_path)]).inputs[0].rows is None


def test_only_needed_columns_are_filled(tmp_path: Path) -> None:
    frame = read([WRITERS["Parquet"](tmp_path)], need=["model", "quality"], keep=["partition", "prompt_id"]).frame()
    filled = {name for name in CANONICAL if frame[name].null_count() < 3}
    assert filled == {"model", "quality", "prompt_id"}
    assert frame["partition"].to_list() == [3, 4, 3]


def test_a_broken_column_that_is_not_needed_is_not_read(tmp_path: Path) -> None:
    rows = [{"response": "x", "model": "m", "tokens": "many"}]
    assert read([writing.parquet(rows, tmp_path)], need=["response"]).frame().height == 1
    with pytest.raises(RecordsError, match="`tokens` is not a whole number"):
        read([writing.parquet(rows, tmp_path)]).frame()


values = st.one_of(
    st.none(), st.integers(-(2**70), 2**70), st.floats(), st.booleans(), st.text(max_size=5),
    st.sampled_from(["1.5", " 2", "n/a", "good", "-inf", "1e3", "007"]), st.lists(st.integers(), max_size=2),
)  # fmt: skip
rows_of_anything = st.lists(
    st.fixed_dictionaries(
        {"response": st.one_of(st.text(max_size=5), values)},
        optional=dict.fromkeys(("prompt_id", "prompt", "model", "quality", "sample_index", "meta", "label"), values),
    ),
    min_size=1,
    max_size=12,
)


def _outcome(path: Path, batch_rows: int) -> tuple[pl.DataFrame | None, list[tuple[int, str]]]:
    stream = read([path], keep=["label"], batch_rows=batch_rows)
    try:
        frame = stream.frame()
    except RecordsError:
        frame = None
    return frame, sorted((r.place.number, r.reason) for r in stream.rejects.first)


@settings(max_examples=60, deadline=None)
@given(rows=rows_of_anything, batch_rows=st.integers(1, 5))
def test_batch_size_never_changes_what_is_read(
    rows: list[dict[str, object]], batch_rows: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    first = {"response": "known", "quality": 1, "label": "x"}
    path = writing.jsonl([first, *rows], folder)
    whole, parts = _outcome(path, 10_000), _outcome(path, batch_rows)
    assert whole[1] == parts[1]
    assert (whole[0] is None) == (parts[0] is None)
    if whole[0] is not None and parts[0] is not None:
        assert_frame_equal(whole[0], parts[0])
        assert whole[0].height + len(whole[1]) == len(rows) + 1


simple_rows = st.lists(
    st.fixed_dictionaries(
        {
            "response": st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), min_size=1, max_size=5),
            "model": st.one_of(st.none(), st.sampled_from(["a", "b,c", 'd"'])),
            "quality": st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
            "sample_index": st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
        }
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(rows=simple_rows)
def test_jsonl_parquet_and_csv_agree(rows: list[dict[str, object]], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("three")
    schema = {"response": pl.String, "model": pl.String, "quality": pl.Float64, "sample_index": pl.Int64}
    table = pl.DataFrame(rows, schema=schema)
    table.write_parquet(folder / "rows.parquet")
    table.write_csv(folder / "rows.csv", quote_style="necessary")
    frames = [read([p]).frame() for p in (writing.jsonl(rows, folder), folder / "rows.parquet", folder / "rows.csv")]
    assert_frame_equal(frames[0], frames[1])
    assert_frame_equal(frames[0], frames[2])


def test_numbers_as_ids_become_texts_and_whole_floats_lose_their_point(tmp_path: Path) -> None:
    rows = [{"response": "x", "prompt_id": 7}, {"response": "y", "prompt_id": 8.0}, {"response": "z", "prompt_id": 2**64 - 1}]
    assert read([writing.jsonl(rows, tmp_path)]).frame()["prompt_id"].to_list() == ["7", "8", str(2**64 - 1)]
    table = pl.DataFrame({"response": ["x", "y"], "prompt_id": [7.0, None], "model": [1, 2]})
    table.write_parquet(tmp_path / "ids.parquet")
    frame = read([tmp_path / "ids.parquet"]).frame()
    assert (frame["prompt_id"].to_list(), frame["model"].to_list()) == (["7", None], ["1", "2"])


def test_csv_tells_an_empty_text_from_a_missing_one(tmp_path: Path) -> None:
    stream = read([writing.text('model,response\na,""\nb,\nc,x\n', tmp_path, "rows.csv")])
    assert stream.frame()["response"].to_list() == ["", "x"]
    assert [(r.place.number, r.reason) for r in stream.rejects.first] == [(2, "no response")]


def test_csv_rows_with_a_wrong_number_of_fields_are_set_aside_by_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "_BLOCK_BYTES", 64)
    lines = [f"m{i},x,1" if i % 7 == 0 else (f"m{i},text,bad" if i % 5 == 0 else f'm{i},"x\ny"') for i in range(1, 60)]
    lines = [line if line.count(",") != 1 else line + ",2" for line in lines]
    broken = [i for i in range(1, 60) if i % 11 == 0]
    for i in broken:
        lines[i - 1] = f"m{i},only"
    stream = read([writing.text("model,response,quality\n" + "\n".join(lines) + "\n", tmp_path, "rows.csv")], batch_rows=4)
    frame = stream.frame()
    by_reason = {"wrong number of fields": broken, "`quality` is not a number": [5, 10, 15, 20, 25, 30, 40, 45, 50]}
    seen = {reason: [r.place.number for r in stream.rejects.first if r.reason == reason] for reason in by_reason}
    assert seen == by_reason
    gone = {i for numbers in by_reason.values() for i in numbers}
    assert frame["model"].to_list() == [f"m{i}" for i in range(1, 60) if i not in gone]


def test_a_csv_row_that_breaks_stops_a_strict_reading(tmp_path: Path) -> None:
    path = writing.text("model,response\na,b\nc\n", tmp_path, "rows.csv")
    with pytest.raises(RecordsError, match=r"rows\.csv, row 2: wrong number of fields \(expected 2, got 1\)"):
        read([path], strict=True).frame()


def test_categories_and_dictionaries_are_plain_texts(tmp_path: Path) -> None:
    table = pl.DataFrame({"response": ["x", "y"], "model": ["a", "b"]}).with_columns(pl.col("model").cast(pl.Categorical))
    table.write_parquet(tmp_path / "rows.parquet")
    assert read([tmp_path / "rows.parquet"], keep=["model"]).frame()["model"].to_list() == ["a", "b"]


def test_meta_given_as_an_object_becomes_json_text(tmp_path: Path) -> None:
    rows = [{"response": "x", "meta": {"temperature": 0.5, "tags": ["a"]}}]
    for path in (writing.jsonl(rows, tmp_path), writing.parquet(rows, tmp_path), writing.arrow_file(rows, tmp_path)):
        assert json.loads(read([path]).frame()["meta"][0]) == rows[0]["meta"]


def test_bytes_that_are_not_utf8_are_replaced_and_noted(tmp_path: Path) -> None:
    column = pa.array([b"ok", b"a\xff"], pa.binary()).view(pa.string())
    with pa.ipc.new_file(tmp_path / "rows.arrow", pa.schema([("response", pa.string())])) as out:
        out.write_batch(pa.record_batch([column], ["response"]))
    writing.text(b'{"response": "ok"}\n{"response": "a\xff"}\n', tmp_path, "rows.jsonl")
    writing.text(b"model,response\nm,ok\nm,a\xff\n", tmp_path, "rows.csv")
    for name in ("rows.arrow", "rows.jsonl", "rows.csv"):
        stream = read([tmp_path / name])
        assert stream.frame()["response"].to_list() == ["ok", "a\ufffd"], name
        assert any("not UTF-8" in note for note in stream.inputs[0].notes), name


def test_long_lines_nul_surrogates_and_twice_named_keys_are_read(tmp_path: Path) -> None:
    lines = [
        json.dumps({"response": "x" * (1 << 20)}),
        '{"response": "a\\u0000b"}',
        '{"response": "\\ud800z"}',
        '{"response": "first", "response": "second"}',
        '{"response": "n", "quality": NaN}',
    ]
    stream = read([writing.text("\n".join(lines), tmp_path, "rows.jsonl")])
    responses = stream.frame()["response"].to_list()
    assert (len(responses[0]), responses[1:]) == (1 << 20, ["a\x00b", "\ufffdz", "second", "n"])
    assert stream.rejects.count == 0


def test_parquet_batches_follow_the_asked_size(tmp_path: Path) -> None:
    rows = [{"response": f"r{i}", "quality": i} for i in range(10)]
    sizes = [batch.height for batch in read([writing.parquet(rows, tmp_path, row_group_size=4)], batch_rows=3)]
    assert max(sizes) <= 3
    assert sum(sizes) == 10


def test_rows_are_numbered_across_files_without_gaps(tmp_path: Path) -> None:
    bad = [{"response": "a"}, {"response": None}, {"response": "b"}]
    paths = [writing.jsonl(bad, tmp_path, "one.jsonl"), writing.parquet(ROWS, tmp_path)]
    stream = read(paths)
    assert stream.frame()["row"].to_list() == list(range(5))
    assert [(i.rows, i.rejected) for i in stream.inputs] == [(3, 1), (3, 0)]


DATA = Path(__file__).parents[2].parent / "shared" / "data"


@pytest.mark.skipif(not DATA.is_dir(), reason="the real data sets do not lie beside this checkout")
@pytest.mark.parametrize("name", ["noveltybench_dev", "post_training_stages_dev", "code_samples_dev", "instructgpt_samples_dev"])
def test_real_data_sets_are_read_whole(name: str) -> None:
    stream = read([DATA / f"{name}.parquet"], keep=["partition"] if name.startswith("novelty") else [])
    frame = stream.frame()
    assert frame.height == stream.inputs[0].rows
    assert stream.rejects.count == 0
    assert ("quality" in stream.available) == (name != "post_training_stages_dev")
    assert re.fullmatch(r"[\w-]+", frame["prompt_id"][0])


def test_a_parquet_file_is_not_kept_in_memory_while_it_streams(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = 200_000
    texts = pa.array([rng.bytes(60).hex() for _ in range(rows)])
    table = pa.table({"prompt_id": pa.array(["p"] * rows), "response": texts})
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=10_000)
    size, before = texts.nbytes, pa.total_allocated_bytes()
    peak = max(pa.total_allocated_bytes() - before for _ in read([tmp_path / "t.parquet"], batch_rows=10_000))
    assert peak < size / 4
