"""Which diversity metrics a run computes: one default a level, all of them, or those that are named."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from triaxis import diversity
from triaxis.errors import InputError, MissingDependency, near
from triaxis.measure.sampling import reached_size
from triaxis.protocols import Diversity
from triaxis.registry import create, names
from triaxis.responses import LEVELS, Traits
from triaxis.results import NotRun

NONE = "none"
DEFAULT_PROMPTS = 500
DEFAULT_PROMPTS_OF_SETS = 20_000
DEFAULT_SIZE = 5
FEWEST_IN_SET = 2
DEFAULT_COMPLEXITY = ("words",)


@dataclass(frozen=True)
class LevelOptions:
    """What `measure` should say of the levels of diversity.

    `metrics` are names as typed (None: the default of every level; `none`: no metric), `every` takes all that are registered.
    `embedder` names the encoder for metrics on vectors; without one they are not run, nor are those that bring an encoder.
    `prompts` is how many prompts are sampled (None: 500, or 20,000 where a cell is a set), `size` how many answers a set holds
    for metrics that grow with their number (None: see `size_of_sets`). `trust` adds the axiom report, `complexity` are the names
    of complexity measures.
    """

    metrics: tuple[str, ...] | None = None
    every: bool = False
    embedder: str | None = None
    prompts: int | None = None
    size: int | None = None
    trust: bool = False
    complexity: tuple[str, ...] = DEFAULT_COMPLEXITY

    def __post_init__(self) -> None:
        if self.prompts is not None and self.prompts < 1:
            raise InputError(f"expected at least 1 prompt, got {self.prompts}; type for example --level-prompts 500")
        if self.size is not None and self.size < FEWEST_IN_SET:
            fewest = f"expected sets of at least {FEWEST_IN_SET} answers, got {self.size}"
            raise InputError(f"{fewest}; type for example --set-size {DEFAULT_SIZE}")
        if self.metrics and NONE in self.metrics and (len(self.metrics) > 1 or self.every):
            raise InputError("expected --metrics none alone, got other metrics beside it; leave one of them out")
        if self.metrics == (NONE,) and self.trust:
            raise InputError("expected metrics for --trust to judge, got --metrics none; leave one of them out")

    def size_of_sets(self, sizes: np.ndarray) -> int:
        """How many answers a set holds where cells hold `sizes`: as asked, else 5, or fewer where a tenth of cells has fewer."""
        return self.size or min(DEFAULT_SIZE, max(FEWEST_IN_SET, reached_size(sizes)))

    def reads_texts(self, *, has_examples: bool) -> bool:
        """Whether texts are read for this: for what is shown by default only if they are read anyway, as examples."""
        is_asked = self.metrics is not None or self.every or self.trust or self.complexity != DEFAULT_COMPLEXITY
        return not self.is_off and (has_examples or is_asked)

    def sampled_prompts(self, unit: str, *, has_examples: bool = True, is_asked: bool = False) -> int:
        """How many prompts keep their texts; `is_asked` says that something beside the levels looks at them."""
        if not is_asked and not self.reads_texts(has_examples=has_examples):
            return 0
        return self.prompts or (DEFAULT_PROMPTS_OF_SETS if unit == "set" else DEFAULT_PROMPTS)

    @property
    def is_off(self) -> bool:
        """Whether no text has to be looked at."""
        return self.metrics == (NONE,) and not self.complexity


class Chosen(NamedTuple):
    """Metrics to compute, and those that cannot run here."""

    metrics: tuple[Diversity, ...]
    not_run: tuple[NotRun, ...]


def chosen_metrics(options: LevelOptions, *, has_vectors: bool) -> Chosen:
    """The metrics of `options`; one that is asked for by name and is unknown is an `InputError`."""
    diversity.register_all()
    found: list[Diversity] = []
    missing: list[NotRun] = []
    for name in _asked(options):
        try:
            metric: Diversity = create("diversity", name)
        except MissingDependency as error:
            missing.append(NotRun(analysis=f"diversity metric {name}", reason=str(error)))
            continue
        if metric.traits.needs & {"vectors", "prompts", "encoder"} and not has_vectors:
            what = "an encoder" if "encoder" in metric.traits.needs else "vectors"
            missing.append(NotRun(analysis=f"diversity metric {name}", reason=f"needs {what}; type --embedder minilm"))
        else:
            found.append(metric)
    found.sort(key=lambda metric: LEVELS.index(metric.traits.level))
    return Chosen(tuple(found), tuple(missing))


def _asked(options: LevelOptions) -> Iterable[str]:
    if options.metrics == (NONE,):
        return ()
    if options.every:
        return dict.fromkeys((*(options.metrics or ()), *names("diversity")))
    if options.metrics is not None:
        return dict.fromkeys(_checked(options.metrics))
    return tuple(_defaults())


def _checked(metrics: tuple[str, ...]) -> Iterator[str]:
    known = names("diversity")
    for name in metrics:
        if name.partition(":")[0] not in known:
            raise InputError(
                f"unknown metric {name!r}{near(name, known)}; there are: {', '.join(known)}; --metrics none computes none"
            )
        yield name


def _defaults() -> Iterator[str]:
    """The metric of every level that the validity table recommends."""
    for level in LEVELS:
        recommended = diversity.recommended(level)
        if recommended in names("diversity"):
            yield recommended


class Listed(NamedTuple):
    """One registered metric: its traits, or why they cannot be told here."""

    name: str
    traits: Traits | None
    is_default: bool = False
    missing: str | None = None


def listed_metrics() -> list[Listed]:
    """Every registered metric in the order of levels; those that need a missing package last."""
    diversity.register_all()
    defaults = set(_defaults())
    found = [_listed(name, is_default=name in defaults) for name in names("diversity")]
    return sorted(found, key=lambda one: len(LEVELS) if one.traits is None else LEVELS.index(one.traits.level))


def _listed(name: str, *, is_default: bool) -> Listed:
    try:
        metric: Diversity = create("diversity", name)
    except MissingDependency as error:
        return Listed(name, None, missing=str(error))
    return Listed(name, metric.traits, is_default)
