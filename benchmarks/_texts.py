"""Texts for benchmarks: sentences of the standard library's docstrings, shuffled, with some near duplicates."""

import ast
import re
import sysconfig
from functools import cache
from pathlib import Path

import numpy as np


def texts(count: int, *, words: int = 67, seed: int = 0) -> list[str]:
    """`count` texts of about `words` words; every tenth is an earlier one with one word replaced."""
    rng = np.random.default_rng(seed)
    known = sentences()
    made: list[str] = []
    for place in range(count):
        made.append(_near_copy(made[rng.integers(place)], rng) if place % 10 == 9 else _text(known, words, rng))
    return made


def short_texts(count: int, *, seed: int = 0, vocabulary: int = 20_000) -> list[str]:
    """`count` texts of twelve words drawn by a power law: quick to make, for long streams."""
    rng = np.random.default_rng(seed)
    known = np.array([f"word{number}" for number in range(vocabulary)], dtype=object)
    drawn = known[np.minimum(rng.zipf(1.3, (count, 12)), vocabulary) - 1]
    return [" ".join(row) for row in drawn.tolist()]


@cache
def sentences() -> tuple[str, ...]:
    """Different sentences of at least four words from docstrings of the standard library, in alphabetical order of files."""
    found: list[str] = []
    library = Path(sysconfig.get_paths()["stdlib"])
    for path in sorted(path for path in library.rglob("*.py") if not {"site-packages", "test", "tests"} & set(path.parts)):
        tree = ast.parse(path.read_text(encoding="utf-8", errors="replace"))
        holders = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef))
        for node in holders:
            found += re.split(r"(?<=[.!?])\s+", " ".join((ast.get_docstring(node) or "").split()))
    return tuple(dict.fromkeys(sentence for sentence in found if len(sentence.split()) >= 4))


def _text(known: tuple[str, ...], words: int, rng: np.random.Generator) -> str:
    parts: list[str] = []
    while sum(len(part.split()) for part in parts) < words:
        parts.append(known[rng.integers(len(known))])
    return " ".join(" ".join(parts).split()[: words + int(rng.integers(-words // 5, words // 5 + 1))])


def _near_copy(text: str, rng: np.random.Generator) -> str:
    parts = text.split()
    parts[rng.integers(len(parts))] = f"changed{rng.integers(1000)}"
    return " ".join(parts)
