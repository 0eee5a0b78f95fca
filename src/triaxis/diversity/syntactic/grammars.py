"""Grammars of programming languages: a row each, parsed by tree-sitter.

The one idea: a program is compared by its shape, so every name is one symbol and every constant is one symbol of its type.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pkgutil import resolve_name
from textwrap import dedent
from typing import Any, Literal

from triaxis.diversity.fences import fenced
from triaxis.errors import InputError, MissingDependency, near
from triaxis.syntax_trees import root_of

LONGEST = 200_000
"""Characters of code above which a text is counted as not parsed: no answer is as long, and error recovery grows slow."""

Language = Literal["python", "javascript"]


@dataclass(frozen=True)
class Grammar:
    """Where a language's parser is, under which tags answers fence it, and which of its nodes are names or constants.

    `constants` are kept whole: what a string holds is not looked into.
    """

    module: str
    tags: tuple[str, ...]
    names: tuple[str, ...]
    constants: tuple[str, ...]


GRAMMARS: dict[str, Grammar] = {
    "python": Grammar("tree_sitter_python", ("python", "py", "python3"), ("identifier",), ("string", "concatenated_string")),
    "javascript": Grammar(
        "tree_sitter_javascript",
        ("javascript", "js", "jsx", "mjs", "node"),
        ("identifier", "property_identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern"),
        ("string", "template_string", "regex"),
    ),
}
"""A language is one row here and its name in `Language` above."""

NAME = "name"
_BOOLEANS = frozenset({"true", "false"})

Shape = tuple[Any, ...]
"""A canonical subtree: its label, then the shapes below it."""


def require(language: str) -> None:
    """Raises `InputError` for a language without a grammar, `MissingDependency` where its parser is not installed."""
    if language not in GRAMMARS:
        raise InputError(f"no grammar for {language!r}{near(language, GRAMMARS)}; there are: {', '.join(GRAMMARS)}")
    modules = ("tree_sitter", GRAMMARS[language].module)
    if any(find_spec(module) is None for module in modules):
        raise MissingDependency(f"needs a parser of {language}: pip install {' '.join(modules).replace('_', '-')}")


def code_in(text: str, language: str) -> str | None:
    """The code in `text`: its blocks tagged as `language`, else its untagged blocks, else the text where it has no block at all.

    None where all its blocks are tagged as something else, and where nothing but space is left.
    """
    blocks = fenced(text).blocks
    tagged = [block.text for block in blocks if block.tag in GRAMMARS[language].tags]
    found = tagged or [block.text for block in blocks if not block.tag] if blocks else [text]
    code = dedent("\n".join(found))
    return code if code.strip() and len(code) <= LONGEST else None


def parsed(text: str, language: str) -> Any | None:
    """The root of the code in `text`, a tree-sitter node; None where there is none, where it has an error or is comments only."""
    code = code_in(text, language)
    if code is None:
        return None
    root = root_of(_parser(language), code)
    return None if root is None or root.has_error or all(child.is_extra for child in root.children) else root


def shapes(root: Any, language: str, *, height: int) -> list[Shape]:
    """Canonical subtrees of exactly `height` nodes from root to deepest leaf, in no order of meaning; a leaf has height 1.

    Goes through the nodes from the last to the first, so that children come before their parent without recursion.
    """
    labels, parents = _nodes(root, GRAMMARS[language])
    below: list[list[Shape | None]] = [[] for _ in labels]
    heights = [1] * len(labels)
    found = []
    for place in range(len(labels) - 1, -1, -1):
        shape = (labels[place], *below[place]) if heights[place] <= height else None
        if shape and heights[place] == height:
            found.append(shape)
        if place:
            parent = parents[place]
            below[parent].append(shape)
            heights[parent] = max(heights[parent], heights[place] + 1)
    return found


def leaves(root: Any, language: str) -> list[str]:
    """The tokens of a program as they are written; comments and layout left out, a constant is one token."""
    whole = GRAMMARS[language].constants
    found, stack = [], [root]
    while stack:
        node = stack.pop()
        if node.is_extra:
            continue
        if node.type in whole or not node.child_count:
            found.append(node.text.decode("utf-8", "replace"))
        else:
            stack.extend(reversed(node.children))
    return [token for token in found if token.strip()]


def _nodes(root: Any, grammar: Grammar) -> tuple[list[str], list[int]]:
    """Labels of all nodes, parents before children, and the place of each node's parent (-1 for the root)."""
    labels: list[str] = []
    parents: list[int] = []
    stack = [(root, -1)]
    while stack:
        node, parent = stack.pop()
        place = len(labels)
        labels.append(_label(node.type, grammar))
        parents.append(parent)
        if node.type not in grammar.constants:
            stack.extend((child, place) for child in _meaningful(node))
    return labels, parents


def _meaningful(node: Any) -> Iterator[Any]:
    """Children that the abstract syntax needs: named nodes but comments, and the signs of operators."""
    for place, child in enumerate(node.children):
        if child.is_named:
            if not child.is_extra:
                yield child
        elif node.field_name_for_child(place) in {"operator", "operators"}:
            yield child


def _label(kind: str, grammar: Grammar) -> str:
    if kind in grammar.names:
        return NAME
    return "boolean" if kind in _BOOLEANS else kind


@cache
def _parser(language: str) -> Any:
    from tree_sitter import Language as Compiled
    from tree_sitter import Parser

    # The module's name stands in the table, so that a language stays one row.
    return Parser(Compiled(resolve_name(f"{GRAMMARS[language].module}:language")()))
