"""The sections of a page that answer a question about several models, domains, checkpoints or rows together.

`answers` makes those of one gate that have rows; `charts` is what the script of the page draws of them; `lines` is what a
terminal or a summary says of them. Everything is read from the tables of `triaxis.results.answer_tables`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from triaxis.report.answers.blocks import Figure, Room, Section
from triaxis.report.answers.domains import domains
from triaxis.report.answers.ensembles import ensembles
from triaxis.report.answers.filters import filters
from triaxis.report.answers.population import population
from triaxis.report.answers.profile import profile
from triaxis.report.answers.series import series
from triaxis.report.phrase import Sentence
from triaxis.report.text import visible
from triaxis.report.view import GateView

__all__ = ["Room", "Section", "answers", "charts", "lines"]

SECTIONS: tuple[Callable[[GateView, Room], Section | None], ...] = (*(population, ensembles, domains, filters, series, profile),)
MOST_LINES = 2


def answers(view: GateView, room: Room | None = None) -> list[Section]:
    """Every section of one gate that has rows, in the order of the page."""
    found = (make(view, room or Room()) for make in SECTIONS)
    return [section for section in found if section is not None]


def charts(sections: Sequence[Section]) -> dict[str, Any]:
    """Variants of each chart by its key, for the script of the page."""
    figures = [block for section in sections for block in section.blocks if isinstance(block, Figure)]
    return {figure.key: _readable([list(variant) for variant in figure.variants]) for figure in figures}


def _readable(value: Any) -> Any:
    """`value` with every string as readers may see it."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {name: _readable(one) for name, one in value.items()}
    return [_readable(one) for one in value] if isinstance(value, list | tuple) else value


def lines(view: GateView) -> Iterator[tuple[str, Sentence]]:
    """The question of each section with at most two sentences that answer it."""
    for section in answers(view, Room(0.0)):
        said = [section.sentence, *section.more][:MOST_LINES]
        yield section.title, tuple(part for i, sentence in enumerate(said) for part in ((" ", *sentence) if i else sentence))
