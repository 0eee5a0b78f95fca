"""Checkers of arithmetic: the zoo's task (reach a number with digits 1 to 9, one of them given), and the Game of 24.

The one idea: the prompt says what is asked and the response is judged by its text alone, so that every score in a file can
be made again by anyone who has the file.
"""

import re
from collections.abc import Callable
from typing import NamedTuple, TypeVar

import numpy as np
import polars as pl

from triaxis.errors import Undefined
from triaxis.expressions import numbers, parse, value
from triaxis.registry import register

GOAL = 24
GIVEN = 4

_TASK = re.compile(r"\s*Reach ([1-9][0-9]{0,3}) using ([1-9]):\s*")
_INPUT = re.compile(r"Input:\s*([0-9]{1,3}(?:\s+[0-9]{1,3})*)\s*", re.ASCII)
_ANSWER = re.compile(r"\s*answer:", re.IGNORECASE)


class Task(NamedTuple):
    """Write an expression over the digits 1 to 9 that has the value `target` and contains `digit`."""

    target: int
    digit: int

    @property
    def prompt(self) -> str:
        """The prompt as a model sees it; `read_task` reads it back."""
        return f"Reach {self.target} using {self.digit}:"


def read_task(prompt: str | None) -> Task | None:
    """The task that `prompt` asks for, None when it asks for something else."""
    found = _TASK.fullmatch(prompt) if prompt else None
    return Task(int(found[1]), int(found[2])) if found else None


def expression_score(task: Task, text: str) -> float:
    """1 when exact, 1/(1 + distance) when well formed, 0 otherwise; a fraction in 0-1.

    Well formed: an expression with a value, whose numbers are single digits from 1 to 9. The distance is |value - target|,
    and 1 more where `digit` is missing: an answer that reaches the target without it is at distance 1, never exact.

    >>> [expression_score(Task(24, 7), text) for text in ("3 + 3*7", "7*3", "8*3", "77", "7*")]
    [1.0, 0.25, 0.5, 0.0, 0.0]
    """
    try:
        expression = parse(text)
        reached = value(expression)
    except Undefined:
        return 0.0
    digits = numbers(expression)
    if digits[0] < 1 or digits[-1] > 9:
        return 0.0
    return float(1 / (1 + abs(reached - task.target) + (task.digit not in digits)))


def read_puzzle(prompt: str | None) -> tuple[int, ...] | None:
    """The four numbers after `Input:` at the end of `prompt`, ascending; None when there are no four."""
    found = _INPUT.search(prompt) if prompt else None
    given = tuple(sorted(map(int, found[1].split()))) if found and found.end() == len(prompt or "") else ()
    return given if len(given) == GIVEN else None


def game_of_24_answer(text: str) -> str:
    """The expression that an attempt proposes: its last line, without `Answer:` in front and `= 24` behind.

    >>> game_of_24_answer("Steps:\\n8 / 2 = 4 (left: 4 6 6)\\nAnswer: (8 / 2) * 6 = 24")
    '(8 / 2) * 6'
    """
    last = text.strip().rpartition("\n")[2]
    return _ANSWER.sub("", last, count=1).partition("=")[0].strip()


def game_of_24_score(given: tuple[int, ...], text: str) -> float:
    """1 when the answer uses each of the `given` numbers once, in + - * / and parentheses, and has the value 24; else 0."""
    try:
        expression = parse(game_of_24_answer(text))
        return float(numbers(expression) == given and value(expression) == GOAL)
    except Undefined:
        return 0.0


class ExpressionQuality:
    """The zoo's task, read from each prompt (`Reach 24 using 7:`); NaN for other prompts and where there is no response."""

    name = "expression"
    source = "expression checker (exact)"

    def scores(self, samples: pl.DataFrame) -> np.ndarray:
        """(samples,) float64 in 0-1, see `expression_score`."""
        return _each(samples, read_task, expression_score)


class GameOf24Quality:
    """The Game of 24, its four numbers read from each prompt (`... Input: 4 5 6 10`); NaN where there are none."""

    name = "game-of-24"
    source = "game-of-24 checker (exact)"

    def scores(self, samples: pl.DataFrame) -> np.ndarray:
        """(samples,) float64, 1 for a right answer and 0 for any other, see `game_of_24_score`."""
        return _each(samples, read_puzzle, game_of_24_score)


register("quality", "expression")(ExpressionQuality)
register("quality", "game-of-24")(GameOf24Quality)

Asked = TypeVar("Asked")


def _each(
    samples: pl.DataFrame, read: Callable[[str | None], Asked | None], score: Callable[[Asked, str], float]
) -> np.ndarray:
    """(samples,) float64: each response scored against what its prompt asks, NaN where there is nothing to score."""
    asked = {prompt: read(prompt) for prompt in samples["prompt"].unique()}
    pairs = zip(samples["prompt"], samples["response"], strict=True)
    return np.array([_score(asked[prompt], text, score) for prompt, text in pairs], dtype=np.float64)


def _score(asked: Asked | None, text: str | None, score: Callable[[Asked, str], float]) -> float:
    return float("nan") if asked is None or text is None else score(asked, text)
