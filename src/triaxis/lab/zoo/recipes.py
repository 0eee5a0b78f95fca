"""The four models: what each is made from, for how many steps, and at which learning rate."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from triaxis.errors import InputError

SMALL, LARGE = "zoo-small-base", "zoo-large-base"
OUTCOME, JOINT = "zoo-large-outcome", "zoo-large-joint"
FAMILY = "zoo"


@dataclass(frozen=True)
class Recipe:
    """One model. `base` is the model that it starts from, None for random weights of `size`.

    The rate rises over the first `warm_up` steps; where `falls`, it then goes down in a line to a tenth. `look_every` steps the
    model is asked the held-out prompts, for its learning curve.
    """

    name: str
    stage: str
    size: str
    lesson: str
    steps: int
    rate: float
    look_every: int
    base: str | None = None
    warm_up: int = 0
    falls: bool = False

    def rate_at(self, step: int) -> float:
        """Learning rate of one step, counted from 0."""
        rising = min(1.0, (step + 1) / self.warm_up) if self.warm_up else 1.0
        return self.rate * rising * (max(0.1, 1 - step / self.steps) if self.falls else 1.0)


def _base(name: str, size: str) -> Recipe:
    return Recipe(name, "base", size, "demonstrations", steps=800, rate=2e-3, look_every=100, warm_up=20, falls=True)


def _tuned(name: str, stage: str, lesson: str) -> Recipe:
    return Recipe(name, stage, "large", lesson, steps=500, rate=1.2e-4, look_every=25, base=LARGE)


WAVES: tuple[tuple[Recipe, ...], ...] = (
    (_base(LARGE, "large"), _base(SMALL, "small")),
    (_tuned(OUTCOME, "outcome-tuned", "outcome"), _tuned(JOINT, "jointly-tuned", "joint")),
)
"""Models that are trained side by side; a wave starts when the one before is done."""


def scaled(waves: Sequence[Sequence[Recipe]], scale: float) -> tuple[tuple[Recipe, ...], ...]:
    """`waves` with `scale` times the steps, one at least; `InputError` for a scale outside (0, 1]."""
    if not 0 < scale <= 1:
        raise InputError(f"expected --scale in (0, 1], got {scale:g}; type 1 for the whole training, 0.1 for a tenth of it")
    return tuple(tuple(replace(r, steps=max(1, round(r.steps * scale))) for r in wave) for wave in waves)
