"""Logs that are cut, damaged, hostile or full of wrong types: rejects with a reason, or a sentence; never a traceback."""

import json
import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.records import logs, writing
from triaxis.errors import RecordsError
from triaxis.records import archives, read

MAKERS: dict[str, Callable[..., dict[str, Any]]] = {
    "lm-eval samples": logs.lm_eval_row,
    "Inspect log": logs.inspect_sample,
    "TRL completions": logs.trl_row,
    "verl rollouts": logs.verl_row,
    "OpenAI batch output": logs.batch_line,
}
ODD = [None, 7, "x", [], {}, [[]], [{}], {"a": {}}, [["a"], None], float("nan"), True]


def _write(shape: str, rows: list[Any], folder: Path) -> Path:
    if shape == "Inspect log":
        return logs.inspect_json(rows, folder)
    return writing.jsonl(rows, folder)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The address of every value in a row, at any depth."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [found for key, entry in inner for found in _paths(entry, (*path, key))]


def _changed(row: dict[str, Any], path: tuple[Any, ...], new: Any) -> dict[str, Any]:
    copy = json.loads(json.dumps(row))
    place = copy
    for key in path[:-1]:
        place = place[key]
    if new is KeyError:
        del place[path[-1]]
    else:
        place[path[-1]] = new
    return copy


@pytest.mark.parametrize("shape", MAKERS)
def test_a_row_with_anything_wrong_in_it_never_sinks_the_others(shape: str, tmp_path: Path) -> None:
    good = MAKERS[shape]()
    bad = [_changed(good, path, new) for path in _paths(good) for new in (*ODD, KeyError)]
    stream = read([_write(shape, [good] * (len(bad) + 1) + bad, tmp_path)])
    frame = stream.frame()
    assert stream.inputs[0].shape == shape
    assert frame.height >= len(bad) + 1
    assert stream.rejects.count > 0
    assert frame["response"].null_count() == 0
    assert all(reject.reason and reject.place.number for reject in stream.rejects.first)


@pytest.mark.parametrize("shape", [shape for shape in MAKERS if shape != "Inspect log"])
def test_a_log_that_is_cut_in_a_line_loses_that_line(shape: str, tmp_path: Path) -> None:
    path = _write(shape, [MAKERS[shape]()] * 3, tmp_path)
    path.write_bytes(path.read_bytes()[:-30])
    stream = read([path])
    assert stream.frame().height == 2
    assert list(stream.rejects.by_reason) == ["the last line is cut short (not valid JSON)"]
    assert stream.inputs[0].shape == shape


def test_missing_pieces_are_named(tmp_path: Path) -> None:
    good = logs.lm_eval_row(0)
    rows = [good, good, {**good, "doc_id": None}, {**good, "resps": "x"}, {**good, "resps": []}]
    stream = read([writing.jsonl(rows, tmp_path)])
    assert stream.frame().height == 2
    assert dict(stream.rejects.by_reason) == {"`resps` is not a list of texts": 2, "no `doc_id`": 1}
    lines = [logs.batch_line("a"), logs.batch_line("b"), {"custom_id": "c", "response": {"status_code": 200, "body": {"id": 1}}}]
    lines.append({**logs.batch_line(), "custom_id": None})
    stream = read([writing.jsonl(lines, tmp_path, "batch.jsonl")])
    assert stream.frame().height == 2
    assert dict(stream.rejects.by_reason) == {"`response.body` holds no choices": 1, "no `custom_id`": 1}


# --- archives


def _members(count: int = 3) -> dict[str, bytes]:
    samples = {f"samples/{i}_epoch_1.json": json.dumps(logs.inspect_sample(i)).encode() for i in range(count)}
    return {"header.json": json.dumps(logs.inspect_header()).encode(), **samples}


def _fails(match: str, path: Path) -> None:
    with pytest.raises(RecordsError, match=match):
        read([path]).frame()


def test_an_archive_of_zstd_is_read_like_any_other(tmp_path: Path) -> None:
    members = _members(300)
    members["samples/big_epoch_1.json"] = json.dumps(logs.inspect_sample("big", "word " * 200_000)).encode()
    frames = [
        read([write(members, tmp_path / f"{number}.eval")], batch_rows=70).frame()
        for number, write in enumerate((logs.zipped, logs.zipped_with_zstd))
    ]
    assert frames[0].equals(frames[1])
    assert frames[0].height == 301


def test_an_archive_is_known_by_what_is_in_it_whatever_its_name(tmp_path: Path) -> None:
    assert read([logs.zipped(_members(), tmp_path / "log")]).inputs[0].format == "Inspect .eval"
    _fails("a zip archive or a spreadsheet", logs.zipped({"xl/workbook.xml": b"<x/>"}, tmp_path / "sheet.xlsx"))
    _fails("is a zip archive and no Inspect .eval log", logs.zipped({"header.json": b"{}"}, tmp_path / "other.eval"))


def test_an_archive_of_a_running_evaluation_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    start = {key: logs.inspect_header()[key] for key in ("version", "eval", "plan")}
    members = {"_journal/start.json": json.dumps(start).encode(), **_members()}
    del members["header.json"]
    stream = read([logs.zipped(members, tmp_path / "log.eval")])
    assert stream.frame().height == 3
    assert "its status is `started`" in "; ".join(stream.inputs[0].notes)


