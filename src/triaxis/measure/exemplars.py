"""A few prompts with their answers, to look at: a seeded sample whose texts are kept while millions of rows stream by."""

import heapq
from dataclasses import dataclass
from typing import Any

import polars as pl

from triaxis.measure.sampling import prompt_rank

TEXT_LIMIT = 1000
ROW_LIMIT = 100_000
_COLUMNS = ("row", "prompt_id", "prompt", "model", "domain", "response")


class Exemplars:
    """Keeps the rows of `count` prompts, the ones with the smallest seeded rank, plus those named in `show`.

    Texts are cut to `text_limit` characters, or not at all with None. Beyond `ROW_LIMIT` rows the number of prompts is
    halved, so memory stays bounded. `second` is a column of numbers that is kept under that name.
    """

    def __init__(
        self, count: int, *, show: tuple[str, ...] = (), seed: int = 0, text_limit: int | None = TEXT_LIMIT,
        second: str | None = None,
    ) -> None:  # fmt: skip
        self._count = count
        self._second = second
        self._text_limit = text_limit
        self._show = set(show)
        self._seed = seed
        self._heap: list[tuple[int, str]] = []
        self._seen: set[str] = set()
        self._frames: list[pl.DataFrame] = []
        self._rows = 0

    @property
    def prompts(self) -> set[str]:
        """Prompt ids whose rows are kept."""
        return {prompt for _, prompt in self._heap} | (self._show & self._seen)

    def offer(self, batch: pl.DataFrame) -> None:
        """Looks at the prompts of `batch` and keeps the rows of chosen ones."""
        if not self._count and not self._show:
            return
        for prompt in batch["prompt_id"].unique():
            self._choose(prompt)
        chosen = batch.filter(pl.col("prompt_id").is_in(list(self.prompts)))
        if chosen.height:
            beside = [] if self._second is None else [_number(chosen, self._second)]
            self._frames.append(_compact(chosen.select(*(_cut(c, self._text_limit) for c in _COLUMNS), *beside)))
            self._rows += chosen.height
        self._trim()

    def frame(self) -> pl.DataFrame:
        """Rows of the chosen prompts: `row`, names and texts."""
        schema: dict[str, Any] = dict.fromkeys(_COLUMNS, pl.String) | {"row": pl.Int64}
        schema |= {} if self._second is None else {"second": pl.Float64}
        kept = pl.concat(self._frames) if self._frames else pl.DataFrame(schema=schema)
        return kept.filter(pl.col("prompt_id").is_in(list(self.prompts)))

    def _choose(self, prompt: str) -> None:
        if prompt in self._seen:
            return
        self._seen.add(prompt)
        entry = (-prompt_rank(prompt, self._seed), prompt)
        if len(self._heap) < self._count:
            heapq.heappush(self._heap, entry)
        elif self._heap and entry > self._heap[0]:
            heapq.heapreplace(self._heap, entry)

    def _trim(self) -> None:
        while self._rows > ROW_LIMIT:
            self._frames = [self.frame()]
            self._rows = self._frames[0].height
            if self._rows <= ROW_LIMIT or len(self._heap) <= 1:
                return
            self._count = max(1, len(self._heap) // 2)
            while len(self._heap) > self._count:
                heapq.heappop(self._heap)


@dataclass
class Labelled:
    """The example rows under one gate: frames of their texts and names with `class`, `quality` and `index`."""

    frames: list[pl.DataFrame]


def _compact(frame: pl.DataFrame) -> pl.DataFrame:
    """A copy of `frame` with texts of its own; a slice or a filter would keep all texts of the batch it came from alive."""
    return pl.DataFrame(frame.to_arrow(compat_level=pl.CompatLevel.oldest()))


def _number(frame: pl.DataFrame, column: str) -> pl.Expr:
    """`column` as numbers, called `second`; what is none becomes null."""
    found = pl.col(column) if column in frame.columns else pl.lit(None)
    return found.cast(pl.Float64, strict=False).fill_nan(None).alias("second")


def _cut(column: str, limit: int | None) -> pl.Expr:
    if limit is None or column not in ("prompt", "response"):
        return pl.col(column)
    return pl.col(column).str.slice(0, limit + 1)
