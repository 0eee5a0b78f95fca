"""The diversity axis: when two answers are the same, and how different many answers are, on five levels."""

from triaxis.responses import Level

DEFAULTS: dict[Level, str] = {
    "lexical": "chrf",
    "syntactic": "pos-ngrams",
    "semantic": "content-distance",
    "behavioural": "distinct-answers",
    "format": "format-entropy",
}
"""One metric a level, shown unless others are asked for; chosen by the validity table (docs/validity.md)."""


def recommended(level: Level) -> str | None:
    """The metric of `level` that is shown by default."""
    return DEFAULTS.get(level)


def register_all() -> None:
    """Makes every metric of triaxis known by name; importing this package alone loads none of them."""
    import triaxis.diversity.behavioural
    import triaxis.diversity.formats
    import triaxis.diversity.lexical
    import triaxis.diversity.semantic
    import triaxis.diversity.syntactic  # noqa: F401
