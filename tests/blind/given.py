"""Small files of samples whose damage can be worked out by hand."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from triaxis.blind import Asked
from triaxis.blind.samples import Samples, read_samples

LABELLED = Asked(equivalence="column:label@prompt")


def jsonl(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def row(prompt: str, label: str, quality: float | None = None, **more: Any) -> dict[str, Any]:
    """One sample of model `m`; its text is its label and a number, so that equal labels differ in text."""
    number = more.pop("number", 0)
    said = {"prompt_id": prompt, "prompt": f"about {prompt}", "response": f"{label} answer {number}"}
    return said | {"model": "m", "label": label} | ({} if quality is None else {"quality": quality}) | more


def cell(prompt: str, labels: str, qualities: Iterable[float | None] | None = None, **more: Any) -> list[dict[str, Any]]:
    """One sample for each letter of `labels`."""
    given = [None] * len(labels) if qualities is None else list(qualities)
    return [
        row(prompt, label, quality, sample_index=i, number=i, **more)
        for i, (label, quality) in enumerate(zip(labels, given, strict=True))
    ]


def opened(folder: Path, rows: Iterable[Mapping[str, Any]], asked: Asked = LABELLED) -> Samples:
    return read_samples([jsonl(folder / "samples.jsonl", rows)], asked)


def many(prompts: int = 16, labels: str = "aabcdefg", models: Iterable[str] = ("m", "n")) -> list[dict[str, Any]]:
    """`prompts` prompts of two models, qualities 0 to 3 in turn."""
    return [
        one | {"model": model, "response": f"{one['response']} of {model} to {p:02}"}
        for p in range(prompts)
        for k, model in enumerate(models)
        for one in cell(f"p{p:02}", labels, [float((i * 7 + p + k) % 4) for i in range(len(labels))])
    ]
