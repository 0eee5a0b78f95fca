"""Equivalences that need a model, and the metric made of one: the one place where the diversity axis meets a model."""

from pathlib import Path
from typing import NamedTuple

from triaxis.diversity.equivalence import PairClasses, Topical, parse_topical
from triaxis.diversity.equivalence.learned import Learned, load, parse_learned, shipped_folder
from triaxis.diversity.semantic.learned_distance import LearnedDistance
from triaxis.errors import InputError
from triaxis.models.embedding import open_embedder
from triaxis.models.pairs import Entailment, SamePairs, ShortAnswers, open_classifier, open_judge
from triaxis.registry import register

NOVELTYBENCH = "yimingzhang/deberta-v3-large-generation-similarity"
NOVELTYBENCH_THRESHOLD = 0.102
"""Model and threshold of Zhang et al. 2025 (arXiv 2504.05228), `equivalence_check_classifier` of their partition code."""

ENTAILMENT_SIDE = 254
"""Tokens of each side of an entailment pair: two of them and three special ones fill 511 of the usual 512."""


class ClassifierSpec(NamedTuple):
    """What the text after `hf-pair:` asks for."""

    model: str
    threshold: float | None
    is_both: bool


@register("equivalence", "topical")
def topical(text: str = "") -> Topical:
    """`topical`, `topical:0.9`, `topical:ENCODER`, `topical:ENCODER@0.9`: cosine of an encoder's vectors; see `Topical`."""
    spec = parse_topical(text)
    return Topical(open_embedder(spec.encoder), threshold=spec.threshold, name=f"topical:{text}" if text else "topical")


@register("equivalence", "learned")
def learned(text: str = "") -> Learned:
    """`learned`, `learned:0.6`, `learned:FOLDER`, `learned:FOLDER@0.6`: the shipped head, or a fitted one; see `Learned`."""
    spec = parse_learned(text)
    artefact = load(shipped_folder() if spec.folder is None else Path(spec.folder))
    name = f"learned:{text}" if text else "learned"
    return Learned(artefact, open_embedder(artefact.encoder), threshold=spec.threshold, name=name)


@register("diversity", "learned-distance")
def learned_distance(text: str = "") -> LearnedDistance:
    """`learned-distance`, `learned-distance:FOLDER`: mean P(different) over pairs, by the shipped head or a fitted one."""
    if parse_learned(text).threshold is not None:
        raise InputError(f"learned-distance has no threshold, got {text!r}; type learned-distance or learned-distance:FOLDER")
    return LearnedDistance(learned(text), f"learned-distance:{text}" if text else "learned-distance")


@register("equivalence", "hf-pair")
def hf_pair(text: str) -> PairClasses:
    """`hf-pair:NAME_OR_PATH[@REVISION][@THRESHOLD][@both]`: a pair classifier of Hugging Face, same from 0.5 or THRESHOLD up."""
    spec = parse_classifier(text)
    classifier = open_classifier(spec.model, spec=f"equivalence 'hf-pair:{text}'")
    same = SamePairs(classifier, order="both" if spec.is_both else "sorted")
    return PairClasses(same, threshold=0.5 if spec.threshold is None else spec.threshold, name=f"hf-pair:{text}")


@register("equivalence", "noveltybench")
def noveltybench(text: str = NOVELTYBENCH) -> PairClasses:
    """NoveltyBench's own rule: `noveltybench` with its classifier, `noveltybench:NAME_OR_PATH[@THRESHOLD]` with another one.

    Up to five words by shared words; else the classifier, 128 tokens of each answer, without the prompt, same from 0.102 up;
    the earlier answer first; each answer against the first member of each class.
    """
    spec = parse_classifier(text)
    classifier = open_classifier(spec.model, spec=f"equivalence 'noveltybench:{text}'")
    scorer = ShortAnswers(SamePairs(classifier, order="both" if spec.is_both else "given"))
    threshold = NOVELTYBENCH_THRESHOLD if spec.threshold is None else spec.threshold
    return PairClasses(scorer, threshold=threshold, name="noveltybench" if text == NOVELTYBENCH else f"noveltybench:{text}")


@register("equivalence", "nli")
def nli(text: str) -> PairClasses:
    """`nli:NAME_OR_PATH[@REVISION][@strict]`: entailment both ways; not strict lets one direction be neutral."""
    model, at, last = text.rpartition("@")
    is_strict = bool(at) and last == "strict"
    classifier = open_classifier(model if is_strict else text, side=ENTAILMENT_SIDE, spec=f"equivalence 'nli:{text}'")
    return PairClasses(Entailment(classifier, is_strict=is_strict), name=f"nli:{text}")


@register("equivalence", "judge")
def judge(text: str) -> PairClasses:
    """`judge:MODEL@BASE_URL`: a chat model says yes or no; `judge:MODEL` asks OpenAI's own endpoint."""
    return PairClasses(open_judge(text), name=f"judge:{text}")


def parse_classifier(text: str) -> ClassifierSpec:
    """`NAME_OR_PATH` with `@both` and a threshold behind it, in any order; anything else behind an @ is a revision.

    >>> parse_classifier("org/name@main@0.3@both")
    ClassifierSpec(model='org/name@main', threshold=0.3, is_both=True)
    """
    model, threshold, is_both = text, None, False
    while True:
        rest, at, last = model.rpartition("@")
        number = _number(last)
        if at and last == "both" and not is_both:
            model, is_both = rest, True
        elif at and number is not None and threshold is None:
            model, threshold = rest, number
        else:
            break
    if threshold is not None and not 0 < threshold <= 1:
        raise InputError(f"the threshold of a pair classifier is a probability in (0, 1], got {threshold}; type for example @0.5")
    return ClassifierSpec(model, threshold, is_both)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
