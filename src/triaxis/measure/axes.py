"""What a run shows: which floors, which budgets, which prompts, which models are compared. Rules, stated once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from triaxis.errors import InputError, near
from triaxis.measure.sampling import REACH, reached_size

BUDGETS = (*range(1, 17), 20, 32, 50, 64, 100, 128, 200, 256, 500, 1000)
PREFERRED_BUDGETS = (1, 10, 5, 2, 3, 20, 50, 100, 4, 8, 16, 32, 200, 500, 1000, 64, 128, 256)
MOST_FLOORS = 256
INTERVAL_FLOORS = 32
INTERVAL_BUDGETS = 8
MOST_COMPARED = 20
EQUAL_COUNTS = (2, 3, 5, 10)
UNGATED = -np.inf


@dataclass(frozen=True)
class Axes:
    """Floors and budgets of one gate: `floors` ascending with -inf (ungated) first; `interval_floors` are positions in it."""

    floors: np.ndarray
    interval_floors: np.ndarray
    budgets: tuple[int, ...]
    interval_budgets: tuple[int, ...]


def shown_floors(qualities: np.ndarray, counts: np.ndarray, extra: Iterable[float]) -> np.ndarray:
    """-inf, then all distinct quality values up to 256, else 256 quantiles (observed values); plus `extra` ones exactly."""
    values, inverse = np.unique(qualities, return_inverse=True)
    if values.size > MOST_FLOORS:
        below = np.cumsum(np.bincount(inverse, weights=counts))
        values = np.unique(values[np.searchsorted(below, np.linspace(0, below[-1], MOST_FLOORS))])
    return np.unique(np.r_[UNGATED, values, np.asarray(list(extra), dtype=np.float64)])


def shown_budgets(largest: int, extra: Iterable[int]) -> tuple[int, ...]:
    """Every n to 16, then 20, 32, 50, ... up to `largest`, and `largest`; plus `extra` ones that some cell can give."""
    return tuple(sorted({n for n in (*BUDGETS, largest, *extra) if 1 <= n <= largest}))


def interval_floors(floors: np.ndarray, extra: Iterable[float]) -> np.ndarray:
    """At most 32 positions in `floors`: ungated, the `extra` ones, and the rest evenly spread by rank."""
    if floors.size <= INTERVAL_FLOORS:
        return np.arange(floors.size)
    fixed = list(dict.fromkeys([0, *np.searchsorted(floors, list(extra)).tolist()]))[:INTERVAL_FLOORS]
    spread = np.linspace(1, floors.size - 1, INTERVAL_FLOORS - len(fixed)).round().astype(int)
    return np.unique([*fixed, *spread])


def interval_budgets(budgets: Sequence[int], wanted: Iterable[int]) -> tuple[int, ...]:
    """At most 8 of `budgets`: the `wanted` ones first, then round numbers."""
    order = dict.fromkeys([*wanted, *PREFERRED_BUDGETS, *budgets])
    return tuple(sorted([n for n in order if n in budgets][:INTERVAL_BUDGETS]))


def curve_length(sizes: np.ndarray, extra: Iterable[int]) -> int:
    """The largest budget of a curve: what 9 in 10 of its prompts reach, or the largest `extra` one that some prompt reaches."""
    largest = int(sizes.max(initial=0))
    asked = [n for n in extra if n <= largest]
    return max([reached_size(sizes, share=REACH), *asked])


def check_asked(asked: Iterable[str], known: Collection[str]) -> None:
    """Nothing when all models that are `asked` for are `known`; else `InputError` with near names."""
    for name in asked:
        if name not in known:
            raise InputError(f"no model {name!r} to compare{near(name, known)}; there are: {', '.join(sorted(known)[:20])}")


def compared_models(
    models: Mapping[str, set[tuple[int, int]]],
    asked: Sequence[str],
    *,
    classes: Mapping[str, int] | None = None,
    elsewhere: Collection[str] = (),
) -> tuple[tuple[str, ...], tuple[str, ...], set[tuple[int, int]]]:
    """Which models are compared: their names, a sentence for each one left out, and the (prompt, domain) keys all of them share.

    `asked` ones, else those with the most prompts, and of equals those with the most `classes` of answers, up to 20. Models
    join in that order as long as the shared prompts do not fall under half of what they were (asked ones always join). Raises
    `InputError` for an asked model that is neither here nor `elsewhere`, under another gate of the same run.
    """
    check_asked(asked, {*models, *elsewhere})
    seen = classes or {}
    every = sorted(models, key=lambda m: (-len(models[m]), -seen.get(m, 0), m))
    order = [name for name in dict.fromkeys(asked) if name in models] if asked else every
    chosen, left, shared = order[:1], [], set(models[order[0]]) if order else set()
    for name in order[1:]:
        joint = shared & models[name]
        if len(chosen) == MOST_COMPARED:
            left.append(f"{name}: only {MOST_COMPARED} models are compared at once; --compare chooses them")
        elif not asked and 2 * len(joint) < len(shared):
            left.append(f"{name}: shares only {len(joint)} of {len(shared)} prompts; --compare includes it")
        else:
            chosen, shared = [*chosen, name], joint
    return tuple(sorted(chosen)), tuple(left), shared
