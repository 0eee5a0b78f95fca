"""Fenced blocks of Markdown: where an answer shows code. One pass over the lines, so any text costs no more than its length."""

import re
from typing import NamedTuple

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*([^\s`{]*)")


class Fence(NamedTuple):
    """One fenced block: its tag in lower case (empty where it has none), the text inside, and whether it is closed."""

    tag: str
    text: str
    is_closed: bool


class Fenced(NamedTuple):
    """A text taken apart: its fenced blocks in order, and the lines outside them."""

    blocks: list[Fence]
    outside: str


def fenced(text: str) -> Fenced:
    """The fenced blocks of `text` and what stands outside; a block that is never closed runs to the end (CommonMark 4.5).

    >>> fenced("Look:\\n```python\\nx = 1\\n```\\nDone.")
    Fenced(blocks=[Fence(tag='python', text='x = 1', is_closed=True)], outside='Look:\\nDone.')
    """
    blocks: list[Fence] = []
    outside: list[str] = []
    inside: list[str] = []
    mark, tag = "", ""
    for line in text.splitlines():
        found = _FENCE.match(line)
        if mark and found and _closes(line, mark):
            blocks.append(Fence(tag, "\n".join(inside), True))
            mark, inside = "", []
        elif mark:
            inside.append(line)
        elif found and _opens(line, found[1]):
            mark, tag = found[1], found[2].casefold()
        else:
            outside.append(line)
    if mark:
        blocks.append(Fence(tag, "\n".join(inside), False))
    return Fenced(blocks, "\n".join(outside))


def _closes(line: str, mark: str) -> bool:
    """Whether `line` is nothing but at least as many of the characters that opened the block."""
    bare = line.strip()
    return len(bare) >= len(mark) and bare == mark[0] * len(bare)


def _opens(line: str, mark: str) -> bool:
    """A line such as ```x``` is code within a line of prose."""
    return mark[0] == "~" or "`" not in line.lstrip()[len(mark) :]
