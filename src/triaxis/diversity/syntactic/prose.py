"""Syntactic diversity of prose: part-of-speech n-grams, how well the tags compress, and templates.

All read the tags of one tagger (`pos-compression:spacy` names another), made once for a set. Texts without a word are left out.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast
from zlib import compressobj

import numpy as np

from triaxis.diversity.sequences import distinct_ngrams, enough, known_order, ngrams, whole_number
from triaxis.diversity.syntactic.taggers import DEFAULT, TaggerName, require, tagger
from triaxis.errors import Undefined
from triaxis.registry import register
from triaxis.responses import Responses, Traits

SPAN = 5
TOP = 100
_GZIP = 31

Tags = tuple[str, ...]
_PAPER = "Shaib et al. 2024, arXiv 2403.00553"
_TEMPLATES = "Shaib et al. 2024, arXiv 2407.00211"


def compression_ratio(sequences: Sequence[Tags]) -> float:
    """Bytes of the tags over their bytes after gzip, above 0; higher is less diverse. Raises `Undefined` without a tag.

    One line a text, in sorted order, so that the order of responses does not matter, compressed once at level 9.

    >>> compression_ratio([("DT", "NN", "VBZ", "JJ")])
    0.375
    """
    lines = "\n".join(sorted(" ".join(tags) for tags in sequences)).encode()
    if not lines.strip():
        raise Undefined("the responses hold no words")
    packer = compressobj(9, wbits=_GZIP)
    return len(lines) / len(packer.compress(lines) + packer.flush())


def templates(sequences: Sequence[Tags]) -> frozenset[tuple[str, ...]]:
    """The (at most) 100 most frequent 5-grams of tags among those that stand in at least two texts; ties in order of tags.

    The papers take the 100 most frequent of all. In a small set those are all there are, so that nothing in common would look
    like everything in common; a span that only one text has is no template.
    """
    counts = Counter(gram for tags in sequences for gram in ngrams(tags, SPAN))
    texts = Counter(gram for tags in sequences for gram in set(ngrams(tags, SPAN)))
    shared = [(-count, gram) for gram, count in counts.items() if texts[gram] > 1]
    return frozenset(cast(tuple[str, ...], gram) for _, gram in sorted(shared)[:TOP])


def template_rate(sequences: Sequence[Tags]) -> float:
    """Share of texts that hold a template anywhere, 0-1; higher is less diverse. Raises `Undefined` for no texts."""
    enough(len(sequences), 1, what="responses with words")
    common = templates(sequences)
    return sum(any(gram in common for gram in ngrams(tags, SPAN)) for tags in sequences) / len(sequences)


def templates_per_token(sequences: Sequence[Tags]) -> float:
    """Places where a template starts over all tokens, 0 to under 1; higher is less diverse. Raises `Undefined` without tokens."""
    tokens = sum(map(len, sequences))
    enough(tokens, 1, what="words")
    common = templates(sequences)
    return sum(gram in common for tags in sequences for gram in ngrams(tags, SPAN)) / tokens


@dataclass(frozen=True)
class _Tagged:
    """What metrics of tags share: the tagger, found when the metric is made, and the tags of a set's texts."""

    tagger: TaggerName = DEFAULT

    def __post_init__(self) -> None:
        require(self.tagger)

    def named(self, name: str) -> str:
        return name if self.tagger == DEFAULT else f"{name}:{self.tagger}"

    def reads(self, responses: Responses) -> np.ndarray:
        """See `triaxis.protocols.SelectiveDiversity`: responses with a word."""
        return np.array([bool(tags) for tags in responses.view(f"pos:{self.tagger}", tagger(self.tagger))], dtype=bool)

    def tags(self, responses: Responses) -> list[Tags]:
        """Tags of the responses that have a word; raises `Undefined` when fewer than two have."""
        found = [tags for tags in responses.view(f"pos:{self.tagger}", tagger(self.tagger)) if tags]
        enough(len(found), 2, what="responses with words")
        return found


@dataclass(frozen=True)
class PosNgrams(_Tagged):
    """Distinct n-grams of tags over all of them; none runs from one text into the next."""

    n: int = 4

    traits = Traits(
        level="syntactic",
        says="The share of different runs of n parts of speech: how varied sentences are built, whatever the words.",
        high=1.0,
        source=_PAPER,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        known_order(self.n, of="pos-ngrams")

    @property
    def name(self) -> str:
        return self.named(f"pos-ngrams:{self.n}")

    def value(self, responses: Responses) -> float:
        return distinct_ngrams(self.tags(responses), self.n, of="parts of speech")


@dataclass(frozen=True)
class PosCompression(_Tagged):
    """How many times smaller gzip makes the tags of a set."""

    traits = Traits(
        level="syntactic",
        says="How many times smaller the parts of speech get when compressed: more where sentences are built alike.",
        higher_is="less diverse",
        source=f"CR:POS of {_PAPER}",
    )

    @property
    def name(self) -> str:
        return self.named("pos-compression")

    def value(self, responses: Responses) -> float:
        return compression_ratio(self.tags(responses))


@dataclass(frozen=True)
class TemplateRate(_Tagged):
    """Share of texts with a template."""

    traits = Traits(
        level="syntactic",
        says="The share of responses with a run of five parts of speech that is among the hundred commonest of the set.",
        higher_is="less diverse",
        high=1.0,
        source=_TEMPLATES,
    )

    @property
    def name(self) -> str:
        return self.named("template-rate")

    def value(self, responses: Responses) -> float:
        return template_rate(self.tags(responses))


@dataclass(frozen=True)
class TemplatesPerToken(_Tagged):
    """Templates over tokens."""

    traits = Traits(
        level="syntactic",
        says="How many templates there are for each word, so that long responses are not blamed for being long.",
        higher_is="less diverse",
        high=1.0,
        source=_TEMPLATES,
    )

    @property
    def name(self) -> str:
        return self.named("templates-per-token")

    def value(self, responses: Responses) -> float:
        return templates_per_token(self.tags(responses))


@register("diversity", "pos-ngrams")
def pos_ngrams(argument: str = "4") -> PosNgrams:
    """`pos-ngrams` (n = 4), `pos-ngrams:N` or `pos-ngrams:N:TAGGER`."""
    n, _, name = argument.partition(":")
    return PosNgrams(_known(name or DEFAULT), whole_number(n, of="pos-ngrams", example="pos-ngrams:4"))


@register("diversity", "pos-compression")
def pos_compression(name: str = DEFAULT) -> PosCompression:
    """`pos-compression` or `pos-compression:TAGGER`."""
    return PosCompression(_known(name))


@register("diversity", "template-rate")
def rate(name: str = DEFAULT) -> TemplateRate:
    """`template-rate` or `template-rate:TAGGER`."""
    return TemplateRate(_known(name))


@register("diversity", "templates-per-token")
def per_token(name: str = DEFAULT) -> TemplatesPerToken:
    """`templates-per-token` or `templates-per-token:TAGGER`."""
    return TemplatesPerToken(_known(name))


def _known(name: str) -> TaggerName:
    require(name)
    return cast(TaggerName, name)
