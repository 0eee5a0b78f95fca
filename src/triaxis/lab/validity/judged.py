"""Sets of responses with what is known about their diversity: people's judgement, a label, values of published metrics."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from triaxis.errors import RecordsError
from triaxis.records import read


@dataclass(frozen=True)
class JudgedSet:
    """Responses to one prompt, at `places` of the file's rows, and what is known about them.

    `test` and `task` say where it comes from. `human` is the mean judgement of people, `label` the known diversity (a
    temperature, or 1 for different content and 0 for the same content in other words); None where there is none.
    """

    name: str
    prompt: str
    test: str
    task: str
    places: np.ndarray
    human: float | None
    label: float | None
    published: Mapping[str, float]


def judged_sets(path: Path) -> tuple[list[str], list[JudgedSet]]:
    """All responses of the file in order, and its sets: rows of one `prompt_id` are one set.

    `meta` of a set's first row holds `test`, `task`, and any of `human_diversity`, `label_value` and `ref_metrics`. Raises
    `RecordsError` where no set has a judgement or a label.
    """
    frame = read([path], need=("prompt_id", "prompt", "response", "meta")).frame()
    sets = list(_sets(frame))
    if not any(one.human is not None or one.label is not None for one in sets):
        raise RecordsError(
            f"expected `human_diversity` or `label_value` in the `meta` of some set of {path.name}, got none in "
            f"{len(sets):,} sets; see docs/validity.md"
        )
    return [text or "" for text in frame["response"]], sets


def _sets(frame: pl.DataFrame) -> Iterator[JudgedSet]:
    numbered = frame.with_row_index("_place")
    for (name,), rows in numbered.group_by("prompt_id", maintain_order=True):
        meta = _meta(rows["meta"][0])
        yield JudgedSet(
            str(name), str(rows["prompt"][0] or ""), str(meta.get("test", "all")), str(meta.get("task", "all")),
            rows["_place"].to_numpy(), _number(meta.get("human_diversity")), _number(meta.get("label_value")),
            {key: value for key, found in dict(meta.get("ref_metrics") or {}).items() if (value := _number(found)) is not None},
        )  # fmt: skip


def _meta(text: str | None) -> dict[str, Any]:
    found = json.loads(text or "{}")
    return found if isinstance(found, dict) else {}


def _number(found: Any) -> float | None:
    return float(found) if isinstance(found, int | float) and np.isfinite(found) else None
