"""Prompts to look at: what each class of each model's answers holds, with one text to stand for it."""

from collections.abc import Iterator, Sequence

import polars as pl

from triaxis.measure.exemplars import Labelled
from triaxis.measure.store import RunStore
from triaxis.results import ClassExample, ModelExample, PromptExample

MOST_CLASSES = 10
MOST_MODELS = 20


def prompt_examples(labelled: Labelled, gate: str, models: Sequence[str], *, is_gated: bool) -> tuple[PromptExample, ...]:
    """The classes of each of `models` for every prompt whose texts were kept, largest class first."""
    if not labelled.frames:
        return ()
    rows = pl.concat(labelled.frames).filter(pl.col("model").is_in(list(models[:MOST_MODELS])))
    rows = rows.sort(
        "prompt_id", "domain", "model", "class", "quality", "index", "response", descending=[False] * 4 + [True] + [False] * 2
    )
    return tuple(_prompts(rows, gate, is_gated))


def counted_examples(store: RunStore, gate: str, models: Sequence[str], prompts: Sequence[str]) -> tuple[PromptExample, ...]:
    """The same from counts alone, for stores that came without texts: class sizes and qualities, no text."""
    names = (("model", store.models), ("prompt", store.prompts), ("domain", store.domains))
    wanted = [code for code, name in enumerate(store.prompts) if name in set(prompts)]
    frames = [frame.filter(pl.col("prompt").is_in(wanted)) for frame in store.frames()]
    frame = pl.concat(frames) if frames else pl.DataFrame()
    if not frame.height:
        return ()
    named = frame.with_columns(pl.Series(c, [values[code] for code in frame[c]], dtype=pl.String) for c, values in names)
    spread = named.rename({"prompt": "prompt_id", "first_index": "index"}).with_columns(
        pl.lit(None, dtype=pl.String).alias("prompt"), pl.lit(None, dtype=pl.String).alias("response")
    )
    rows = spread.filter(pl.col("model").is_in(list(models[:MOST_MODELS]))).select(
        pl.all().repeat_by("count").explode(empty_as_null=False)
    )
    rows = rows.sort("prompt_id", "domain", "model", "class", "quality", descending=[False] * 4 + [True])
    return tuple(_prompts(rows, gate, store.header.quality is not None))


def _prompts(rows: pl.DataFrame, gate: str, is_gated: bool) -> Iterator[PromptExample]:
    for (prompt_id, domain), group in rows.group_by("prompt_id", "domain", maintain_order=True):
        models = tuple(_model(str(m), g, is_gated) for (m,), g in group.group_by("model", maintain_order=True))
        yield PromptExample(gate=gate, prompt_id=str(prompt_id), prompt=group["prompt"][0], domain=str(domain), models=models)


def _model(model: str, rows: pl.DataFrame, is_gated: bool) -> ModelExample:
    classes = [_class(group, is_gated) for _, group in rows.group_by("class", maintain_order=True)]
    classes.sort(key=lambda c: -c.count)
    left = max(0, len(classes) - MOST_CLASSES)
    return ModelExample(model=model, samples=rows.height, classes=tuple(classes[:MOST_CLASSES]), classes_left_out=left)


def _class(rows: pl.DataFrame, is_gated: bool) -> ClassExample:
    best, worst = rows["quality"][0], rows["quality"][-1]
    return ClassExample(
        count=rows.height,
        lowest_quality=worst if is_gated else None,
        highest_quality=best if is_gated else None,
        text=rows["response"][0],
    )
