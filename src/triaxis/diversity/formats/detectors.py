r"""Detectors of formats: small functions from a text to whether it has the format, in a row from the most telling to the least.

The one idea: a text has every format whose detector says so, and one *primary* format, the first in the row; what stands in think
tags is set aside first, so that `think+latex` is LaTeX after thinking. All work line by line or with bounded patterns: none takes
more than time in proportion to the text, whatever it is.
"""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

import orjson

from triaxis.diversity.fences import fenced
from triaxis.errors import InputError

Detector = Callable[[str], bool]

EMPTY, PROSE, THINK = "empty", "prose", "think"

_THINK = re.compile(r"<(/?)(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
_LIST_LINE = re.compile(r"[ \t]*(?:[-*+•–][ \t]+|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4})[.)][ \t]+)\S")
_HEADING = re.compile(r"[ \t]{0,3}#{1,6}[ \t]+\S|[ \t]*\*\*[^*\n]{1,80}\*\*:?[ \t]*$")
_TABLE_RULE = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)+\|?")
_TAGGED = re.compile(r"<(?:llm-code|code|python|tool_code|execute)\b[^>\n]{0,80}>|\[PYTHON\]", re.IGNORECASE)
_LATEX = re.compile(r"\\(?:frac|boxed|times|cdot|sqrt|begin|text|sum|int|left|div|le|ge|pi|alpha|quad)\b|\\[(\[]|\$\$[^$]")
_INLINE_MATH = re.compile(r"\$[^$\n]{0,80}(?:\\[a-zA-Z]|\^[\w{(]|_\{)[^$\n]{0,80}\$")
# A bare "def" would also find "define" and "definition": a definition has a name and a bracket.
_DEFINITION = re.compile(
    r"(?:async )?def \w+\(|class \w+(?:\(|:)|import \w|from [\w.]+ import |(?:async )?function \w*\(|#include\b"
    r"|(?:const|let|var) \w+ = "
)
_BLOCK = re.compile(r"(?:def|class|if|elif|for|while|with|try|except|else|finally|switch|async|function|\})(?!\w)")
_SIMPLE = re.compile(
    r"(?:return|assert|raise|import|pass|break|continue|yield|del|export)\b(?!,)|from [\w.]+ import |@\w|#include\b|print\("
    r"|(?:const|let|var) \w+ = |(?:public|private|static) \w+"
)
_ASSIGNMENT = re.compile(r"""[\w.\[\]'"]{1,80}(?:, ?[\w.]{1,80}){0,9} (?:[-+*/|&]|//)?= \S""")
_ENTRY = re.compile(r"""["'][^"']{1,80}["'] ?: .*[,{\[}\]]$|["'][^"']{0,80}["'],?$""")
_CALL = re.compile(r"[\w.]{1,80}\(")
_BRACKETS = frozenset("{}()[];, ")
_QUOTED = re.compile(r"""'[^']*'|"[^"]*"|[`#].*""")
_TWO_WORDS = re.compile(r"(?<![\w.])[A-Za-z]{2,}(?= [A-Za-z]{2,}(?![\w.(\[]))")
_KEYWORDS = frozenset({
    "return", "assert", "raise", "import", "from", "as", "in", "is", "not", "and", "or", "if", "else", "for", "while", "with",
    "lambda", "await", "async", "yield", "del", "new", "const", "let", "var", "elif", "function", "class", "def", "except",
    "typeof", "of", "public", "private", "static", "void", "int", "export", "default", "print",
})  # fmt: skip
"""Words that stand beside another word in code; two other words side by side are prose."""
_FIRST_KEY = re.compile(r'[{\[]\s*(?:\{\s*)?"[^"\n]{1,80}"\s*:')

_LONGEST_LINE = 2_000
_LITTLE = 200
"""Characters around a fenced block that leave the block what matters."""


def formats_of(text: str) -> frozenset[str]:
    """Every format of `text`: `empty`, or all whose detector finds it, or `prose` where none does.

    >>> sorted(formats_of("- **x** is $x^2$\\n- y"))
    ['latex', 'list']
    """
    if not text.strip():
        return frozenset({EMPTY})
    found = frozenset(name for name, finds in DETECTORS.items() if finds(text))
    return found if found - {THINK} else found | {PROSE}


def primary_format(text: str) -> str:
    r"""The most telling format of `text`, with `think+` before it where it thinks in tags first.

    >>> [primary_format(text) for text in ("Define it.", '{"a": 1}', "<think>Hm.</think>\n\\boxed{7}", " ")]
    ['prose', 'json', 'think+latex', 'empty']
    """
    rest = without_thinking(text)
    name = next((name for name, finds in DETECTORS.items() if name != THINK and finds(rest)), PROSE)
    return (name if rest.strip() else EMPTY) if rest == text else f"{THINK}+{name if rest.strip() else EMPTY}"


def primary_formats(texts: Sequence[str]) -> list[str]:
    """`primary_format` of each text."""
    return [primary_format(text) for text in texts]


def combined_formats(texts: Sequence[str]) -> list[frozenset[str]]:
    """`formats_of` each text."""
    return [formats_of(text) for text in texts]


def register_format(name: str, *, before: str | None = None) -> Callable[[Detector], Detector]:
    """A decorator that adds a detector under `name`, last in the row or `before` another; raises `InputError` for a name in use.

        @register_format("haiku", before="list")
        def is_haiku(text: str) -> bool: ...
    """
    if name in {*DETECTORS, EMPTY, PROSE} or "+" in name or not name.strip():
        raise InputError(f"a format's name must be new and without '+', got {name!r}; there are: {', '.join(DETECTORS)}")
    if before is not None and before not in DETECTORS:
        raise InputError(f"no format {before!r} to stand before; there are: {', '.join(DETECTORS)}")

    def add(detector: Detector) -> Detector:
        row = list(DETECTORS.items())
        place = next((place for place, (held, _) in enumerate(row) if held == before), len(row))
        row.insert(place, (name, detector))
        DETECTORS.clear()
        DETECTORS.update(row)
        return detector

    return add


