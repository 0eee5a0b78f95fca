"""A set of responses, and what a diversity metric declares about itself.

A metric sees one set: texts, and beside them whatever it asked for (vectors, class labels). The one idea: views that several
metrics read, such as tokens, are made once for each distinct text and shared by a set and all of its subsets.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any, Literal

import numpy as np

Level = Literal["lexical", "syntactic", "semantic", "behavioural", "format"]
Need = Literal["text", "vectors", "prompts", "prompt_texts", "labels", "outcomes", "encoder"]
Growth = Literal["mergeable", "bounded", "in-memory"]
LEVELS: tuple[Level, ...] = ("lexical", "syntactic", "semantic", "behavioural", "format")


@dataclass(frozen=True)
class Traits:
    """What a diversity metric declares; the contract suite holds it to it, and `measure` acts on it.

    `level` is where it looks. `says` is one sentence for people. `low` and `high` bound its values, `inf` where nothing does.
    `needs` names parts of `Responses`, and `encoder` where the metric embeds texts itself: it runs only where one is asked for.
    `growth`: `mergeable` states of parts add up exactly; `bounded` ones do with the error stated in `error`; `in-memory` needs
    the whole set at once, at most `limit` responses. `smallest` is the least number of responses that have a value.
    `is_size_free` says that its expectation is the same for samples of any size, so that sets of different size compare.
    `is_ordered` says that the order of responses counts (they then come in canonical order). `is_within_texts` says that the
    value is a mean of what each text holds by itself: it cannot tell one answer a hundred times from a hundred answers.
    """

    level: Level
    says: str
    higher_is: Literal["more diverse", "less diverse"] = "more diverse"
    low: float = 0.0
    high: float = inf
    needs: frozenset[Need] = frozenset({"text"})
    growth: Growth = "in-memory"
    limit: int | None = None
    error: str = ""
    smallest: int = 2
    is_size_free: bool = False
    is_ordered: bool = False
    is_within_texts: bool = False
    source: str = ""


@dataclass(frozen=True)
class Responses:
    """One set of responses, in canonical order.

    texts: n strings. vectors: (n, d) float32 unit rows, NaN rows have none. labels: (n,) int64 classes, -1 has none.
    outcomes: (n,) bool, which responses are right. prompts: (n, d) float32 unit rows of the prompts' texts. prompt_texts: n
    strings, None where a prompt is not known. Absent parts are None; a metric that needs one says so in its traits.
    """

    texts: Sequence[str]
    vectors: np.ndarray | None = None
    labels: np.ndarray | None = None
    outcomes: np.ndarray | None = None
    prompts: np.ndarray | None = None
    prompt_texts: Sequence[str | None] | None = None
    _views: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.texts)

    def view(self, key: str, make: Callable[[Sequence[str]], Sequence[Any]]) -> Sequence[Any]:
        """What `make(texts)` gives, one item for each text; `key` names it.

        Each distinct text is made once, for this set, the sets it was taken from, and all others taken from those.
        """
        known = self._views.setdefault(key, {})
        new = [text for text in dict.fromkeys(self.texts) if text not in known]
        if new:
            made = make(new)
            if len(made) != len(new):
                raise ValueError(f"expected one item of view {key!r} for each of {len(new)} texts, got {len(made)}")
            known.update(zip(new, made, strict=True))
        return [known[text] for text in self.texts]

    def at(self, places: np.ndarray) -> "Responses":
        """The responses at `places`, (m,) int positions, in that order; views are shared."""
        parts = (self.vectors, self.labels, self.outcomes, self.prompts)
        vectors, labels, outcomes, prompts = (None if part is None else part[places] for part in parts)
        texts = [self.texts[int(place)] for place in places]
        asked = None if self.prompt_texts is None else [self.prompt_texts[int(place)] for place in places]
        return Responses(texts, vectors, labels, outcomes, prompts, asked, self._views)
