"""What the user ties to what: mapping, quality, kept columns, comparing by anything, and what is said about wrong names."""

import json
from pathlib import Path

import polars as pl
import pytest

from tests.records import writing
from triaxis.errors import RecordsError
from triaxis.records import parse_mapping, read, require_column

ROWS = [
    {"prompt": "p", "output": "x", "score": 3, "quality": 0.5, "quality_source": "judge", "stage": "sft", "model": "m",
     "meta": {"temperature": 1.0, "top": {"k": 5}, "ok": True}},
    {"prompt": "p", "output": "y", "score": 4, "quality": 0.7, "quality_source": "judge", "stage": None, "model": "n",
     "meta": {"temperature": 0.7, "ok": False}},
]  # fmt: skip


@pytest.fixture(params=["jsonl", "parquet", "csv"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "csv":
        flat = [{**row, "meta": json.dumps(row["meta"])} for row in ROWS]
        return writing.csv(flat, tmp_path)
    return {"jsonl": writing.jsonl, "parquet": writing.parquet}[request.param](ROWS, tmp_path)


def test_a_mapping_is_parsed_from_what_was_typed() -> None:
    assert parse_mapping(["response=output", "sample_index=", "domain=meta.a=b"]) == {
        "response": "output", "sample_index": "", "domain": "meta.a=b",
    }  # fmt: skip
    with pytest.raises(RecordsError, match="expected COLUMN=SOURCE, got 'response'; type for example --map response=output"):
        parse_mapping(["response"])
    with pytest.raises(RecordsError, match="no canonical column 'respons'; near: 'response'; there are: prompt_id"):
        parse_mapping(["respons=output"])


def test_a_mapping_overrides_what_was_recognised(path: Path) -> None:
    stream = read([path], mapping={"response": "stage", "domain": "output", "prompt": ""})
    frame = stream.frame()
    assert (frame["response"].to_list(), frame["domain"].to_list()) == (["sft"], ["x"])
    assert frame["prompt"].null_count() == 1
    assert "prompt" not in stream.available


def test_a_mapping_may_name_a_key_inside_meta(path: Path) -> None:
    frame = read([path], mapping={"domain": "meta.top.k", "step": "score"}).frame()
    assert (frame["domain"].to_list(), frame["step"].to_list()) == (["5", None], [3, 4])


def test_a_mapped_list_of_texts_is_a_list_of_generations(tmp_path: Path) -> None:
    stream = read(
        [writing.jsonl([{"task": "p", "rollouts": ["a", "b"]}], tmp_path)], mapping={"response": "rollouts", "prompt": "task"}
    )
    frame = stream.frame()
    assert (frame["response"].to_list(), frame["prompt"].to_list()) == (["a", "b"], ["p", "p"])


def test_a_chosen_quality_names_its_own_source(path: Path) -> None:
    plain = read([path]).frame()
    assert (plain["quality"].to_list(), plain["quality_source"].to_list()) == ([0.5, 0.7], ["judge", "judge"])
    chosen = read([path], quality="score")
    frame = chosen.frame()
    assert (frame["quality"].to_list(), frame["quality_source"].to_list()) == ([3.0, 4.0], ["score", "score"])
    assert chosen.inputs[0].columns["quality"] == "column `score`"
    assert chosen.inputs[0].columns["quality_source"] == "always 'score'"


def test_true_and_false_inside_meta_are_a_quality(path: Path) -> None:
    assert read([path], quality="meta.ok").frame()["quality"].to_list() == [1.0, 0.0]


def test_kept_columns_keep_their_type(path: Path) -> None:
    frame = read([path], keep=["score", "stage", "meta.temperature", "model"]).frame()
    assert frame["score"].to_list() == [3, 4]
    assert frame["stage"].to_list() == ["sft", None]
    assert frame["meta.temperature"].to_list() == ["1.0", "0.7"]
    assert frame.columns[-4:] == ["score", "stage", "meta.temperature", "row"]


def test_one_by_column_takes_the_place_of_model(path: Path) -> None:
    assert read([path], by=["stage"]).frame()["model"].to_list() == ["sft", "(none)"]


def test_several_by_columns_are_joined(path: Path) -> None:
    frame = read([path], by=["model", "meta.temperature", "score", "stage"]).frame()
    assert frame["model"].to_list() == ["m | 1.0 | 3 | sft", "n | 0.7 | 4 | (none)"]


def test_by_may_name_what_a_shape_derives(tmp_path: Path) -> None:
    pairs = writing.jsonl([{"prompt": "p", "chosen": "a", "rejected": "b", "stage": "s"}], tmp_path)
    assert read([pairs], by=["model", "stage"]).frame()["model"].to_list() == ["chosen | s", "rejected | s"]
    assert read([pairs], by=["prompt_id"], need=["model"]).frame()["model"].n_unique() == 1
    assert "(none)" not in read([pairs], by=["prompt_id"], need=["model"]).frame()["model"].to_list()


def test_a_column_that_only_one_file_has_is_null_in_the_other(tmp_path: Path) -> None:
    one = writing.jsonl([{"response": "a", "stage": "s", "label": 1}], tmp_path, "one.jsonl")
    two = writing.parquet([{"response": "b", "label": 1.5}], tmp_path)
    stream = read([one, two], by=["stage"], keep=["label"])
    frame = stream.frame()
    assert (frame["model"].to_list(), frame["label"].to_list()) == (["s", "(none)"], [1.0, 1.5])
    assert "no column `stage` here" in stream.inputs[1].notes


def test_kept_columns_of_two_kinds_become_texts(tmp_path: Path) -> None:
    one = writing.jsonl([{"response": "a", "label": 1}], tmp_path, "one.jsonl")
    two = writing.jsonl([{"response": "b", "label": "x"}], tmp_path, "two.jsonl")
    assert read([one, two], keep=["label"]).frame()["label"].to_list() == ["1", "x"]


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"quality": "scor"}, "unknown quality column 'scor'; near: 'score'"),
        ({"keep": ["outptu"]}, "unknown column 'outptu'; near: 'output'"),
        ({"by": ["stagee"]}, "unknown column 'stagee'; near: 'stage'"),
        ({"by": ["meta.temprature"]}, "unknown key 'meta.temprature'; near: 'temperature'; keys of `meta`: ok, temperature, top"),
        ({"by": ["stage.x"]}, "unknown key 'stage.x'; `stage` holds no JSON objects"),
        ({"mapping": {"response": "outputs"}}, "unknown column for --map response= 'outputs'; near: 'output'"),
        ({"mapping": {"respons": "output"}}, "no canonical column 'respons'; near: 'response'"),
        ({"keep": ["row"]}, "the column name `row` is taken"),
    ],
)
def test_a_wrong_name_is_answered_with_the_near_one(options: dict[str, object], match: str, path: Path) -> None:
    with pytest.raises(RecordsError, match=match):
        read([path], **options)  # type: ignore[arg-type]


