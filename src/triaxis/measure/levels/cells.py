"""The sampled answers as cells: one set of responses for each model and prompt, in canonical order."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from triaxis.measure.sampling import prompt_rank
from triaxis.protocols import Embedder, Progress
from triaxis.responses import Responses

ORDER = ("model", "domain", "prompt_id", "index", "response", "row")


@dataclass(frozen=True)
class LevelCell:
    """The answers of one model to one prompt that the gate measured.

    `quality` (n,) is null-free, 0 where nothing is gated; `order` (n,) int64 positions is a seeded order that depends on the
    prompt alone, in which sets of equal size are taken. `second` (n,) is a second quality, NaN where an answer has none; None
    where none was asked for.
    """

    model: str
    domain: str
    prompt: str
    responses: Responses
    quality: np.ndarray
    order: np.ndarray
    second: np.ndarray | None = None

    def usable(self, floor: float) -> np.ndarray:
        """Positions of answers of at least quality `floor`, in the seeded order."""
        return np.asarray(self.order[self.quality[self.order] >= floor])


def level_cells(rows: pl.DataFrame, *, seed: int, embedder: Embedder | None, progress: Progress | None) -> list[LevelCell]:
    """Cells of `rows`, which hold `model`, `domain`, `prompt_id`, `response`, `quality`, `class`, `index` and `row`.

    Answers without a text are left out. With an `embedder` every distinct text is embedded once.
    """
    known = rows.filter(pl.col("response").is_not_null()).sort(ORDER)
    vectors, prompts = (None, None) if embedder is None else _vectors(known, embedder, progress)
    right = _is_right(known["quality"].to_numpy())
    every = Responses(known["response"].to_list(), vectors, known["class"].to_numpy(), right, prompts, _asked(known))
    return list(_cells(known, every, seed))


def _asked(known: pl.DataFrame) -> list[str | None] | None:
    """The prompt of each answer; one string for all answers to it, because prompts can be long."""
    if "prompt" not in known.columns:
        return None
    held: dict[str | None, str | None] = {}
    return [held.setdefault(text, text) for text in known["prompt"]]


def _vectors(known: pl.DataFrame, embedder: Embedder, progress: Progress | None) -> tuple[np.ndarray, np.ndarray]:
    """Unit rows of the responses, and of their prompts: NaN where there is no text of one."""
    vectors = embedder.embed(known["response"].to_list(), progress=progress)
    texts = known["prompt"].drop_nulls().unique(maintain_order=True)
    rows = embedder.embed(texts.to_list(), progress=progress) if texts.len() else vectors[:0]
    place = dict(zip(texts, range(texts.len()), strict=True))
    none = np.full((1, vectors.shape[1]), np.nan, dtype=np.float32)
    return vectors, np.concatenate([rows, none])[[place.get(text, -1) for text in known["prompt"]]]


def _cells(known: pl.DataFrame, every: Responses, seed: int) -> Iterator[LevelCell]:
    grouped = known.with_row_index("_place").group_by("model", "domain", "prompt_id", maintain_order=True)
    for (model, domain, prompt), group in grouped:
        places = group["_place"].to_numpy()
        order = np.random.default_rng(prompt_rank(str(prompt), seed)).permutation(places.size)
        second = group["second"].cast(pl.Float64).fill_null(np.nan).to_numpy() if "second" in group.columns else None
        yield LevelCell(str(model), str(domain), str(prompt), every.at(places), group["quality"].to_numpy(), order, second)


def _is_right(quality: np.ndarray) -> np.ndarray | None:
    """(samples,) bool: which answers are right, where quality has two values and so says right or wrong."""
    values = np.unique(quality)
    return quality == values[1] if values.size == 2 else None
