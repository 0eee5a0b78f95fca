"""A data set as rows: all answers of one model (or writer) in one domain or in all, each with its prompt, quality and floors.

The prompt stays the unit that a new data set would draw afresh; a tenth of the prompts at a time can be left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl

from triaxis.measure.levels.cells import LevelCell
from triaxis.measure.levels.nulls import joined_arrays, joined_prompt_texts
from triaxis.measure.levels.table import groups_of
from triaxis.measure.sampling import prompt_rank
from triaxis.responses import Responses
from triaxis.stats.bootstrap import MIN_PROMPTS

TENTHS = 10


@dataclass(frozen=True)
class DataSet:
    """Rows of `model` in `domain` (None: all, of which `twin` is the only one), prompt by prompt.

    `prompt` (rows,) int64 codes into `names`, `domains` (rows,) into `domain_names`; `quality` (rows,) float64, NaN without one.
    `floors` (floors,) ascend from minus infinity; `is_gated` says whether quality means anything.
    """

    model: str
    domain: str | None
    twin: str | None
    responses: Responses
    names: Sequence[str]
    prompt: np.ndarray
    domain_names: Sequence[str]
    domains: np.ndarray
    quality: np.ndarray
    floors: np.ndarray
    is_gated: bool
    seed: int

    def __len__(self) -> int:
        return int(self.prompt.size)

    @cached_property
    def level(self) -> np.ndarray:
        """(rows,) int64: how many floors a row reaches; every row reaches the first, which is none."""
        reached = np.searchsorted(self.floors, np.nan_to_num(self.quality, nan=-np.inf), side="right")
        return np.asarray(np.maximum(reached, 1))

    @cached_property
    def tenth(self) -> np.ndarray:
        """(rows,) int64 in 0-9: the part of the prompts that a row is left out with, the same for every data set."""
        ranks = np.array([prompt_rank(name, self.seed) for name in self.names], dtype=np.uint64)
        place = np.empty(ranks.size, dtype=np.int64)
        place[np.argsort(ranks, kind="stable")] = np.arange(ranks.size)
        return np.asarray(place[self.prompt] % TENTHS)

    @property
    def has_intervals(self) -> bool:
        """Whether there are prompts enough to leave some out."""
        return len(self.names) >= MIN_PROMPTS

    @property
    def prompts(self) -> list[str | None]:
        """The text of each row's prompt, None where it is not known."""
        known = self.responses.prompt_texts
        return [None] * len(self) if known is None else list(known)

    def frame(self) -> pl.DataFrame:
        """What complexity measures read: `prompt` and `response`."""
        return pl.DataFrame(
            {"prompt": self.prompts, "response": list(self.responses.texts)}, schema={"prompt": pl.String, "response": pl.String}
        )


def data_sets(cells: Sequence[LevelCell], floors: np.ndarray, *, is_gated: bool, seed: int) -> Iterator[DataSet]:
    """All domains of each model together, then each domain where there are several; models by name."""
    ordered = sorted(cells, key=lambda cell: (cell.model, cell.domain, cell.prompt))
    for group in groups_of(ordered):
        yield _data_set(group.model, group.domain, group.twin, group.cells, floors, is_gated, seed)


def _data_set(
    model: str, domain: str | None, twin: str | None, cells: Sequence[LevelCell], floors: np.ndarray, is_gated: bool, seed: int
) -> DataSet:
    parts = [cell.responses for cell in cells]
    arrays = joined_arrays(parts, ("vectors", "labels", "outcomes", "prompts"))
    texts = [text for part in parts for text in part.texts]
    responses = replace(parts[0], texts=texts, prompt_texts=joined_prompt_texts(parts), **arrays)
    sizes = [len(part) for part in parts]
    names, prompt = np.unique([cell.prompt for cell in cells], return_inverse=True)
    domain_names, domains = np.unique([cell.domain for cell in cells], return_inverse=True)
    quality = np.concatenate([cell.quality for cell in cells]).astype(np.float64)
    return DataSet(
        model, domain, twin, responses, names.tolist(), np.repeat(prompt, sizes), domain_names.tolist(),
        np.repeat(domains, sizes), quality, floors, is_gated, seed,
    )  # fmt: skip
