"""Figures that two runs are compared by, each worked out per prompt from the counts."""

from typing import Literal, NamedTuple

import numpy as np

from triaxis.measure import usable
from triaxis.measure.axes import UNGATED
from triaxis.measure.cells import Cells

Kind = Literal["U", "D", "share", "quality", "samples"]


class Figure(NamedTuple):
    """One figure: its kind, its floor (minus infinity: ungated) and `n`, its number of draws or of usable answers; None: none."""

    kind: Kind
    floor: float = UNGATED
    n: int | None = None

    @property
    def is_gated(self) -> bool:
        """Whether it needs a quality."""
        return self.kind == "quality" or not np.isneginf(self.floor)

    def __str__(self) -> str:
        if self.kind in ("quality", "samples"):
            return self.kind
        inside = [*([f"{self.floor:g}"] if not np.isneginf(self.floor) else []), *([str(self.n)] if self.n else [])]
        return f"{self.kind}({','.join(inside)})"

    @property
    def says(self) -> str:
        """What it is, in words."""
        bar = "" if np.isneginf(self.floor) else f" of quality {self.floor:g} or better"
        return {
            "U": f"different answers{bar} in {self.n} draws",
            "D": f"different answers among {self.n} usable ones{bar}",
            "share": f"share of answers{bar}",
            "quality": "mean quality",
            "samples": "measured answers",
        }[self.kind]


def per_prompt(figure: Figure, cells: Cells) -> np.ndarray:
    """(cells,) values of `figure`; NaN where a cell has too few answers for it."""
    floors = np.array([figure.floor])
    if figure.kind == "U":
        return np.asarray(usable.usable_diversity(cells, floors, figure.n or 1)[:, 0])
    if figure.kind == "D":
        return np.asarray(usable.given_usable(cells, floors, [figure.n or 2])[0, :, 0])
    if figure.kind == "share":
        return np.asarray(usable.usable_share(cells, floors)[:, 0])
    if figure.kind == "quality":
        total = np.bincount(cells.cell, weights=cells.quality * cells.count, minlength=len(cells))
        return np.asarray(total / cells.size)
    return cells.size.astype(np.float64)
