"""The whole zoo: models trained, samples drawn, and a manifest that says how, so that it can be made again."""

import json
import os
import platform
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl

from triaxis.errors import InputError, MissingDependency
from triaxis.lab.zoo.demonstrations import DIGITS_USED, NOISE
from triaxis.lab.zoo.lessons import BATCH, CLIP, GROUPS, PARTS, ROLLOUTS
from triaxis.lab.zoo.recipes import WAVES, Recipe, scaled
from triaxis.lab.zoo.samples import count_parameters, model_table
from triaxis.lab.zoo.task import SPLIT_SEED, all_tasks, split
from triaxis.lab.zoo.training import Job
from triaxis.lab.zoo.workers import Moved, make_all
from triaxis.protocols import Progress

SAMPLES = 64
"""Samples of each held-out prompt from each model."""

NEEDED = ("torch", "transformers", "safetensors", "tokenizers")


def train_zoo(
    out: Path, *, seed: int = 0, scale: float = 1.0, samples: int = SAMPLES, command: str | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Trains the zoo into the folder `out` and returns its manifest; a folder where it was stopped goes on from there, and
    one where it is done is left as it is.

    Leaves `samples.parquet`, `models.csv`, `manifest.json` and `models/NAME/`. `scale` multiplies the steps of every training.
    Raises `MissingDependency` without torch and transformers, and `InputError` when `out` holds a zoo made with other settings.
    """
    _refuse_without_torch()
    waves = scaled(WAVES, scale)
    _claim(out, {"seed": seed, "scale": scale, "samples": samples})
    if (out / "manifest.json").is_file():
        done: dict[str, Any] = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
        return done
    started = time.monotonic()
    for stage, wave in zip(("training base models", "tuning"), waves, strict=True):
        jobs = [Job(recipe, seed, out, samples) for recipe in wave]
        whole = sum(recipe.steps for recipe in wave)
        make_all(jobs, _bar(progress, stage, whole))
    recipes = [recipe for wave in waves for recipe in wave]
    seconds = round(time.monotonic() - started, 1)
    told = {"command": command, "wall_seconds": seconds} | _manifest(out, recipes, seed, scale, samples)
    _write(out, recipes, told)
    return told


def _bar(progress: Progress | None, stage: str, whole: int) -> Moved:
    def moved(done: int) -> None:
        if progress is not None:
            progress(stage, done, whole)

    return moved


def _refuse_without_torch() -> None:
    missing = [package for package in NEEDED if find_spec(package) is None]
    if missing:
        raise MissingDependency(f"training the zoo needs {', '.join(missing)}: pip install 'triaxis[lab]'")


def _claim(out: Path, settings: Mapping[str, float]) -> None:
    """Writes the settings into `out`, or refuses when others stand there: models of two trainings do not mix."""
    out.mkdir(parents=True, exist_ok=True)
    file = out / "settings.json"
    if not file.is_file():
        _replace(file, json.dumps(settings))
        return
    held = json.loads(file.read_text(encoding="utf-8"))
    if held != dict(settings):
        raise InputError(
            f"expected a new folder or a zoo with {_shown(settings)}, got {out} with {_shown(held)}; type another --out, or the "
            "settings of that one"
        )


def _shown(settings: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in settings.items())


def _manifest(out: Path, recipes: Sequence[Recipe], seed: int, scale: float, samples: int) -> dict[str, Any]:
    """How the zoo was made, and the learning curve of every model."""
    trained, held_out = split()
    made = {recipe.name: json.loads((out / "models" / recipe.name / "training.json").read_text("utf-8")) for recipe in recipes}
    return {
        "seed": seed,
        "scale": scale,
        "task": {"prompts": len(all_tasks()), "trained": len(trained), "held_out": len(held_out), "split_seed": SPLIT_SEED},
        "demonstrations": {"noise": NOISE, "digits": DIGITS_USED, "batch": BATCH},
        "tuning": {"groups": GROUPS, "rollouts": ROLLOUTS, "updates": PARTS, "clip": CLIP, "kl": 0},
        "samples": {"per_prompt": samples, "temperature": 1},
        "versions": {name: version(name) for name in ("triaxis", "torch", "transformers", "numpy")}
        | {"python": platform.python_version()},
        "models": {r.name: asdict(r) | {"parameters": count_parameters(out / "models" / r.name)} | made[r.name] for r in recipes},
    }


def _write(out: Path, recipes: Sequence[Recipe], told: Mapping[str, Any]) -> None:
    """Puts the samples of all models together; the manifest comes last, so that where it is the zoo is whole."""
    frame = pl.concat([pl.read_parquet(out / "partial" / f"{recipe.name}.parquet") for recipe in recipes])
    partial = out / "samples.writing"
    frame.write_parquet(partial, compression="zstd", compression_level=19)
    os.replace(partial, out / "samples.parquet")
    _replace(out / "models.csv", model_table(recipes, [told["models"][r.name]["parameters"] for r in recipes]).write_csv())
    _replace(out / "manifest.json", json.dumps(told, indent=1) + "\n")
    shutil.rmtree(out / "partial")


def _replace(file: Path, text: str) -> None:
    partial = file.with_name(f"{file.name}.writing")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, file)
