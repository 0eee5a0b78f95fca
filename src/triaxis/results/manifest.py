"""How numbers were made: inputs, gates, what was not run and why, and examples to look at; all frozen and JSON-ready."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

SCHEMA_VERSION = 4


class Unmeasured(BaseModel):
    """A measurement that has no value, and why. Never a number."""

    model_config = ConfigDict(frozen=True)
    reason: str


class NotRun(BaseModel):
    """An analysis that could not run: what it was and what it needs."""

    model_config = ConfigDict(frozen=True)
    analysis: str
    reason: str


class Calibration(BaseModel):
    """What a cosine threshold rests on: `zero` for random pairs of answers to different prompts, `ceiling` for paraphrases.

    `threshold` is zero + 0.8 x (ceiling - zero), unless one was given. `share_above` of the `pairs` cross-prompt pairs, between
    answers to `prompts` prompts, lie above it: these are taken for the same and are not. `paraphrases` pairs made the ceiling.
    """

    model_config = ConfigDict(frozen=True)
    encoder: str
    zero: float
    ceiling: float
    ceiling_source: str
    threshold: float
    share_above: float
    prompts: int
    pairs: int
    paraphrases: int


class ModelInfo(BaseModel):
    """What a model table says about one model; None is not said. Prices are money for a million tokens."""

    model_config = ConfigDict(frozen=True)
    model: str
    family: str | None = None
    stage: str | None = None
    base: str | None = None
    parameters: float | None = None
    price_in: float | None = None
    price_out: float | None = None


class Gate(BaseModel):
    """(quality measure and its source, equivalence): what every figure under it was measured with.

    `label` is the text in the `gate` column of every table. `quality` is None when nothing is gated. `scope` says
    whether class labels are comparable inside one `cell` or across the models of one `prompt`. `common_n` is the
    number of samples that pairwise equivalences cut every cell to, None where a sample's class does not depend on others.
    `unit` says what a cell is: all samples of a model for one `prompt`, or for a whole `set`, that is for a domain. `bars` are
    the floors that a gates file sets by domain, None where it sets none; empty without one.
    """

    model_config = ConfigDict(frozen=True)
    label: str
    quality: str | None
    quality_source: str | None
    equivalence: str
    scope: Literal["cell", "prompt", "set"]
    rule: str
    common_n: int | None = None
    unit: Literal["prompt", "set"] = "prompt"
    calibration: Calibration | None = None
    bars: dict[str, float | None] = {}


class Caution(BaseModel):
    """A reason to distrust some figures: a sentence, and the models it stands by."""

    model_config = ConfigDict(frozen=True)
    kind: str
    sentence: str
    models: tuple[str, ...] = ()


class GateSummary(BaseModel):
    """What was measured under one gate: models in order of samples, prompts, floors and budgets shown."""

    model_config = ConfigDict(frozen=True)
    gate: Gate
    models: tuple[str, ...]
    compared: tuple[str, ...]
    domains: tuple[str, ...]
    floors: tuple[float, ...]
    budgets: tuple[int, ...]
    interval_floors: tuple[float, ...]
    interval_budgets: tuple[int, ...]
    samples: int
    measured: int
    notes: tuple[str, ...] = ()
    warnings: tuple[Caution, ...] = ()


class InputSummary(BaseModel):
    """One input file: what shape was recognised, what became what, how many rows were read and rejected."""

    model_config = ConfigDict(frozen=True)
    path: str
    format: str
    shape: str
    columns: dict[str, str]
    rows: int | None
    rejected: int = 0
    notes: tuple[str, ...] = ()


class Manifest(BaseModel):
    """How every number was made: inputs, gates, settings, seed, versions; and what was not measured."""

    model_config = ConfigDict(frozen=True)
    schema_version: int = SCHEMA_VERSION
    title: str
    command: str | None = None
    inputs: tuple[InputSummary, ...]
    by: str = "model"
    gates: tuple[GateSummary, ...]
    models: tuple[ModelInfo, ...] = ()
    not_run: tuple[NotRun, ...] = ()
    notes: tuple[str, ...] = ()
    delta: str
    draws: int
    confidence: float = 0.95
    seed: int
    data_hash: str
    versions: dict[str, str]


class ClassExample(BaseModel):
    """One class of one cell: how many samples, the qualities seen, one text (None when the input held none)."""

    model_config = ConfigDict(frozen=True)
    count: int
    lowest_quality: float | None
    highest_quality: float | None
    text: str | None


class ModelExample(BaseModel):
    """The classes of one model's answers to one prompt, largest first; `classes_left_out` more are not shown."""

    model_config = ConfigDict(frozen=True)
    model: str
    samples: int
    classes: tuple[ClassExample, ...]
    classes_left_out: int = 0


class PromptExample(BaseModel):
    """One prompt with the classes that each model's answers fell into, under one gate."""

    model_config = ConfigDict(frozen=True)
    gate: str
    prompt_id: str
    prompt: str | None
    domain: str
    models: tuple[ModelExample, ...]
