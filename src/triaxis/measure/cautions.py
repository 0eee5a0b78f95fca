"""Reasons to distrust figures of a gate, one sentence each, that stand wherever the figures do."""

from collections.abc import Iterator

from triaxis.measure.store import StoreHeader
from triaxis.results import Caution


def about_encoder(header: StoreHeader) -> Iterator[Caution]:
    """What a rule that compares an encoder's vectors does not see."""
    calibration = header.calibration
    if calibration is None:
        return
    yield Caution(
        kind="topical",
        sentence=(
            f"classes are topics, not meanings: {calibration.encoder} does not tell one decisive changed word from a paraphrase, "
            "and joins most long answers to one prompt, also those that people keep apart"
        ),
    )
