"""What every `Complexity` has to keep, as plain functions that take a measure and raise `AssertionError`.

The one idea: a score is a column, so that what a row gets may depend on that row alone: not on the others, not on their order,
not on how often it was asked.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from triaxis.protocols import Complexity
from triaxis.records import CANONICAL

Check = Callable[[Complexity], None]

PROSE = "Although the argument looks simple, it hides an assumption that few notice. Therefore we check it twice: 3 + 4 = 7."
CODE = "def grade(x):\n    if x > 3 and x < 9:\n        return float(x)\n    return None\n"
ASKED = "Write at least 300 words. Do not use any commas, and end your answer with the word 'Done'."
TEXTS: tuple[str | None, ...] = (
    PROSE, CODE, ASKED, f"Here:\n```python\n{CODE}```\n", "```js\nfoo(1);\n```", "Ja, das ist so; aber warum nicht auch anders?",
    "数学は難しいです。でも面白い。", "नमस्ते दुनिया", "", " \n\t", "1 2 3", "?!…", "\x00\x07", "🙂" * 50, "e\u0301" * 10, None,
)  # fmt: skip
HOSTILE: tuple[str, ...] = (
    "a" * 300_000, "." * 200_000 + "x", "\n" * 200_000, " " * 200_000 + "x", "(" * 100_000, "```\n" * 30_000, "if x:\n" * 20_000,
    "no commas " * 20_000, "1. a\n" * 20_000, "\\\\" * 50_000, "'" * 100_000, "=" * 100_000, "the " * 50_000, "(a" * 30_000,
)  # fmt: skip


def samples(texts: Sequence[str | None]) -> pl.DataFrame:
    """A canonical batch with each text as prompt and as response."""
    given = {"prompt": texts, "response": texts, "prompt_id": [f"p{i}" for i in range(len(texts))], "model": ["m"] * len(texts)}
    columns = [pl.Series(name, given.get(name, [None] * len(texts)), dtype=dtype) for name, dtype in CANONICAL.items()]
    return pl.DataFrame([*columns, pl.Series("row", range(len(texts)), dtype=pl.Int64)])


def same(a: np.ndarray, b: np.ndarray) -> bool:
    """Equal to the bit, NaN where the other has NaN."""
    return bool(np.array_equal(a, b, equal_nan=True))


def says_what_it_is(measure: Complexity) -> None:
    """A name, a sentence, a unit and a direction for people."""
    assert measure.name.strip() == measure.name != ""
    assert measure.says[:1].isupper(), measure.says
    assert measure.says.endswith("."), measure.says
    assert len(measure.says.split()) >= 4, measure.says
    assert measure.unit.strip(), measure.name
    assert measure.higher_is in ("more complex", "less complex"), measure.higher_is


def one_number_a_row(measure: Complexity) -> None:
    """(samples,) float64: finite, or NaN."""
    found = measure.scores(samples(TEXTS))
    assert found.dtype == np.float64, found.dtype
    assert found.shape == (len(TEXTS),), found.shape
    assert all(math.isnan(value) or math.isfinite(value) for value in found), found


def has_a_value_somewhere(measure: Complexity) -> None:
    """Prose, code or an instruction has a value, and not all the same."""
    more = CODE * 3 + "for y in z:\n    grade(y)\n    other(y)\n"
    found = measure.scores(samples([*TEXTS, PROSE * 2, more, ASKED * 2, PROSE + ASKED]))
    assert len(set(found[~np.isnan(found)])) > 1, measure.name


def no_text_has_no_value(measure: Complexity) -> None:
    """A missing text is NaN, never 0."""
    assert np.isnan(measure.scores(samples([None]))).all(), measure.name


def asked_twice_says_the_same(measure: Complexity) -> None:
    """Deterministic."""
    frame = samples(TEXTS)
    assert same(measure.scores(frame), measure.scores(frame))


def rows_are_independent(measure: Complexity) -> None:
    """Each row alone has the value that it has among the others."""
    alone = np.concatenate([measure.scores(samples([text])) for text in TEXTS])
    assert same(alone, measure.scores(samples(TEXTS)))


def order_is_kept(measure: Complexity) -> None:
    """Rows in another order have their values in that order."""
    order = np.random.default_rng(0).permutation(len(TEXTS))
    assert same(measure.scores(samples([TEXTS[i] for i in order])), measure.scores(samples(TEXTS))[order])


def nothing_in_nothing_out(measure: Complexity) -> None:
    """No rows, no values."""
    assert measure.scores(samples([])).shape == (0,)


def rows_are_left_alone(measure: Complexity) -> None:
    """The frame given is not changed."""
    frame = samples(TEXTS)
    measure.scores(frame)
    assert frame.equals(samples(TEXTS))


def hostile_texts_have_a_value_or_none(measure: Complexity) -> None:
    """Long lines of one character, deep nesting and open fences end, with a number or without."""
    found = measure.scores(samples(HOSTILE))
    assert found.shape == (len(HOSTILE),)


CHECKS: tuple[Check, ...] = (
    says_what_it_is, one_number_a_row, has_a_value_somewhere, no_text_has_no_value, asked_twice_says_the_same,
    rows_are_independent, order_is_kept, nothing_in_nothing_out, rows_are_left_alone, hostile_texts_have_a_value_or_none,
)  # fmt: skip
