"""How far to go on a staircase of choices when each step, and each height over the ground, has an interval."""

import math
from collections.abc import Sequence


def surest_step(over_first: Sequence[float | None], gained: Sequence[float | None]) -> int:
    """Position of the choice to take among ever larger ones; 0, the first, unless a later one is better beyond doubt.

    `over_first` and `gained` (choices,) are lower ends of intervals: of each choice less the first, and less the one before it;
    None or NaN where there is none. The smallest choice that is better than the first is taken. A larger one replaces it only
    when it is better than the first as well and the lower ends of the gains between the two add up to more than 0: then it is
    better than the one it replaces whatever each step gives by itself.
    """
    above = [place for place in range(1, len(over_first)) if _known(over_first[place]) > 0]
    if not above:
        return 0
    taken = above[0]
    for place in above[1:]:
        if sum(_known(low) for low in gained[taken + 1 : place + 1]) > 0:
            taken = place
    return taken


def _known(low: float | None) -> float:
    """`low`, minus infinity where there is no interval."""
    return -math.inf if low is None or math.isnan(low) else low
