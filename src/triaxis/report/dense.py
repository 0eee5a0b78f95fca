"""Tables as dense arrays of integers over short axes, the form in which a page carries figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl


@dataclass(frozen=True)
class Axes:
    """What the extract keeps of each axis; `domains[0]` is None, all domains together."""

    models: list[str]
    domains: list[str | None]
    floors: list[float | None]
    budgets: list[int]

    def frame(self, name: str, values: Sequence[Any], dtype: Any) -> pl.DataFrame:
        return pl.DataFrame({name: pl.Series(values, dtype=dtype), f"{name}_at": np.arange(len(values))})

    def located(self, table: pl.DataFrame, **more: Sequence[int]) -> pl.DataFrame:
        """Rows of `table` on these axes, with a column `NAME_at` for the place on each."""
        known: dict[str, tuple[Sequence[Any], Any]] = {
            "domain": (self.domains, pl.String),
            "budget": (self.budgets, pl.Int64),
            "floor": (self.floors, pl.Float64),
            **dict.fromkeys(("model", "model_a", "model_b", "leader", "runner_up"), (self.models, pl.String)),
            **{name: (values, pl.Int64) for name, values in more.items()},
        }
        for name in (n for n in known if n in table.columns):
            table = table.join(self.frame(name, *known[name]), on=name, how="inner", nulls_equal=True)
        return table


def dense(rows: pl.DataFrame, column: str, axes: Sequence[tuple[str, int]], scale: int = 1000) -> list[int | None]:
    """`column` as a flat row-major list of integers over `axes` ((name, length) pairs); null where there is no row or value."""
    cube = np.full([length for _, length in axes], None, dtype=object)
    found = rows.drop_nulls(column).filter(pl.col(column).cast(pl.Float64).is_finite())
    if found.height:
        places = tuple(found[f"{name}_at"].to_numpy() for name, _ in axes)
        cube[places] = thousandths(found[column]) if scale == 1000 else found[column].cast(pl.Int64).to_list()
    flat: list[int | None] = cube.ravel().tolist()
    return flat


def thousandths(values: pl.Series) -> list[int | None]:
    """`values` in thousandths, none ending in 5: so the page, which rounds these to hundredths, shows what the tables round to.

    >>> thousandths(pl.Series([2.7046, 2.705, None]))
    [2704, 2706, None]
    """
    return [None if value is None else _thousandth(value) for value in values.cast(pl.Float64).to_list()]


def _thousandth(value: float) -> int:
    near = round(value * 1000)
    if near % 10 != 5:
        return near
    return near + 1 if round(value, 2) * 1000 > near else near - 1
