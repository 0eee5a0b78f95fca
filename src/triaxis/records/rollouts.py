"""Samples that reinforcement learning trainers write while they train: TRL's completion logs and verl's rollout dumps.

The one idea: a row is a sample already, so these files stream like any other; what they lack, the model, is in their path.
"""

from pathlib import PurePath

from triaxis.records.binding import Bound, Request, bound_to
from triaxis.records.formats import Head

_TRL = frozenset({"step", "prompt", "completion"})
_VERL = frozenset({"step", "input", "output", "score"})
_TRL_FOLDER = "completions"
_FOLDERS = frozenset({"rollout", "rollouts", "rollout_data", "validation", "validation_data", "val", "val_data", "generations",
                      "dump", "dumps", "completions", "train", "eval"})  # fmt: skip
"""Names of folders that say what lies in them and not who made it."""

_STEPS = "`step` is the training step: --by model,step compares the steps, --map step= pools them"


def trl(name: str, request: Request) -> Bound | None:
    """What `GRPOTrainer` writes to OUTPUT_DIR/completions/completions_STEP.parquet with `log_completions=True`.

    After TRL 0.20 to 1.x, `GRPOTrainer.log`: step, prompt, completion, a column per reward function, columns of `log_extra`,
    advantage. Nothing tells reward functions from extra columns, so only a single number column is taken as the quality.
    """
    rewards = _rewards(request.head)
    if not set(request.head.columns) >= _TRL or "response" in request.head.columns:
        return None
    if "advantage" not in request.head.columns and not any("reward" in column for column in rewards):
        return None
    taken = {"prompt": "prompt", "response": "completion", "step": "step"}
    return _rollouts(name, request, taken, rewards, _trl_model(request.path))


def verl(name: str, request: Request) -> Bound | None:
    """What verl writes to `trainer.rollout_data_dir` and `trainer.validation_data_dir`, STEP.jsonl.

    After verl 0.4 to 0.6, `RayPPOTrainer._dump_generations`: input, output, gts, score, step, and each list of the reward's
    extra information.
    """
    if not set(request.head.columns) >= _VERL or "response" in request.head.columns:
        return None
    taken = {"prompt": "input", "response": "output", "step": "step"}
    return _rollouts(name, request, taken, ["score"], _verl_model(request.path))


def _rollouts(name: str, request: Request, taken: dict[str, str], scores: list[str], model: str | None) -> Bound:
    score = scores[0] if len(scores) == 1 else None
    tied = {**taken, "quality": score} if score else taken
    constants = {"model": model, "quality_source": request.quality_or(score)}
    known = {column: text for column, text in constants.items() if text}
    words = {"model": f"folder `{model}`", "quality_source": f"always {request.quality_or(score)!r}"}
    notes = [] if "step" in request.named | request.fixed.keys() else [_STEPS]
    if score is None and scores and "quality" not in request.fixed:
        notes.append(f"number columns {_listed(scores)}: type --quality {scores[0]} to take one as the quality")
    return bound_to(
        name, request._replace(fixed={**tied, **request.fixed}), {c: words[c] for c in known}, hints=False,
        notes=notes, constants={c: t for c, t in known.items() if c not in request.fixed},
    )  # fmt: skip


def _rewards(head: Head) -> list[str]:
    """Number columns that may be a reward, those that are called so first."""
    found = [c for c in head.columns if c not in _TRL and c != "advantage" and _is_number(head, c)]
    return sorted(found, key=lambda column: "reward" not in column)


def _is_number(head: Head, column: str) -> bool:
    values = head.values(column)
    return bool(values) and all(isinstance(value, int | float) for value in values)


def _trl_model(path: PurePath) -> str | None:
    """Name of the trainer's output directory."""
    return path.parent.parent.name or None if path.parent.name == _TRL_FOLDER else None


def _verl_model(path: PurePath) -> str | None:
    """Nearest folder whose name may tell one run from another, where the file is named after a step."""
    if not path.name.split(".")[0].isdigit():
        return None
    return next((folder.name for folder in path.parents if folder.name and folder.name.lower() not in _FOLDERS), None)


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
