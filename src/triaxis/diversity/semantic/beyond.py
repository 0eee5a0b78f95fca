"""What responses say beyond their prompt: vectors without the direction of the prompt.

All responses to one prompt share its topic, and an encoder of topics sees little else. The one idea: what lies along the
prompt's own vector is given, so it is taken out before responses are compared; what is left is what they chose to say.
"""

import numpy as np

from triaxis.errors import InputError

LEAST = 1e-3
"""A response whose part beyond the prompt is shorter than this repeats the prompt: what is left of it is rounding."""


def beyond_prompt(vectors: np.ndarray, prompts: np.ndarray) -> np.ndarray:
    """(n, d) float32 unit rows: `vectors` less their projection on `prompts`.

    `prompts` is one (d,) unit vector, or (n, d) rows, one for each response. A row without a prompt (NaN) stays as it is; so does
    one that repeats its prompt, which thereby is the same as its like and at a right angle to all that say more. On human
    judgements of diversity this brings MiniLM to the level of a larger encoder (docs/validity.md).
    """
    if prompts.shape[-1] != vectors.shape[-1]:
        raise InputError(f"expected prompts of {vectors.shape[-1]} dimensions, as responses, got {prompts.shape[-1]}")
    given = np.nan_to_num(np.broadcast_to(prompts, vectors.shape).astype(np.float64))
    left = vectors - np.einsum("ij,ij->i", vectors.astype(np.float64), given)[:, None] * given
    length = np.linalg.norm(left, axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(length < LEAST, vectors, left / length), dtype=np.float32)
