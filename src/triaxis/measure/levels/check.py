"""Names that were typed are looked up before any sample is read: a typing mistake must not cost the reading of a large file."""

from triaxis.complexity import parse_measure
from triaxis.errors import InputError, MissingDependency
from triaxis.measure.levels.choice import LevelOptions, chosen_metrics


def check_levels(options: LevelOptions) -> None:
    """Raises `InputError` for a diversity metric or a complexity measure in `options` that does not exist."""
    if options.metrics is not None and not options.metrics:
        raise InputError("expected names of diversity metrics, got none; type for example --metrics distinct:2, or none for none")
    chosen_metrics(options, has_vectors=True)
    for name in options.complexity:
        try:
            parse_measure(name)
        except MissingDependency:
            continue  # told as not run
