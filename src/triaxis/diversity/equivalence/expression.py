"""Answers that are arithmetic expressions: the same when only order, grouping and where signs stand differ."""

import numpy as np
import polars as pl

from triaxis.diversity.equivalence.labels import hash_labels
from triaxis.errors import Undefined
from triaxis.expressions import canonical, parse
from triaxis.protocols import Scope

UNPARSABLE = "unparsable"


def expression_class(text: str) -> str:
    """The canonical form of `text` (see `triaxis.expressions.canonical`); `unparsable` for everything that is no expression.

    >>> [expression_class(text) for text in ("3*7 + 3", "3 + 7*3", "7*3+", "no")]
    ['3+3*7', '3+3*7', 'unparsable', 'unparsable']
    """
    try:
        return canonical(parse(text))
    except Undefined:
        return UNPARSABLE


class CanonicalExpression:
    """Two answers are the same when their expressions have one canonical form; all that does not parse is one class together."""

    name = "expression"
    scope: Scope = "set"
    is_pairwise = False
    rule = "expressions equal up to order, grouping and signs are one class; all text that is no expression is one class"
    apart = ("1+2", "2*3", "4-1", "3", "6/2", "1+1+1")

    def labels(self, samples: pl.DataFrame) -> np.ndarray:
        """(samples,) int64; -1 where there is no response."""
        return hash_labels(samples["response"], expression_class)
