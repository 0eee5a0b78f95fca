"""What a stopped training goes on from: weights, the state of AdamW, the step and the curve so far, in one safetensors file."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from triaxis.lab.zoo.curve import Point


@dataclass
class Progress:
    """How far the training of one model has come: steps done, CPU seconds spent, points of its curve."""

    step: int = 0
    cpu_seconds: float = 0.0
    curve: list[Point] = field(default_factory=list)


def save(path: Path, model: Any, optimizer: Any, progress: Progress) -> None:
    """Writes beside `path` and moves it there, so that a kill leaves the checkpoint before or this one."""
    from safetensors.torch import save_file

    weights = {f"model.{name}": tensor.contiguous() for name, tensor in model.state_dict().items()}
    moments = {
        f"adamw.{number}.{name}": tensor.contiguous()
        for number, state in optimizer.state_dict()["state"].items()
        for name, tensor in state.items()
    }
    told = {"step": progress.step, "cpu_seconds": progress.cpu_seconds, "curve": progress.curve}
    partial = path.with_suffix(".partial")
    save_file(weights | moments, partial, metadata={"progress": json.dumps(told)})
    os.replace(partial, path)


def load(path: Path, model: Any, optimizer: Any) -> Progress:
    """Puts `model` and `optimizer` where they were when `path` was written; how far that was."""
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  a safetensors handle has keys alone
        told = json.loads(file.metadata()["progress"])
    model.load_state_dict({name.removeprefix("model."): t for name, t in tensors.items() if name.startswith("model.")})
    state: dict[int, dict[str, Any]] = {}
    for name, tensor in tensors.items():
        if name.startswith("adamw."):
            _, number, moment = name.split(".")
            state.setdefault(int(number), {})[moment] = tensor
    optimizer.load_state_dict(optimizer.state_dict() | {"state": state})
    return Progress(told["step"], told["cpu_seconds"], [Point(*point) for point in told["curve"]])
