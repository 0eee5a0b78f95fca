"""Where a data set has nothing although a reference has: holes, thin places, and what lies outside the reference.

Texts are compared with their like: a row goes by its prompt, or by its response where it has none, and so does the reference.
Copies of a text count once in every test, because they are no independent evidence; `rows` and `expected` count rows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from triaxis.errors import InputError, RecordsError
from triaxis.measure.profile.figures import DIVERSITY, Figure, as_share, means, profile_row
from triaxis.measure.profile.labels import shown
from triaxis.measure.profile.regions import OUTSIDE, Regions, Rows, regions
from triaxis.measure.profile.rows import DataSet
from triaxis.measure.profile.verdicts import outside_verdict, verdicts
from triaxis.measure.profile.word_vectors import Vocabulary, vocabulary
from triaxis.measure.sampling import prompt_rank
from triaxis.measure.tables import Resampling
from triaxis.protocols import Embedder, Progress
from triaxis.records import RecordStream, read

MOST_TEXTS = 20_000
TELLING_WORDS = 5
OUTSIDE_NAME = "outside the reference"


@dataclass(frozen=True)
class Reference:
    """Regions of a reference, their `names` and one text of each.

    `texts` of the `known` different texts of the file were used.
    """

    regions: Regions
    names: list[str]
    examples: list[str]
    vocabulary: Vocabulary
    embedder: Embedder | None
    texts: int
    known: int

    @property
    def seen_by(self) -> str:
        """What tells texts apart: words, or the name of an encoder."""
        return "words" if self.embedder is None else shown(self.embedder.name, 80)

    def places(self, texts: list[str], progress: Progress | None = None) -> np.ndarray:
        """(texts,) int64: the region of each, -1 outside."""
        return self.regions.of(_rows(texts, self.vocabulary, self.embedder, progress))


def read_texts(path: str | Path) -> list[str]:
    """The different texts of a reference in alphabetical order: prompts, or responses where there is none."""
    stream = open_reference(path)
    frame = stream.frame()
    found = {text for text in map(_text, frame["prompt"], frame["response"]) if text is not None}
    if not found:
        raise InputError(f"expected prompts or responses in {path}, got none; type --reference-data with another file")
    return sorted(found)


def open_reference(path: str | Path) -> RecordStream:
    """The file as samples, or as prompts alone; `RecordsError` for a file that is neither."""
    try:
        return read([path], need={"prompt", "response"})
    except RecordsError as error:
        try:
            return read([path], need={"prompt", "response"}, mapping={"response": "prompt"})
        except RecordsError:
            raise error from None


def _text(prompt: str | None, response: str | None) -> str | None:
    """What a row goes by; None where it has neither."""
    return next((text for text in (prompt, response) if text is not None and text.strip()), None)


def reference_of(
    texts: Sequence[str], *, seed: int, embedder: Embedder | None = None, progress: Progress | None = None
) -> Reference:
    """Regions of `texts`, at most 20,000 of them by seed; raises `Undefined` where there are too few."""
    used = sorted(sorted(texts, key=lambda text: (prompt_rank(text, seed), text))[:MOST_TEXTS])
    words = vocabulary(used)
    found = regions(_rows(used, words, embedder, progress), seed=seed)
    examples = [shown(used[place]) for place in found.examples]
    return Reference(found, _names(used, words, found, embedder, progress), examples, words, embedder, len(used), len(texts))


def _rows(texts: list[str], words: Vocabulary, embedder: Embedder | None, progress: Progress | None) -> Rows:
    if embedder is None:
        return words.vectors(texts)
    return embedder.embed(texts, progress=progress) if texts else np.zeros((0, 1), dtype=np.float32)


def _names(
    texts: list[str], words: Vocabulary, found: Regions, embedder: Embedder | None, progress: Progress | None
) -> list[str]:
    """The most telling words of each region: the heaviest in its texts beyond what they weigh in all."""
    place = found.of(_rows(texts, words, embedder, progress))
    vectors = words.vectors(texts)
    overall = np.asarray(vectors.sum(axis=0)).ravel() / max(1, len(texts))
    names = []
    for region in range(len(found.middles)):
        mine = vectors[np.flatnonzero(place == region)]
        own = np.asarray(mine.sum(axis=0)).ravel() / max(1, mine.shape[0])
        told = words.names(own - overall, TELLING_WORDS)
        names.append(shown(" ".join(told)) or f"region {region + 1}")
    return names


def reference_holes(
    data: DataSet, reference: Reference, resampling: Resampling, progress: Progress | None = None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of `holes` for each region, at every floor, and for what lies outside; and rows of `profile` that sum them up."""
    texts = list(map(_text, data.prompts, data.responses.texts))
    known = np.flatnonzero([text is not None for text in texts])
    different, code = np.unique([str(texts[row]) for row in known], return_inverse=True)
    of_text = reference.places([str(text) for text in different], progress)
    placed = _Placed(data, known, code, of_text, reference)
    return list(placed.rows()), list(placed.profile(resampling))


