"""Prompts by domain: all of them first, then those of each domain, and the columns that every row of a group has."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from triaxis.measure.tables import with_twin


class DomainGroup(NamedTuple):
    """One domain (None is all of them): `members` (prompts,) bool; `twin` names the only domain there is."""

    domain: str | None
    members: np.ndarray
    twin: str | None = None

    def rows(self, columns: Mapping[str, Any], **names: str | None) -> Iterator[pl.DataFrame]:
        """`columns` of (floors,) values as a frame with `names` and the domain on each row; minus infinity and NaN are null."""
        frame = pl.DataFrame({name: _column(name, values) for name, values in columns.items()})
        fixed = [pl.lit(value, dtype=pl.String).alias(name) for name, value in {**names, "domain": self.domain}.items()]
        yield from with_twin([frame.with_columns(fixed)], self.twin)


def domain_groups(domains: np.ndarray) -> list[DomainGroup]:
    """All prompts, then each of `domains` (prompts,) names in order; a domain that is alone is the twin of all."""
    known = sorted(set(domains.tolist()))
    whole = DomainGroup(None, np.ones(domains.size, dtype=bool), known[0] if len(known) == 1 else None)
    return [whole, *(DomainGroup(name, domains == name) for name in known if len(known) > 1)]


def _column(name: str, values: Any) -> Any:
    if name != "floor":
        return values
    return pl.Series([None if np.isneginf(floor) else float(floor) for floor in values], dtype=pl.Float64)
