"""What the zoo leaves: samples in canonical columns, and the model table."""

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from triaxis.lab.zoo.recipes import FAMILY, Recipe
from triaxis.lab.zoo.vocabulary import PROMPT_TOKENS
from triaxis.quality.expression import ExpressionQuality, Task

MODEL_COLUMNS = ("model", "family", "stage", "base", "parameters", "price_in", "price_out")


def sample_rows(tasks: Sequence[Task], texts: Sequence[str], lengths: Sequence[int], *, model: str, seed: int) -> pl.DataFrame:
    """(texts, columns) the samples of one model, those of a task side by side, scored by the checker of the task."""
    each = len(texts) // len(tasks)
    asked = [task for task in tasks for _ in range(each)]
    rows = pl.DataFrame(
        {
            "prompt_id": [f"reach-{task.target}-using-{task.digit}" for task in asked],
            "prompt": [task.prompt for task in asked],
            "response": list(texts),
            "model": model,
            "sample_index": pl.Series([number % each for number in range(len(texts))], dtype=pl.Int64),
        }
    )
    quality = ExpressionQuality()
    return rows.with_columns(
        quality=pl.Series(quality.scores(rows)),
        quality_source=pl.lit(quality.source),
        prompt_tokens=pl.lit(PROMPT_TOKENS, dtype=pl.Int64),
        tokens=pl.Series(lengths, dtype=pl.Int64),
        meta=pl.lit(json.dumps({"seed": seed, "temperature": 1})),
    )


def model_table(recipes: Iterable[Recipe], parameters: Iterable[int]) -> pl.DataFrame:
    """One row a model, as `--models` reads it; the zoo has no prices."""
    rows = [
        {"model": recipe.name, "family": FAMILY, "stage": recipe.stage, "base": recipe.base, "parameters": count}
        for recipe, count in zip(recipes, parameters, strict=True)
    ]
    return pl.DataFrame(rows, schema={**dict.fromkeys(MODEL_COLUMNS, pl.String), "parameters": pl.Int64})


def count_parameters(folder: Path) -> int:
    """Numbers in the weights of the model in `folder`, read from the header of its safetensors file."""
    with (folder / "model.safetensors").open("rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    shapes = [tensor["shape"] for name, tensor in header.items() if name != "__metadata__"]
    return sum(math.prod(shape) for shape in shapes)
