"""Saved results -> one HTML page, a share card, a Markdown summary and a short table for the terminal.

The one idea: a report reads tables and a manifest, never a model, a text file or a metric; whatever it shows can be found
in a table, and whatever it leaves out is counted.
"""

from pathlib import Path
from typing import NamedTuple

from triaxis.report import wording as _wording
from triaxis.report.card import card
from triaxis.report.page import MOST_BYTES, page
from triaxis.report.summary import summary
from triaxis.report.terminal import terminal
from triaxis.report.view import views as _views
from triaxis.results import Results

__all__ = ["MOST_BYTES", "Written", "card", "page", "sentences", "summary", "terminal", "write"]


class Written(NamedTuple):
    """Where the report was written."""

    page: Path
    summary: Path
    card: Path


def sentences(results: Results) -> tuple[str, str, str]:
    """The finding, the surest flip, and what was counted with what to distrust; for the first gate."""
    seen = _views(results)
    if not seen:
        return "Nothing was measured.", "No pair of models was compared.", "The list of what was not run says why."
    first, second, third = _wording.three(seen[0])
    return _wording.plain(first), _wording.plain(second), _wording.plain(third)


def write(results: Results, out: Path) -> Written:
    """Writes `report.html`, `summary.md` and `card.png` into the folder `out`, which is made when missing."""
    out.mkdir(parents=True, exist_ok=True)
    written = Written(out / "report.html", out / "summary.md", out / "card.png")
    written.page.write_text(page(results), encoding="utf-8", newline="\n")
    written.summary.write_text(summary(results), encoding="utf-8", newline="\n")
    written.card.write_bytes(card(results))
    return written
