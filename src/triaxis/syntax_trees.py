"""Syntax trees in bounded time: what tree-sitter cannot make sense of, it mends in time that grows with the square of the text.

The bound counts steps and not seconds, so that the same text has a tree, or none, on every machine.
"""

from typing import Any

STEPS = 1000
STEPS_PER_BYTE = 0.25
"""Code takes about a thirtieth of a step a byte (tree-sitter counts in hundreds of operations); mending took 50 and more."""

CHUNK = 1 << 16


def root_of(parser: Any, text: str) -> Any | None:
    """The root node of `text`, a tree-sitter node; None where the parser gives up, on something that is no code.

    `parser` is a tree-sitter parser with its language. Lone surrogates are read as question marks.
    """
    source = text.encode("utf-8", "replace")
    left = STEPS + int(STEPS_PER_BYTE * len(source))

    def is_spent(offset: int, has_error: bool) -> bool:
        nonlocal left
        left -= 1
        return left < 0

    try:
        return parser.parse(lambda at, _: source[at : at + CHUNK], progress_callback=is_spent).root_node
    except ValueError:
        return None  # it was stopped
    finally:
        parser.reset()  # or the next text would go on where this one was stopped
