"""`triaxis fit equivalence`: from labelled pairs to a head on disk that knows how good it is.

The one idea: the figures are of pairs whose prompt no fold has seen, repeated, with intervals, beside rules that cost nothing;
the head that is written is then fitted to all pairs.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from triaxis.diversity.equivalence.learned import agreement, artefact
from triaxis.diversity.equivalence.learned.agreement import Bin, Figure, Judged
from triaxis.diversity.equivalence.learned.features import PAIR_FEATURES, WordWeights, pair_features, read_answers, word_weights
from triaxis.diversity.equivalence.learned.fitting import DEFAULT, LabelledFeatures, Settings, fit_head
from triaxis.diversity.equivalence.learned.head import Head
from triaxis.diversity.equivalence.lexical import near_duplicates
from triaxis.errors import InputError
from triaxis.measure.fit_card import card, reliability_svg
from triaxis.measure.fit_pairs import TextPairs, read_pairs, read_weak
from triaxis.models.embedding import open_embedder
from triaxis.protocols import Embedder, Progress

PAIRS_AT_ONCE = 8192
LEAST_PAIRS = 60
LEAST_OF_A_KIND = 15
"""Fewer pairs, or fewer of one kind, leave folds that have nothing to learn from."""


class Sources(NamedTuple):
    """Where labels come from: pairs that people labelled, and cells with classes of a classifier (None: none)."""

    pairs: str | Path
    label: str | None = None
    weak: str | Path | None = None
    weak_label: str = "partition"


@dataclass(frozen=True)
class Plan:
    """How a head is fitted and judged."""

    encoder: str = "minilm"
    seed: int = 0
    folds: int = 5
    repeats: int = 20
    settings: Settings = DEFAULT


class Fitted(NamedTuple):
    """A fitted head, and the report about it: see docs/learned-equivalence.md."""

    artefact: artefact.Artefact
    report: dict[str, Any]


def fit_equivalence(
    sources: Sources, *, plan: Plan = Plan(), embedder: Embedder | None = None, progress: Progress | None = None
) -> Fitted:
    """A head fitted to `sources`, judged by repeated cross-validation with prompts held out. The same input gives the same head.

    `embedder` is used in place of the one that `plan.encoder` names. Raises `InputError` when there is too little to fit.
    """
    human = read_pairs(sources.pairs, label=sources.label)
    _check(human, plan, sources.pairs)
    weak = None if sources.weak is None else read_weak(sources.weak, label=sources.weak_label, besides=human.prompts)
    encoder = embedder or open_embedder(plan.encoder)
    words = word_weights([*_texts(human), *(_texts(weak) if weak else ())])
    own = _features(human, encoder, words, progress)
    other = None if weak is None else _features(weak, encoder, words, progress)
    judged = _judged(human, own, other, words, encoder, plan, progress)
    head = fit_head(own, other, words, plan.settings)
    report = _report(human, weak, judged, head, plan)
    accuracy = report["rules"]["learned"]["accuracy"]
    held_out = {"accuracy": accuracy["value"], "accuracy_low": accuracy["low"], "accuracy_high": accuracy["high"]}
    made = artefact.Artefact(head, plan.encoder, encoder.name, held_out=held_out, trained=report["data"])
    return Fitted(made, report)


def write_fitted(fitted: Fitted, folder: Path, *, command: str) -> None:
    """Writes model.safetensors, config.json, report.json, card.md and reliability.svg into `folder`, which exists."""
    artefact.save(fitted.artefact, folder)
    (folder / "report.json").write_text(json.dumps(fitted.report, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    (folder / "card.md").write_text(card(fitted.report, command=command), encoding="utf-8")
    bins = [Bin(**of) for of in fitted.report["reliability"]]
    (folder / "reliability.svg").write_text(reliability_svg(bins), encoding="utf-8")


def _check(pairs: TextPairs, plan: Plan, path: str | Path) -> None:
    count, same = len(pairs.same), int(pairs.same.sum())
    if count < LEAST_PAIRS or min(same, count - same) < LEAST_OF_A_KIND:
        raise InputError(
            f"{path} must hold at least {LEAST_PAIRS} pairs, {LEAST_OF_A_KIND} of them the same and {LEAST_OF_A_KIND} different, "
            f"got {same} the same and {count - same} different; label more pairs"
        )
    if not 2 <= plan.folds <= len(set(pairs.groups)) // 10 or plan.repeats < 1:
        raise InputError(
            f"expected 2 folds or more with at least 10 prompts each, and 1 repeat or more, got --folds {plan.folds} of "
            f"{len(set(pairs.groups))} prompts and --repeats {plan.repeats}"
        )


def _texts(pairs: TextPairs) -> list[str]:
    """Every different text, in order."""
    return list(dict.fromkeys([*pairs.first, *pairs.second]))


def _features(pairs: TextPairs, encoder: Embedder, words: WordWeights, progress: Progress | None) -> LabelledFeatures:
    """Features of `pairs`, some at a time, so that memory does not grow with vectors of all answers."""
    starts = range(0, len(pairs.first), PAIRS_AT_ONCE)
    parts = [_part(pairs.cut(start, start + PAIRS_AT_ONCE), encoder, words, progress) for start in starts]
    return LabelledFeatures(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _part(pairs: TextPairs, encoder: Embedder, words: WordWeights, progress: Progress | None) -> LabelledFeatures:
    """Features of `pairs`; an answer that is in several of them is read and embedded once."""
    both = [*zip(pairs.first, pairs.prompts, strict=True), *zip(pairs.second, pairs.prompts, strict=True)]
    place = {answer: row for row, answer in enumerate(dict.fromkeys(both))}
    answers = read_answers([text for text, _ in place], [prompt for _, prompt in place], encoder, words, progress=progress)
    first, second = np.split(np.array([place[answer] for answer in both], dtype=np.int64), 2)
    low, high = answers.in_text_order(first, second)
    return LabelledFeatures(pair_features(answers, low, high), answers.prompts[low], pairs.same)


def _judged(
    human: TextPairs, own: LabelledFeatures, other: LabelledFeatures | None, words: WordWeights, encoder: Embedder,
    plan: Plan, progress: Progress | None,
) -> list[Judged]:  # fmt: skip
    """Always different, lexical, the best cosine, the head without weak labels (where there are some), the head."""
    rng = np.random.default_rng(plan.seed)
    parts = [agreement.folds_by_prompt(human.groups, plan.folds, rng) for _ in range(plan.repeats)]
    same = human.same
    one, two = np.split(encoder.embed([*human.first, *human.second]), 2)
    echo = zip(human.first, human.second, human.prompts, strict=True)
    lexical = np.array([len(set(near_duplicates([a, b], prompt=prompt).tolist())) == 1 for a, b, prompt in echo])

    def told(done: int) -> None:
        if progress:
            progress("folds", done, plan.repeats)

    def head(weak: LabelledFeatures | None) -> Judged:
        return agreement.held_out_head(own, weak, words, parts, settings=plan.settings, told=told)

    alone = [] if other is None else [head(None)._replace(name="learned without weak labels")]
    return [
        agreement.fixed("always different", np.zeros(same.size, dtype=bool), same),
        agreement.fixed("lexical", lexical, same),
        agreement.held_out_cosine((one * two).sum(axis=1), same, parts),
        *alone,
        head(other),
    ]


def _report(
    human: TextPairs, weak: TextPairs | None, judged: Sequence[Judged], head: Head, plan: Plan
) -> dict[str, Any]:
    learned = judged[-1]
    rules = {rule.name: _plain(agreement.figures(rule, human.same, human.groups, seed=plan.seed)) for rule in judged}
    against = {r.name: agreement.difference(learned, r, human.groups, seed=plan.seed)._asdict() for r in judged[:-1]}
    inputs = [*PAIR_FEATURES, *(f"prompt direction {place + 1}" for place in range(head.directions.shape[1]))]
    return {
        "data": {
            "pairs": int(human.same.size), "same": int(human.same.sum()), "prompts": len(set(human.groups)),
            "weak_pairs": 0 if weak is None else int(weak.same.size),
            "weak_same": 0 if weak is None else int(weak.same.sum()),
            "weak_prompts": 0 if weak is None else len(set(weak.groups)),
        },
        "plan": asdict(plan),
        "rules": rules,
        "learned_minus": against,
        "reliability": [of._asdict() for of in agreement.reliability(learned, human.same)],
        "weights": dict(zip(inputs, head.weights.round(4).tolist(), strict=True)),
    }  # fmt: skip


def _plain(figures: Mapping[str, Figure]) -> dict[str, dict[str, float]]:
    return {name: figure._asdict() for name, figure in figures.items()}
