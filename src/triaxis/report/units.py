"""What a figure is called under each unit, so that a figure of a set never goes by the name of a figure of a prompt.

The one idea: *within a prompt* (unit prompt: different usable answers per prompt, in n draws) and *across prompts* (unit set:
different usable answers among n samples of a set) are two numbers. Every sentence takes its words from here.
"""

from collections.abc import Sequence

from triaxis.report.text import plural
from triaxis.report.view import GateView, Row

APART = "Labels of this rule mean something inside one prompt only, so answers to different prompts are never the same here."
TOGETHER = "The same answer to two prompts counts once."


def drawn(view: GateView) -> str:
    """What was drawn at the reference budget: `10 draws per prompt`, `100 samples of the set`."""
    budget = view.budget or 0
    return f"{plural(budget, 'sample')} of {the_set(view)}" if view.is_set else f"{plural(budget, 'draw')} per prompt"


def the_set(view: GateView) -> str:
    """The set, where the row of all domains is a mean over several: each domain's."""
    return "each domain's set" if view.is_mean_of_sets else "the set"


def each(view: GateView) -> str:
    """What stands behind a value: ` per prompt` within a prompt, nothing for a set."""
    return "" if view.is_set else " per prompt"


def heading(view: GateView) -> str:
    """`Different usable answers in 10 draws per prompt`, or `... across prompts, among 100 samples of the set`."""
    how = f" across prompts, among {drawn(view)}" if view.is_set else f" in {drawn(view)}"
    return f"Different {counted(view)}{how}"


def counted(view: GateView) -> str:
    """What is counted: "usable answers" above a floor, "answers" without one."""
    return "answers" if view.base_floor is None else "usable answers"


def rests_on(view: GateView, rows: Sequence[Row]) -> str:
    """What the figures are taken over: prompts as the unit of a mean, or the prompts of a set."""
    counts = sorted({row["prompts"] for row in rows})
    fewest = f"{counts[0]:,} to " if len(counts) > 1 else ""
    prompts = f"{fewest}{plural(counts[-1] if counts else 0, 'prompt')}"
    if not view.is_set:
        return f"{'means over ' if counts != [1] else ''}{prompts}"
    sets = "means over the sets of its domains" if view.is_mean_of_sets else "one set"
    return f"for each model {sets} with {prompts}"


def between_prompts(view: GateView) -> str:
    """A sentence on answers to different prompts of a set; empty within a prompt."""
    return "" if not view.is_set else APART if is_apart(view) else TOGETHER


def is_apart(view: GateView) -> bool:
    """Whether labels of different prompts never meet in a set, although the set holds many prompts."""
    gate = view.summary.gate
    return view.is_set and gate.scope != "set" and gate.equivalence.startswith("column:")
