"""Actions in transcripts of agents: which tool was called with what, in order, from whatever shape the transcript has.

The one idea: a row of readers, one for each way to write a call. A reader that does not know a text gives None, one that knows it
as a transcript without a call gives an empty sequence; a text that no reader knows is no transcript, and is left out.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import orjson

_ROLE = re.compile(r"\[(?:user|assistant|system|tool(?::[^\]\n]*)?)\](?:\s|$)")
_CALL = re.compile(r"\[call\]\s+(\S+)\s*(.*)")
_REACT = re.compile(r"\s*\**Action(?: \d{1,4})?\**:\**\s*(.*)")
_REACT_INPUT = re.compile(r"\s*\**Action Input(?: \d{1,4})?\**:\**\s*(.*)")
_THOUGHT = re.compile(r"\s*\**(?:Thought|Observation)(?: \d{1,4})?\**:")
_TOOL_CALL = re.compile(r"(?:\w+:\s*)?tool_call\s+([\w.-]+)\((.*)\)\s*$")
_TAGS = ("<tool_call>", "</tool_call>")


class Action(NamedTuple):
    """One call: the tool's name, and its arguments as text; JSON has its keys in order, so that equal calls are equal."""

    name: str
    arguments: str


Actions = tuple[Action, ...]


def actions_of(text: str) -> Actions | None:
    """The calls in a transcript in order; None where `text` is no transcript.

    >>> actions_of('Thought: look it up\\nAction: search[tides]\\nObservation: ...\\nAction: finish[twice a day]')
    (Action(name='search', arguments='tides'), Action(name='finish', arguments='twice a day'))
    """
    return next((found for read in READERS if (found := read(text)) is not None), None)


def actions_of_all(texts: Sequence[str]) -> list[Actions | None]:
    """`actions_of` each text."""
    return [actions_of(text) for text in texts]


def _chat(text: str) -> Actions | None:
    """Chat messages as JSON, whole or one a line: OpenAI `tool_calls` and `function_call`, Anthropic `tool_use` blocks."""
    messages = _messages(text)
    return None if messages is None else tuple(call for message in messages for call in _calls(message))


def _messages(text: str) -> list[dict[str, Any]] | None:
    bare = text.strip()
    if not bare.startswith(("[", "{")):
        return None
    try:
        read = _loaded(bare)
    except orjson.JSONDecodeError:
        return None
    read = read.get("messages", [read]) if isinstance(read, dict) else read
    is_chat = isinstance(read, list) and read and all(isinstance(one, dict) and ("role" in one or "type" in one) for one in read)
    return read if is_chat else None


def _loaded(text: str) -> Any:
    """The JSON value of `text`, or the list of those of its lines."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2 or not all(line.lstrip().startswith("{") for line in lines):
            raise
        return [orjson.loads(line) for line in lines]


def _calls(message: dict[str, Any]) -> Iterator[Action]:
    """Calls of one message, or of one item of the Responses API."""
    for call in _dicts(message.get("tool_calls")):
        yield from _call(call.get("function", call))
    yield from _call(message.get("function_call"))
    if message.get("type") == "function_call":
        yield from _call(message)
    for block in _dicts(message.get("content")):
        if block.get("type") == "tool_use":
            yield from _call(block)


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _call(call: Any) -> Iterator[Action]:
    if isinstance(call, dict) and isinstance(call.get("name"), str):
        yield Action(call["name"], _arguments(call.get("arguments", call.get("input", ""))))


def _arguments(value: Any) -> str:
    """Arguments as text; JSON, given as such or as text, is written with its keys in order."""
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return str(value).strip()
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _tagged(text: str) -> Actions | None:
    """Calls as JSON between tool_call tags, as Hermes and Qwen write them."""
    pieces = text.split(_TAGS[0])
    if len(pieces) == 1:
        return None
    return tuple(call for piece in pieces[1:] for call in _tagged_call(piece.partition(_TAGS[1])[0]))


def _tagged_call(text: str) -> Iterator[Action]:
    try:
        yield from _call(orjson.loads(text))
    except orjson.JSONDecodeError:
        return  # what is no JSON called nothing


def _roles(text: str) -> Actions | None:
    """Lines that begin with a role in brackets: `[assistant] ...`, `[call] name {"key": 1}`."""
    lines = text.splitlines()
    found = [match for line in lines if (match := _CALL.match(line))]
    if not found and not any(_ROLE.match(line) for line in lines):
        return None
    return tuple(Action(match[1], _arguments(match[2])) for match in found)


def _called(text: str) -> Actions | None:
    """Lines such as `assistant: tool_call search({"q": "x"})`."""
    found = [match for line in text.splitlines() if (match := _TOOL_CALL.match(line))]
    return tuple(Action(match[1], _arguments(match[2])) for match in found) or None


def _react(text: str) -> Actions | None:
    """ReAct (Yao et al. 2022): `Action: name[arguments]`, or `Action: name` with `Action Input: arguments` below."""
    found: list[Action] = []
    is_react = False
    for line in text.splitlines():
        is_react = is_react or _THOUGHT.match(line) is not None
        if match := _REACT.match(line):
            found.append(_react_call(match[1].strip()))
        elif found and (match := _REACT_INPUT.match(line)):
            found[-1] = found[-1]._replace(arguments=_arguments(match[1]))
    return tuple(found) if found or is_react else None


def _react_call(said: str) -> Action:
    cut = min((place for mark in "[(" if (place := said.find(mark)) > 0), default=len(said))
    return Action(said[:cut].strip().strip("*`"), _arguments(said[cut + 1 :].rstrip("])")))


READERS: tuple[Callable[[str], Actions | None], ...] = (_chat, _tagged, _roles, _called, _react)
"""Readers in order; each takes a text and gives its calls, or None where the text is not of its kind."""