@pytest.mark.parametrize("keep", [40, 0.5, -30])
def test_a_cut_archive_is_called_cut(keep: float, tmp_path: Path) -> None:
    path = logs.zipped(_members(), tmp_path / "log.eval")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep) if isinstance(keep, float) else keep])
    _fails("its end is missing or damaged .*: it was cut short, or the evaluation still writes it", path)


def test_what_triaxis_cannot_read_says_how_to_convert_it(tmp_path: Path) -> None:
    remedy = r"type: inspect log convert .*log\.eval --to json --output-dir FOLDER"
    _fails(rf"compressed by method 14, .*{remedy}", logs.zipped(_members(), tmp_path / "log.eval", zipfile.ZIP_LZMA))
    pieces = {**_members(), "samples/9_epoch_1/sample.json": b"{}", "samples/9_epoch_1/messages/0.json": b"[]"}
    _fails(rf"stored in pieces .*{remedy}", logs.zipped(pieces, tmp_path / "log.eval"))


def test_damaged_samples_are_set_aside(tmp_path: Path) -> None:
    members = {**_members(), "samples/7_epoch_1.json": b"not json", "samples/8_epoch_1.json": b"[1]"}
    for write in (logs.zipped, logs.zipped_with_zstd):
        path = write(members, tmp_path / "log.eval")
        data = bytearray(path.read_bytes())
        at = data.index(b"samples/1_epoch_1.json") + 60
        data[at : at + 40] = b"\xff" * 40
        path.write_bytes(data)
        stream = read([path])
        assert stream.frame()["prompt_id"].to_list() == ["capitals/0", "capitals/2"]
        assert dict(stream.rejects.by_reason) == {"the sample cannot be unpacked and read": 2, "not a JSON object": 1}
        assert str(stream.rejects.first[0].place).endswith("log.eval, row 2")
        assert stream.rejects.first[0].detail.startswith("samples/1_epoch_1.json: ")


def test_names_in_an_archive_are_never_paths(tmp_path: Path) -> None:
    sample = json.dumps(logs.inspect_sample("x")).encode()
    names = ["samples/../../evil_epoch_1.json", "/samples/evil_epoch_1.json", "../samples/evil_epoch_1.json"]
    before = sorted(tmp_path.parent.rglob("*"))
    path = logs.zipped({**_members(1), **dict.fromkeys(names, sample)}, tmp_path / "log.eval")
    assert read([path]).frame().height == 2
    assert sorted(tmp_path.parent.rglob("*")) == sorted([*before, path])


def test_a_sample_larger_than_the_limit_is_set_aside_unopened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LARGEST_SAMPLE", 5000)
    members = {**_members(), "samples/big_epoch_1.json": b" " * 5001}
    stream = read([logs.zipped(members, tmp_path / "log.eval")])
    assert stream.frame().height == 3
    assert stream.rejects.first[0].detail.endswith("it is larger than 0 MiB")


def test_a_zip_bomb_is_refused_by_its_declared_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LARGEST_SAMPLE", 1 << 20)
    bomb = {f"samples/{i}_epoch_1.json": b" " * (1 << 20) for i in range(64)}
    path = logs.zipped_with_zstd({**_members(), **bomb}, tmp_path / "log.eval")
    _fails("would unpack to 64 MiB, more than 1000 times its size", path)


@pytest.mark.parametrize("write", [logs.zipped, logs.zipped_with_zstd])
def test_an_archive_that_lies_about_a_size_gives_no_more_than_it_declared(write: Any, tmp_path: Path) -> None:
    """The bomb says that it is small: no more than that is unpacked, and its checksum is wrong then."""
    path = write({**_members(), "samples/b_epoch_1.json": b" " * (1 << 24)}, tmp_path / "log.eval")
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", 1 << 24), struct.pack("<I", 100)))
    stream = read([path])
    assert stream.frame().height == 3
    assert stream.rejects.count == 1


@pytest.mark.parametrize("write", [logs.zipped, logs.zipped_with_zstd])
def test_a_damaged_archive_is_read_or_refused_with_a_sentence(write: Any, tmp_path: Path) -> None:
    rng = random.Random(0)  # noqa: S311 - not for secrets
    path = write(_members(4), tmp_path / "log.eval")
    whole = path.read_bytes()
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(rng.choice((1, 3, 10))):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        path.write_bytes(damaged)
        try:
            assert read([path]).frame().height <= 4
        except RecordsError as error:
            assert path.name in str(error)  # noqa: PT017 - either outcome is right


def test_wrong_types_in_the_columns_of_a_training_log_never_crash(tmp_path: Path) -> None:
    rows = [logs.trl_row(), logs.trl_row()]
    for column in rows[0]:
        for value in ([1], {"a": 1}, "x", None, True):
            path = writing.text(pl.DataFrame([{**row, column: value} for row in rows]).write_ndjson(), tmp_path, "rows.jsonl")
            try:
                assert read([path]).frame().height <= 2
            except RecordsError as error:
                assert "rows.jsonl" in str(error)  # noqa: PT017 - either outcome is right
