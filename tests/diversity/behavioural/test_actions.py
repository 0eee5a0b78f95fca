"""Tool calls, read from every shape of transcript that is known; what is no transcript is left out."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from triaxis.diversity.behavioural.actions import Action, actions_of

SEARCH = Action("search", '{"n":2,"q":"tides"}')
STOP = Action("finish", '{"answer":"twice"}')
CALLS = [
    {"id": "1", "type": "function", "function": {"name": "search", "arguments": '{"q": "tides", "n": 2}'}},
    {"id": "2", "type": "function", "function": {"name": "finish", "arguments": '{"answer": "twice"}'}},
]
OPENAI = [
    {"role": "user", "content": "When is high tide?"},
    {"role": "assistant", "content": None, "tool_calls": CALLS[:1]},
    {"role": "tool", "content": "..."},
    {"role": "assistant", "tool_calls": CALLS[1:]},
]
ANTHROPIC = [
    {"role": "assistant", "content": [{"type": "text"}, {"type": "tool_use", "name": "search", "input": {"q": "tides", "n": 2}}]},
    {"role": "assistant", "content": [{"type": "tool_use", "name": "finish", "input": {"answer": "twice"}}]},
]
ITEMS = [{"type": "function_call", **call["function"]} for call in CALLS]  # type: ignore[dict-item]
OLD = [{"role": "assistant", "function_call": call["function"]} for call in CALLS]
BRACKETS = """[user] When is high tide?
[call] search {"n": 2, "q": "tides"}
[tool:search] {"text": "[call] me"}
[assistant] One moment.
[call] finish {"answer": "twice"}"""
REACT = """Thought: look it up
Action: search
Action Input: {"q": "tides", "n": 2}
Observation: twice
**Action 2:** finish[{"answer": "twice"}]"""
HERMES = """<tool_call>
{"name": "search", "arguments": {"q": "tides", "n": 2}}
</tool_call>
then
<tool_call>{"name": "finish", "arguments": {"answer": "twice"}}</tool_call><tool_call>no JSON</tool_call>"""
CALLED = 'assistant: tool_call search({"q": "tides", "n": 2})\nuser: well\ntool_call finish({"answer": "twice"})'


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(OPENAI), json.dumps({"messages": OPENAI}), "\n".join(map(json.dumps, OPENAI)), json.dumps(ANTHROPIC),
        json.dumps(ITEMS), json.dumps(OLD), BRACKETS, REACT, HERMES, CALLED,
    ],
    ids=["openai", "messages", "lines", "anthropic", "items", "old", "brackets", "react", "hermes", "called"],
)  # fmt: skip
def test_every_way_to_write_calls_gives_the_same_actions(text: str) -> None:
    assert actions_of(text) == (SEARCH, STOP)


@pytest.mark.parametrize("text", ['[{"role": "user", "content": "hi"}]', "[user] hi\n[assistant] hello", "Thought: I know this."])
def test_a_transcript_without_a_call_is_an_empty_sequence(text: str) -> None:
    assert actions_of(text) == ()


@pytest.mark.parametrize(
    "text", ["", "Boil the potatoes.", "[1, 2, 3]", '{"name": "Ada"}', "[link](x)", "{" * 5_000, "[" * 100_000, "\x00", "call me"]
)
def test_what_is_no_transcript_is_none(text: str) -> None:
    assert actions_of(text) is None


@pytest.mark.parametrize("text", ["<tool_call>" * 9_000, "[call] a b\n" * 9_000, "Action: a[\n" * 9_000, "[call]" + " " * 90_000])
def test_hostile_transcripts_are_read_to_the_end(text: str) -> None:
    found = actions_of(text)
    assert found is None or all(action.name for action in found)


def test_the_tools_of_real_trajectories_are_those_published(real_data: Callable[[str], Path]) -> None:
    frame = pl.read_parquet(real_data("agent_trajectories_dev"))
    assert len(frame) == 88
    for text, meta in frame.select("response", "meta").iter_rows():
        assert [action.name for action in actions_of(text) or ()] == json.loads(meta)["tools"]
