"""What a user can set about a measurement, in one frozen object, checked when it is made."""

import math
from dataclasses import dataclass, field

from triaxis.errors import InputError
from triaxis.measure.comparisons import TEN_PERCENT, Delta
from triaxis.measure.levels.choice import LevelOptions
from triaxis.measure.outcome import AnswerOptions
from triaxis.measure.robust.choice import RobustOptions, check_rules
from triaxis.protocols import Progress
from triaxis.results import ModelInfo

DEFAULT_DRAWS = 1000
MIN_DRAWS = 200

__all__ = ["DEFAULT_DRAWS", "MIN_DRAWS", "Options", "Progress"]


@dataclass(frozen=True)
class Options:
    """Settings of `measure.run`.

    `floors` and `budgets` are shown exactly besides the default ones; `compare` names models to compare (else those with most
    prompts, up to 20); `quality_source` picks one source where there are several (else each is measured apart); `judge` names the
    model behind the quality scores, for the warning about its own family; `show_prompts` adds prompts to the seeded `examples`;
    `models` are the rows of a model table, for cost, size curves and base-to-tuned pairs; `levels` says which diversity metrics
    and complexity measures to compute beside U; `robust` says under which other rules flips are counted again; `answers`
    what to say of several models, domains or checkpoints together.
    Raises `InputError` for values that cannot be meant.
    """

    floors: tuple[float, ...] = ()
    budgets: tuple[int, ...] = ()
    compare: tuple[str, ...] = ()
    quality_source: str | None = None
    judge: str | None = None
    delta: Delta = TEN_PERCENT
    draws: int = DEFAULT_DRAWS
    seed: int = 0
    examples: int = 40
    show_prompts: tuple[str, ...] = ()
    models: tuple[ModelInfo, ...] = ()
    levels: LevelOptions = field(default_factory=LevelOptions)
    robust: RobustOptions = field(default_factory=RobustOptions)
    answers: AnswerOptions = field(default_factory=AnswerOptions)

    def __post_init__(self) -> None:
        check_rules(self.robust)
        if any(not math.isfinite(floor) for floor in self.floors):
            raise InputError(f"a floor must be a finite number, got {self.floors}; leave --floor out for all observed values")
        if any(budget < 1 for budget in self.budgets):
            raise InputError(f"a budget is a number of draws of at least 1, got {self.budgets}; type for example --budget 10")
        if self.draws < MIN_DRAWS:
            raise InputError(
                f"expected at least {MIN_DRAWS} bootstrap draws, got {self.draws}; type for example --draws {DEFAULT_DRAWS}"
            )
        if self.seed < 0:
            raise InputError(f"expected a seed of at least 0, got {self.seed}; type for example --seed 0")
        if self.examples < 0:
            raise InputError(f"expected a number of example prompts of at least 0, got {self.examples}")
        if len(set(self.compare)) == 1:
            raise InputError(f"expected at least two models to compare, got {self.compare[0]!r}; type --compare A --compare B")
