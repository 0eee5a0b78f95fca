"""One walk over a syntax tree, and everything that the code measures count in it.

The walk keeps its own stack, so that no nesting of the code is too deep for Python's.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import log2
from typing import Any, NamedTuple

from triaxis.complexity.grammars import Grammar

_CLOSING = frozenset(")]}")
_INSERTED = frozenset(("interpolation", "template_substitution"))
"""Code inside a string, which else is taken as one operand."""


class Counts(NamedTuple):
    """What a tree holds; `is_code` says that it has a statement, a call or a definition and is not just words that parse."""

    is_code: bool
    decisions: int
    cognitive: int
    volume: float
    nodes: int
    depth: int
    calls: int


class Place(NamedTuple):
    """A node with where it stands: named ancestors, nesting of the flow, and whether inside a function or an `else`."""

    node: Any
    depth: int
    nesting: int
    in_function: bool
    parent: Any


@dataclass
class _Tally:
    grammar: Grammar
    is_code: bool = False
    decisions: int = 0
    cognitive: int = 0
    nodes: int = 0
    depth: int = 0
    calls: set[bytes] = field(default_factory=set)
    operators: list[bytes] = field(default_factory=list)
    operands: list[bytes] = field(default_factory=list)

    def take(self, place: Place) -> None:
        """Counts one node."""
        node, kind = place.node, place.node.type
        if node.is_named:
            self.nodes += 1
            self.depth = max(self.depth, place.depth)
            self.is_code |= kind in self.grammar.statements
            self._branch(place, kind)
            self._call(node, kind)
        self._symbol(node, kind)

    def _branch(self, place: Place, kind: str) -> None:
        grammar = self.grammar
        operator = logical_operator(place.node, grammar)
        self.decisions += (kind in grammar.decisions and not is_default(place.node)) or operator is not None
        if kind in grammar.flat or (operator is not None and operator != logical_operator(place.parent, grammar)):
            self.cognitive += 1
        elif kind in grammar.nesting and not is_else_if(place):
            self.cognitive += 1 + place.nesting
        elif kind in grammar.jumps and place.node.named_child_count:
            self.cognitive += 1

    def _call(self, node: Any, kind: str) -> None:
        if kind in self.grammar.calls:
            called = node.child_by_field_name(self.grammar.calls[kind])
            name = last_name(called)
            if name:
                self.calls.add(name)

    def _symbol(self, node: Any, kind: str) -> None:
        """Operands by their text; every other token is an operator, a pair of brackets one of them."""
        if kind in self.grammar.operands:
            self.operands.append(node.text)
        elif not node.child_count and kind not in _CLOSING and kind != "comment":
            token = node.text.strip()
            if token:
                self.operators.append(token)

    def counts(self) -> Counts:
        """What was counted, the Halstead volume worked out."""
        length = len(self.operators) + len(self.operands)
        different = len(set(self.operators)) + len(set(self.operands))
        volume = length * log2(different) if different else 0.0
        return Counts(self.is_code, self.decisions, self.cognitive, volume, self.nodes, self.depth, len(self.calls))


def counts_of(root: Any, grammar: Grammar) -> Counts:
    """All counts of a tree-sitter tree, comments left out."""
    tally = _Tally(grammar)
    stack = [Place(root, 1, 0, False, None)]
    while stack:
        place = stack.pop()
        tally.take(place)
        stack.extend(_children(place, grammar))
    return tally.counts()


def _children(place: Place, grammar: Grammar) -> Iterator[Place]:
    node, kind = place.node, place.node.type
    is_function = kind in grammar.functions
    deeper = (kind in grammar.nesting and not is_else_if(place)) or kind in grammar.lambdas or (is_function and place.in_function)
    nesting = place.nesting + deeper
    for child in node.children:
        if child.type != "comment" and (kind not in grammar.operands or child.type in _INSERTED):
            yield Place(child, place.depth + child.is_named, nesting, place.in_function or is_function, node)


def is_else_if(place: Place) -> bool:
    """Whether an `if` stands directly in an `else`: one branch, counted at the else."""
    return place.parent is not None and place.node.type == "if_statement" and place.parent.type == "else_clause"


def is_default(node: Any) -> bool:
    """Whether a case takes whatever is left (`case _`), which is no decision; a guard behind it is one of its own."""
    if node.type != "case_clause":
        return False
    patterns = [child for child in node.named_children if child.type == "case_pattern"]
    return len(patterns) == 1 and patterns[0].text == b"_"


def logical_operator(node: Any, grammar: Grammar) -> str | None:
    """`and`, `&&` and the like where `node` is such an operation."""
    if node is None or node.type not in grammar.logical:
        return None
    operator = node.child_by_field_name("operator")
    return operator.type if operator is not None and operator.type in grammar.logical[node.type] else None


def last_name(called: Any) -> bytes | None:
    """The name of what is called, without the object it belongs to: `zeros` of `np.zeros`; None where it has none."""
    if called is None:
        return None
    for name in ("attribute", "property"):
        last = called.child_by_field_name(name)
        if last is not None:
            return bytes(last.text)
    return bytes(called.text) if called.type == "identifier" else None
