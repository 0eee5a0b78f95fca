"""The sampled answers as prompts of the population: vectors that came with them, or those of the run's encoder."""

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np

from triaxis.measure.levels.cells import LevelCell
from triaxis.measure.outcome import Seen
from triaxis.measure.population_vectors.answers import PromptAnswers, RawAnswers, prompt_answers
from triaxis.protocols import Progress


def cell_vectors(seen: Seen, progress: Progress | None) -> list[np.ndarray] | None:
    """(n, d) vectors of each cell; None where there are neither vectors nor an encoder."""
    own = [cell.responses.vectors for cell in seen.cells]
    if own and all(vectors is not None for vectors in own):
        return [vectors for vectors in own if vectors is not None]
    if seen.embedder is None or not seen.cells:
        return None
    texts = [text for cell in seen.cells for text in cell.responses.texts]
    every = seen.embedder.embed(texts, progress=progress)
    return np.split(every, np.cumsum([len(cell.responses) for cell in seen.cells])[:-1])


def answers_of_cells(cells: Sequence[LevelCell], vectors: Sequence[np.ndarray], *, seed: int) -> Iterator[PromptAnswers]:
    """One group of answers for each (domain, prompt), in order of names; models are coded in order of the alphabet."""
    codes = {name: code for code, name in enumerate(sorted({cell.model for cell in cells}))}
    order = sorted(range(len(cells)), key=lambda place: (cells[place].domain, cells[place].prompt, cells[place].model))
    for (domain, prompt), places in groupby(order, key=lambda place: (cells[place].domain, cells[place].prompt)):
        mine = list(places)
        sizes = [len(cells[place].responses) for place in mine]
        raw = RawAnswers(
            prompt,
            domain,
            np.repeat([codes[cells[place].model] for place in mine], sizes),
            np.concatenate([cells[place].quality for place in mine]),
            np.concatenate([np.arange(size) for size in sizes]),
            np.concatenate([vectors[place] for place in mine]),
        )
        yield prompt_answers(raw, seed=seed)