@dataclass(frozen=True)
class _Placed:
    """Rows of a data set in regions: `known` rows have a text, `code` of `of_text` (texts,) regions."""

    data: DataSet
    known: np.ndarray
    code: np.ndarray
    of_text: np.ndarray
    reference: Reference

    def rows(self) -> Iterator[dict[str, Any]]:
        """Rows of `holes`."""
        ungated, _ = self._counts(0)
        for place, floor in enumerate(self.data.floors):
            rows, texts = self._counts(place)
            yield from self._at_floor(float(floor), ungated, rows, texts)

    def _counts(self, floor: int) -> tuple[np.ndarray, np.ndarray]:
        """(regions + 1,) usable rows and (regions + 1,) different texts of them, those outside last."""
        usable = self.data.level[self.known] > floor
        regions = len(self.reference.names)
        inside = np.where(self.of_text == OUTSIDE, regions, self.of_text)
        rows = np.bincount(inside[self.code[usable]], minlength=regions + 1)
        return rows, np.bincount(inside[np.unique(self.code[usable])], minlength=regions + 1)

    def _at_floor(self, floor: float, ungated: np.ndarray, rows: np.ndarray, texts: np.ndarray) -> Iterator[dict[str, Any]]:
        found = self.reference.regions
        totals = {"kept": found.kept, "texts": int(texts.sum())}
        counts = np.append(found.counts, found.outside)
        words = [*verdicts(found.counts, texts[:-1], **totals), outside_verdict(found.outside, int(texts[-1]), **totals)]
        names, examples = [*self.reference.names, OUTSIDE_NAME], [*self.reference.examples, self._outsider()]
        kinds = [*["reference"] * len(self.reference.names), "outside"]
        for region, word in enumerate(words):
            yield {
                "model": self.data.model, "domain": self.data.domain, "kind": kinds[region], "region": names[region],
                "example": examples[region], "reference_rows": int(counts[region]), "rows": int(ungated[region]),
                "floor": None if floor == -np.inf else floor, "usable_rows": int(rows[region]),
                "expected": float(counts[region] / found.kept * rows.sum()), "verdict": word,
            }  # fmt: skip

    def _outsider(self) -> str | None:
        """One text of the data set that lies outside, by seed."""
        rows = self.known[self.of_text[self.code] == OUTSIDE]
        texts = {_text(self.data.prompts[row], self.data.responses.texts[row]) for row in rows[:1000]}
        return min((shown(text) for text in texts if text), key=lambda text: prompt_rank(text, self.data.seed), default=None)

    def profile(self, resampling: Resampling) -> Iterator[dict[str, Any]]:
        """Rows of `profile`: the share of regions that have a usable row, and the share of rows outside of all."""
        usable = self.data.level[self.known][:, None] > np.arange(self.data.floors.size)
        outside = np.where(usable, (self.of_text[self.code] == OUTSIDE)[:, None], np.nan)
        shares = means(outside, self.data.prompt[self.known], resampling)
        null = self.reference.regions.outside / self.reference.regions.kept
        for place, floor in enumerate(self.data.floors):
            counts = {"floor": float(floor), "rows": int(usable[:, place].sum()), "unmeasured": len(self.data) - self.known.size}
            measure = f"regions of the reference covered, by {self.reference.seen_by}"
            yield profile_row(self.data, DIVERSITY, measure, self._covered(usable[:, place]), **counts)
            share = as_share(shares[place], len(self.data.names))
            measure = f"rows outside the reference, by {self.reference.seen_by}"
            yield profile_row(self.data, DIVERSITY, measure, share, null=null, **counts)

    def _covered(self, usable: np.ndarray) -> Figure:
        place = self.of_text[self.code]
        return Figure(np.unique(place[usable & (place != OUTSIDE)]).size / len(self.reference.names))


