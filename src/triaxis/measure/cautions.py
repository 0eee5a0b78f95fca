"""Reasons to distrust figures of a gate, one sentence each, that stand wherever the figures do."""

from collections.abc import Iterator, Mapping

from triaxis.measure.options import Options
from triaxis.measure.store import RunStore, StoreHeader
from triaxis.quality.affinity import family_of, judge_family
from triaxis.results import Caution, ModelInfo


def cautions_of(store: RunStore, options: Options) -> tuple[Caution, ...]:
    """All of them."""
    infos = {info.model: info for info in options.models}
    return (*_about_judge(store, options, infos), *_about_encoder(store.header))


def _about_encoder(header: StoreHeader) -> Iterator[Caution]:
    """What a rule that compares an encoder's vectors does not see."""
    calibration = header.calibration
    if calibration is None:
        return
    yield Caution(
        kind="topical",
        sentence=(
            f"classes are topics: {calibration.encoder} cannot tell one decisive changed word from a paraphrase, and joins "
            "long answers to one prompt that people keep apart (MiniLM agreed with them on 36 % of 537 labelled pairs)"
        ),
    )


def _about_judge(store: RunStore, options: Options, infos: Mapping[str, ModelInfo]) -> Iterator[Caution]:
    judged = judge_family(store.header.quality_source, judge=options.judge) if store.header.quality else None
    if judged is None:
        return
    judge, family = judged
    own = tuple(model for model in store.models if _family(model, infos) == family)
    if own:
        sentence = (
            f"the quality scores come from {judge}, a judge of the {family} family, which may favour its own: {', '.join(own)}"
        )
        yield Caution(kind="judge-family", sentence=sentence, models=own)


def _family(model: str, infos: Mapping[str, ModelInfo]) -> str | None:
    """The family that the model table states, else the one its name tells; `Llama 3` and `llama` are one family."""
    stated = infos[model].family if model in infos else None
    return family_of(model if stated is None else stated)
