"""What an answer holds, as frozen values that turn into JSON."""

from dataclasses import asdict, dataclass
from typing import Any

ADVISED, CANNOT_TELL = "advised", "cannot tell"


@dataclass(frozen=True)
class Figure:
    """A number with its 95 % interval; ends are None where there are too few prompts for one, or no test."""

    value: float
    low: float | None = None
    high: float | None = None

    def times(self, factor: float) -> "Figure":
        """The figure of `factor` as many."""
        return Figure(self.value * factor, *(None if end is None else end * factor for end in (self.low, self.high)))


@dataclass(frozen=True)
class Share:
    """A model and its draws for each prompt."""

    model: str
    draws: int


@dataclass(frozen=True)
class Step:
    """One criterion of the chain: the best model by it, who stayed with it, who was beaten beyond doubt."""

    criterion: str
    best: str
    value: Figure | None
    kept: tuple[str, ...]
    beaten: tuple[str, ...]
    how: str


@dataclass(frozen=True)
class Candidate:
    """One model on every axis, at the floor and at its draws for each prompt; None where it was not measured.

    `on_front`: no other model is at least as good on every axis. `is_sure`: each other one is behind it on some axis,
    beyond doubt.
    """

    model: str
    draws: int
    usable_share: Figure | None
    usable_diversity: Figure | None
    quality: Figure | None
    complexity: Figure | None
    cost_of_draw: float | None
    on_front: bool = False
    is_sure: bool = False


@dataclass(frozen=True)
class Regret:
    """What choosing by `rule` would have lost: different usable answers per prompt, advised less chosen; negative is a gain."""

    rule: str
    model: str
    lost: Figure | None
    note: str


@dataclass(frozen=True)
class Advice:
    """The answer of `advise`.

    `verdict` is `advised` or `cannot tell`; `buy` says what would settle it. `choice` are models with their draws for each of
    `prompts` prompts. `per_prompt` and `total` are expected different usable answers; `cost` is what all draws cost in
    `cost_unit`. `chain` is how the choice was made, `candidates` what each model measured, `regrets` what simpler rules lose,
    `cites` what the rule of the goal rests on. Of a mixture, `over_one` is what it gives per prompt beyond the best single model,
    `alone`, for the same draws or money. Without a goal `choice` is empty and the candidates on the front are the answer.
    """

    sentence: str
    verdict: str
    goal: str | None
    gate: str
    domain: str | None
    floor: float | None
    floor_rule: str
    choice: tuple[Share, ...]
    prompts: int | None
    per_prompt: Figure | None
    total: Figure | None
    cost: float | None
    cost_unit: str | None
    temperature: str
    buy: str | None
    chain: tuple[Step, ...]
    candidates: tuple[Candidate, ...]
    complexity_measure: str | None
    regrets: tuple[Regret, ...]
    cites: tuple[str, ...]
    notes: tuple[str, ...]
    over_one: Figure | None = None
    alone: str | None = None

    @property
    def is_mixture(self) -> bool:
        """Whether several models are advised together."""
        return len(self.choice) > 1

    def to_json(self) -> dict[str, Any]:
        """JSON-ready values."""
        return asdict(self)