def thinks(text: str) -> bool:
    """Whether some of it stands in think tags."""
    return _THINK.search(text) is not None


def without_thinking(text: str) -> str:
    """`text` without what stands in think tags; tags that are never closed run to the end, a lone closing one from the start."""
    kept: list[str] = []
    depth = end = 0
    for tag in _THINK.finditer(text):
        if tag[1]:
            kept = kept if depth else []  # thinking that the prompt opened
            depth = 0
        elif not depth:
            kept.append(text[end : tag.start()])
            depth = 1
        end = tag.end()
    return "".join([*kept, "" if depth else text[end:]])


def is_json(text: str) -> bool:
    """An object or a list: a block fenced as JSON, or most of the text; what begins like one need not parse to its end."""
    blocks, outside = fenced(text)
    if not blocks:
        before, brace, after = f"\n{text.strip()}".partition("\n{")
        return _reads_as_json(text.strip()) or (len(after) > len(before) and _reads_as_json(brace.strip() + after))
    (tag, inside, _), *more = blocks
    is_most = not more and len(outside) <= max(_LITTLE, len(inside) // 2)
    return (tag == "json" and inside.lstrip().startswith(("{", "["))) or (is_most and _reads_as_json(inside.strip()))


def _reads_as_json(text: str) -> bool:
    """Whether `text` is JSON, or begins like an object with a first key and was cut off or badly quoted later."""
    if not text.startswith(("{", "[")):
        return False
    try:
        return isinstance(orjson.loads(text), dict | list)
    except orjson.JSONDecodeError:
        return _FIRST_KEY.match(text) is not None


def is_tagged_code(text: str) -> bool:
    """Code between tags such as `<llm-code>`."""
    return _TAGGED.search(text) is not None


def has_code_block(text: str) -> bool:
    """A fenced block that is not JSON."""
    return any(block.tag != "json" for block in fenced(text).blocks)


def is_code(text: str) -> bool:
    """Code without a fence: more than half of the lines read as statements, and not just one line among prose."""
    bare_lines = (line.strip() for line in _without_docstrings(text).splitlines())
    lines = [line[:_LONGEST_LINE] for line in bare_lines if line and not line.startswith(("# ", "//"))]
    statements = sum(map(_is_statement, lines))
    return 2 * statements > len(lines) and (statements > 1 or any(map(_DEFINITION.match, lines)) or text[:1].isspace())


def _without_docstrings(text: str) -> str:
    """`text` without what stands in triple quotes; one that is never closed stays."""
    parts = text.split('"""')
    return "".join(parts[::2] if len(parts) % 2 else [*parts[:-1:2], parts[-1]])


def _is_statement(line: str) -> bool:
    """Whether a line without space around it reads as a statement of Python, JavaScript or a language like them."""
    if _DEFINITION.match(line) or _ENTRY.match(line) or set(line) <= _BRACKETS:
        return True
    is_block = _BLOCK.match(line) is not None and line.endswith((":", "{", ";", "}"))
    is_call = _CALL.match(line) is not None and line.endswith((")", ");", "(", ","))
    is_assignment = _ASSIGNMENT.match(line) is not None and line.count(" = ") <= 1
    return (is_block or is_call or is_assignment or _SIMPLE.match(line) is not None) and not _is_worded(line)


def _is_worded(line: str) -> bool:
    """Whether two words stand side by side that no language has as keywords, outside quotes and comments."""
    bare = _QUOTED.sub("", line)
    return any(
        found[0] not in _KEYWORDS and bare[found.end() + 1 :].partition(" ")[0].rstrip(":;,") not in _KEYWORDS
        for found in _TWO_WORDS.finditer(bare)
    )


def has_table(text: str) -> bool:
    """A Markdown table: a row of dashes between bars under a row with a bar."""
    lines = [line[:_LONGEST_LINE].strip() for line in text.splitlines()]
    return any("|" in above and _TABLE_RULE.fullmatch(line) for above, line in pairwise(lines))


def has_headings(text: str) -> bool:
    """Two headings or more: `## Title`, or a line all in bold."""
    return sum(_HEADING.match(line[:_LONGEST_LINE]) is not None for line in text.splitlines()) > 1


def is_list(text: str) -> bool:
    """Two lines or more that begin with a bullet or a number, and at least a third of all lines that are no heading."""
    lines = [line[:_LONGEST_LINE] for line in text.splitlines() if line.strip()]
    items = sum(_LIST_LINE.match(line) is not None for line in lines)
    headings = sum(_HEADING.match(line) is not None for line in lines)
    return items >= 2 and 3 * items >= len(lines) - headings


def has_latex(text: str) -> bool:
    """A LaTeX command or displayed formula, or an inline one that holds more than a price."""
    return _LATEX.search(text) is not None or _INLINE_MATH.search(text) is not None


DETECTORS: dict[str, Detector] = {
    THINK: thinks,
    "json": is_json,
    "tagged-code": is_tagged_code,
    "code-block": has_code_block,
    "code": is_code,
    "table": has_table,
    "latex": has_latex,
    "list": is_list,
    "headings": has_headings,
}
"""Formats in the order in which they are primary; `prose` is what none of them finds."""
