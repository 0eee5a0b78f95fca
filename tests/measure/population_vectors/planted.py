"""Populations made on purpose, and plain loops that say what their figures are."""

import numpy as np

from triaxis.measure.levels.cells import LevelCell
from triaxis.measure.outcome import Seen
from triaxis.responses import Responses


def units(vectors: np.ndarray) -> np.ndarray:
    """Rows of length 1."""
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def population(
    *, models: int = 4, prompts: int = 12, samples: int = 5, d: int = 16, shared: float = 1.0, levels: int = 4, seed: int = 0,
    domains: int = 1,
) -> list[LevelCell]:  # fmt: skip
    """Cells whose answers are a direction of the prompt, one of their model in that prompt (weight 1 - shared), and noise."""
    rng = np.random.default_rng(seed)
    cells = []
    for prompt in range(prompts):
        topic = rng.standard_normal(d)
        for model in range(models):
            own = rng.standard_normal(d)
            made = topic + (1 - shared) * 2 * own + 0.7 * rng.standard_normal((samples, d))
            quality = rng.integers(0, levels, samples).astype(np.float64)
            cells.append(cell(f"m{model}", f"p{prompt:03}", units(made), quality, domain=f"d{prompt % domains}"))
    return cells


def cell(model: str, prompt: str, vectors: np.ndarray, quality: np.ndarray, *, domain: str = "d0") -> LevelCell:
    """One cell; texts say where they come from."""
    texts = [f"{model} {prompt} {number}" for number in range(len(vectors))]
    return LevelCell(model, domain, prompt, Responses(texts, vectors), np.asarray(quality, float), np.arange(len(vectors)))


def seen(cells: list[LevelCell], floors: np.ndarray | None = None) -> Seen:
    """`cells` as an analysis gets them, at every floor."""
    every = np.unique(np.concatenate([one.quality for one in cells]))
    return Seen(cells, "prompt", True, np.r_[-np.inf, every] if floors is None else floors, (), 5)


def usable(one: LevelCell, floor: float) -> np.ndarray:
    """(k, d) float64 vectors of a cell above a floor."""
    assert one.responses.vectors is not None
    return one.responses.vectors[one.quality >= floor].astype(np.float64)


def own_cosine(vectors: np.ndarray) -> float:
    """Mean over pairs of different rows, by loops."""
    pairs = [vectors[i] @ vectors[j] for i in range(len(vectors)) for j in range(i)]
    return float(np.mean(pairs)) if pairs else np.nan


def by_prompt(cells: list[LevelCell], floor: float) -> dict[str, list[np.ndarray]]:
    """Usable vectors of each model, of each prompt."""
    found: dict[str, list[np.ndarray]] = {}
    for one in cells:
        found.setdefault(one.prompt, []).append(usable(one, floor))
    return found


def mixing_by_loops(groups: list[np.ndarray], neighbours: int) -> float:
    """Mean number of different models among the nearest others of each answer of one prompt."""
    rows, labels = np.concatenate(groups), np.repeat(np.arange(len(groups)), [len(g) for g in groups])
    counts = []
    for i in range(len(rows)):
        nearest = sorted((j for j in range(len(rows)) if j != i), key=lambda j: -(rows[i] @ rows[j]))[:neighbours]
        counts.append(len({int(labels[j]) for j in nearest}))
    return float(np.mean(counts))
