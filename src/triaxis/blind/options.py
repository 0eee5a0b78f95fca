"""What a blindness test is asked to do: which damage, in which doses, how often resampled."""

from dataclasses import dataclass
from math import isfinite
from typing import Literal, get_args

from triaxis.blind.mode_copies import MATCH
from triaxis.blind.planting import AXES
from triaxis.blind.truth import DEFAULT_METRICS
from triaxis.errors import InputError, near

DOSES = (0.0, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90)
REPLICATES = 12
QualityDamage = Literal["swap", "noise"]


@dataclass(frozen=True)
class Trial:
    """Doses as fractions of the samples, axes to damage, how quality is damaged (None: swap where it can be done, else noise).

    `match`: how wide, in standard deviations of quality, "the same quality" is. `carried`: the user's columns that belong to a
    text. `floor`, `budget`, `metrics`: what triaxis reads. `replicates`: halves of the prompts. `has_own`: run ours, too.
    """

    doses: tuple[float, ...] = DOSES
    axes: tuple[str, ...] = AXES
    quality_damage: str | None = None
    match: float = MATCH
    carried: tuple[str, ...] = ()
    floor: float | None = None
    budget: int | None = None
    metrics: tuple[str, ...] = DEFAULT_METRICS
    replicates: int = REPLICATES
    has_own: bool = True

    def __post_init__(self) -> None:
        for dose in self.doses:
            if not 0 <= dose <= 1:
                raise InputError(f"expected doses as fractions in 0-1, got {dose:g}; type for example --dose 0.5")
        if not any(self.doses):
            raise InputError("expected at least one dose above 0; type for example --dose 0.5")
        for axis in self.axes:
            if axis not in AXES:
                raise InputError(f"unknown damage {axis!r}{near(axis, AXES)}; there are: {', '.join(AXES)}")
        if self.quality_damage not in (None, *get_args(QualityDamage)):
            raise InputError(f"expected --quality-damage swap or noise, got {self.quality_damage!r}")
        if not (isfinite(self.match) and self.match >= 0):
            raise InputError(f"expected --match of at least 0, got {self.match:g}; type for example --match 0.5")
        if self.floor is not None and not isfinite(self.floor):
            raise InputError(f"expected a finite --floor, got {self.floor:g}; type for example --floor 3")
        if self.replicates < 0 or self.replicates in (1, 2, 3):
            raise InputError(f"expected at least 4 replicates, or 0 for no intervals, got {self.replicates}")

    @property
    def planted_doses(self) -> tuple[float, ...]:
        """Doses above 0, rising, each once."""
        return tuple(sorted({dose for dose in self.doses if dose > 0}))
