"""Chat messages as text: which turn is the answer, and how the turns before it read as a prompt."""

from collections.abc import Sequence
from typing import Any, NamedTuple

_ROLES = {
    "human": "user", "gpt": "assistant", "chatgpt": "assistant", "bing": "assistant", "bard": "assistant", "model": "assistant",
    "ai": "assistant", "bot": "assistant",
}  # fmt: skip


class Unusable(Exception):
    """A row of the recognised shape that holds no record: the reason, and what came."""

    def __init__(self, reason: str, detail: str = "") -> None:
        """`reason` comes from a small fixed set; `detail` is this row's."""
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


class PassedOver(Exception):
    """A row that is left out on purpose, because another row of the file holds the same sample; the message is the note."""


class Message(NamedTuple):
    """One turn."""

    role: str
    content: str


def is_messages(value: Any) -> bool:
    """Whether `value` is a list of {role, content}."""
    return _is_list_of(value, "role", "content")


def is_turns(value: Any) -> bool:
    """Whether `value` is a list of {from, value}, as in ShareGPT."""
    return _is_list_of(value, "from", "value")


def messages_of(value: Any) -> list[Message]:
    """Turns of a conversation in either spelling, roles in the words user, assistant, system; `Unusable` if it is none."""
    if not is_messages(value) and not is_turns(value):
        raise Unusable("no conversation", f"got {type(value).__name__}")
    return [
        Message(_role(turn.get("role", turn.get("from"))), _content(turn.get("content", turn.get("value")))) for turn in value
    ]


def last_answer(messages: Sequence[Message]) -> tuple[Sequence[Message], str]:
    """(turns before the last assistant turn, that turn's text); `Unusable` when no assistant speaks."""
    for at in range(len(messages) - 1, -1, -1):
        if messages[at].role == "assistant":
            return messages[:at], messages[at].content
    raise Unusable("no assistant turn in the conversation", f"roles: {', '.join(m.role for m in messages[:8])}")


def render(messages: Sequence[Message]) -> str | None:
    """The turns as `role: content` lines; None when there are none."""
    return "\n".join(f"{m.role}: {m.content}" for m in messages) or None


def text_of(value: Any) -> Any:
    """The text in `value`: itself, the content of one message, or a conversation rendered; anything else as it came."""
    if isinstance(value, dict):
        found = (value.get(key) for key in ("content", "text", "response", "output"))
        content = next((c for c in found if c is not None), None)
        return _content(content) if isinstance(content, str | list) else value
    if is_messages(value) and len(value) == 1 and _role(value[0]["role"]) == "assistant":
        return _content(value[0]["content"])
    return render(messages_of(value)) if is_messages(value) or is_turns(value) else value


def _is_list_of(value: Any, *keys: str) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) and v.keys() >= set(keys) for v in value)


def _role(role: Any) -> str:
    name = str(role).strip().lower()
    return _ROLES.get(name, name)


def _content(content: Any) -> str:
    """A text, or the texts among a list of parts such as {type: text, text: ...}."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    texts = [part if isinstance(part, str) else part.get("text") for part in content if isinstance(part, str | dict)]
    return "\n".join(t for t in texts if isinstance(t, str))
