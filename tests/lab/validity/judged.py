"""Judged sets with a known answer: people and the label rank them by how many different words they hold."""

import json
from pathlib import Path

import numpy as np
import polars as pl


def write_sets(path: Path, *, sets: int = 60, answers: int = 4, noise: float = 0.5, seed: int = 0) -> Path:
    """`sets` sets of `answers` texts, two to a prompt, of which some are copies; people see how many differ, with some noise."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(sets):
        different = int(rng.integers(1, answers + 1))
        known = {"test": "t", "task": "even" if number % 4 < 2 else "odd", "label_value": different, "label_name": "different"}
        if number % 3:
            known["human_diversity"] = different + noise * float(rng.standard_normal())
        first = {**known, "ref_metrics": {"sent_bert": different + float(rng.standard_normal()), "other": float(rng.random())}}
        for place in range(answers):
            words = " ".join(f"w{number}x{min(place, different - 1)}y{i}" for i in range(5))
            meta = json.dumps(first if place == 0 else known)
            rows.append({"prompt_id": f"s{number}", "prompt": f"prompt {number // 2}", "response": words, "meta": meta})
    pl.DataFrame(rows).write_parquet(path)
    return path