def test_names_can_be_checked_before_reading(path: Path) -> None:
    stream = read([path])
    assert "score" in stream.extra
    assert "output" not in stream.extra
    for name in ("score", "quality", "prompt_id", "meta.temperature"):
        require_column(name, stream)
    with pytest.raises(RecordsError, match=r"unknown column 'partition'; there are: .*score"):
        require_column("partition", stream)


def test_a_key_that_starts_far_down_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triaxis.records.jsonrows._COLUMNS_BYTES", 1)
    rows = [{"response": "x"}] * 1500 + [{"response": "y", "stage": "late", "quality": 2.0}]
    stream = read([writing.jsonl(rows, tmp_path)], by=["stage"])
    frame = stream.frame()
    assert frame["model"].to_list()[-1] == "late"
    assert frame["quality"].to_list()[-1] == 2.0
    assert "`quality` holds something only far down the file" in stream.inputs[0].notes


def test_available_columns_leave_out_those_that_are_empty_throughout(tmp_path: Path) -> None:
    rows = [{"response": "x", "quality": None, "model": "m"}] * 1500
    assert read([writing.parquet([*rows, {"response": "x", "quality": 1.0, "model": "m"}], tmp_path)]).available >= {"quality"}
    for statistics in (True, False):
        rows_path = tmp_path / "hollow.parquet"
        pl.DataFrame(rows, schema_overrides={"quality": float}).write_parquet(rows_path, statistics=statistics)
        assert read([rows_path]).available == {"response", "model"}
    unknown = [{"response": "x", "prompt": None}]
    assert read([writing.jsonl(unknown, tmp_path)]).available == {"response"}
    for write in (writing.jsonl, writing.arrow_stream, writing.arrow_file):
        stream = read([write(rows, tmp_path)])
        assert stream.available == {"response", "model"}
        assert "`quality` holds nothing here" in stream.inputs[0].notes
