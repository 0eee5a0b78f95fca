"""The folder of results: blind.json, blind.parquet (the response table) and blind.html."""

import json
import math
from pathlib import Path
from typing import Any

from triaxis.blind.page import page
from triaxis.blind.response import Blindness
from triaxis.blind.words import sentences

VERSION = 1


def to_json(found: Blindness, *, title: str, command: str | None = None) -> dict[str, Any]:
    """Everything as plain JSON values; NaN does not occur, a figure that is not known is null beside its reason."""
    return {
        "version": VERSION, "title": title, "command": command, "made": dict(found.made), "sentences": list(sentences(found)),
        "verdicts": [vars(verdict) for verdict in found.verdicts],
        "planters": [
            {"axis": one.axis, "damage": one.name, "says": one.says, "most": one.most} for one in found.damages
        ],
        "not_planted": [one.model_dump() for one in found.not_planted], "notes": list(found.notes),
        "rows": [_plain(row) for row in found.table.iter_rows(named=True)],
    }  # fmt: skip


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in row.items()}


def save(found: Blindness, folder: Path, *, title: str, command: str | None = None) -> None:
    """Writes blind.json, blind.parquet and blind.html into `folder`."""
    told = to_json(found, title=title, command=command)
    (folder / "blind.json").write_text(json.dumps(told, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    found.table.write_parquet(folder / "blind.parquet")
    (folder / "blind.html").write_text(page(found, title=title, command=command), encoding="utf-8")
