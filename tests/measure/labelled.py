"""Files of labelled pairs, whose labels follow from the words that two answers share."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

LEAVES = ("oak", "elm", "ash", "fir", "yew", "bay", "fig", "box", "may", "nut")


def flat_pairs(count: int = 90, *, seed: int = 0) -> list[dict[str, Any]]:
    """One row a pair: the same where both answers name mostly the same trees."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        shown = rng.permutation(LEAVES)
        shared = int(rng.integers(0, 5))
        first, second = shown[:4], [*shown[:shared], *shown[5 : 9 - shared]]
        texts = {"first": " ".join(first), "second": " ".join(second)}
        rows.append({**texts, "same": int(shared >= 2), "prompt": f"Name trees for garden {number}."})
    return rows


def two_rows(pairs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same pairs as samples, the label in `meta`."""
    return [
        {
            "prompt_id": f"p{number:03d}", "prompt": pair["prompt"], "response": pair[side], "sample_index": index,
            "meta": json.dumps({"human_same": pair["same"]}),
        }
        for number, pair in enumerate(pairs) for index, side in enumerate(("first", "second"))
    ]  # fmt: skip


def weak_cells(cells: int = 30, *, seed: int = 1) -> list[dict[str, Any]]:
    """Cells of three samples of a model, two of them in one class."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(cells):
        shown = rng.permutation(LEAVES)
        texts = (" ".join(shown[:4]), " ".join(shown[:3]), " ".join(shown[5:9]))
        for index, (text, label) in enumerate(zip(texts, (0, 0, 1), strict=True)):
            rows.append(
                {"prompt_id": f"w{number}", "prompt": f"Trees of park {number}?", "response": text, "model": "m",
                 "sample_index": index, "partition": label}
            )  # fmt: skip
    return rows


def jsonl(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path
