"""The making of one model: train it, or go on where it was stopped; save it; draw its samples.

Training is the same to the bit for the same seed on the same machine, resumed or not: one thread, deterministic algorithms, and
random numbers that depend on the step alone.
"""

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from triaxis.errors import InputError
from triaxis.lab.zoo import checkpoint, rewards
from triaxis.lab.zoo.checkpoint import Progress
from triaxis.lab.zoo.curve import look
from triaxis.lab.zoo.demonstrations import Demonstrations
from triaxis.lab.zoo.lessons import FromDemonstrations, FromReward, Lesson
from triaxis.lab.zoo.model import SIZES, draw, new_model
from triaxis.lab.zoo.randomness import Use, torch_rng
from triaxis.lab.zoo.recipes import Recipe
from triaxis.lab.zoo.samples import sample_rows
from triaxis.lab.zoo.task import split
from triaxis.lab.zoo.vocabulary import save_tokenizer

SAVE_EVERY = 50
LARGEST_GRADIENT = 1.0

Step = Callable[[int], None]


class Job(NamedTuple):
    """A recipe, the seed, the folder of the zoo, and how many samples of each held-out prompt are drawn in the end."""

    recipe: Recipe
    seed: int
    out: Path
    samples: int

    @property
    def model_folder(self) -> Path:
        """The finished model, as `from_pretrained` takes it."""
        return self.out / "models" / self.recipe.name

    @property
    def checkpoint(self) -> Path:
        """Where training goes on from."""
        return self.out / "partial" / f"{self.recipe.name}.safetensors"

    @property
    def drawn(self) -> Path:
        """This model's samples, until those of all models are put together."""
        return self.out / "partial" / f"{self.recipe.name}.parquet"


def make(job: Job, moved: Step) -> None:
    """Trains and saves the model of `job` and draws its samples, each where it is not there yet; `moved(step)` after a step."""
    _one_thread()
    job.checkpoint.parent.mkdir(parents=True, exist_ok=True)
    if not job.model_folder.is_dir():
        _save_model(job, *train(job, moved))
    if not job.drawn.is_file():
        _draw_samples(job)
    moved(job.recipe.steps)


def train(job: Job, moved: Step) -> tuple[Any, Progress]:
    """The trained model and its curve; a checkpoint is left every `SAVE_EVERY` steps, and taken up when one is there."""
    import torch

    recipe, (trained, held_out) = job.recipe, split()
    model, teacher = _start(job), lesson(recipe.lesson, job.seed, trained)
    optimizer = torch.optim.AdamW(model.parameters(), lr=recipe.rate, weight_decay=0.0)
    done = checkpoint.load(job.checkpoint, model, optimizer) if job.checkpoint.is_file() else Progress()
    started = time.process_time() - done.cpu_seconds
    while done.step < recipe.steps:
        if done.step % recipe.look_every == 0:
            done.curve.append(look(model, held_out, job.seed, step=done.step, cpu_seconds=done.cpu_seconds))
        for loss in teacher.losses(model, done.step):
            update(model, optimizer, loss, rate=recipe.rate_at(done.step))
        done.step, done.cpu_seconds = done.step + 1, time.process_time() - started
        if done.step % SAVE_EVERY == 0:
            checkpoint.save(job.checkpoint, model, optimizer, done)
        moved(done.step)
    done.curve.append(look(model, held_out, job.seed, step=done.step, cpu_seconds=done.cpu_seconds))
    return model, done


def lesson(name: str, seed: int, tasks: Any) -> Lesson:
    """The lesson called `name`: demonstrations, outcome, joint."""
    if name == "demonstrations":
        return FromDemonstrations(Demonstrations(seed), tasks, seed)
    return FromReward({"outcome": rewards.outcome, "joint": rewards.joint}[name], tasks, seed)


def update(model: Any, optimizer: Any, loss: Any, *, rate: float) -> None:
    """One step of the optimiser, the norm of the gradient at most `LARGEST_GRADIENT`."""
    import torch

    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), LARGEST_GRADIENT)
    optimizer.step()


def _one_thread() -> None:
    import torch
    from transformers.utils.logging import disable_progress_bar

    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    disable_progress_bar()  # type: ignore[no-untyped-call]


def _start(job: Job) -> Any:
    if job.recipe.base is None:
        return new_model(SIZES[job.recipe.size], job.seed)
    return _load(job.out / "models" / job.recipe.base)


def _load(folder: Path) -> Any:
    from transformers import LlamaForCausalLM

    try:
        return LlamaForCausalLM.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError) as error:
        raise InputError(f"expected a model in {folder}, got {error}; delete that folder, and it is made again") from error


def _save_model(job: Job, model: Any, done: Progress) -> None:
    """Writes the whole folder beside its place, and moves it there."""
    partial = job.checkpoint.with_suffix(".model")
    shutil.rmtree(partial, ignore_errors=True)
    model.save_pretrained(partial)
    save_tokenizer(partial)
    told = {"steps": done.step, "cpu_seconds": round(done.cpu_seconds, 1), "curve": [point._asdict() for point in done.curve]}
    (partial / "training.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    job.model_folder.parent.mkdir(parents=True, exist_ok=True)
    os.replace(partial, job.model_folder)
    job.checkpoint.unlink(missing_ok=True)


def _draw_samples(job: Job) -> None:
    held_out = split()[1]
    drawn = draw(_load(job.model_folder), held_out, job.samples, torch_rng(job.seed, Use.SAMPLES))
    partial = job.drawn.with_suffix(".writing")
    sample_rows(held_out, drawn.texts, drawn.lengths, model=job.recipe.name, seed=job.seed).write_parquet(partial)
    os.replace(partial, job.drawn)
