"""Code inside a text, and what its syntax tree holds: the ground of the code measures.

Texts are cut into fenced blocks, or taken whole where they parse as code; tree-sitter parses them. The one idea: code that does
not parse has no value, because counts of a broken tree are counts of the parser's guesses.
"""

from collections.abc import Iterator
from functools import cache, lru_cache
from hashlib import blake2b
from textwrap import dedent
from typing import Any, NamedTuple

from triaxis.complexity.grammars import JAVASCRIPT, LANGUAGES, PYTHON, Grammar
from triaxis.complexity.tree import Counts, counts_of
from triaxis.errors import MissingDependency, Undefined
from triaxis.syntax_trees import root_of

MAX_CHARACTERS = 200_000
"""Longer code is not parsed: tree-sitter repairs broken code in more than linear time."""

NO_CODE, NO_GRAMMAR, BROKEN = "no code that parses", "no grammar for its language", "code does not parse"
TOO_LONG = f"over {MAX_CHARACTERS:,} characters of code"


class Block(NamedTuple):
    """A fenced block: the first word behind its fence, in lower case, and its text."""

    tag: str
    text: str


def code_counts(text: str) -> Counts:
    """What the code in `text` holds; `Undefined` where there is none, no grammar for it, or it does not parse.

    Fenced blocks of one language are read together; of several languages the one with most characters. A text without fences is
    code where the whole of it parses as Python, else as JavaScript, and holds a statement, a call or a definition.
    """
    data = text.encode("utf-8", "replace")
    found = _remembered(_Text(text, blake2b(data, digest_size=16).digest()))
    if isinstance(found, str):
        raise Undefined(found)
    return found


def require_parser() -> None:
    """Nothing; `MissingDependency` without tree-sitter and its grammars."""
    for grammar in (PYTHON, JAVASCRIPT):
        parser(grammar)


class _Text:
    """A text that is looked up by its digest, so that the memory holds no texts."""

    def __init__(self, text: str, digest: bytes) -> None:
        self.text: str | None = text
        self.digest = digest

    def taken(self) -> str:
        """The text, once."""
        text, self.text = self.text or "", None
        return text

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Text) and self.digest == other.digest


@lru_cache(maxsize=1 << 14)
def _remembered(text: _Text) -> Counts | str:
    """Counts, or why there are none: six measures read the same trees."""
    try:
        return _counts(text.taken())
    except Undefined as error:
        return str(error)


def _counts(text: str) -> Counts:
    fenced = list(blocks(text))
    if not fenced:
        return _bare(text)
    known: dict[Grammar, list[str]] = {}
    for block in fenced:
        grammar = _language(block)
        if grammar is not None:
            known.setdefault(grammar, []).append(block.text)
    if not known:
        raise Undefined(NO_GRAMMAR if any(block.tag for block in fenced) else NO_CODE)
    grammar, texts = max(known.items(), key=lambda item: sum(map(len, item[1])))
    return _parsed("\n".join(texts), grammar)


def _language(block: Block) -> Grammar | None:
    """The grammar of a block: by its tag, and without one by what it parses as."""
    if block.tag:
        return LANGUAGES.get(block.tag)
    return next((grammar for grammar in (PYTHON, JAVASCRIPT) if _is_code(block.text, grammar)), None)


def _bare(text: str) -> Counts:
    for grammar in (PYTHON, JAVASCRIPT):
        if _is_code(text, grammar):
            return _parsed(text, grammar)
    raise Undefined(TOO_LONG if len(text) > MAX_CHARACTERS else NO_CODE)


def _is_code(text: str, grammar: Grammar) -> bool:
    try:
        return _parsed(text, grammar).is_code
    except Undefined:
        return False


def _parsed(text: str, grammar: Grammar) -> Counts:
    """Counts of a text as it is, or as the body of a function where only so it parses (a completion of a signature)."""
    if len(text) > MAX_CHARACTERS:
        raise Undefined(TOO_LONG)
    for form in _forms(text, grammar):
        root = root_of(parser(grammar), form)
        if root is not None and not root.has_error:
            return counts_of(root, grammar)
    raise Undefined(BROKEN)


def _forms(text: str, grammar: Grammar) -> Iterator[str]:
    yield text
    if text.startswith((" ", "\t")):
        yield dedent(text)
        if grammar.wrapper:
            yield grammar.wrapper + text


def blocks(text: str) -> Iterator[Block]:
    """Fenced blocks (``` or ~~~, alone on a line but for a tag); one that is not closed ends with the text.

    >>> list(blocks("Look:\\n```python\\nx = 1\\n```\\n"))
    [Block(tag='python', text='x = 1')]
    """
    fence, tag, lines = "", "", list[str]()
    for line in text.splitlines():
        mark = line.strip()[:3]
        if not fence and mark in ("```", "~~~"):
            fence, tag, lines = mark, _tag(line), []
        elif fence and line.strip().rstrip(fence[0]) == "" and mark == fence:
            yield Block(tag, "\n".join(lines))
            fence = ""
        elif fence:
            lines.append(line)
    if fence and lines:
        yield Block(tag, "\n".join(lines))


def _tag(line: str) -> str:
    words = line.strip().strip("`~").split(maxsplit=1)
    return words[0].lower().strip("{}.") if words else ""


@cache
def parser(grammar: Grammar) -> Any:
    """The tree-sitter parser of a grammar; `MissingDependency` saying what to type."""
    try:
        from tree_sitter import Language, Parser

        return Parser(Language(grammar.language()))
    except ImportError as error:
        raise MissingDependency(f"code measures need {grammar.package}; type: pip install {grammar.package}") from error
