"""Which models are held against which: all others against a reference, or each tuned model against its base."""

from collections.abc import Collection, Sequence

from triaxis.errors import InputError, near
from triaxis.measure.ladder import tunings
from triaxis.measure.options import Options
from triaxis.results import NotRun

ANALYSIS = "changes by domain"
NO_REFERENCE = NotRun(analysis=ANALYSIS, reason="needs --reference MODEL, or a column base in --models FILE")
MOST_CHANGES = 20
"""Models held against a reference, at most; `--compare` chooses them."""

Pair = tuple[str, str]


def changes_of(
    models: Sequence[str], options: Options, *, elsewhere: Collection[str] = ()
) -> tuple[tuple[Pair, ...], tuple[NotRun, ...]]:
    """Pairs (reference, model) among the measured `models`, and why there are no more.

    From `options.answers.reference`, which is held against all others (those of `options.compare`, where there are any), else
    from the bases in the model table. Raises `InputError` for a reference that is neither measured here nor `elsewhere`, under
    another gate of the run.
    """
    reference = options.answers.reference
    if reference is not None:
        return _against(reference, models, options, elsewhere)
    found, missing = tunings(models, {info.model: info for info in options.models})
    if not options.models:
        return (), (NO_REFERENCE,)
    named = tuple(NotRun(analysis=ANALYSIS, reason=line.reason) for line in missing)
    return tuple((pair.base, pair.tuned) for pair in found), named


def _against(
    reference: str, models: Sequence[str], options: Options, elsewhere: Collection[str]
) -> tuple[tuple[Pair, ...], tuple[NotRun, ...]]:
    if reference not in models:
        if reference in elsewhere:
            return (), (NotRun(analysis=ANALYSIS, reason=f"the reference {reference} has no samples under this gate"),)
        there = ", ".join(sorted({*models, *elsewhere})[:20])
        raise InputError(f"no model {reference!r} to refer to{near(reference, {*models, *elsewhere})}; there are: {there}")
    others = [model for model in models if model != reference and (not options.compare or model in options.compare)]
    if not others:
        return (), (NotRun(analysis=ANALYSIS, reason=f"needs a model beside the reference {reference}"),)
    left = others[MOST_CHANGES:]
    more = f"{len(left)} models are not held against {reference}: at most {MOST_CHANGES} are; --compare chooses them"
    missing = (NotRun(analysis=ANALYSIS, reason=more),) if left else ()
    return tuple((reference, model) for model in others[:MOST_CHANGES]), missing
