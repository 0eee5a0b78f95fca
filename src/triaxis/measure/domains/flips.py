"""Does it take a higher bar to turn a comparison round where the task is open? Openness against the floor of the first flip."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from triaxis.measure.domains.change_rows import DOMAINS, FEWEST_DOMAINS, PROMPTS, Change, correlation_rows, means_by_domain
from triaxis.measure.domains.groups import DomainGroup, domain_groups
from triaxis.measure.domains.openness import middle_floor
from triaxis.measure.tables import Resampling
from triaxis.stats.bands import unless_rounding


def flip_floors(first: np.ndarray, second: np.ndarray, floors: np.ndarray) -> np.ndarray:
    """(rows,) the first of `floors` at which `first` - `second`, (rows, floors) each, has the other sign than it began with.

    NaN where the sign never changes. A difference of 0 has no sign.
    """
    sign = np.sign(unless_rounding(first - second, np.maximum(np.abs(first), np.abs(second))))
    start = np.argmax(np.nan_to_num(sign) != 0, axis=1)
    began = np.take_along_axis(sign, start[:, None], axis=1)
    is_turned = sign * began < 0
    return np.where(is_turned.any(axis=1), floors[np.argmax(is_turned, axis=1)], np.nan)


def flip_rows(change: Change, *, resampling: Resampling) -> Iterator[pl.DataFrame]:
    """Rows of `openness_effect` for the floor of the first flip; openness is that at the middle floor, which `floor` shows.

    Over the prompts that flip, and over the domains that do where there are 5 domains; the others are left out and not counted.
    """
    if change.openness is None or change.floors.size < 2:
        return
    names = change.names | {"metric": f"flip floor of {change.metric}"}
    at = int(np.flatnonzero(change.floors == middle_floor(change.floors))[0])
    opened = change.openness[:, [at]]
    turned = flip_floors(change.of_model, change.of_reference, change.floors)[:, None]
    for group in domain_groups(change.domains):
        both = opened[group.members], turned[group.members]
        yield from correlation_rows(group, change.floors[[at]], *both, names | {"across": PROMPTS}, resampling)
    groups = [group for group in domain_groups(change.domains) if group.domain is not None]
    if len(groups) >= FEWEST_DOMAINS:
        whole = DomainGroup(None, np.ones(len(groups), dtype=bool))
        of_model, of_reference = (means_by_domain(values, groups) for values in (change.of_model, change.of_reference))
        means, domains = means_by_domain(opened, groups), flip_floors(of_model, of_reference, change.floors)[:, None]
        yield from correlation_rows(whole, change.floors[[at]], means, domains, names | {"across": DOMAINS}, resampling)
