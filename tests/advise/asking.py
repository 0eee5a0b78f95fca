"""Small results to ask advice of, measured from samples that are written down here."""

from collections.abc import Mapping, Sequence

import polars as pl

from tests.measure.samples import batch, measured
from triaxis.measure.options import Options
from triaxis.results import ModelInfo, Results

Says = tuple[str, float]


def samples(
    models: Mapping[str, Sequence[Sequence[Says]]], *, tokens: Mapping[str, int] | None = None, domains: Sequence[str] = ()
) -> pl.DataFrame:
    """A batch from {model: [samples of prompt 0, of prompt 1, ...]}, each sample a class and a quality."""
    rows = []
    for model, prompts in models.items():
        for p, cell in enumerate(prompts):
            for i, (label, quality) in enumerate(cell):
                row = {"prompt_id": f"p{p:03}", "model": model, "response": label, "label": label, "quality": quality}
                row |= {"sample_index": i, "domain": domains[p % len(domains)] if domains else None}
                rows.append(row | ({"tokens": tokens[model]} if tokens else {}))
    return batch(rows)


def results_of(
    models: Mapping[str, Sequence[Sequence[Says]]], *, scope: str = "@prompt", domains: Sequence[str] = (),
    tokens: Mapping[str, int] | None = None, infos: tuple[ModelInfo, ...] = (), budgets: Sequence[int] = (), **counting: object,
) -> Results:  # fmt: skip
    """Results of these samples, with classes that models share."""
    options = Options(draws=400, examples=0, models=infos, budgets=tuple(budgets))
    frame, costs = samples(models, tokens=tokens, domains=domains), tokens is not None
    return measured(frame, f"column:label{scope}", options=options, costs=costs, **counting)


def cells(prompts: int, *answers: str, bad: int = 0, seed: int = 0) -> list[list[Says]]:
    """A cell for each prompt: the `answers`, the last `bad` of quality 1 and the others of 5; prompts differ a little."""
    usable = len(answers) - bad
    made = []
    for p in range(prompts):
        kept = [(a, 5.0 if i < usable else 1.0) for i, a in enumerate(answers)]
        if (p + seed) % 3 == 0:
            kept[0] = (answers[-1] if not bad else answers[1], kept[0][1])
        made.append(kept)
    return made
