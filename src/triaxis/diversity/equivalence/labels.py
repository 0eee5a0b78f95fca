"""Equivalences that label one sample at a time: a label column, exact text, normalised text.

A class is a 63-bit hash of its key, so that stores made on different machines add without exchanging dictionaries.
"""

import re
import unicodedata
from collections.abc import Callable
from hashlib import blake2b

import numpy as np
import polars as pl

from triaxis.protocols import Scope

NO_CLASS = -1
_NOT_WORDS = re.compile(r"[^\w]+")


def class_hash(key: str) -> int:
    """A stable, non-negative 63-bit label for a class key."""
    return int.from_bytes(blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") >> 1


def normalise(text: str) -> str:
    """`text` under NFKC, case folded, runs of punctuation and white space as one space; punctuation alone stays as it is."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _NOT_WORDS.sub(" ", folded).strip() or folded.strip()


def hash_labels(keys: pl.Series, key_of: Callable[[str], str] = str) -> np.ndarray:
    """(samples,) int64 class labels of `keys`, -1 where null; each distinct key is hashed once."""
    texts = keys.cast(pl.String)
    distinct = texts.unique().drop_nulls()
    table = pl.DataFrame({"key": distinct, "label": pl.Series([class_hash(key_of(k)) for k in distinct], dtype=pl.Int64)})
    joined = texts.to_frame("key").join(table, on="key", how="left", maintain_order="left")
    return joined["label"].fill_null(NO_CLASS).to_numpy()


class ColumnLabels:
    """Classes given by a column of the data. Scope `cell` unless the labels are shared by all models (`column:NAME@prompt`)."""

    is_pairwise = False
    rule = "equal labels are one class"

    def __init__(self, column: str, *, scope: Scope = "cell") -> None:
        self.column = column
        self.scope = scope
        self.name = f"column:{column}" + ("" if scope == "cell" else f"@{scope}")

    def labels(self, samples: pl.DataFrame) -> np.ndarray:
        """(samples,) int64; -1 where the label is missing."""
        return hash_labels(samples[self.column])


class ExactText:
    """Two answers are the same when their texts are equal, character for character."""

    name = "exact"
    scope: Scope = "set"
    is_pairwise = False
    rule = "identical text is one class"

    def labels(self, samples: pl.DataFrame) -> np.ndarray:
        """(samples,) int64; -1 where there is no response."""
        return hash_labels(samples["response"])


class NormalisedText:
    """Two answers are the same when their texts are equal after NFKC, case folding, and dropping punctuation and spacing."""

    name = "normalised"
    scope: Scope = "set"
    is_pairwise = False
    rule = "identical text after NFKC, case folding and dropping punctuation is one class"

    def labels(self, samples: pl.DataFrame) -> np.ndarray:
        """(samples,) int64; -1 where there is no response."""
        return hash_labels(samples["response"], normalise)


class OneClass:
    """All answers are the same, so that usable diversity says whether there is any usable answer: the field's pass@n.

    U(tau, n) is then the probability that at least one of n answers drawn without replacement reaches the floor, which is the
    unbiased pass@k of Chen et al. 2021 (arXiv 2107.03374, equation 1) at a floor that only right answers reach.
    """

    name = "one-class"
    scope: Scope = "set"
    is_pairwise = False
    rule = "all answers are one class: distinct usable answers in n draws become pass@n"
    apart = ("any answer",)

    def labels(self, samples: pl.DataFrame) -> np.ndarray:
        """(samples,) int64, all equal; -1 where there is no response."""
        return hash_labels(samples["response"], lambda _: self.name)
