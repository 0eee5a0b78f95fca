"""What a goal changes: the order in which axes decide, and what that order rests on.

No axis is weighed against another. A model that the data cannot tell from the best on the first criterion stays in, and the next
criterion decides among those. Where none decides, the one that is best on the first criterion is named.
"""

from dataclasses import dataclass

from triaxis.errors import InputError, near

SHARE, DIVERSITY, COST = "usable share", "usable diversity", "cost"

SURVEY = (
    "Havrilla et al. 2024, Surveying the Effects of Quality, Diversity, and Complexity in Synthetic Data From Large Language"
    " Models, arXiv 2412.02980: quality serves in-distribution generalisation, diversity out-of-distribution, complexity both."
    " A reading of many ablations, not one controlled experiment."
)
SEARCH = (
    "Bahlous-Boldi et al. 2026, Vector Policy Optimization: Training for Diversity Improves Test-Time Search, arXiv 2605.22817:"
    " a policy trained for varied competent answers does better once it feeds a search. One method on a few tasks; it loses at"
    " three answers to a simpler objective and wins from five on."
)
COMPLEXITY = "complexity helps both by the survey: it is shown and decides nothing, as no rate of exchange is known"


@dataclass(frozen=True)
class Goal:
    """A goal by `name`: the `criteria` in order, `why`, what it `cites`, and whether mixtures may be advised.

    `at_reach`: as many draws as were measured, unless a budget says otherwise.
    """

    name: str
    criteria: tuple[str, ...]
    why: str
    cites: tuple[str, ...]
    mixes: bool
    at_reach: bool = False


GOALS = {
    goal.name: goal
    for goal in (
        Goal(
            "in-distribution", (SHARE, DIVERSITY, COST),
            "the highest share of usable answers at the floor decides; usable diversity decides among those that the data cannot"
            " tell from it, then cost", (SURVEY,), mixes=False,
        ),
        Goal(
            "out-of-distribution", (DIVERSITY, SHARE, COST),
            "the most different usable answers for the draws decide, of one model or of a mixture; the usable share decides among"
            " those that the data cannot tell from it, then cost", (SURVEY,), mixes=True,
        ),
        Goal(
            "search", (DIVERSITY, SHARE, COST),
            "the most different usable answers at the most draws decide (where one answer is right, that is pass@n), since a"
            " search tries many; the usable share decides among those that the data cannot tell from it, then cost", (SEARCH,),
            mixes=True, at_reach=True,
        ),
    )
}  # fmt: skip


def goal_of(name: str | None) -> Goal | None:
    """The goal called `name`; `InputError` with near names for another one."""
    if name is None or name in GOALS:
        return None if name is None else GOALS[name]
    raise InputError(f"no goal {name!r}{near(name, GOALS)}; type --goal {', --goal '.join(GOALS)}, or leave it out for the front")
