"""The shapes people have: one fixture each, in JSON lines and, where it can be written, in Parquet."""

from pathlib import Path
from typing import Any

import pytest

from tests.records import writing
from triaxis.errors import RecordsError
from triaxis.records import RecordStream, read

USER = {"role": "user", "content": "Name a fruit"}
SYSTEM = {"role": "system", "content": "Be brief"}


def _says(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


def _part(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


FIXTURES: dict[str, tuple[str, list[dict[str, Any]], list[dict[str, Any]]]] = {
    "canonical": (
        "canonical",
        [{"prompt": "Name a fruit", "response": "fig", "model": "m", "domain": "d", "step": 3, "cost": 0.5}],
        [{"prompt": "Name a fruit", "response": "fig", "model": "m", "domain": "d", "step": 3, "cost": 0.5}],
    ),
    "canonical with a chat prompt": (
        "canonical",
        [{"prompt": [SYSTEM, USER], "response": "fig"}],
        [{"prompt": "system: Be brief\nuser: Name a fruit", "response": "fig"}],
    ),
    "Alpaca": (
        "Alpaca",
        [{"instruction": "Translate", "input": "Hund", "output": "dog"}, {"instruction": "Rhyme", "input": "", "output": "time"}],
        [{"prompt": "Translate\n\nHund", "response": "dog"}, {"prompt": "Rhyme", "response": "time"}],
    ),
    "ShareGPT": (
        "ShareGPT",
        [{"conversations": [{"from": "human", "value": "Name a fruit"}, {"from": "gpt", "value": "fig"}], "model": "m"}],
        [{"prompt": "user: Name a fruit", "response": "fig", "model": "m"}],
    ),
    "chat messages": (
        "chat messages",
        [{"messages": [USER, _says("fig"), {"role": "user", "content": "Another"}, _says("plum")]}],
        [{"prompt": "user: Name a fruit\nassistant: fig\nuser: Another", "response": "plum"}],
    ),
    "chat messages with parts": (
        "chat messages",
        [{"messages": [{**USER, "content": [_part("Name")]}, {"role": "assistant", "content": [_part("fig")]}]}],
        [{"prompt": "user: Name", "response": "fig"}],
    ),
    "prompt and completion": (
        "prompt and completion",
        [{"prompt": "Name a fruit", "completion": "fig"}],
        [{"prompt": "Name a fruit", "response": "fig"}],
    ),
    "prompt and completion as messages": (
        "prompt and completion",
        [{"prompt": [USER], "completion": [_says("fig")]}],
        [{"prompt": "user: Name a fruit", "response": "fig"}],
    ),
    "preference pairs": (
        "preference pairs",
        [{"prompt": "Name a fruit", "chosen": "fig", "rejected": "no"}],
        [
            {"prompt": "Name a fruit", "response": "fig", "model": "chosen"},
            {"prompt": "Name a fruit", "response": "no", "model": "rejected"},
        ],
    ),
    "preference pairs as messages": (
        "preference pairs",
        [{"chosen": [USER, _says("fig")], "rejected": [USER, _says("no")]}],
        [
            {"prompt": "user: Name a fruit", "response": "fig", "model": "chosen"},
            {"prompt": "user: Name a fruit", "response": "no", "model": "rejected"},
        ],
    ),
    "AlpacaEval": (
        "AlpacaEval",
        [{"instruction": "Name a fruit", "output": "fig", "generator": "m", "dataset": "koala"}],
        [{"prompt": "Name a fruit", "response": "fig", "model": "m", "domain": "koala"}],
    ),
    "generations per prompt": (
        "generations per prompt",
        [{"prompt": "Name a fruit", "model": "m", "generations": ["fig", "plum"], "quality": [1.0, 2.0]}],
        [
            {"prompt": "Name a fruit", "model": "m", "response": "fig", "sample_index": 0, "quality": 1.0},
            {"prompt": "Name a fruit", "model": "m", "response": "plum", "sample_index": 1, "quality": 2.0},
        ],
    ),
    "a list of responses": (
        "generations per prompt",
        [{"question": "Name a fruit", "responses": ["fig", "plum", "fig"]}],
        [{"prompt": "Name a fruit", "response": r, "sample_index": i} for i, r in enumerate(["fig", "plum", "fig"])],
    ),
    "flat with other names": (
        "flat",
        [{"Question": "Name a fruit", "generation": "fig", "model_name": "m"}],
        [{"prompt": "Name a fruit", "response": "fig", "model": "m"}],
    ),
}  # fmt: skip


@pytest.mark.parametrize("write", [writing.jsonl, writing.parquet, writing.arrow_file])
@pytest.mark.parametrize("name", FIXTURES)
def test_a_named_shape_is_recognised_and_becomes_records(name: str, write: Any, tmp_path: Path) -> None:
    shape, rows, expected = FIXTURES[name]
    stream = read([write(rows, tmp_path)])
    frame = stream.frame()
    assert stream.inputs[0].shape == shape
    assert frame.select(list(expected[0])).to_dicts() == expected
    assert set(stream.inputs[0].columns) - {"prompt_id"} == set(expected[0])
    assert stream.available >= set(expected[0])
    assert frame["prompt_id"].null_count() == 0


def test_a_prompt_without_id_gets_the_hash_of_its_text(tmp_path: Path) -> None:
    rows = [
        {"prompt": "a", "response": "x"},
        {"prompt": "a", "response": "y"},
        {"response": "z"},
        {"prompt": "b", "response": "w"},
    ]
    stream = read([writing.jsonl(rows, tmp_path)])
    ids = stream.frame()["prompt_id"].to_list()
    # printf a | b2sum -l 64
    assert ids == ["40f89e395b66422f", "40f89e395b66422f", None, ids[3]]
    assert len(ids[3]) == 16
    assert stream.inputs[0].columns["prompt_id"] == "hash of prompt"


@pytest.mark.parametrize("write", [writing.jsonl, writing.parquet])
def test_a_missing_prompt_id_falls_back_to_the_hash_whatever_is_needed(write: Any, tmp_path: Path) -> None:
    rows = [{"prompt_id": "p", "prompt": "a", "response": "x"}, {"prompt_id": None, "prompt": "a", "response": "y"}]
    path = write(rows, tmp_path)
    assert read([path]).frame()["prompt_id"].to_list() == ["p", "40f89e395b66422f"]
    assert read([path], need=["prompt_id"]).frame()["prompt_id"].to_list() == ["p", "40f89e395b66422f"]


def test_lists_beside_the_generations_are_taken_apart_with_them(tmp_path: Path) -> None:
    rows = [{"prompt": "p", "generations": ["a", "b"], "partition": [0, 1], "scores": [1.0, 2.0], "tags": ["t"]}]
    rows += [{"prompt": "q", "generations": ["c"], "partition": [5], "scores": [3.0], "tags": ["t", "u"]}]
    for path in (writing.jsonl(rows, tmp_path), writing.parquet(rows, tmp_path)):
        stream = read([path], keep=["partition", "tags"], quality="scores")
        frame = stream.frame()
        assert frame["partition"].to_list() == [0, 1, 5]
        assert frame["tags"].to_list() == ['["t"]', '["t"]', '["t","u"]']
        assert frame["quality"].to_list() == [1.0, 2.0, 3.0]
        assert frame["sample_index"].to_list() == [0, 1, 0]


def test_a_row_whose_lists_do_not_match_is_set_aside(tmp_path: Path) -> None:
    rows = [{"generations": ["a", "b"], "partition": [0, 1]}, {"generations": ["c"], "partition": [0]}]
    rows += [{"generations": ["a"], "partition": [1, 2, 3]}] * 2
    path = writing.jsonl([*rows[:2] * 600, *rows[2:]], tmp_path)
    stream = read([path], keep=["partition"])
    assert stream.frame().height == 1800
    assert dict(stream.rejects.by_reason) == {"`partition` has not one value per generation": 2}


def test_the_place_of_a_bad_generation_names_its_sample(tmp_path: Path) -> None:
    stream = read([writing.jsonl([{"prompt": "p", "generations": ["a", None]}], tmp_path)])
    assert stream.frame()["response"].to_list() == ["a"]
    assert str(stream.rejects.first[0].place).endswith("rows.jsonl, line 1, sample 1")


def test_a_conversation_without_an_answer_is_set_aside(tmp_path: Path) -> None:
    stream = read([writing.jsonl([{"messages": [USER, _says("fig")]}, {"messages": [USER]}, {"messages": "?"}], tmp_path)])
    assert stream.frame().height == 1
    assert dict(stream.rejects.by_reason) == {"no assistant turn in the conversation": 1, "no conversation": 1}


def test_gold_answers_beside_an_output_are_not_taken_for_generations(tmp_path: Path) -> None:
    rows = [{"question": "q", "answers": ["x", "y"], "output": "x"}]
    stream = read([writing.jsonl(rows, tmp_path)])
    assert (stream.inputs[0].shape, stream.frame()["response"].to_list()) == ("flat", ["x"])


def _notes(stream: RecordStream) -> str:
    return "; ".join(stream.inputs[0].notes)


def test_scores_and_categories_are_named_as_candidates_and_not_taken(tmp_path: Path) -> None:
    stream = read([writing.jsonl([{"prompt": "p", "output": "x", "reward": 1.0, "category": "math"}], tmp_path)])
    assert stream.frame()["quality"].null_count() == 1
    assert "--quality reward" in _notes(stream)
    assert "--map domain=category" in _notes(stream)
    assert "quality" not in stream.available


def test_a_choice_between_responses_is_said(tmp_path: Path) -> None:
    stream = read([writing.jsonl([{"question": "p", "answer": "gold", "generation": "x"}], tmp_path)])
    assert stream.frame()["response"].to_list() == ["x"]
    assert "`generation` is taken as the response, not `answer`" in _notes(stream)


def test_labels_alone_are_enough_when_no_response_is_needed(tmp_path: Path) -> None:
    path = writing.jsonl([{"model": "m", "prompt_id": "p", "label": 3}], tmp_path)
    frame = read([path], need=["model", "prompt_id"], keep=["label"]).frame()
    assert frame["label"].to_list() == [3]
    with pytest.raises(RecordsError, match=r"no column holds the response.*model, prompt_id, label.*--map response=COLUMN"):
        read([path])
