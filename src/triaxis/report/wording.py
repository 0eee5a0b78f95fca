"""The finding in three sentences, composed from the tables and from nothing else.

The one idea: every sentence follows from rows that a reader can look up; `finding` and `turning` choose the rows.
"""

from collections.abc import Sequence

from triaxis.report import units
from triaxis.report.finding import finding
from triaxis.report.phrase import FEWEST_PROMPTS, FEWEST_SET_PROMPTS, MARK, Name, Sentence, plain
from triaxis.report.text import trimmed, visible
from triaxis.report.turning import flip, turning_point
from triaxis.report.view import GateView, Row
from triaxis.results import Caution, Gate

__all__ = [
    "MARK",
    "Name",
    "Sentence",
    "caution",
    "finding",
    "flip",
    "gate_and_caution",
    "marked",
    "plain",
    "three",
    "turning_point",
]


def three(view: GateView) -> tuple[Sentence, Sentence, Sentence]:
    """Who gives most and from which floor that changes; the surest flip; what was counted, over what, and what to distrust."""
    return finding(view), turning_point(view), gate_and_caution(view)


def gate_and_caution(view: GateView) -> Sentence:
    """The third sentence: what counts as usable and as different, over how many prompts; then every warning, with its mark."""
    gate = view.summary.gate
    above = f"{gate.quality}{_source(gate)} at or above the floor"
    usable = "every sample counts" if gate.quality is None else f"usable means {above}"
    same = f"answers are the same by {gate.equivalence} ({gate.rule})"
    rows = view.ranking(view.base_floor)
    text = f"Here {usable}, and {same}; {units.rests_on(view, rows)}, {_interval_words(view, rows)}."
    text = f"{text} {units.between_prompts(view)}".rstrip()
    cautions = tuple(part for warning in view.summary.warnings for part in (" ", marked(warning)))
    return (text, *cautions)


def marked(warning: Caution) -> str:
    """The warning behind its mark; one that stands by no model in particular has none."""
    return f"{MARK} {caution(warning)}" if warning.models else caution(warning)


def caution(warning: Caution) -> str:
    """The sentence of a warning as one that can stand alone."""
    text = visible(trimmed(warning.sentence, 400))
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _source(gate: Gate) -> str:
    """` from JUDGE`; nothing where the quality has the name of its source."""
    return f" from {gate.quality_source}" if gate.quality_source and gate.quality_source != gate.quality else ""


def _interval_words(view: GateView, rows: Sequence[Row]) -> str:
    if any(row["low"] is not None for row in rows):
        return f"{100 * view.results.manifest.confidence:.0f} % intervals in brackets"
    if any(row["low"] is not None for floor in view.shown_floors for row in view.ranking(floor)):
        return f"{100 * view.results.manifest.confidence:.0f} % intervals at higher floors"
    fewest = FEWEST_SET_PROMPTS if view.is_set else FEWEST_PROMPTS
    return "too few for an interval" if all(row["prompts"] < fewest for row in rows) else "without intervals"
