"""Parts of sentences that findings, flips and cautions share.

The one idea: a sentence is a tuple of plain strings and `Name`s, so that a page can colour and isolate model names, Markdown
can escape them, and the text alone still reads.
"""

from typing import NamedTuple

from triaxis.report import units
from triaxis.report.text import floor_name, interval, number, plural, visible
from triaxis.report.view import GateView, Row

MARK = "†"
FEWEST_PROMPTS = 10  # fewer give no interval: design, usable diversity
FEWEST_SET_PROMPTS = 20  # the same for a set
FEWEST_DIFFERING = 5  # fewer prompts whose difference is not 0 give no band: design, comparisons


class Name(NamedTuple):
    """A model's name inside a sentence; `mark` is shown behind it when a warning stands by the model."""

    model: str
    mark: str = ""


Sentence = tuple[str | Name, ...]


def plain(sentence: Sentence) -> str:
    """The sentence as text."""
    return "".join(visible(part.model) + part.mark if isinstance(part, Name) else visible(part) for part in sentence)


def named(view: GateView, model: str) -> Name:
    """`model` as it stands in a sentence, marked when a warning stands by it."""
    return Name(model, MARK if view.is_warned(model) else "")


def amount(view: GateView, row: Row) -> str:
    """`6.99 per prompt [6.39, 7.48]`; of a set `87.31 [85.20, 89.42]`."""
    return f"{number(row['value'])}{units.each(view)} {interval(row['low'], row['high'])}".rstrip()


def gap(row: Row) -> str:
    """`difference 0.65 [−0.17, 1.51]`, leader minus runner-up."""
    return f"difference {number(abs(row['difference']))} {interval(row['low'], row['high'])}".rstrip()


def without_band(view: GateView, row: Row) -> str:
    """Why a difference has no band: too few prompts, or too few on which the two differ."""
    count, verb = row["prompts"], "is" if row["prompts"] == 1 else "are"
    if count < (FEWEST_SET_PROMPTS if view.is_set else FEWEST_PROMPTS):
        several = view.is_set and row.get("domain") is None and len(view.summary.domains) > 1
        in_sets = "in the smallest set of each domain, all together," if several else "in the smallest set"
        where = f"{plural(count, 'prompt')} {in_sets}" if view.is_set else plural(count, "shared prompt")
        return f"{where} {verb} too few for an interval"
    return f"fewer than {FEWEST_DIFFERING} prompts tell them apart, too few for an interval"


def at_floor(end: Row | None, ahead: str) -> str:
    """` by 1.13 [0.52, 1.72] at floor 1`, a comparison seen from the model `ahead`; empty where it was not computed."""
    return "" if (by := lead_of(end, ahead)) is None or end is None else f" by {by} at floor {floor_name(end['floor'])}"


def lead_of(end: Row | None, ahead: str) -> str | None:
    """The difference of a comparison seen from the model `ahead`, with its band."""
    if end is None or end["difference"] is None:
        return None
    sign = 1 if end["model_a"] == ahead else -1
    bounds = (end["low"], end["high"]) if sign == 1 else (_minus(end["high"]), _minus(end["low"]))
    return f"{number(sign * end['difference'])} {interval(*bounds)}".rstrip()


def _minus(value: float | None) -> float | None:
    return None if value is None else -value
