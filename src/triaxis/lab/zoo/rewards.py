"""What a rollout is paid, in groups of rollouts of one prompt: being right, or being right and unlike its siblings."""

import numpy as np


def outcome(is_right: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """(groups, rollouts) float64: 1 for a right answer, 0 for any other; `classes` pays nothing."""
    return is_right.astype(np.float64)


def joint(is_right: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """(groups, rollouts) float64 in 0-1: a right answer is paid the share of the others in its group that are not equivalent.

    Quality times distinctness as in DARLING (Li et al. 2025, arXiv 2509.02534, section 3), with 0/1 quality and without the
    lower bound of 0.1 that its code puts on distinctness.

    >>> joint(np.array([[True, True, True, False]]), np.array([[5, 5, 7, 9]])).round(3).tolist()
    [[0.667, 0.667, 1.0, 0.0]]
    """
    unlike = (classes[:, :, None] != classes[:, None, :]).sum(axis=2)
    return np.where(is_right, unlike / (classes.shape[1] - 1), 0.0)


def advantages(rewards: np.ndarray) -> np.ndarray:
    """(groups, rollouts): rewards with each group's mean taken away and divided by its standard deviation; 0 where all are equal.

    As in GRPO (Shao et al. 2024, arXiv 2402.03300, section 4.1.2).
    """
    centred = rewards - rewards.mean(axis=1, keepdims=True)
    spread = rewards.std(axis=1, keepdims=True)
    return np.asarray(np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 1e-8))
