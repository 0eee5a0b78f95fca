"""What stands beside the figures: notes on the input and on models, and samples that were not measured, by reason.

The one idea: nothing is left out in silence. Notes that differ only in the model they name are said once, with the names.
"""

from collections.abc import Iterator

import polars as pl

from triaxis.report.text import plural
from triaxis.report.view import GateView, views
from triaxis.results import Results

MOST_NAMES = 5


def notes(results: Results) -> list[str]:
    """Notes of the manifest, then of each gate, each once."""
    found = [*results.manifest.notes, *(note for view in views(results) for note in _joined(view))]
    return list(dict.fromkeys(found))


def _joined(view: GateView) -> Iterator[str]:
    """Notes of one gate; `MODEL: reason` for several models as `reason: MODEL, MODEL, and 4 more`."""
    models: dict[str, list[str]] = {}
    for note in view.summary.notes:
        model = next((m for m in view.summary.models if note.startswith(f"{m}: ")), None)
        models.setdefault(note if model is None else note.removeprefix(f"{model}: "), []).extend([] if model is None else [model])
    for reason, named in models.items():
        yield f"{_listed(named)}: {reason}" if named else reason


def _listed(names: list[str]) -> str:
    if len(names) == 1:
        return names[0]
    rest = f", and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"{plural(len(names), 'model')} ({', '.join(names[:MOST_NAMES])}{rest})"


def lost(results: Results) -> int:
    """Samples without a measurement, over all gates."""
    return int(results.tables["unmeasured"]["samples"].sum())


def by_reason(results: Results) -> list[tuple[str, int]]:
    """Samples without a measurement, most frequent reason first."""
    rows = results.tables["unmeasured"].group_by("reason").agg(pl.col("samples").sum())
    return [(str(reason), int(count)) for reason, count in rows.sort(["samples", "reason"], descending=[True, False]).iter_rows()]


def lost_words(results: Results) -> str:
    """`814 samples were not measured`."""
    count = lost(results)
    return f"{plural(count, 'sample')} {'was' if count == 1 else 'were'} not measured"
