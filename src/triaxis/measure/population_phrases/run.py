"""Verbatim sharing between the sampled answers, as rows of `population` and `shared_phrases`. Texts are data and nothing else."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from triaxis.measure.levels.cells import LevelCell
from triaxis.measure.options import Options
from triaxis.measure.outcome import Outcome, Seen
from triaxis.measure.population_phrases.grams import K, spelled, word_ids
from triaxis.measure.population_phrases.phrases import Phrase, shared_phrases
from triaxis.measure.population_phrases.shares import own_grams, phrase_pairs, sharing_pairs
from triaxis.measure.population_vectors.answers import bins_of
from triaxis.measure.population_vectors.tables import figure, frame
from triaxis.measure.population_vectors.tally import evenly
from triaxis.measure.sampling import prompt_rank
from triaxis.measure.tables import Resampling, with_twin
from triaxis.protocols import Progress
from triaxis.results import NotRun

BETWEEN, WITHIN = "shared phrases between", "shared phrases within"
ANALYSIS = "phrases shared word for word"
MOST_ROWS = 200
LEAST_OF_PROMPT = 50
MOST_FLOORS = 32
HIGH_SHARE = 0.25
"""The high floor of the list is the highest one that a quarter of the answers reach."""

NULL_ANSWERS = 2000
"""Answers that are compared across prompts for the null, as many of each prompt."""

NO_PAIR = "no two usable answers {} to a prompt"


class PromptTexts(NamedTuple):
    """Answers of all models to one prompt: word ids, codes of models, bins of floors; `raw` are the texts."""

    domain: str
    prompt: str
    raw: list[str]
    texts: list[np.ndarray]
    models: np.ndarray
    bins: np.ndarray
    grams: tuple[np.ndarray, np.ndarray, np.ndarray]


def phrases_of_texts(seen: Seen, options: Options, *, progress: Progress | None = None) -> Outcome:
    """How often the sampled answers share phrases of at least six words, and which."""
    names = sorted({cell.model for cell in seen.cells})
    if not seen.cells or (len(names) < 2 and max(len(cell.responses) for cell in seen.cells) < 2):
        return Outcome(not_run=(NotRun(analysis=ANALYSIS, reason="needs two answers to a prompt"),))
    floors = evenly(seen.floors, MOST_FLOORS)
    values, listed, groups = [], [], []
    high = _high_floor(seen.cells, floors)
    most = max(LEAST_OF_PROMPT, MOST_ROWS // len({(cell.domain, cell.prompt) for cell in seen.cells}))
    for done, group in enumerate(_prompts(seen.cells, names, floors), start=1):
        pairs = sharing_pairs(group.grams[0], group.grams[1], len(group.raw))
        values.append(np.stack(phrase_pairs(group.models, group.bins, pairs, floors.size).shares()))
        listed.append({floor: _listed(group, floor, names, most) for floor in dict.fromkeys((0, high))})
        groups.append(_spare(group, options.seed))
        if progress is not None:
            progress("comparing phrases", done)
    domains = [group.domain for group in groups]
    nulls = _nulls(groups, floors.size)
    shown = [frame for domain in _domains(domains) for frame in _rows(values, domains, domain, floors, nulls, names, options)]
    phrases = [_phrase_rows(listed, floor, floors) for floor in dict.fromkeys((0, high))]
    twin = domains[0] if len(set(domains)) == 1 else None
    found = {"population": list(with_twin(shown, twin)), "shared_phrases": list(with_twin(phrases, twin))}
    return Outcome(found, notes=_notes(seen))


def _prompts(cells: Sequence[LevelCell], names: Sequence[str], floors: np.ndarray) -> Iterator[PromptTexts]:
    codes = {name: code for code, name in enumerate(names)}
    ordered = sorted(cells, key=lambda cell: (cell.domain, cell.prompt, cell.model))
    for (domain, prompt), group in groupby(ordered, key=lambda cell: (cell.domain, cell.prompt)):
        mine = list(group)
        raw = [text for cell in mine for text in cell.responses.texts]
        asked = {text for cell in mine for text in cell.responses.prompt_texts or () if text}
        ids = word_ids([*raw, *sorted(asked)])
        models = np.repeat([codes[cell.model] for cell in mine], [len(cell.responses) for cell in mine])
        bins = bins_of(np.concatenate([cell.quality for cell in mine]), floors)
        yield PromptTexts(domain, prompt, raw, ids[: len(raw)], models, bins, own_grams(ids[: len(raw)], ids[len(raw) :]))


def _high_floor(cells: Sequence[LevelCell], floors: np.ndarray) -> int:
    """Position of the highest floor that a quarter of the answers reach."""
    quality = np.concatenate([cell.quality for cell in cells])
    reached = [(quality >= floor).mean() >= HIGH_SHARE for floor in floors]
    return int(np.flatnonzero(reached).max(initial=0))


def _spare(group: PromptTexts, seed: int) -> PromptTexts:
    """`group` with at most 50 answers, chosen by seed, and without texts: what the null needs."""
    chosen = np.random.default_rng(prompt_rank(group.prompt, seed)).permutation(len(group.raw))[:50]
    place = np.full(len(group.raw), -1)
    place[chosen] = np.arange(chosen.size)
    numbers, text, _ = group.grams
    kept = place[text] >= 0
    grams = numbers[kept], place[text[kept]], np.zeros(0, dtype=np.int64)
    return group._replace(raw=[], texts=[], models=group.models[chosen], bins=group.bins[chosen], grams=grams)


def _nulls(groups: Sequence[PromptTexts], floors: int) -> tuple[np.ndarray, np.ndarray]:
    """Shares between and within at each floor for pairs of answers to different prompts."""
    each = max(1, NULL_ANSWERS // max(1, len(groups)))
    few = [_first(group, each) for group in groups]
    starts = np.cumsum([0, *(group.models.size for group in few)])
    numbers = np.concatenate([group.grams[0] for group in few])
    text = np.concatenate([group.grams[1] + start for group, start in zip(few, starts, strict=False)])
    models, bins = (np.concatenate([getattr(group, name) for group in few]) for name in ("models", "bins"))
    prompt = np.repeat(np.arange(len(few)), [group.models.size for group in few])
    return phrase_pairs(models, bins, sharing_pairs(numbers, text, int(starts[-1])), floors, prompt).shares()


def _first(group: PromptTexts, count: int) -> PromptTexts:
    numbers, text, rest = group.grams
    kept = text < count
    return group._replace(models=group.models[:count], bins=group.bins[:count], grams=(numbers[kept], text[kept], rest))


def _domains(domains: Sequence[str]) -> list[str | None]:
    every = sorted(set(domains))
    return [None, *(every if len(every) > 1 else ())]


def _rows(
    values: Sequence[np.ndarray], domains: Sequence[str], domain: str | None, floors: np.ndarray,
    nulls: tuple[np.ndarray, np.ndarray], names: Sequence[str], options: Options,
) -> Iterator[pl.DataFrame]:  # fmt: skip
    """Rows of `population` of one domain, or of all."""
    mine = np.array([value for value, at in zip(values, domains, strict=True) if domain in (None, at)])
    resampling = Resampling(options.draws, options.seed)
    for place, (measure, who) in enumerate(((BETWEEN, "of different models"), (WITHIN, "of one model"))):
        fixed = {"domain": domain, "measure": measure, "models": len(names), "prompts": len(mine), "budget": K}
        told = figure(mine[:, place], resampling, NO_PAIR.format(who), within=(0.0, 1.0))
        yield frame(floors, {**told, **fixed, "null": nulls[place]})


class _Listed(NamedTuple):
    """A phrase of one prompt: `key` tells its words, which stand in `text` from word number `place` on."""

    key: bytes
    text: str
    place: int
    words: int
    models: frozenset[str]
    samples: int


def _listed(group: PromptTexts, floor: int, names: Sequence[str], most: int) -> list[_Listed]:
    """Phrases of one prompt among its usable answers at a floor."""
    usable = np.flatnonzero(group.bins > floor)
    place = np.full(len(group.raw), -1)
    place[usable] = np.arange(usable.size)
    numbers, text, at = group.grams
    kept = place[text] >= 0
    found = shared_phrases(
        [group.texts[one] for one in usable], group.models[usable], (numbers[kept], place[text[kept]], at[kept]), most=most,
    )  # fmt: skip
    return [_told(phrase, group, usable, names) for phrase in found]


def _told(phrase: Phrase, group: PromptTexts, usable: np.ndarray, names: Sequence[str]) -> _Listed:
    at = usable[phrase.text]
    key = group.texts[at][phrase.place : phrase.place + phrase.words].tobytes()
    models = frozenset(names[code] for code in group.models[usable[list(phrase.holders)]])
    return _Listed(key, group.raw[at], phrase.place, phrase.words, models, len(phrase.holders))


def _phrase_rows(listed: Sequence[dict[int, list[_Listed]]], floor: int, floors: np.ndarray) -> pl.DataFrame:
    """Rows of `shared_phrases` at a floor: prompts together, phrases of most models first."""
    found: dict[bytes, list[_Listed]] = {}
    for one in (phrase for prompt in listed for phrase in prompt[floor]):
        found.setdefault(one.key, []).append(one)
    every = [ones[0]._replace(models=_union(ones), samples=sum(one.samples for one in ones)) for ones in found.values()]
    best = sorted(every, key=lambda one: (-len(one.models), -one.samples, -one.words, one.key))[:MOST_ROWS]
    columns: dict[str, Any] = {
        "phrase": [spelled(one.text, one.place, one.words) for one in best], "words": [one.words for one in best],
        "models": [len(one.models) for one in best], "samples": [one.samples for one in best],
        "prompts": [len(found[one.key]) for one in best],
        "model_names": [", ".join(sorted(one.models)) for one in best],
    }  # fmt: skip
    return frame(np.full(len(best), floors[floor]), columns, table="shared_phrases")


def _union(ones: Iterable[_Listed]) -> frozenset[str]:
    return frozenset(name for one in ones for name in one.models)


def _notes(seen: Seen) -> tuple[str, ...]:
    if all(cell.responses.prompt_texts is None or None in cell.responses.prompt_texts for cell in seen.cells):
        return ("the texts of prompts are not known, so phrases that quote the prompt count as shared",)
    return ()
