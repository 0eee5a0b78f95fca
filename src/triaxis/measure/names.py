"""Strings to small integers and back: models, prompts and domains repeat, so they are stored once."""

from collections.abc import Iterable

import numpy as np
import polars as pl


class Names:
    """Codes for strings in order of first appearance; `sorted_codes` makes the order of appearance invisible."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._codes)

    def encode(self, values: pl.Series) -> pl.Series:
        """(rows,) UInt32 codes of `values`, a String series without nulls."""
        distinct = values.unique()
        if distinct.len() == 1:
            code = self._codes.setdefault(distinct[0], len(self._codes))
            return pl.Series(np.full(values.len(), code, dtype=np.uint32))
        codes = [self._codes.setdefault(value, len(self._codes)) for value in distinct]
        table = pl.DataFrame({"name": distinct, "code": pl.Series(codes, dtype=pl.UInt32)})
        return values.to_frame("name").join(table, on="name", how="left", maintain_order="left")["code"]

    def decode(self) -> list[str]:
        """All names, in order of their codes."""
        return list(self._codes)


def sorted_codes(names: list[str], used: Iterable[int]) -> tuple[tuple[str, ...], np.ndarray]:
    """The `used` names in alphabetical order, and the (names,) table from old code to new (unused codes point to 0)."""
    kept = sorted(used, key=lambda code: names[code])
    table = np.zeros(len(names), dtype=np.uint32)
    table[kept] = np.arange(len(kept), dtype=np.uint32)
    return tuple(names[code] for code in kept), table
