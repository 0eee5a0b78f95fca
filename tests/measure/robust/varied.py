"""Samples in which a varied, careless model and a narrow, careful one change places, whatever the rule."""

import numpy as np
import polars as pl

from tests.measure.samples import batch

SUBJECTS = ("robin", "oak", "tulip", "river", "violin", "copper", "comet", "harbour", "lantern", "meadow", "glacier", "orchard")


def flipping(*, prompts: int = 30, samples: int = 6, seed: int = 0, source: str | None = None) -> pl.DataFrame:
    """`wild` gives many subjects at low quality, `tame` few at high quality; each answer is worded in one of two ways."""
    rng = np.random.default_rng(seed)
    rows = []
    for prompt in range(prompts):
        for model, width, center in (("tame", 3, 7), ("wild", 12, 3)):
            for index in range(samples):
                subject = SUBJECTS[rng.integers(width)]
                text = rng.choice([f"The {subject} is what I would choose here", f"I would choose the {subject} here"])
                quality = float(np.clip(round(center + 1.5 * rng.standard_normal()), 1, 9))
                rows.append({
                    "prompt_id": f"p{prompt:02}", "model": model, "response": str(text), "label": subject, "quality": quality,
                    "sample_index": index, "quality_source": source,
                })  # fmt: skip
    return batch(rows)
