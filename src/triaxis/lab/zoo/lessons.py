"""What a model learns from in one step: demonstrations, or its own rollouts and what they are paid."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from triaxis.diversity.equivalence.expression import expression_class
from triaxis.diversity.equivalence.labels import class_hash
from triaxis.lab.zoo import rewards
from triaxis.lab.zoo.demonstrations import Demonstrations
from triaxis.lab.zoo.model import draw, prompt_ids, token_logprobs
from triaxis.lab.zoo.randomness import Use, numpy_rng, torch_rng
from triaxis.lab.zoo.vocabulary import PAD_ID, answer_rows
from triaxis.quality.expression import Task, expression_score

if TYPE_CHECKING:
    import torch

BATCH = 128
"""Demonstrations in one supervised step."""

GROUPS, ROLLOUTS = 8, 32
"""Prompts in one step of tuning, and rollouts of each."""

CLIP = 0.2
PARTS = 2
"""Updates made from the rollouts of one step, each from half of the prompts."""

Reward = Callable[[np.ndarray, np.ndarray], np.ndarray]


class Lesson(Protocol):
    """Gives the losses of one step, each to be followed by an update of the model."""

    def losses(self, model: Any, step: int) -> Iterator["torch.Tensor"]:
        """Scalars with gradients, in order; the next is computed after the update by the one before."""
        ...


@dataclass(frozen=True)
class FromDemonstrations:
    """The mean negative log-probability of the tokens of `BATCH` demonstrations, answers only."""

    demonstrations: Demonstrations
    tasks: Sequence[Task]
    seed: int

    def losses(self, model: Any, step: int) -> Iterator["torch.Tensor"]:
        """One loss."""
        import torch

        rng = numpy_rng(self.seed, Use.DEMONSTRATIONS, step)
        asked = [self.tasks[i] for i in rng.integers(len(self.tasks), size=BATCH)]
        answers = _trimmed(torch.from_numpy(answer_rows(self.demonstrations.draw(asked, rng))))
        yield -token_logprobs(model, prompt_ids(asked), answers).sum() / (answers != PAD_ID).sum()


@dataclass(frozen=True)
class FromReward:
    """GRPO (Shao et al. 2024, arXiv 2402.03300, equation 3): clipped ratios times advantages inside groups, no reference model.

    The mean is over all tokens of a part, as in DARLING (Li et al. 2025, arXiv 2509.02534).
    """

    reward: Reward
    tasks: Sequence[Task]
    seed: int

    def losses(self, model: Any, step: int) -> Iterator["torch.Tensor"]:
        """`PARTS` losses, from the rollouts of `GROUPS` prompts."""
        import torch

        chosen = numpy_rng(self.seed, Use.PROMPTS, step).choice(len(self.tasks), GROUPS, replace=False)
        asked = [self.tasks[i] for i in chosen]
        drawn = draw(model, asked, ROLLOUTS, torch_rng(self.seed, Use.ROLLOUTS, step))
        paid = rewards.advantages(self.reward(*judged(asked, drawn.texts)))
        advantages = torch.from_numpy(paid.reshape(-1, 1)).float()
        rows = (prompt_ids(asked, repeats=ROLLOUTS), drawn.ids, drawn.logprobs, advantages)
        for part in zip(*(tensor.chunk(PARTS) for tensor in rows), strict=True):
            yield clipped_loss(model, *part)


def clipped_loss(
    model: Any, prompts: "torch.Tensor", ids: "torch.Tensor", before: "torch.Tensor", advantages: "torch.Tensor"
) -> "torch.Tensor":
    """Minus the mean over tokens of min(ratio x advantage, clipped ratio x advantage); `before` (n, tokens) are old logprobs."""
    import torch

    answers = _trimmed(ids)
    ratio = (token_logprobs(model, prompts, answers) - before[:, : answers.shape[1]]).exp()
    gain = torch.minimum(ratio * advantages, ratio.clamp(1 - CLIP, 1 + CLIP) * advantages)
    is_token = answers != PAD_ID
    return -(gain * is_token).sum() / is_token.sum()


def judged(tasks: Sequence[Task], answers: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """(tasks, answers each) bool, which answers are exact; and (tasks, answers each) int64, their classes."""
    each = len(answers) // len(tasks)
    is_right = [expression_score(tasks[i // each], answer) == 1 for i, answer in enumerate(answers)]
    classes = [class_hash(expression_class(answer)) for answer in answers]
    return np.array(is_right).reshape(-1, each), np.array(classes, dtype=np.int64).reshape(-1, each)


def _trimmed(ids: "torch.Tensor") -> "torch.Tensor":
    """`ids` without the columns at the end that are padding in every row."""
    return ids[:, : int((ids != PAD_ID).sum(dim=1).max())]
