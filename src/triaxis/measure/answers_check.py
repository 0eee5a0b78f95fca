"""What was typed for the answers is looked at before the long work: a mistake must not cost the measuring of a large file."""

from collections.abc import Collection

from triaxis.errors import InputError, near
from triaxis.measure.outcome import AnswerOptions
from triaxis.measure.profile import open_reference, read_taxonomy

MOST_NAMED = 20
"""Models that a message names."""


def check_answers(asked: AnswerOptions) -> None:
    """Raises `InputError` or `RecordsError` for a file of `asked` that cannot be read; before any sample is read."""
    if asked.taxonomy is not None:
        read_taxonomy(asked.taxonomy)
    if asked.reference_data is not None:
        open_reference(asked.reference_data)


def check_reference(reference: str | None, known: Collection[str]) -> None:
    """Raises `InputError` for a reference that is none of the models `known`, where there are any."""
    if reference is None or reference in known or not known:
        return
    there = ", ".join(sorted(known)[:MOST_NAMED])
    more = f" and {len(known) - MOST_NAMED} more" if len(known) > MOST_NAMED else ""
    raise InputError(f"no model {reference!r} to refer to{near(reference, known)}; there are: {there}{more}")
