"""The head: a logistic regression from features of a pair and of its prompt to the probability that both answers say the same.

Linear on purpose: it was trained on a few hundred human labels, where larger models did no better, and each weight can be read.
"""

from dataclasses import dataclass, replace

import numpy as np

from triaxis.diversity.equivalence.learned.features import OF_THE_PROMPT, PAIR_FEATURES, Answers, WordWeights, pair_features
from triaxis.errors import Undefined

CLIP = 4.0
"""Standard deviations from the mean beyond which a feature counts no further: no text can be stranger than that to the head."""


@dataclass(frozen=True)
class Head:
    """Weights of a fitted head, all in units of the standardised inputs.

    mean, scale, weights: (features + directions,) float64. bias: float. centre: (d,) and directions: (d, k) float64: where the
    prompts of the training data lie, and in which directions they differ most. words: how much each word counts.
    """

    mean: np.ndarray
    scale: np.ndarray
    weights: np.ndarray
    bias: float
    centre: np.ndarray
    directions: np.ndarray
    words: WordWeights

    def along(self, prompts: np.ndarray) -> np.ndarray:
        """(n, directions) float64: where `prompts` (n, d) lie along the directions; NaN where there is no prompt."""
        return np.asarray((prompts - self.centre) @ self.directions)

    def inputs(self, features: np.ndarray, along: np.ndarray) -> np.ndarray:
        """(pairs, features + directions) standardised and clipped; 0, the mean, where a feature does not apply."""
        raw = np.concatenate([features, along], axis=1)
        return np.asarray(np.nan_to_num(np.clip((raw - self.mean) / self.scale, -CLIP, CLIP), nan=0.0))

    def of_inputs(self, inputs: np.ndarray) -> np.ndarray:
        """(pairs,) float64 P(same) of rows of `inputs`."""
        return np.asarray(1 / (1 + np.exp(-((inputs * self.weights).sum(axis=1) + self.bias))))

    def probabilities(self, answers: Answers, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """(pairs,) float64 P(same) of answers at two (pairs,) arrays of positions; 1 for equal texts. Symmetric to the bit."""
        low, high = answers.in_text_order(first, second)
        inputs = self.inputs(pair_features(answers, low, high), self.along(answers.prompts)[low])
        found = self.of_inputs(inputs)
        return np.where(answers.rank[first] == answers.rank[second], 1.0, found)

    def matrix(self, answers: Answers) -> np.ndarray:
        """(n, n) float64 P(same) of all pairs: symmetric, 1 on the diagonal. Holds all pairs; for sets, not for corpora."""
        count = len(answers.texts)
        rows, columns = np.triu_indices(count, k=1)
        same = np.eye(count)
        same[rows, columns] = same[columns, rows] = self.probabilities(answers, rows, columns)
        return same

    def without_prompt_terms(self) -> "Head":
        """The same head at an average prompt: what is left rests on what two answers have in common.

        How likely answers to a prompt are the same at all is knowledge about the prompt, which no set of answers earned. For
        numbers that are compared between prompts; probabilities are then no longer calibrated for each prompt.
        """
        kept = np.array([name not in OF_THE_PROMPT for name in PAIR_FEATURES] + [False] * self.directions.shape[1])
        return replace(self, weights=np.where(kept, self.weights, 0.0))


def mean_difference(same: np.ndarray) -> float:
    """Mean of P(different) over all pairs of different rows of `same` (n, n), 0-1, higher is more diverse.

    Raises `Undefined` for fewer than two rows.

    >>> mean_difference(np.array([[1.0, 0.25], [0.25, 1.0]]))
    0.75
    """
    if len(same) < 2:
        raise Undefined("one response has no pair")
    rows, columns = np.triu_indices(len(same), k=1)
    return float(1 - same[rows, columns].mean())
