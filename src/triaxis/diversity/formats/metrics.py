"""Diversity of formats: how responses are laid out and how they begin, whatever they say.

Reinforcement learning can leave one format of many (Zhao et al. 2025); these numbers see it happen. Counts add up exactly, so a
stream of any length fits into a row of a few numbers.
"""

import re
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from triaxis.diversity.formats.detectors import combined_formats, primary_formats
from triaxis.diversity.sequences import enough, entropy_bits, known_order, whole_number
from triaxis.registry import register
from triaxis.responses import Responses, Traits

_SOURCE = "Zhao et al. 2025, arXiv 2504.07912"
_WORD = re.compile(r"\w+|[^\w\s]")
_READ = 1_000


def format_shares(texts: Sequence[str]) -> dict[str, float]:
    """Share of each primary format among `texts`, the largest first; raises `Undefined` for none."""
    enough(len(texts), 1, what="responses")
    return {name: count / len(texts) for name, count in sorted(Counter(primary_formats(texts)).items(), key=_largest_first)}


def _largest_first(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]


class FormatTally:
    """How many responses have each primary format."""

    def __init__(self) -> None:
        self.counts: Counter[Hashable] = Counter()

    def kinds(self, responses: Responses) -> Sequence[Hashable]:
        """What is counted of each response."""
        return responses.view("formats", primary_formats)

    def add(self, responses: Responses) -> None:
        """Takes in a block of responses."""
        self.counts.update(self.kinds(responses))

    def merge(self, other: "FormatTally") -> None:
        """Takes in what `other` has counted."""
        self.counts.update(other.counts)

    def checked(self) -> Counter[Hashable]:
        """The counts; raises `Undefined` for too few responses."""
        enough(self.counts.total(), 2, what="responses")
        return self.counts


class EntropyTally(FormatTally):
    """Counts, read as entropy."""

    def value(self) -> float:
        """Entropy of the counts, in bits."""
        return entropy_bits(self.checked().values())


class DominantTally(FormatTally):
    """Counts, read as the largest share."""

    def value(self) -> float:
        """Largest count over all."""
        counts = self.checked()
        return max(counts.values()) / counts.total()


class CombinationTally(EntropyTally):
    """How many responses have each combination of formats, read as entropy."""

    def kinds(self, responses: Responses) -> Sequence[Hashable]:
        """All formats of each response."""
        return responses.view("combined formats", combined_formats)


@dataclass(frozen=True)
class FormatEntropy:
    """Entropy of primary formats, in bits."""

    name: str = "format-entropy"

    traits = Traits(
        level="format",
        says="How evenly responses spread over formats (prose, list, code, LaTeX, JSON ...), in bits.",
        growth="mergeable",
        source=_SOURCE,
    )

    def tally(self) -> EntropyTally:
        return EntropyTally()

    def value(self, responses: Responses) -> float:
        tally = self.tally()
        tally.add(responses)
        return tally.value()


@dataclass(frozen=True)
class FormatCombinations(FormatEntropy):
    """Entropy of the combinations of all formats that a response has, in bits."""

    name: str = "format-combinations"

    traits = Traits(
        level="format",
        says="How evenly responses spread over combinations of formats, such as headings with lists and LaTeX, in bits.",
        growth="mergeable",
        source=_SOURCE,
    )

    def tally(self) -> CombinationTally:
        return CombinationTally()


@dataclass(frozen=True)
class DominantFormat:
    """Share of the most frequent primary format."""

    name: str = "dominant-format"

    traits = Traits(
        level="format",
        says="The share of responses in the commonest format.",
        higher_is="less diverse",
        high=1.0,
        growth="mergeable",
        source=_SOURCE,
    )

    def tally(self) -> DominantTally:
        return DominantTally()

    def value(self, responses: Responses) -> float:
        tally = self.tally()
        tally.add(responses)
        return tally.value()


def opening(text: str, n: int) -> tuple[str, ...]:
    """The first `n` words and marks of the first 1,000 characters of `text`, in lower case; fewer where it has fewer."""
    return tuple(_WORD.findall(text[:_READ].casefold())[:n])


@dataclass(frozen=True)
class OpeningEntropy:
    """Entropy of the first n words, in bits."""

    n: int = 3

    traits = Traits(
        level="format",
        says="How differently responses begin: entropy of their first n words, in bits.",
        source="Shannon 1948 over opening n-grams (triaxis)",
    )

    def __post_init__(self) -> None:
        known_order(self.n, of="opening-entropy")

    @property
    def name(self) -> str:
        return f"opening-entropy:{self.n}"

    def value(self, responses: Responses) -> float:
        enough(len(responses), self.traits.smallest, what="responses")
        return entropy_bits(Counter(opening(text, self.n) for text in responses.texts).values())


@register("diversity", "format-entropy")
def format_entropy() -> FormatEntropy:
    """`format-entropy`."""
    return FormatEntropy()


@register("diversity", "format-combinations")
def format_combinations() -> FormatCombinations:
    """`format-combinations`."""
    return FormatCombinations()


@register("diversity", "dominant-format")
def dominant_format() -> DominantFormat:
    """`dominant-format`."""
    return DominantFormat()


@register("diversity", "opening-entropy")
def opening_entropy(n: str = "3") -> OpeningEntropy:
    """`opening-entropy` (n = 3) or `opening-entropy:N`."""
    return OpeningEntropy(whole_number(n, of="opening-entropy", example="opening-entropy:3"))
