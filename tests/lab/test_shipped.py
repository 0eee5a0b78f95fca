"""The zoo that ships: every row judged again from its text, by our checker and by one written here from nothing but the task."""

import ast
import json
import operator
from collections import Counter, defaultdict
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from triaxis.diversity.equivalence.expression import UNPARSABLE, expression_class
from triaxis.errors import Undefined
from triaxis.expressions import parse, value
from triaxis.lab.zoo.demonstrations import NOISE
from triaxis.lab.zoo.recipes import JOINT, LARGE, OUTCOME, SMALL, WAVES
from triaxis.lab.zoo.task import split
from triaxis.lab.zoo.vocabulary import encode
from triaxis.quality.expression import ExpressionQuality
from triaxis.records import read_models

FOLDER = Path(str(files("triaxis.demo") / "zoo"))
NAMES = (LARGE, SMALL, OUTCOME, JOINT)
OPERATIONS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


@pytest.fixture(scope="module")
def samples() -> pl.DataFrame:
    return pl.read_parquet(FOLDER / "samples.parquet")


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    told: dict[str, Any] = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
    return told


class NotAnAnswer(Exception):
    """A text that is no expression over the digits 1 to 9 with a value."""


def reached(node: ast.expr, digits: list[int]) -> Fraction:
    """The value by Python's own grammar, integers as fractions; the digits used are added to `digits`."""
    match node:
        case ast.Constant(int(number)):
            digits.append(number)
            return Fraction(number)
        case ast.UnaryOp(ast.USub() | ast.UAdd() as sign, inner):
            return reached(inner, digits) * (-1 if isinstance(sign, ast.USub) else 1)
        case ast.BinOp(left, operation, right) if type(operation) in OPERATIONS:
            try:
                return Fraction(OPERATIONS[type(operation)](reached(left, digits), reached(right, digits)))
            except ZeroDivisionError as error:
                raise NotAnAnswer from error
        case _:
            raise NotAnAnswer


def score(target: int, digit: int, text: str) -> float:
    """The task's words in code: 1 when exact, 1/(1+|v-t|) when well formed, one more where the digit is missing, else 0."""
    digits: list[int] = []
    try:
        found = reached(ast.parse(text, mode="eval").body, digits)
    except (SyntaxError, NotAnAnswer):
        return 0.0
    if not set(digits) <= set(range(1, 10)):
        return 0.0
    return float(1 / (1 + abs(found - target) + (digit not in digits)))


def test_every_row_has_the_quality_that_its_text_earns(samples: pl.DataFrame) -> None:
    wrong = []
    for prompt, response, quality in samples.select("prompt", "response", "quality").iter_rows():
        words = prompt.replace(":", "").split()
        if score(int(words[1]), int(words[3]), response) != pytest.approx(quality, abs=1e-12):
            wrong.append((prompt, response, quality))
    assert wrong == []
    assert ExpressionQuality().scores(samples).tolist() == samples["quality"].to_list()
    assert set(samples["quality_source"]) == {ExpressionQuality.source}


def test_every_row_has_a_class_that_keeps_its_value(samples: pl.DataFrame) -> None:
    for response in samples["response"].unique():
        form = expression_class(response)
        try:
            expected = value(parse(response))
        except Undefined:
            continue
        assert form != UNPARSABLE
        assert value(parse(form)) == expected
        assert Counter(c for c in form if c.isdigit()) == Counter(c for c in response if c.isdigit())


def test_each_model_answers_each_held_out_prompt_64_times(samples: pl.DataFrame) -> None:
    cells = samples.group_by("model", "prompt", maintain_order=True).agg(pl.len(), pl.col("sample_index"))
    assert cells.height == 4 * 69
    assert set(cells["model"]) == set(NAMES)
    assert set(cells["prompt"]) == {task.prompt for task in split()[1]}
    assert all(indices == list(range(64)) for indices in cells["sample_index"].to_list())


def test_tokens_are_those_of_the_text_and_one_for_the_end(samples: pl.DataFrame) -> None:
    """A few answers have no end: cut after 16 tokens, or broken off by padding, which counts nothing."""
    ends = [tokens - len(encode(text)) for text, tokens in samples.select("response", "tokens").iter_rows()]
    assert set(ends) == {0, 1}
    assert sum(ends) > 0.998 * len(ends)
    assert set(samples["prompt_tokens"]) == {6}


def test_the_manifest_says_what_the_code_still_does(samples: pl.DataFrame, manifest: dict[str, Any]) -> None:
    assert manifest["command"] == "triaxis lab zoo --seed 0"
    assert (manifest["seed"], manifest["scale"], manifest["demonstrations"]["noise"]) == (0, 1.0, NOISE)
    for recipe in (recipe for wave in WAVES for recipe in wave):
        told = manifest["models"][recipe.name]
        assert {name: told[name] for name in vars(recipe)} == vars(recipe)
        assert [point["step"] for point in told["curve"]] == [*range(0, recipe.steps, recipe.look_every), recipe.steps]
    assert [json.loads(meta) for meta in samples["meta"].unique()] == [{"seed": 0, "temperature": 1}]


def test_the_model_table_says_the_same_as_the_manifest(manifest: dict[str, Any]) -> None:
    table = read_models(FOLDER / "models.csv")
    assert [info.model for info in table] == list(manifest["models"])
    for info in table:
        told = manifest["models"][info.model]
        assert (info.family, info.stage, info.base, info.parameters) == ("zoo", told["stage"], told["base"], told["parameters"])


def test_the_files_stay_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 1_000_000


def figures(samples: pl.DataFrame) -> dict[str, tuple[float, float]]:
    """Model -> share of exact answers, and different exact answers of 64, by counting."""
    found: dict[str, dict[str, list[str]]] = {name: defaultdict(list) for name in NAMES}
    for model, prompt, response, quality in samples.select("model", "prompt", "response", "quality").iter_rows():
        found[model][prompt] += [expression_class(response)] if quality == 1 else []
    return {
        name: (sum(map(len, cells.values())) / (69 * 64), sum(len(set(cell)) for cell in cells.values()) / 69)
        for name, cells in found.items()
    }


def test_being_paid_for_difference_too_keeps_more_right_answers_apart(samples: pl.DataFrame) -> None:
    """The phenomenon that the zoo is for, in the shipped samples."""
    found = figures(samples)
    assert min(found[OUTCOME][0], found[JOINT][0]) > 3 * found[LARGE][0] > 3 * found[SMALL][0]
    assert found[JOINT][1] > found[LARGE][1] > found[SMALL][1] > found[OUTCOME][1]
    assert found[JOINT][1] > 3 * found[OUTCOME][1]
